#include "agent/doors/control/prompter_hub.hpp"

#include "agent/doors/control/first_use_call.hpp"
#include "agent/doors/control/provisioning_question.hpp"
#include "agent/doors/shape/error_json.hpp"
#include "agent/doors/shape/token_json.hpp"
#include "ipc/json_fields.hpp"
#include "ipc/log_escape.hpp"
#include "ipc/strict_json.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/json/serialize.hpp>
#include <spdlog/spdlog.h>

#include <limits>

namespace jk::doors {
namespace {

constexpr std::size_t max_answer = 256u << 10;

Bytes to_bytes(const json::object& o) {
    const auto text = json::serialize(o);
    return {text.begin(), text.end()};
}

json::object item_json(const ConsentItem& item) {
    json::object o{{"name", item.name},
                   {"size", item.size},
                   {"pages", nullptr},
                   {"title", item.title},
                   {"digest", item.digest},
                   {"hashFunction", item.hash_function},
                   {"contentVisible", item.content_visible},
                   {"visibleSignature", item.visible_signature}};
    if (item.pages) o["pages"] = *item.pages;
    return o;
}

std::string_view name_of(ConsentKind kind) {
    switch (kind) {
    case ConsentKind::signature: return "signature";
    case ConsentKind::authentication: return "authentication";
    case ConsentKind::enrolment: return "enrolment";
    case ConsentKind::key_use: return "key_use";
    case ConsentKind::provisioning: return "provisioning";
    case ConsentKind::first_use: return "first_use";
    }
    return "?";
}

json::object certificate_json(const Certificate& certificate) {
    return {{"commonName", certificate.common_name},
            {"subject", certificate.subject},
            {"issuer", certificate.issuer},
            {"notAfter", rfc3339(certificate.not_after)}};
}

/// An enrolment has neither documents nor a token.
json::object enrolment_json(const ConsentQuestion& q) {
    return {{"id", q.id.value},
            {"kind", name_of(q.kind)},
            {"application", q.application},
            {"origin", q.origin},
            {"ownerUnit", q.owner_unit},
            {"code", q.code},
            {"city", q.city},
            {"citation", q.citation},
            {"environment", q.environment},
            {"marking", q.marking},
            {"deadlineSeconds", q.deadline.count()}};
}

/// No descriptor and no document: texts to be read, each with its own yes.
json::object first_use_json(const ConsentQuestion& q) {
    json::object o{{"id", q.id.value},
                   {"kind", name_of(q.kind)},
                   {"application", q.application},
                   {"origin", q.origin},
                   {"ownerUnit", q.owner_unit},
                   {"city", q.city},
                   {"environment", q.environment},
                   {"marking", q.marking},
                   {"certificate", certificate_json(*q.certificate)},
                   {"tokenLabel", q.token_label},
                   {"deadlineSeconds", q.deadline.count()}};
    o["notice"] = notice_json(*q.notice);
    return o;
}

json::object question_json(const ConsentQuestion& q) {
    if (q.kind == ConsentKind::first_use) return first_use_json(q);
    if (q.kind == ConsentKind::provisioning) return provisioning_question_json(q);
    if (q.kind == ConsentKind::enrolment) return enrolment_json(q);
    json::array items;
    for (const auto& item : q.items) items.push_back(item_json(item));
    json::object o{{"id", q.id.value},
                   {"kind", name_of(q.kind)},
                   {"application", q.application},
                   {"origin", q.origin},
                   {"ownerUnit", q.owner_unit},
                   {"orderedFor", nullptr},
                   {"purpose", q.purpose},
                   {"taskKind", q.task_kind},
                   {"city", q.city},
                   {"citation", q.citation},
                   {"environment", q.environment},
                   {"marking", q.marking},
                   {"items", std::move(items)},
                   {"certificate", certificate_json(*q.certificate)},
                   {"tokenLabel", q.token_label},
                   {"pinPad", q.pin_pad},
                   {"finalTry", q.final_try},
                   {"triesLeft", q.tries_left},
                   {"pinCountLow", q.pin_count_low},
                   {"pinToBeChanged", q.pin_to_be_changed},
                   {"previousFault", nullptr},
                   {"deadlineSeconds", q.deadline.count()}};
    if (q.kind == ConsentKind::key_use) {
        o["operations"] = q.operations;
        o["seconds"] = q.lasting.count();
    }
    if (!q.ordered_for.empty()) o["orderedFor"] = q.ordered_for;
    if (q.previous_fault) o["previousFault"] = error_json(*q.previous_fault, Language::indonesian);
    return o;
}

json::object tokens_json(std::uint64_t revision, const std::vector<TokenInfo>& present) {
    json::array tokens;
    for (const auto& token : present) tokens.push_back(present_token_json(token));
    json::object changed;
    changed["revision"] = revision;
    changed["tokens"] = std::move(tokens);
    json::object frame;
    frame["tokensChanged"] = std::move(changed);
    return frame;
}

} // namespace

Outcome<void> PrompterHub::admit(const std::string& kind) const {
    const bool uji = m_profile.environment == policy::Environment::uji;
    // The tray will come by a socket that the agent itself gives it; whoever calls itself "tray" here is somebody else.
    const bool permitted = (kind == "terminal" && m_profile.terminal_prompter) || (kind == "test" && uji);
    if (permitted && m_prompter == nullptr) return done();
    return Error{Errc::prompter_refused, m_prompter != nullptr ? "there is one already" : "not of a kind the profile permits"}
        .with("kind", kind)
        .with("environment", std::string(policy::name_of(m_profile.environment)));
}

Task<void> PrompterHub::serve(std::shared_ptr<ipc::Channel> channel, std::string kind) {
    m_prompter = channel; // before the first suspension: the place is taken once
    spdlog::info("prompter of kind {} is here", kind);
    json::object greeting;
    greeting["registered"] = kind;
    auto greeted = co_await channel->send(to_bytes(greeting));
    while (greeted) {
        auto frame = co_await channel->receive(max_answer);
        if (!frame) break;
        auto value = ipc::parse_json(text_of(frame->body));
        if (!value) break;
        if (!take_screen(*value)) take_answer(*value, kind);
    }
    m_prompter.reset();
    m_screen_locked = false;
    spdlog::info("prompter of kind {} left", kind);
    for (auto& [id, pending] : std::exchange(m_pending, {})) {
        pending->outcome = Errc::consent_unavailable;
        pending->answered.notify();
    }
}

/// {"locked": true} and nothing else. Questions that are open end with it: whoever unlocks may be somebody else.
bool PrompterHub::take_screen(const json::value& frame) {
    const auto* o = frame.if_object();
    const auto* locked = o != nullptr && o->size() == 1 ? o->if_contains("locked") : nullptr;
    if (locked == nullptr || !locked->is_bool()) return false;
    m_screen_locked = locked->get_bool();
    spdlog::info("the prompter says that the screen is {}", m_screen_locked ? "locked" : "open");
    if (!m_screen_locked) return true;
    std::vector<ConsentId> open;
    for (const auto& [id, pending] : m_pending) open.push_back({id});
    for (const auto& id : open) close(id, Errc::screen_locked);
    return true;
}

void PrompterHub::take_answer(const json::value& frame, const std::string& kind) {
    ipc::JsonFields fields(frame, "");
    const auto id = fields.text("id", 64);
    const auto answer = fields.text("answer", 8);
    ConsentAnswer agreed;
    agreed.prompter = kind;
    if (fields.has("rejected")) {
        const auto* rejected = fields.array("rejected", 10'000);
        for (const auto& index : rejected != nullptr ? *rejected : json::array{}) {
            // What is no index stays one that is on no list: the gate takes that for a no.
            const bool whole = index.is_int64() && index.get_int64() >= 0;
            agreed.rejected.push_back(whole ? static_cast<ItemIndex>(index.get_int64()) : std::numeric_limits<ItemIndex>::max());
        }
    }
    agreed.serial_ending = fields.optional_text("serialEnding", 64).value_or("");
    agreed.final_try = fields.optional_text("finalTry", 8).value_or("") == "yes";
    // Only a whole, well-formed yes is a yes.
    if (!fields.end() || answer != "yes") return settle(id, Errc::consent_denied);
    settle(id, std::move(agreed));
}

void PrompterHub::settle(const std::string& id, Outcome<ConsentAnswer> outcome) {
    const auto place = m_pending.find(id);
    if (place == m_pending.end()) return; // answered, closed or timed out before
    place->second->outcome = std::move(outcome);
    place->second->answered.notify();
    m_pending.erase(place);
}

Task<Outcome<ConsentAnswer>> PrompterHub::ask(ConsentQuestion question, UniqueFd pin_writer) {
    std::vector<UniqueFd> fds;
    if (pin_writer) fds.push_back(std::move(pin_writer));
    co_return co_await ask_for_secrets(std::move(question), std::move(fds));
}

Task<Outcome<ConsentAnswer>> PrompterHub::ask_for_secrets(ConsentQuestion question, std::vector<UniqueFd> fds) {
    const auto prompter = m_prompter;
    if (!prompter) co_return Errc::consent_unavailable;
    if (m_screen_locked) co_return Errc::screen_locked;
    const auto id = question.id;
    const auto deadline = std::chrono::steady_clock::now() + question.deadline;
    auto pending = std::make_shared<Pending>(m_executor);
    m_pending[id.value] = pending;
    const Looking looking(m_changes);
    json::object frame; // not built inside the co_await: g++ 12 cannot keep an initializer list across it
    frame["ask"] = question_json(question);
    // Not waited for: a prompter that does not read must not hold up the deadline, the page's cancelling, or the agent's end.
    auto sent = std::make_shared<bool>(false);
    net::co_spawn(m_executor, prompter->send(to_bytes(frame), std::move(fds)),
                  [this, id, sent, prompter](const std::exception_ptr& escaped, Outcome<void> outcome) {
                      *sent = true;
                      if (escaped || !outcome) settle(id.value, Errc::consent_unavailable);
                  });
    while (!pending->outcome) {
        if (co_await pending->answered.wait_until(deadline)) continue;
        if (!pending->outcome) close(id, Errc::consent_timed_out);
    }
    if (!*sent) net::co_spawn(m_executor, give_up_on(prompter, sent), ipc::LogEscape{"prompter"});
    if (!*pending->outcome && pending->outcome->error().code == Errc::consent_timed_out)
        co_return Error{Errc::consent_timed_out}.with("seconds", std::to_string(question.deadline.count()));
    co_return std::move(*pending->outcome);
}

/// The question is over and not even taken in. It may have been on its way; who does not read a moment later is no prompter any more.
Task<void> PrompterHub::give_up_on(std::shared_ptr<ipc::Channel> prompter, std::shared_ptr<bool> sent) {
    co_await ipc::sleep_for(std::chrono::seconds(1));
    if (!*sent) prompter->close();
}

Task<void> PrompterHub::tell_changes() {
    for (auto seen = m_changes.revision();;) {
        co_await m_changes.changed(seen, std::chrono::steady_clock::now() + std::chrono::hours(24));
        if (m_changes.revision() == seen) continue;
        seen = m_changes.revision();
        if (!m_prompter) continue;
        const auto frame = to_bytes(tokens_json(seen, m_changes.present()));
        net::co_spawn(m_executor, m_prompter->send(frame), [keep = m_prompter](std::exception_ptr, Outcome<void>) {});
    }
}

void PrompterHub::close(const ConsentId& id, Errc reason) {
    if (!m_pending.contains(id.value)) return;
    settle(id.value, reason);
    if (m_prompter)
        net::co_spawn(m_executor, m_prompter->send(to_bytes({{"close", id.value}, {"reason", error_json(Error(reason), Language::indonesian)}})),
                      [keep = m_prompter](std::exception_ptr, Outcome<void>) {});
}

} // namespace jk::doors
