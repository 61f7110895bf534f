// A launcher for tests that start our helper programs. Forked when asked: tests make no threads before it.
#pragma once
#include "launcher/launcher.hpp"

#include <stdexcept>

namespace jk::test {

inline UniqueFd take_launcher() {
    auto launcher = launcher::fork_launcher();
    if (!launcher) throw std::runtime_error(launcher.error().detail);
    return std::move(*launcher);
}

} // namespace jk::test
