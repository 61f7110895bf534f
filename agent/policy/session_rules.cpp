#include "agent/policy/rules.hpp"

namespace jk::policy {

Decision judge_session(const Profile& profile, const SessionFacts& session) {
    Decision decision(profile.regulation);
    decision.check(Rule::session_owner, !session.other_user, Errc::not_owner_session);
    const auto judge = [&](Rule rule, const std::optional<bool>& wrong, bool permitted, Error error) {
        if (permitted) return decision.pass(rule, Note::sessions_permitted);
        if (!wrong) return decision.not_judged(rule, Note::session_unknown);
        decision.check(rule, !*wrong, std::move(error));
    };
    const auto inactive = session.active ? std::optional<bool>(!*session.active) : std::nullopt;
    judge(Rule::session_local, session.remote, profile.sessions.remote, Error{Errc::session_remote}.with("session", session.how));
    judge(Rule::session_active, inactive, profile.sessions.inactive, Errc::session_inactive);
    return decision;
}

Decision judge_delegation(const Profile& profile, const std::string& delegation_field) {
    Decision decision(profile.regulation);
    decision.check(Rule::no_delegation, delegation_field.empty(), Error{Errc::delegation_refused, delegation_field});
    return decision;
}

} // namespace jk::policy
