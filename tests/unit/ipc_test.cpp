// Frames, descriptors, the binary notation and strict JSON.
#include "ipc/blocking_channel.hpp"
#include "ipc/channel.hpp"
#include "ipc/descriptors.hpp"
#include "ipc/eager_loop.hpp"
#include "ipc/json_fields.hpp"
#include "ipc/pin_channel.hpp"
#include "ipc/strict_json.hpp"
#include "ipc/wire.hpp"
#include "tests/support/run_task.hpp"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <ctime>
#include <thread>

namespace jk::test {
namespace {

using namespace ipc;

TEST(Channel, CarriesFramesAndDescriptorsInOrderHoweverTheyAreCut) {
    auto ends = *socket_pair();
    net::io_context io;
    Channel channel(io.get_executor(), std::move(ends.second));
    std::thread sender([fd = std::move(ends.first)]() mutable {
        BlockingChannel out(std::move(fd));
        for (int i = 0; i < 50; ++i) {
            const UniqueFd file(memfd_create("x", MFD_CLOEXEC));
            const auto text = std::to_string(i);
            (void)!write(file.get(), text.data(), text.size());
            const int raw = file.get();
            (void)out.send(Bytes(static_cast<std::size_t>(i) * 3001, static_cast<std::uint8_t>(i)),
                           i % 3 == 0 ? std::span<const int>(&raw, 1) : std::span<const int>());
        }
    });
    for (int i = 0; i < 50; ++i) {
        auto frame = run(io, channel.receive());
        ASSERT_TRUE(frame) << frame.error().detail;
        EXPECT_EQ(frame->body.size(), static_cast<std::size_t>(i) * 3001);
        ASSERT_EQ(frame->fds.size(), i % 3 == 0 ? 1u : 0u);
        if (i % 3 == 0) {
            char text[8] = {};
            (void)!pread(frame->fds[0].get(), text, sizeof text - 1, 0);
            EXPECT_EQ(text, std::to_string(i));
        }
    }
    sender.join();
    EXPECT_EQ(run(io, channel.receive()).error().detail, "closed");
}

TEST(Channel, RefusesAFrameOverItsLimitBeforeReadingIt) {
    auto ends = *socket_pair();
    std::uint8_t header[header_size];
    put_u32(header, 0x7fffffff);
    put_u32(header + 4, 0);
    ASSERT_EQ(write(ends.first.get(), header, sizeof header), static_cast<ssize_t>(sizeof header));
    net::io_context io;
    Channel channel(io.get_executor(), std::move(ends.second));
    EXPECT_EQ(run(io, channel.receive()).error().detail, "a frame over its limits");
}

TEST(Channel, RefusesDescriptorsThatWereAnnouncedAndDidNotCome) {
    auto ends = *socket_pair();
    std::uint8_t header[header_size];
    put_u32(header, 0);
    put_u32(header + 4, 2);
    ASSERT_EQ(write(ends.first.get(), header, sizeof header), static_cast<ssize_t>(sizeof header));
    BlockingChannel channel(std::move(ends.second));
    EXPECT_FALSE(channel.receive());
}

TEST(Channel, TakesBytesOfOneProcessOnly) {
    auto ends = *socket_pair();
    net::io_context io;
    Channel channel(io.get_executor(), std::move(ends.second));
    ASSERT_TRUE(channel.only_from(getpid()));
    BlockingChannel own(std::move(ends.first));
    ASSERT_TRUE(own.send(Bytes{1}));
    EXPECT_TRUE(run(io, channel.receive()));
    const pid_t child = fork();
    if (child == 0) _exit(own.send(Bytes{2}) ? 0 : 1);
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_EQ(WEXITSTATUS(status), 0);
    EXPECT_EQ(run(io, channel.receive()).error().detail, "bytes of another process");
}

TEST(Channel, NoticesAHangUpThatNobodyReads) {
    auto ends = *socket_pair();
    net::io_context io;
    Channel channel(io.get_executor(), std::move(ends.second));
    bool noticed = false;
    net::co_spawn(io, channel.hung_up(), [&](std::exception_ptr) { noticed = true; });
    const std::uint8_t unread[3] = {1, 2, 3};
    ASSERT_EQ(write(ends.first.get(), unread, sizeof unread), 3);
    io.run_for(std::chrono::milliseconds(50));
    EXPECT_FALSE(noticed);
    ends.first.reset();
    io.restart();
    io.run_for(std::chrono::seconds(5));
    EXPECT_TRUE(noticed);
}

TEST(Channel, OfAChildReadsTheSameFramesAheadAndOneByOne) {
    for (const auto reading : {Reading::by_frame, Reading::ahead}) {
        auto ends = *socket_pair();
        std::thread sender([fd = std::move(ends.first)]() mutable {
            BlockingChannel out(std::move(fd));
            Bytes several;
            for (std::uint8_t i = 0; i < 5; ++i) add_frame(several, Bytes(i, i));
            (void)out.send_frames(several);
            const UniqueFd file(memfd_create("x", MFD_CLOEXEC));
            const int raw = file.get();
            (void)out.send(Bytes(200'000, 7), std::span<const int>(&raw, 1)); // more than one read
            (void)out.send(Bytes{8});
        });
        BlockingChannel in(std::move(ends.second), reading);
        for (std::uint8_t i = 0; i < 5; ++i) {
            const auto frame = in.receive();
            ASSERT_TRUE(frame) << frame.error().detail;
            EXPECT_EQ(frame->body, Bytes(i, i));
        }
        const auto large = in.receive(), small = in.receive();
        ASSERT_TRUE(large && small);
        EXPECT_EQ(large->body, Bytes(200'000, 7));
        EXPECT_EQ(large->fds.size(), 1u);
        EXPECT_EQ(small->body, Bytes{8});
        EXPECT_EQ(in.receive().error().detail, "closed");
        sender.join();
    }
}

TEST(Channel, OfAChildSaysWhetherItEndedInTheMiddleOfAFrame) {
    for (const auto reading : {Reading::by_frame, Reading::ahead})
        for (const std::size_t sent : {1u, 8u, 10u}) {
            auto ends = *socket_pair();
            Bytes frame;
            add_frame(frame, Bytes(5, 1));
            ASSERT_EQ(write(ends.first.get(), frame.data(), sent), static_cast<ssize_t>(sent));
            ends.first.reset();
            BlockingChannel in(std::move(ends.second), reading);
            EXPECT_EQ(in.receive().error().detail, "closed in the middle of a frame") << sent;
        }
}

TEST(FrameBuffer, KeepsNothingOfAFrameThatWasTaken) {
    FrameBuffer buffer;
    Bytes frame;
    add_frame(frame, bytes_of("isi surat yang dibuka"));
    const auto room = buffer.room();
    std::ranges::copy(frame, room.begin());
    ASSERT_TRUE(buffer.filled(frame.size(), {}));
    const auto taken = buffer.take(max_body);
    ASSERT_TRUE(taken && *taken);
    EXPECT_EQ(text_of((*taken)->body), "isi surat yang dibuka");
    EXPECT_TRUE(std::ranges::all_of(room.first(frame.size()), [](auto byte) { return byte == 0; }));
}

TEST(FrameBuffer, RefusesDescriptorsThatNoFrameAnnounces) {
    FrameBuffer buffer;
    Outcome<void> taken = done();
    for (int i = 0; i < 9 && taken; ++i) {
        std::vector<UniqueFd> fds;
        for (int k = 0; k < 2; ++k) fds.emplace_back(memfd_create("x", MFD_CLOEXEC));
        taken = buffer.filled(0, std::move(fds));
    }
    EXPECT_EQ(taken.error().detail, "more descriptors than frames");
}

TEST(BriefWait, LooksWhereTheLastWaitWasShortAndSleepsMostOfOneOfAFewMilliseconds) {
    using namespace std::chrono_literals;
    BriefWait wait;
    const BriefWait::Clock::time_point start{1h};
    EXPECT_FALSE(wait.begin(start)) << "nothing is known yet";
    wait.end(start + 100us);
    auto look = wait.begin(start);
    ASSERT_TRUE(look);
    EXPECT_EQ(look->from, start);
    EXPECT_EQ(look->until, start + BriefWait::brief);
    wait.end(start + 1600us);
    look = wait.begin(start);
    ASSERT_TRUE(look);
    EXPECT_EQ(look->from, start + 1400us);
    EXPECT_EQ(look->until - look->from, BriefWait::brief);
    wait.end(start + 300ms); // a card
    EXPECT_FALSE(wait.begin(start));
    wait.end(start + 1us);
    wait.end(start + 9h); // a second end says nothing
    EXPECT_TRUE(wait.begin(start));
}

/// Processor time of this thread.
double spent() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

TEST(EagerLoop, RunsTheLoopToItsEndAndSleepsWhenWhatWasExpectedDoesNotCome) {
    net::io_context io;
    EagerWait wait(io.get_executor());
    wait.begin();
    wait.end(); // brief
    wait.begin();
    bool rang = false;
    net::steady_timer timer(io, std::chrono::milliseconds(400));
    timer.async_wait([&](auto) { rang = true; });
    const auto before = spent();
    EagerLoop::run(io);
    EXPECT_TRUE(rang);
    EXPECT_LT(spent() - before, 0.2) << "of 0.4 s it may look for half a millisecond";
}

TEST(EagerLoop, OutlivesNoWaitAndIsNotAskedOfAnotherLoop) {
    net::io_context io;
    {
        EagerWait wait(io.get_executor());
        wait.begin();
        wait.end();
        wait.begin();
    }
    int turns = 0;
    for (int i = 0; i < 3; ++i) net::post(io, [&] { ++turns; });
    io.run(); // as tests and other programs do
    EXPECT_EQ(turns, 3);
}

TEST(PinChannel, HandsThePinOverInOnePieceAndRefusesAnEmptyOne) {
    auto ends = *socket_pair();
    auto pin = *Secret::create();
    std::memcpy(pin.room().data(), "uji-1234", 8);
    pin.grow(8);
    ASSERT_TRUE(write_pin(ends.first.get(), pin));
    const auto got = read_pin(ends.second.get());
    ASSERT_TRUE(got);
    EXPECT_EQ(text_of(got->expose()), "uji-1234");
    ASSERT_TRUE(write_pin(ends.first.get(), *Secret::create()));
    EXPECT_EQ(read_pin(ends.second.get()).error().code, Errc::pin_empty);
    ends.first.reset();
    EXPECT_EQ(read_pin(ends.second.get()).error().code, Errc::pin_empty);
}

TEST(Wire, ReadsBackWhatItWroteAndNothingElse) {
    Writer writer;
    writer.u8(7).u32(70000).u64(1ull << 40).i64(-5).f64(1.5).flag(true).text("surat");
    const auto bytes = writer.take();
    Reader reader(bytes);
    EXPECT_EQ(reader.u8(), 7);
    EXPECT_EQ(reader.u32(), 70000u);
    EXPECT_EQ(reader.u64(), 1ull << 40);
    EXPECT_EQ(reader.i64(), -5);
    EXPECT_EQ(reader.f64(), 1.5);
    EXPECT_TRUE(reader.flag());
    EXPECT_EQ(reader.text(10), "surat");
    EXPECT_TRUE(reader.end());
    for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
        Reader shorter(ByteView(bytes).first(cut));
        shorter.u8(), shorter.u32(), shorter.u64(), shorter.i64(), shorter.f64(), shorter.flag(), shorter.text(10);
        EXPECT_FALSE(shorter.end()) << cut;
    }
}

TEST(Wire, ACountOverItsMostIsAFault) {
    const auto bytes = Writer().u32(3).u8(1).u8(2).u8(3).take();
    EXPECT_EQ(Reader(bytes).count(1, 3), 3u);
    Reader reader(bytes);
    EXPECT_EQ(reader.count(1, 2), 0u);
    EXPECT_TRUE(reader.failed());
}

TEST(Wire, ACountCannotPromiseMoreThanIsThere) {
    const auto bytes = Writer().u32(1'000'000).take();
    Reader reader(bytes);
    EXPECT_EQ(reader.count(4), 0u);
    EXPECT_TRUE(reader.failed());
    const auto flag = Writer().u8(2).take();
    Reader other(flag);
    other.flag();
    EXPECT_FALSE(other.end());
}

std::string fault_of(const std::string& text) {
    const auto value = parse_json(text);
    return value ? "" : value.error().sentence(Language::english);
}

TEST(StrictJson, TakesOneWholeValue) {
    const auto value = parse_json(R"( {"a":[1,2.5,true,null,"\u00e9"]} )");
    ASSERT_TRUE(value);
    EXPECT_EQ(value->at("a").as_array().size(), 5u);
}

TEST(StrictJson, RefusesWhatIsAmbiguousOrHostile) {
    EXPECT_NE(fault_of(R"({"a":1,"a":2})").find("twice"), std::string::npos);
    EXPECT_NE(fault_of(R"({"x":{"a":1,"\u0061":2}})").find("twice"), std::string::npos);
    EXPECT_NE(fault_of(R"({"a":1} {})").find("follows"), std::string::npos);
    EXPECT_NE(fault_of(std::string(100'000, '[')), "");
    for (const std::size_t depth : {max_json_depth + 1, std::size_t{2'000}}) {
        EXPECT_NE(fault_of(std::string(depth, '[') + std::string(depth, ']')), "") << depth;
        std::string objects = "1";
        for (std::size_t i = 0; i < depth; ++i) objects = "{\"a\":" + objects + "}";
        EXPECT_NE(fault_of(objects), "") << depth;
    }
    EXPECT_EQ(fault_of(std::string(max_json_depth, '[') + std::string(max_json_depth, ']')), "");
    EXPECT_NE(fault_of("{\"a\":\"\xff\"}"), "");
    EXPECT_NE(fault_of(std::string("{\"a\":1}\0", 8)), "");
    for (const char* bad : {"", "{", "{\"a\":}", "{'a':1}", "{\"a\":1,}", "nul", "{\"a\":NaN}", "// x\n{}"}) EXPECT_NE(fault_of(bad), "") << bad;
    EXPECT_EQ(fault_of("1e400").empty(), fault_of("1e400") == ""); // an enormous number is either a fault or infinity, never a crash
}

Errc refusal_of(const std::string& text, void (*read)(JsonFields&)) {
    const auto value = parse_json(text);
    JsonFields fields(*value, "");
    read(fields);
    const auto ok = fields.end();
    return ok ? Errc{} : ok.error().code;
}

TEST(JsonFields, RefusesFieldsNobodyAskedFor) {
    const auto read = [](JsonFields& f) { (void)f.text("name", 10); };
    EXPECT_EQ(refusal_of(R"({"name":"a"})", read), Errc{});
    EXPECT_EQ(refusal_of(R"({"name":"a","more":1})", read), Errc::field_unknown);
    EXPECT_EQ(refusal_of(R"({})", read), Errc::request_malformed);
    EXPECT_EQ(refusal_of(R"({"name":5})", read), Errc::request_malformed);
    EXPECT_EQ(refusal_of(R"({"name":"12345678901"})", read), Errc::request_malformed);
    EXPECT_EQ(refusal_of(R"([])", read), Errc::request_malformed);
}

TEST(JsonFields, APinOrADelegationIsRefusedUnderItsOwnName) {
    const auto read = [](JsonFields& f) { (void)f.text("name", 10); };
    for (const char* field : {"pin", "PIN", "passphrase", "kata_sandi", "kataSandi", "userPin", "password"})
        EXPECT_EQ(refusal_of("{\"name\":\"a\",\"" + std::string(field) + "\":\"1\"}", read), Errc::passphrase_from_application) << field;
    for (const char* field : {"atasNama", "atas_nama", "delegasi", "onBehalfOf"})
        EXPECT_EQ(refusal_of("{\"name\":\"a\",\"" + std::string(field) + "\":\"1\"}", read), Errc::delegation_refused) << field;
}

} // namespace
} // namespace jk::test
