// Recovery: what the last agent left open. A consent without an end was cut off by a crash, a SIGKILL or a power cut.
//
// "started" rows are committed before the token is asked, but without an fsync of their own. After the death of the process they are all
// there, so an item without one was never at the token. After the death of the machine the last of them may be missing, so then every
// item of the consent that is not signed is unknown. The boot id in the consent row tells the two apart.
#pragma once
#include "agent/audit/journal.hpp"

#include <string>
#include <vector>

namespace jk::audit {

enum class LeftAs { signed_, failed, unknown, not_reached, rejected };

struct InterruptedOperation {
    std::string operation, request_id, fingerprint, origin, format, level;
    std::string marking;
    WallTime consented_at{};
    struct Item {
        std::string name;
        LeftAs left_as = LeftAs::unknown;
    };
    std::vector<Item> items;
};

/// Finds them and closes each with an "end" row, durably. Called once, at the agent's start.
Outcome<std::vector<InterruptedOperation>> recover(Journal& journal, std::string_view current_boot_id);

} // namespace jk::audit
