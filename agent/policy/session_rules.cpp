#include "agent/policy/rules.hpp"
#include "jurukunci/encoding.hpp"

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
    decision.append(judge_log_kept(profile, session));
    return decision;
}

Decision judge_log_kept(const Profile& profile, const SessionFacts& session) {
    Decision decision(profile.regulation);
    if (!session.log_lost)
        decision.pass(Rule::log_kept);
    else
        decision.refuse(Rule::log_kept, Error{Errc::log_lost}.with("date", rfc3339(session.log_lost->noticed)).with("loss", session.log_lost->id));
    return decision;
}

Decision judge_delegation(const Profile& profile, const std::string& delegation_field) {
    Decision decision(profile.regulation);
    decision.check(Rule::no_delegation, delegation_field.empty(), Error{Errc::delegation_refused, delegation_field});
    return decision;
}

} // namespace jk::policy
