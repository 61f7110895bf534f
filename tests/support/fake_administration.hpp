// FakeAdministration: one token that is what it is told to be, counts what was asked of it and answers by script.
#pragma once
#include "ipc/event.hpp"
#include "jurukunci/administration.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace jk::test {

class FakeAdministration final : public TokenAdministration {
public:
    TokenContents token;
    bool present = true;    ///< false: pulled out
    bool slow_look = false; ///< a module answers when this ends
    int looks = 0;
    std::optional<Error> fault;                 ///< of the next step
    std::function<void(TokenContents&)> effect; ///< what the next step does to the token
    std::function<void()> while_at_the_token;   ///< looks around before the answer
    std::vector<std::string> steps;
    int forgotten = 0;
    KeyCustody custody{true, false, true, true, true, false, true}; ///< as the worker tells it

    Task<Outcome<std::vector<TokenContents>>> contents() override {
        ++looks;
        while (slow_look) co_await ipc::sleep_for(std::chrono::milliseconds(1));
        std::vector<TokenContents> all;
        if (present) all.push_back(token);
        co_return all;
    }
    Task<Outcome<PinTicket>> expect_secrets(const TokenId&, std::vector<UniqueFd> readers) override {
        channels += readers.size();
        co_return PinTicket{1};
    }
    void forget_secrets(const TokenId&, PinTicket) override { ++forgotten; }
    Task<Outcome<AdministrationResult>> carry_out(AdministrationGrant grant) override {
        steps.emplace_back(name_of(grant.step()));
        if (while_at_the_token) while_at_the_token();
        if (fault) co_return *fault;
        if (effect) effect(token);
        AdministrationResult result;
        result.token = token.id;
        result.custody = custody;
        co_return result;
    }
    std::size_t channels = 0;
};

} // namespace jk::test
