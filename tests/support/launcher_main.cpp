#include "tests/support/launcher_main.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace jk::test {
namespace {

std::vector<UniqueFd>& launchers() {
    static std::vector<UniqueFd> all;
    return all;
}

} // namespace

UniqueFd take_launcher() {
    if (launchers().empty()) throw std::runtime_error("no launcher left; raise the number in launcher_main.cpp");
    auto fd = std::move(launchers().back());
    launchers().pop_back();
    return fd;
}

} // namespace jk::test

int main(int argc, char** argv) {
    // ctest runs each test in a process of its own, so one would do; a whole binary run by hand takes one per test.
    for (int i = 0; i < 40; ++i) {
        auto launcher = jk::launcher::fork_launcher();
        if (!launcher) return 5;
        jk::test::launchers().push_back(std::move(*launcher));
    }
    testing::InitGoogleTest(&argc, argv);
    return RUN_ALL_TESTS();
}
