#include "agent/gate/enrolments.hpp"

#include "ipc/log_escape.hpp"
#include "jurukunci/encoding.hpp"

#include <boost/asio/co_spawn.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace jk::gate {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t most_kept = 1000;

EnrolmentState state_for(Errc code) {
    switch (code) {
    case Errc::cancelled_by_application:
    case Errc::page_gone: return EnrolmentState::cancelled;
    case Errc::consent_denied:
    case Errc::consent_timed_out: return EnrolmentState::refused;
    default: return EnrolmentState::failed;
    }
}

} // namespace

std::string_view name_of(EnrolmentState state) {
    switch (state) {
    case EnrolmentState::preparing: return "preparing";
    case EnrolmentState::waiting_consent: return "waiting_consent";
    case EnrolmentState::confirmed: return "confirmed";
    case EnrolmentState::refused: return "refused";
    case EnrolmentState::cancelled: return "cancelled";
    case EnrolmentState::failed: return "failed";
    }
    return "?";
}

void Enrolment::changed() {
    ++m_revision;
    m_event.notify();
}

Outcome<EnrolmentRef> Enrolments::submit(CallerIdentity caller, std::string nonce, std::string code) {
    sweep();
    if (auto ok = m_attention.admit(caller.owner); !ok) return ok.error();
    const bool one_open = std::ranges::any_of(m_all, [&](const auto& e) { return e->caller.owner == caller.owner && !e->finished(); });
    if (one_open || m_all.size() >= most_kept) return Error{Errc::too_many}.with("what", "enrolments waiting for the person");
    if (!m_consent.available()) return Errc::consent_unavailable;
    auto enrolment = std::make_shared<Enrolment>(m_executor, "n_" + random_id(12), std::move(caller), std::move(nonce), std::move(code));
    enrolment->last_seen = SteadyClock::now();
    enrolment->expires = m_clock.now() + m_profile.limits.consent;
    m_all.push_back(enrolment);
    ++m_running;
    net::co_spawn(m_executor, run(enrolment), ipc::LogEscape{"enrolment"});
    net::co_spawn(m_executor, watch_lease(enrolment), ipc::LogEscape{"enrolment"});
    return enrolment;
}

Task<void> Enrolments::run(EnrolmentRef enrolment) {
    auto given_up = [enrolment] { return enrolment->cancelled.has_value(); };
    const auto turn = co_await m_attention.turn(std::move(given_up));
    Outcome<ConsentAnswer> answer;
    if (enrolment->cancelled)
        answer = *enrolment->cancelled;
    else
        answer = co_await ask(*enrolment);
    finish(*enrolment, answer);
    --m_running;
    m_finished.notify();
}

Task<Outcome<ConsentAnswer>> Enrolments::ask(Enrolment& enrolment) {
    ConsentQuestion question;
    question.id = enrolment.consent = {"c_" + random_id(12)};
    question.kind = ConsentKind::enrolment;
    question.application = enrolment.caller.application;
    question.origin = enrolment.caller.origin;
    question.owner_unit = enrolment.caller.owner_unit;
    question.code = enrolment.code;
    question.city = m_profile.regulation.city;
    question.citation = enrolment.caller.citation;
    question.environment = policy::name_of(m_profile.environment);
    question.marking = m_profile.marking();
    question.deadline = m_profile.limits.consent;
    enrolment.expires = m_clock.now() + question.deadline;
    enrolment.state = EnrolmentState::waiting_consent;
    enrolment.changed();
    auto answer = co_await m_consent.ask(std::move(question), UniqueFd());
    if (enrolment.cancelled) co_return *enrolment.cancelled; // in the moment between the person's answer and now
    // There is nothing to take out: whoever answers so did not see our question.
    if (answer && !answer->rejected.empty()) co_return Errc::consent_denied;
    co_return answer;
}

void Enrolments::finish(Enrolment& enrolment, const Outcome<ConsentAnswer>& answer) {
    if (!answer) enrolment.error = answer.error();
    auto state = answer ? EnrolmentState::confirmed : state_for(answer.error().code);
    auto committed = m_journal.log().commit(store::Durability::machine, [&] {
        m_journal.enrolment(enrolment.id, enrolment.caller, answer);
        return done();
    });
    if (!committed) { // what the log does not know did not happen
        spdlog::error("an enrolment could not be recorded: {}", committed.error().log_line());
        state = EnrolmentState::failed;
        enrolment.error = committed.error();
    }
    if (!enrolment.consent.value.empty()) m_attention.ended(enrolment.caller.owner, answer.has_value(), enrolment.error);
    enrolment.kept_until = SteadyClock::now() + m_profile.limits.keep;
    enrolment.state = state;
    enrolment.changed();
}

Task<void> Enrolments::watch_lease(EnrolmentRef enrolment) {
    while (!enrolment->finished() && !enrolment->cancelled) {
        co_await ipc::sleep_for(std::chrono::milliseconds(500));
        if (SteadyClock::now() - enrolment->last_seen > m_lease) (void)cancel(*enrolment, Errc::page_gone);
    }
}

void Enrolments::sweep() {
    const auto now = SteadyClock::now();
    std::erase_if(m_all, [&](const auto& e) { return e->finished() && e->kept_until <= now; });
}

Outcome<EnrolmentRef> Enrolments::find(const std::string& owner, const std::string& id) {
    sweep();
    for (const auto& enrolment : m_all)
        if (enrolment->caller.owner == owner && enrolment->id == id) {
            enrolment->last_seen = SteadyClock::now();
            return enrolment;
        }
    return Error{Errc::not_found}.with("what", "enrolment " + id);
}

Outcome<void> Enrolments::cancel(Enrolment& enrolment, Errc reason) {
    if (enrolment.finished() || enrolment.cancelled) return Errc::too_late_to_cancel;
    enrolment.cancelled = reason;
    m_consent.close(enrolment.consent, reason);
    m_attention.look_again();
    return done();
}

void Enrolments::turn_away() {
    for (const auto& enrolment : m_all) (void)cancel(*enrolment, Errc::agent_stopping);
}

Task<void> Enrolments::stop() {
    turn_away();
    while (m_running > 0) co_await m_finished.wait();
}

} // namespace jk::gate
