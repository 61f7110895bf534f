#include "pkcs11/worker/serve.hpp"

#include "ipc/pin_channel.hpp"
#include "pkcs11/worker/administration.hpp"
#include "pkcs11/worker/messages.hpp"
#include "pkcs11/worker/signing_window.hpp"
#include "pkcs11/worker/use_windows.hpp"
#include "pkcs11/wrap/discovery.hpp"

#include <map>
#include <mutex>

namespace jk::pkcs11 {
namespace {

constexpr std::size_t max_waiting_pins = 16;
constexpr std::size_t max_serial = 64;
static_assert(max_slots <= most_tokens && max_certificates <= most_certificates, "the agent reads what is found here");

class Conversation {
public:
    Conversation(ipc::BlockingChannel& channel, const Module& module)
        : m_channel(channel), m_module(module), m_uses(module), m_administration(module) {}

    /// False ends the worker.
    bool handle(ipc::Frame frame) {
        ipc::Reader reader(frame.body);
        const auto head = read_head(reader);
        if (!head) return false;
        m_in_use = head->kind == RequestKind::use;
        switch (head->kind) {
        case RequestKind::discover: return discover(head->id);
        case RequestKind::expect_pin: return expect_pin(head->id, reader, frame);
        case RequestKind::forget_pin: return forget_pin(head->id, reader);
        case RequestKind::open: return open(head->id, reader);
        case RequestKind::sign: return sign(head->id, reader);
        case RequestKind::close: return m_window.reset(), reply(start_reply(head->id).take());
        case RequestKind::look: return look(head->id, reader);
        case RequestKind::open_use: return open_use(head->id, reader);
        case RequestKind::use: return use(head->id, reader);
        case RequestKind::close_use: return close_use(head->id, reader);
        case RequestKind::contents: return contents(head->id, reader);
        case RequestKind::expect_secrets: return expect_secrets(head->id, reader, frame);
        case RequestKind::administer: return administer(head->id, reader);
        }
        return false;
    }

    /// The last request used a key: another may follow at once.
    bool in_use() const { return m_in_use; }
    void wait_for_the_next_use(ipc::BriefWait::Look when) {
        m_uses.get_ready();
        if (!m_channel.look(when)) stand_down();
    }
    void stand_down() { m_uses.stand_down(); }

private:
    using Travel = SigningWindow::Travel;

    bool reply(const Bytes& body, Travel travel = Travel::now) {
        const std::lock_guard one(m_sending);
        ipc::add_frame(m_frames, body);
        if (travel == Travel::with_the_next) return true;
        const bool sent = static_cast<bool>(m_channel.send_frames(m_frames));
        m_frames.clear();
        return sent;
    }
    bool refuse(RequestId id, const Error& error, Travel travel = Travel::now) { return reply(error_reply(id, error), travel); }

    /// While a window is open the answer is the one of before: libp11 0.4.12 lets go of a slot with C_CloseAllSessions, which would end the
    /// window's sessions, too. A page that asks for the status in the middle of a batch must not end it.
    bool discover(RequestId id) {
        m_uses.look_at_tokens();
        if ((!m_window && !m_uses.any()) || m_seen.empty()) {
            auto found = jk::pkcs11::discover(m_module);
            if (!found) return refuse(id, found.error());
            m_seen.clear();
            for (auto& token : *found)
                m_seen.push_back({std::move(token.label), std::move(token.manufacturer), std::move(token.model), std::move(token.serial),
                                  std::move(token.firmware), token.pin_state, token.pin_pad, std::move(token.mechanisms),
                                  std::move(token.certificates), token.eddsa, token.ecdh, std::move(token.hashed_there)});
        }
        auto writer = start_reply(id);
        write(writer, m_seen);
        return reply(writer.take());
    }

    /// Direct calls only: cheap, and nothing of libp11's lets go of sessions.
    bool look(RequestId id, ipc::Reader& reader) {
        if (!reader.end()) return false;
        const auto slots = slots_with_token(m_module);
        if (!slots) return refuse(id, slots.error());
        std::vector<ReportedToken> present;
        for (const auto slot : *slots)
            if (auto state = token_state(m_module, slot); state && state->initialized)
                present.push_back({std::move(state->label),
                                   std::move(state->manufacturer),
                                   std::move(state->model),
                                   std::move(state->serial),
                                   std::move(state->firmware),
                                   state->pin_state,
                                   state->pin_pad,
                                   {},
                                   {}});
        auto writer = start_reply(id);
        write(writer, present);
        return reply(writer.take());
    }

    bool expect_pin(RequestId id, ipc::Reader& reader, ipc::Frame& frame) {
        const PinTicket ticket{reader.u64()};
        const auto serial = reader.text(max_serial);
        if (!reader.end() || frame.fds.size() != 1) return false;
        const auto token = find_token(serial);
        if (!token) return refuse(id, token.error());
        if (m_pins.size() >= max_waiting_pins) return refuse(id, Error{Errc::too_many, "PIN channels"}.with("what", "PIN channels"));
        m_pins[ticket.value] = std::move(frame.fds[0]);
        auto writer = start_reply(id);
        write(writer, token->state.pin_state);
        writer.flag(token->state.pin_to_be_changed);
        return reply(writer.take());
    }

    bool forget_pin(RequestId id, ipc::Reader& reader) {
        const PinTicket ticket{reader.u64()};
        if (!reader.end()) return false;
        m_pins.erase(ticket.value);
        m_administration.forget(ticket);
        return reply(start_reply(id).take());
    }

    bool contents(RequestId id, ipc::Reader& reader) {
        if (!reader.end()) return false;
        const auto shown = m_administration.contents();
        if (!shown) return refuse(id, shown.error());
        auto writer = start_reply(id);
        write(writer, *shown);
        return reply(writer.take());
    }

    bool expect_secrets(RequestId id, ipc::Reader& reader, ipc::Frame& frame) {
        const PinTicket ticket{reader.u64()};
        const auto serial = reader.text(max_serial);
        if (!reader.end()) return false; // no channel where everything is typed on the reader
        const auto expected = m_administration.expect(ticket, serial, std::move(frame.fds));
        return expected ? reply(start_reply(id).take()) : refuse(id, expected.error());
    }

    /// Never beside a signing window: the agent sees to it, and what is left of one ends here.
    bool administer(RequestId id, ipc::Reader& reader) {
        const auto request = read_administer(reader);
        if (!request) return false;
        m_window.reset();
        m_uses.end_token(request->serial); // its login is not this step's
        m_slots.clear();
        const auto result = m_administration.carry_out(*request);
        if (!result) return refuse(id, result.error());
        auto writer = start_reply(id);
        write(writer, *result);
        return reply(writer.take());
    }

    bool open(RequestId id, ipc::Reader& reader) {
        auto request = read_open(reader);
        if (!request) return false;
        m_window.reset();
        m_uses.end_token(request->serial); // its logout would end their login
        auto pin_fd = take_pin(request->pin);
        auto window = open_window(std::move(*request), std::move(pin_fd));
        if (!window) return refuse(id, window.error());
        m_window = std::move(*window);
        auto writer = start_reply(id);
        write(writer, m_window->custody());
        return reply(writer.take());
    }

    struct ReadyToken {
        CK_SLOT_ID slot = 0;
        std::string label;
        std::optional<Secret> pin; ///< none where it is typed on the reader
    };

    Outcome<ReadyToken> ready_token(const std::string& serial, UniqueFd pin_fd) {
        // It may be exchanged between this look and C_Login; the certificate check after login is the last word.
        const auto token = find_token(serial);
        if (!token) return token.error();
        if (token->state.pin_state == PinState::locked) return Error{Errc::pin_locked}.with("token", token->state.label);
        if (token->state.pin_state == PinState::not_set) return Error{Errc::pin_must_change}.with("token", token->state.label);
        ReadyToken ready{token->slot, token->state.label, std::nullopt};
        if (!token->state.pin_pad) {
            auto typed = ipc::read_pin(pin_fd.get());
            if (!typed) return std::move(typed).error();
            ready.pin.emplace(std::move(*typed));
        }
        return ready;
    }

    Outcome<std::unique_ptr<SigningWindow>> open_window(OpenRequest request, UniqueFd pin_fd) {
        auto ready = ready_token(request.serial, std::move(pin_fd));
        if (!ready) return std::move(ready).error();
        TokenPlace place{ready->slot, std::move(ready->label)};
        return SigningWindow::open(m_module, std::move(place), std::move(request), std::move(ready->pin),
                                   [this](RequestId id, Outcome<Bytes> signature, Travel travel) {
                                       if (!signature) {
                                           refuse(id, signature.error(), travel);
                                           return;
                                       }
                                       auto writer = start_reply(id);
                                       writer.bytes(*signature);
                                       reply(writer.take(), travel);
                                   });
    }

    UniqueFd take_pin(PinTicket ticket) {
        auto fd = std::exchange(m_pins[ticket.value], {});
        m_pins.erase(ticket.value);
        return fd;
    }

    bool open_use(RequestId id, ipc::Reader& reader) {
        auto request = read_open_use(reader);
        if (!request) return false;
        auto opened = open_use_window(std::move(*request));
        if (!opened) return refuse(id, opened.error());
        auto writer = start_reply(id);
        write(writer, *opened);
        return reply(writer.take());
    }

    Outcome<OpenUseReply> open_use_window(OpenUseRequest request) {
        auto ready = ready_token(request.serial, take_pin(request.pin));
        if (!ready) return std::move(ready).error();
        return m_uses.open(ready->slot, ready->label, std::move(request), std::move(ready->pin));
    }

    bool use(RequestId id, ipc::Reader& reader) {
        const auto window = reader.u64();
        const auto task = frames::read_task(reader);
        if (!task) return false;
        auto result = m_uses.use(window, *task);
        if (!result) return refuse(id, result.error());
        auto writer = start_reply(id);
        writer.bytes(*result);
        return reply(writer.take());
    }

    bool close_use(RequestId id, ipc::Reader& reader) {
        const auto window = reader.u64();
        if (!reader.end()) return false;
        m_uses.close(window);
        return reply(start_reply(id).take());
    }

    struct PresentToken {
        CK_SLOT_ID slot;
        TokenState state;
    };

    /// The slot where it was seen last is asked first: a reader keeps its card most of the time.
    Outcome<PresentToken> find_token(const std::string& serial) {
        Error absent(Errc::token_absent);
        if (const auto known = m_slots.find(serial); known != m_slots.end()) {
            auto state = token_state(m_module, known->second);
            if (state && state->serial == serial) return PresentToken{known->second, std::move(*state)};
            if (state) absent = Error{Errc::token_swapped}.with("token", state->label);
            m_slots.erase(known);
        }
        const auto slots = slots_with_token(m_module);
        if (!slots) return absent;
        for (const auto slot : *slots) {
            auto state = token_state(m_module, slot);
            if (!state || state->serial != serial) continue;
            if (m_slots.size() < max_slots) m_slots[serial] = slot;
            return PresentToken{slot, std::move(*state)};
        }
        return absent;
    }

    bool sign(RequestId id, ipc::Reader& reader) {
        std::vector<std::uint64_t> indexes(reader.count(8));
        for (auto& index : indexes) index = reader.u64();
        if (!reader.end()) return false;
        if (m_window) {
            m_window->sign(id, indexes);
            return true;
        }
        for (std::size_t i = 0; i < indexes.size(); ++i)
            if (!refuse(id + static_cast<RequestId>(i), Error{Errc::digest_not_granted, "no window is open"})) return false;
        return true;
    }

    ipc::BlockingChannel& m_channel;
    const Module& m_module;
    std::mutex m_sending;
    Bytes m_frames; ///< replies that wait for the next one; under m_sending
    std::map<std::uint64_t, UniqueFd> m_pins;
    std::map<std::string, CK_SLOT_ID> m_slots; ///< by serial, where it was seen
    std::vector<ReportedToken> m_seen;         ///< at the last look
    std::unique_ptr<SigningWindow> m_window;
    UseWindows m_uses;
    Administration m_administration;
    bool m_in_use = false;
};

} // namespace

void serve(ipc::BlockingChannel& channel, const Module& module) {
    Conversation conversation(channel, module);
    ipc::BriefWait wait; // between a program's uses of a key
    for (;;) {
        const auto look = conversation.in_use() ? wait.begin(ipc::BriefWait::Clock::now()) : std::nullopt;
        if (look)
            conversation.wait_for_the_next_use(*look);
        else
            conversation.stand_down();
        auto frame = channel.receive();
        wait.end(ipc::BriefWait::Clock::now());
        if (!frame || !conversation.handle(std::move(*frame))) return;
    }
}

} // namespace jk::pkcs11
