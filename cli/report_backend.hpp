// ReportBackend: the report desk, wherever it is: behind the control door of the running agent, or, while none runs, here, on the same files and
// under the same lock. Either way what it answers is on the disk, and the next agent honours it.
#pragma once
#include "cli/console.hpp"

#include <memory>

namespace jk::cli {

class ReportBackend {
public:
    static Outcome<std::unique_ptr<ReportBackend>> open();
    virtual ~ReportBackend() = default;
    /// `call` as at the control door. The refusal of an agent comes back as its error object.
    virtual std::optional<json::object> call(const Console& console, json::object request, int& exit_code, int fd = -1) = 0;
    virtual bool agent_runs() const = 0;
};

} // namespace jk::cli
