// For tests that start our helper programs: a launcher forked before gtest makes any thread.
#pragma once
#include "launcher/launcher.hpp"

namespace jk::test {

/// Our end of the launcher's socket, once; the test that takes it owns the launcher.
UniqueFd take_launcher();

} // namespace jk::test
