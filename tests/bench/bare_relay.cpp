#include "tests/bench/bare_relay.hpp"

#include "ipc/blocking_channel.hpp"
#include "tests/bench/direct.hpp"
#include "x509/signature_check.hpp"

#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <stdexcept>

namespace jk::bench {
namespace {

using Clock = std::chrono::steady_clock;

/// A process that does `work` and ends without the destructors of this one.
template <class Work> pid_t begin(const Work& work) {
    const pid_t pid = fork();
    if (pid < 0) throw std::runtime_error("fork");
    if (pid > 0) return pid;
    try {
        work();
    } catch (const std::exception& e) {
        std::fprintf(stderr, "bare relay: %s\n", e.what());
        _exit(1);
    }
    _exit(0);
}

std::pair<UniqueFd, UniqueFd> two_ends() {
    auto ends = ipc::socket_pair();
    if (!ends) throw std::runtime_error(ends.error().detail);
    return std::move(*ends);
}

/// One wish to the other end, one signature back; its length, or 0 at the end.
std::size_t ask(int socket, std::span<std::uint8_t> answer) {
    const char wish = 0;
    if (::send(socket, &wish, 1, MSG_NOSIGNAL) != 1) return 0;
    const auto n = ::recv(socket, answer.data(), answer.size(), 0);
    return n > 0 ? static_cast<std::size_t>(n) : 0;
}

x509::SignatureCheck check_for(const Certificate& certificate) {
    const auto padding = certificate.key_kind == KeyKind::rsa ? Padding::pkcs1_v15 : Padding::none;
    auto check = x509::SignatureCheck::for_certificate(certificate, {certificate.key_kind, HashFunction::sha256, padding});
    if (!check) throw std::runtime_error(check.error().detail);
    check->expect_many(); // ours has its table, too
    return std::move(*check);
}

void relay(int program, int token, const Certificate& certificate, BareRelay::Check check) {
    const auto signature_check = check_for(certificate);
    const auto digest = *Digest::from(HashFunction::sha256, Bytes(DirectToken::digest_size));
    std::array<std::uint8_t, 512> raw{};
    for (char wish = 0; ::recv(program, &wish, 1, 0) == 1;) {
        const ByteView signature(raw.data(), ask(token, raw));
        const auto der = certificate.key_kind == KeyKind::ec ? x509::ecdsa_to_der(signature) : std::nullopt;
        if (check == BareRelay::Check::each &&
            !signature_check.verify(std::array{x509::SignatureCheck::Claim{digest, der ? ByteView(*der) : signature}}).front())
            return; // whoever waits sees the end
        if (::send(program, signature.data(), signature.size(), MSG_NOSIGNAL) <= 0) return;
    }
}

} // namespace

BareRelay::BareRelay(const std::function<std::unique_ptr<DirectToken>()>& token, const Certificate& certificate, Check check) {
    auto [mine, theirs] = two_ends();
    auto [asks, signs] = two_ends();
    m_signer = begin([&, &signs = signs, &asks = asks, &mine = mine, &theirs = theirs] {
        asks.reset(), mine.reset(), theirs.reset();
        token()->serve(signs.get());
    });
    m_relay = begin([&, &signs = signs, &asks = asks, &mine = mine, &theirs = theirs] {
        signs.reset(), mine.reset();
        relay(theirs.get(), asks.get(), certificate, check);
    });
    m_socket = std::move(mine);
    theirs.reset(), asks.reset(), signs.reset();
    signatures(1); // two processes that open one SoftHSM2 token at the same moment disturb each other
}

BareRelay::~BareRelay() {
    m_socket.reset(); // the relay sees the end, and then the signer
    for (const auto pid : {m_relay, m_signer}) waitpid(pid, nullptr, 0);
}

std::vector<double> BareRelay::signatures(int count) {
    std::vector<double> times;
    std::array<std::uint8_t, 512> signature{};
    for (int i = 0; i < count; ++i) {
        const auto start = Clock::now();
        if (ask(m_socket.get(), signature) == 0) throw std::runtime_error("the bare relay gave no signature");
        times.push_back(std::chrono::duration<double>(Clock::now() - start).count());
    }
    return times;
}

} // namespace jk::bench
