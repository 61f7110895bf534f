#include "cli/doctor/examinations.hpp"

namespace jk::doctor {

Findings examine_clock(const Machine& machine, std::optional<WallTime> last_row) {
    constexpr auto tolerance = std::chrono::minutes(5); // a correction by the network is no set-back
    Findings found;
    if (last_row && machine.now() + tolerance < *last_row)
        found.push_back({Error(Errc::clock_set_back).with("now", rfc3339(machine.now())).with("last", rfc3339(*last_row))});
    if (machine.clock() == ClockState::unsynchronised) found.push_back({Error(Errc::clock_unsynchronised), Weight::notice});
    return found;
}

} // namespace jk::doctor
