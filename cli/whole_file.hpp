// WholeFile: a file of the person's that is there whole, on the disk and 0600, or not at all. What stood under its name stays until then.
// Owner: who writes; one thread. Errors: output_exists, output_unwritable.
#pragma once
#include "jurukunci/outcome.hpp"
#include "jurukunci/unique_fd.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace jk::cli {

class WholeFile {
public:
    /// Without `replace` a file that is there is an error now, and also if it appears before finish().
    static Outcome<std::unique_ptr<WholeFile>> create(const std::filesystem::path& target, bool replace);
    WholeFile(const WholeFile&) = delete;
    WholeFile& operator=(const WholeFile&) = delete;
    ~WholeFile(); ///< unfinished: nothing stays

    Outcome<void> write(std::string_view bytes);
    Outcome<void> finish();

private:
    WholeFile(std::filesystem::path target, std::string fresh, UniqueFd fd, bool replace)
        : m_target(std::move(target)), m_fresh(std::move(fresh)), m_fd(std::move(fd)), m_replace(replace) {}
    Outcome<void> flush();
    Outcome<void> take_the_name();
    Error unwritable(int error_number) const;

    std::filesystem::path m_target;
    std::string m_fresh; ///< what it is called meanwhile; empty once it has its name
    UniqueFd m_fd;
    bool m_replace;
    std::string m_waiting;
};

} // namespace jk::cli
