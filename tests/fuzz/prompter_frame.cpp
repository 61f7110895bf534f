// What the prompter answers: frames on its channel while one question is open. The real hub, channel and event loop. Frames of the input
// are separated by a NUL, which JSON cannot hold.
#include "agent/doors/control/prompter_hub.hpp"
#include "ipc/blocking_channel.hpp"
#include "ipc/json_fields.hpp"
#include "ipc/strict_json.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <spdlog/spdlog.h>
#include <unistd.h>

using namespace jk;

namespace {

constexpr std::size_t most_bytes = 64u << 10; ///< fits into the socket's buffer

ConsentQuestion question() {
    ConsentQuestion q;
    q.id = {"k_1"};
    q.items.resize(3);
    q.certificate = std::make_shared<Certificate>();
    q.deadline = std::chrono::seconds(60);
    return q;
}

/// Is this frame, by itself, a yes to the question?
bool says_yes(std::string_view frame) {
    const auto value = ipc::parse_json(frame);
    if (!value || !value->is_object()) return false;
    const auto& o = value->get_object();
    const auto* id = o.if_contains("id");
    const auto* answer = o.if_contains("answer");
    return id != nullptr && answer != nullptr && *id == "k_1" && *answer == "yes";
}

} // namespace

namespace {

class NoChanges final : public TokenChanges {
public:
    std::uint64_t revision() const override { return 1; }
    Task<void> changed(std::uint64_t, std::chrono::steady_clock::time_point) override { co_return; }
    std::vector<TokenInfo> present() const override { return {}; }

private:
    void begin_looking() override {}
    void end_looking() override {}
};

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > most_bytes) return 0;
    spdlog::set_level(spdlog::level::off);
    static const policy::Profile profile;
    net::io_context io(1);
    NoChanges changes;
    doors::PrompterHub hub(io.get_executor(), profile, changes);
    auto ends = ipc::socket_pair();
    fuzz::require(ends.has_value(), "there are sockets");
    net::co_spawn(io, hub.serve(std::make_shared<ipc::Channel>(io.get_executor(), std::move(ends->first)), "test"),
                  [](std::exception_ptr escaped) { fuzz::require(!escaped, "nothing escapes from the hub"); });
    io.poll();
    std::optional<Outcome<ConsentAnswer>> outcome;
    net::co_spawn(io, hub.ask(question(), UniqueFd(::dup(2))), [&](std::exception_ptr escaped, Outcome<ConsentAnswer> answer) {
        fuzz::require(!escaped, "nothing escapes from the question");
        outcome = std::move(answer);
    });
    io.poll();
    ipc::BlockingChannel prompter(std::move(ends->second));
    bool any_yes = false;
    for (auto rest = text_of({data, size}); !rest.empty();) {
        const auto frame = rest.substr(0, rest.find('\0'));
        any_yes = any_yes || says_yes(frame);
        if (!prompter.send(bytes_of(frame))) break;
        io.poll();
        rest.remove_prefix(std::min(frame.size() + 1, rest.size()));
    }
    prompter = ipc::BlockingChannel(UniqueFd()); // hangs up
    io.run();
    fuzz::require(outcome.has_value(), "the question ends with the prompter");
    if (!*outcome) return 0;
    fuzz::require(any_yes, "only a yes is a yes");
    fuzz::require((*outcome)->rejected.size() <= 10'000, "the rejected items are limited");
    return 0;
}
