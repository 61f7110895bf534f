#include "agent/gate/first_use.hpp"

#include "agent/policy/rules.hpp"
#include "jurukunci/encoding.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace jk::gate {

std::vector<std::string> FirstUse::missing(const Certificate& certificate) const {
    std::vector<std::string> names;
    for (const auto& part : m_notice.parts)
        if (m_record.find(certificate.id, part.sha256) == nullptr) names.push_back(part.name);
    return names;
}

void FirstUse::add_facts(policy::State& state, const Certificate& certificate) const {
    for (const auto& part : m_notice.parts) {
        auto& fact = part.name == policy::duties_part ? state.duties_acknowledged : state.agreement_accepted;
        fact = m_record.find(certificate.id, part.sha256) != nullptr;
    }
}

/// In the words, and with the article, of the rule that keeps the certificate from being used.
Error FirstUse::refusal(std::string_view part, const Certificate& certificate) const {
    policy::State state;
    (part == policy::duties_part ? state.duties_acknowledged : state.agreement_accepted) = false;
    const auto decision = policy::judge_state(m_profile, state, certificate, {});
    for (const auto& verdict : decision.verdicts())
        if (policy::is_for_first_use(verdict.rule) && verdict.error) return *verdict.error;
    return Errc::duties_unacknowledged;
}

ConsentQuestion FirstUse::question(const Asker& asker, const OwnerNoticeShown& notice) const {
    ConsentQuestion question;
    question.id = {"c_" + random_id(12)};
    question.kind = ConsentKind::first_use;
    question.application = asker.caller.application;
    question.origin = asker.caller.origin;
    question.owner_unit = asker.caller.owner_unit;
    question.city = m_profile.regulation.city;
    question.environment = policy::name_of(m_profile.environment);
    question.marking = m_profile.marking();
    question.certificate = asker.certificate;
    question.token_label = asker.token_label;
    question.notice = notice;
    std::ptrdiff_t lines = 0;
    for (const auto& part : notice.parts) lines += std::ranges::count(part.indonesian, '\n');
    question.deadline = m_profile.limits.consent + m_profile.limits.consent_per_item * static_cast<int>(lines); // it is to be read
    return question;
}

Task<Outcome<void>> FirstUse::settle(Asker asker) {
    const auto names = missing(*asker.certificate);
    if (names.empty()) co_return done();
    OwnerNoticeShown wanted{m_notice.profile, m_notice.version, {}};
    for (const auto& part : m_notice.parts) {
        if (std::ranges::find(names, part.name) == names.end()) continue;
        if (part.sha256.empty()) co_return refusal(part.name, *asker.certificate); // demanded, and this profile does not say what
        wanted.parts.push_back(part);
    }
    if (const auto gone = asker.given_up()) co_return *gone;
    if (!m_consent.available()) co_return Errc::consent_unavailable;
    auto asked = question(asker, wanted);
    asker.opening(asked.id);
    auto answer = co_await m_consent.ask(std::move(asked), UniqueFd());
    if (const auto gone = asker.given_up()) co_return *gone; // in the moment between the person's answer and now
    if (!answer && answer.error().code == Errc::consent_denied) co_return refusal(wanted.parts.front().name, *asker.certificate);
    if (!answer) co_return answer.error();

    auto accepted = wanted;
    for (std::size_t i = wanted.parts.size(); i-- > 0;)
        if (std::ranges::find(answer->rejected, i) != answer->rejected.end())
            accepted.parts.erase(accepted.parts.begin() + static_cast<std::ptrdiff_t>(i));
    // A place that is not on the list: whoever answered did not see our question.
    const bool strange = std::ranges::any_of(answer->rejected, [&](auto place) { return place >= wanted.parts.size(); });
    if (strange || accepted.parts.empty()) co_return refusal(wanted.parts.front().name, *asker.certificate);
    audit::Acknowledging row{asker.operation,   asker.caller, asker.certificate, asker.token,
                             asker.token_label, {},           answer->prompter,  std::move(accepted)};
    row.environment = policy::name_of(m_profile.environment);
    if (auto recorded = m_record.record(row); !recorded) {
        spdlog::error("an acknowledgement could not be recorded, so it does not count: {}", recorded.error().log_line());
        co_return recorded.error();
    }
    const auto left = missing(*asker.certificate);
    if (!left.empty()) co_return refusal(left.front(), *asker.certificate);
    co_return done();
}

} // namespace jk::gate
