// Files that programs hand in are read one after the other.
#include "agent/doors/control/reading_turn.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

namespace jk::test {
namespace {

Task<void> read_in_turn(doors::ReadingTurn& turn, int& reading, int& most, int& read) {
    auto held = co_await turn.take();
    most = std::max(most, ++reading);
    co_await ipc::sleep_for(std::chrono::milliseconds(1));
    --reading;
    ++read;
}

TEST(ReadingTurn, OneOfManyReadsAtATimeAndEachComesToItsTurn) {
    net::io_context io{1};
    doors::ReadingTurn turn(io.get_executor());
    int reading = 0, most = 0, read = 0;
    const auto failed = [](std::exception_ptr e) { EXPECT_EQ(e, nullptr); };
    for (int i = 0; i < 32; ++i) net::co_spawn(io, read_in_turn(turn, reading, most, read), failed);
    io.run();
    EXPECT_EQ(most, 1);
    EXPECT_EQ(read, 32);
}

} // namespace
} // namespace jk::test
