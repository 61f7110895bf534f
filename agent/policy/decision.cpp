#include "agent/policy/decision.hpp"

namespace jk::policy {

std::string_view name_of(Verdict verdict) {
    switch (verdict) {
    case Verdict::passed: return "passed";
    case Verdict::warned: return "warned";
    case Verdict::refused: return "refused";
    case Verdict::not_judged: return "not-judged";
    }
    return "?";
}

void Decision::add(Rule rule, Verdict verdict, std::optional<Error> error, Note note) {
    const auto& entry = entry_of(rule);
    auto basis = entry.basis.empty() ? Basis{} : m_law->basis_of(entry.basis);
    if (error) error->citation = basis.citation;
    m_verdicts.push_back({rule, verdict, std::move(basis), std::move(error), note});
}

void Decision::check_citing(Rule rule, const std::string& citation, bool holds, Error otherwise) {
    check(rule, holds, std::move(otherwise));
    if (citation.empty()) return;
    auto& verdict = m_verdicts.back();
    verdict.basis = Basis{Source::regulation, citation, {}, {}};
    if (verdict.error) verdict.error->citation = citation;
}

void Decision::append(Decision other) {
    for (auto& verdict : other.m_verdicts) m_verdicts.push_back(std::move(verdict));
}

const RuleVerdict* Decision::find(Rule rule) const {
    for (const auto& verdict : m_verdicts)
        if (verdict.rule == rule) return &verdict;
    return nullptr;
}

std::vector<Error> Decision::errors(Verdict wanted) const {
    std::vector<Error> all;
    for (const auto& verdict : m_verdicts)
        if (verdict.verdict == wanted && verdict.error) all.push_back(*verdict.error);
    return all;
}

Outcome<void> Decision::outcome() const {
    for (const auto& verdict : m_verdicts)
        if (verdict.verdict == Verdict::refused) return *verdict.error;
    return done();
}

} // namespace jk::policy
