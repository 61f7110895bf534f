#include "agent/policy/rules.hpp"

namespace jk::policy {

Decision judge_consent(const Profile& profile, const ConsentFacts& facts) {
    Decision decision(profile.regulation);
    const auto judge = [&](Rule rule, const std::optional<bool>& holds, Note later, Error otherwise) {
        if (!holds) return decision.not_judged(rule, later);
        decision.check(rule, *holds, std::move(otherwise));
    };
    judge(Rule::document_shown, facts.shown, Note::by_dialog, Errc::content_not_visible);
    if (!profile.regulation.footer.obliged)
        decision.pass(Rule::footer_present, Note::footer_not_obliged);
    else
        judge(Rule::footer_present, facts.footer, Note::footer_not_read, Errc::footer_missing);
    judge(Rule::consent_given, facts.affirmed, Note::by_dialog, Errc::consent_denied);
    judge(Rule::pin_by_person, facts.pin_by_prompter, Note::by_dialog, Error{Errc::passphrase_from_application}.with("field", "passphrase"));
    return decision;
}

} // namespace jk::policy
