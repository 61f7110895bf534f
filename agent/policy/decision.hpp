// Decision: every rule that was evaluated and what it said, so that the same code enforces, explains and is tested. Each verdict carries the
// active city's article, looked up by the rule itself: no rule can cite another city's.
#pragma once
#include "agent/policy/regulation.hpp"
#include "agent/policy/rule.hpp"
#include "jurukunci/outcome.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace jk::policy {

enum class Verdict { passed, warned, refused, not_judged };
std::string_view name_of(Verdict verdict);

struct RuleVerdict {
    Rule rule;
    Verdict verdict = Verdict::passed;
    Basis basis;                  ///< of this city; agent policy where it is silent
    std::optional<Error> error{}; ///< of a refusal or a warning
    Note note = Note::none;
    const RuleEntry& entry() const { return entry_of(rule); }
};

class Decision {
public:
    explicit Decision(const Regulation& law) : m_law(&law) {}

    void pass(Rule rule, Note note = Note::none) { add(rule, Verdict::passed, std::nullopt, note); }
    void refuse(Rule rule, Error error) { add(rule, Verdict::refused, std::move(error), Note::none); }
    void warn(Rule rule, Error error) { add(rule, Verdict::warned, std::move(error), Note::none); }
    void not_judged(Rule rule, Note why) { add(rule, Verdict::not_judged, std::nullopt, why); }
    void check(Rule rule, bool holds, Error otherwise) { holds ? pass(rule) : refuse(rule, std::move(otherwise)); }
    /// Where the article is more exact than the rule's own place: that of the one value that was asked for.
    void check_citing(Rule rule, const std::string& citation, bool holds, Error otherwise);
    void append(Decision other);

    const std::vector<RuleVerdict>& verdicts() const { return m_verdicts; }
    const RuleVerdict* find(Rule rule) const;
    std::vector<Error> refusals() const { return errors(Verdict::refused); }
    std::vector<Error> warnings() const { return errors(Verdict::warned); }
    bool allowed() const { return refusals().empty(); }
    /// The first refusal as an outcome: rules are asked in the order in which their reasons help most.
    Outcome<void> outcome() const;

private:
    void add(Rule rule, Verdict verdict, std::optional<Error> error, Note note);
    std::vector<Error> errors(Verdict verdict) const;

    const Regulation* m_law;
    std::vector<RuleVerdict> m_verdicts;
};

} // namespace jk::policy
