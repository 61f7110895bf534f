// The door of programs as a hostile one meets it, without our module: whoever else holds its descriptor, what it became, how much it asks.
#include "ipc/blocking_channel.hpp"
#include "jurukunci/encoding.hpp"
#include "pkcs11/frames/messages.hpp"
#include "tests/support/pkcs11_program.hpp"
#include "tests/support/process_facts.hpp"
#include "tests/support/running_agent.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

using namespace jk;
using namespace jk::test;
using testing::HasSubstr;

namespace {

namespace frames = pkcs11::frames;

class RawDoor {
public:
    explicit RawDoor(const RunningAgent& agent) : m_token{"softhsm", agent.site().token().serial()} {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        const auto path = (agent.site().folder() / "run/jurukunci/pkcs11.sock").string();
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM, 0));
        if (connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) throw std::runtime_error("connect");
        const timeval patience{10, 0};
        setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        m_channel.emplace(std::move(socket));
    }
    static Bytes hello() {
        auto frame = frames::start(1, frames::Ask::hello);
        frame.u32(frames::protocol_version);
        return frame.take();
    }
    Bytes login(std::uint32_t id) const {
        auto frame = frames::start(id, frames::Ask::login);
        frames::write(frame, m_token);
        return frame.take();
    }
    Bytes use(std::uint32_t id, const std::string& serial) const {
        auto frame = frames::start(id, frames::Ask::use);
        frames::write(frame, TokenId{"softhsm", serial});
        frames::write(frame,
                      KeyTask{{sha256(bytes_of("x"))}, DigestToSign{{KeyKind::ec, HashFunction::sha256, Padding::none}, sha256(bytes_of("isi"))}});
        return frame.take();
    }
    bool send(const Bytes& body) { return static_cast<bool>(m_channel->send(body)); }
    /// CKR_* of the next answer; nothing when the agent has hung up.
    std::optional<std::uint64_t> answer() {
        const auto frame = m_channel->receive(frames::max_answer);
        if (!frame) return std::nullopt;
        ipc::Reader reader(frame->body);
        reader.u32();
        return reader.u64();
    }
    int fd() const { return m_channel->fd(); }

private:
    TokenId m_token;
    std::optional<ipc::BlockingChannel> m_channel;
};

/// Runs it in a child and gives back how it ended.
template <class Work> int in_a_child(Work work) {
    const pid_t child = fork();
    if (child == 0) _exit(work());
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::string in_hex_with_header(const Bytes& body) {
    Bytes all;
    ipc::add_frame(all, body);
    return to_hex(all);
}

} // namespace

TEST(Pkcs11Door, HearsNobodyToWhomAConnectionWasHanded) {
    RunningAgent agent(ordinary_key());
    RawDoor door(agent);
    ASSERT_TRUE(door.send(RawDoor::hello()));
    ASSERT_EQ(door.answer(), CKR_OK);
    EXPECT_EQ(in_a_child([&] { return door.send(door.login(2)) ? 0 : 1; }), 0);
    EXPECT_FALSE(door.answer()) << "the connection is over";
    EXPECT_TRUE(agent.shown().empty());
}

TEST(Pkcs11Door, AlsoNotBeforeTheConnectionIsTaken) {
    RunningAgent agent(ordinary_key());
    RawDoor door(agent);
    EXPECT_EQ(in_a_child([&] { return door.send(RawDoor::hello()) ? 0 : 1; }), 0);
    EXPECT_FALSE(door.answer());
}

TEST(Pkcs11Door, APersonIsNotAskedForAProgramThatBecameAnother) {
    RunningAgent agent(ordinary_key());
    const auto output = agent.folder() / "answer";
    EXPECT_EQ(in_a_child([&] {
                  RawDoor door(agent);
                  if (!door.send(RawDoor::hello()) || door.answer() != CKR_OK) return 1;
                  const auto script = "import os,sys\nos.write(" + std::to_string(door.fd()) + ",bytes.fromhex('" +
                                      in_hex_with_header(door.login(2)) + "'))\nopen('" + output.string() + "','w').write(os.read(" +
                                      std::to_string(door.fd()) + ",64).hex())\n";
                  execl("/usr/bin/python3", "python3", "-c", script.c_str(), nullptr);
                  return 2;
              }),
              0);
    std::string answer;
    std::ifstream(output) >> answer;
    ASSERT_GT(answer.size(), 32U);
    EXPECT_NE(answer.substr(24, 16), std::string(16, '0')) << "CKR_OK";
    EXPECT_TRUE(agent.shown().empty());
    EXPECT_THAT(agent.agent().output(), HasSubstr("E-PROGRAM-TIDAK-DIIZINKAN"));
}

TEST(Pkcs11Door, AQuestionClosesWhenItsProgramIsKilledHoweverMuchElseItHadAsked) {
    RunningAgent agent(ordinary_key(), {"silent"});
    const pid_t child = fork();
    if (child == 0) {
        RawDoor door(agent);
        if (!door.send(RawDoor::hello()) || door.answer() != CKR_OK) _exit(1);
        for (std::uint32_t id = 2; id < 60; ++id) door.send(door.login(id));
        pause();
        _exit(1);
    }
    ASSERT_EQ(agent.shown(1).size(), 1U);
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    const auto shown = agent.shown(2);
    ASSERT_EQ(shown.size(), 2U);
    EXPECT_TRUE(shown[1].contains("closed"));
}

TEST(Pkcs11Door, KeepsNoNamesOfTokensThatAreNotThere) {
    auto wish = ordinary_key();
    wish.local_programs = "{allowed: true, operations_per_consent: 20, minutes_per_consent: 5, ask_at: use}";
    RunningAgent agent(wish);
    RawDoor door(agent);
    ASSERT_TRUE(door.send(RawDoor::hello()));
    ASSERT_EQ(door.answer(), CKR_OK);
    const auto many = [&](std::uint32_t from) {
        for (std::uint32_t id = from; id < from + 2000; ++id) {
            if (!door.send(door.use(id, std::to_string(id) + std::string(200, 'x'))) || door.answer() != CKR_TOKEN_NOT_PRESENT) return false;
        }
        return true;
    };
    ASSERT_TRUE(many(2));
    const auto before = resident_kib(agent.agent().pid());
    ASSERT_TRUE(many(10'000));
    EXPECT_LT(resident_kib(agent.agent().pid()), before + 256) << "2000 names of 200 bytes are 500 KiB in a list";
}
