// Decision: every rule that was evaluated and what it said, so that the same code enforces, explains and is tested.
#pragma once
#include "jurukunci/outcome.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace jk::policy {

struct RuleVerdict {
    std::string rule; ///< what was asked, in words: "the certificate chains to an anchor of the profile"
    std::optional<Error> refusal;
};

class Decision {
public:
    void pass(std::string rule) { m_verdicts.push_back({std::move(rule), std::nullopt}); }
    void refuse(std::string rule, Error error) { m_verdicts.push_back({std::move(rule), std::move(error)}); }
    void check(std::string rule, bool holds, Error otherwise) { holds ? pass(std::move(rule)) : refuse(std::move(rule), std::move(otherwise)); }
    void append(Decision other) {
        for (auto& verdict : other.m_verdicts) m_verdicts.push_back(std::move(verdict));
    }

    const std::vector<RuleVerdict>& verdicts() const { return m_verdicts; }
    std::vector<Error> refusals() const {
        std::vector<Error> all;
        for (const auto& verdict : m_verdicts)
            if (verdict.refusal) all.push_back(*verdict.refusal);
        return all;
    }
    bool allowed() const { return refusals().empty(); }
    /// The first refusal as an outcome: rules are asked in the order in which their reasons help most.
    Outcome<void> outcome() const {
        for (const auto& verdict : m_verdicts)
            if (verdict.refusal) return *verdict.refusal;
        return done();
    }

private:
    std::vector<RuleVerdict> m_verdicts;
};

} // namespace jk::policy
