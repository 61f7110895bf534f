// Fakes behind our own interfaces: a token that signs with a key in memory, a person who answers by script, documents that need no PDF,
// a clock that stands where it is put. They count what was asked of them.
#pragma once
#include "ipc/event.hpp"
#include "jurukunci/consent.hpp"
#include "jurukunci/documents.hpp"
#include "jurukunci/token.hpp"

#include <boost/asio/io_context.hpp>

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace jk::test {

class FakeClock final : public Clock {
public:
    explicit FakeClock(WallTime now) : m_now(now) {}
    WallTime now() const override { return m_now; }
    void set(WallTime now) { m_now = now; }

private:
    WallTime m_now;
};

class FakeToken final : public Token {
public:
    TokenInfo info;
    std::vector<TokenInfo> others;                 ///< of other modules
    std::set<std::string> slow_login, slow_signer; ///< modules whose token does not go on before they are taken out of here
    KeyCustody custody{true, false, true, true, true, false, true};
    std::deque<Error> login_faults; ///< taken from the front, one per window
    std::map<ItemIndex, Error> item_faults;
    std::optional<Error> fault_after; ///< ends the window after the first item
    std::function<void()> on_login;   ///< before anything is done with a grant
    bool absent = false;
    bool slow_to_show = false; ///< tokens are shown when it is not
    bool pin_to_be_changed = false;
    int windows = 0, signatures = 0;
    std::vector<Digest> signed_digests;
    std::vector<PinTicket> forgotten;

    Task<Outcome<std::vector<TokenInfo>>> tokens() override {
        while (slow_to_show) co_await ipc::sleep_for(std::chrono::milliseconds(1));
        std::vector<TokenInfo> all;
        if (!absent) all.push_back(info);
        all.insert(all.end(), others.begin(), others.end());
        co_return all;
    }
    Task<Outcome<std::vector<TokenInfo>>> recent_tokens() override { return tokens(); }
    bool late = false; ///< its module was left out of the last look
    bool is_late(const std::string&) const override { return late; }
    Task<void> await_late(std::string, std::function<bool()> given_up) override {
        while (late && !given_up()) co_await ipc::sleep_for(std::chrono::milliseconds(1));
    }
    Task<Outcome<AwaitedPin>> expect_pin(const TokenId&, UniqueFd reader) override {
        readers.push_back(std::move(reader));
        co_return AwaitedPin{PinTicket{readers.size()}, info.pin_state, pin_to_be_changed};
    }
    void forget_pin(const TokenId&, PinTicket ticket) override { forgotten.push_back(ticket); }
    Task<Outcome<void>> sign(Grant grant, SigningRecord& record) override {
        ++windows;
        if (on_login) on_login();
        while (slow_login.contains(grant.token().module)) co_await ipc::sleep_for(std::chrono::milliseconds(1));
        if (!login_faults.empty()) {
            const auto fault = login_faults.front();
            login_faults.pop_front();
            co_return fault;
        }
        if (auto ok = record.opened(custody); !ok) co_return ok;
        while (slow_signer.contains(grant.token().module)) co_await ipc::sleep_for(std::chrono::milliseconds(1));
        for (ItemIndex i = 0; i < grant.sealed().size(); ++i) {
            const ItemIndex one[] = {i};
            if (auto ok = record.starting(one); !ok) co_return ok;
            std::vector<ItemResult> results(1);
            results[0].index = i;
            if (const auto fault = item_faults.find(i); fault != item_faults.end()) {
                results[0].signature = fault->second;
            } else {
                ++signatures;
                signed_digests.push_back(grant.sealed()[i]);
                results[0].signature = Signature{Bytes{1, 2, 3}};
            }
            if (auto ok = record.finished(std::move(results)); !ok) co_return ok;
            if (fault_after) co_return *fault_after;
        }
        co_return done();
    }
    std::vector<UniqueFd> readers;
};

class FakeConsent final : public Consent {
public:
    explicit FakeConsent(net::io_context& io) : m_closed(io.get_executor()) {}
    bool present = true;
    std::deque<Outcome<ConsentAnswer>> answers; ///< none left: yes to everything
    bool silent = false;                        ///< waits until close()
    std::vector<ConsentQuestion> questions;
    std::function<void(const ConsentQuestion&)> on_question;

    bool available() const override { return present; }
    Task<Outcome<ConsentAnswer>> ask(ConsentQuestion question, UniqueFd) override {
        questions.push_back(std::move(question));
        if (on_question) on_question(questions.back());
        if (silent) {
            while (!closed_with) co_await m_closed.wait();
            co_return *closed_with;
        }
        if (!answers.empty()) {
            auto answer = std::move(answers.front());
            answers.pop_front();
            co_return answer;
        }
        ConsentAnswer yes;
        yes.prompter = "fake";
        co_return yes;
    }
    Task<Outcome<ConsentAnswer>> ask_for_secrets(ConsentQuestion question, std::vector<UniqueFd>) override {
        return ask(std::move(question), UniqueFd());
    }
    void close(const ConsentId&, Errc reason) override {
        closed_with = reason;
        m_closed.notify();
    }
    std::optional<Errc> closed_with;

private:
    ipc::Event m_closed;
};

class FakeDocuments final : public Documents {
public:
    std::map<std::string, Error> refusals; ///< by item name
    int finished = 0;
    bool endless = false; ///< sealing goes on until it is stopped
    bool stopped = false;

    class Item final : public SealedItem {
    public:
        Item(FakeDocuments& documents, std::string name) : m_documents(documents), m_name(std::move(name)), m_digest(sha256(bytes_of(m_name))) {}
        const Digest& to_sign() const override { return m_digest; }
        ConsentItem shown() const override {
            ConsentItem item;
            item.name = m_name;
            item.size = 1000;
            item.digest = m_digest.hex();
            item.hash_function = "SHA-256";
            return item;
        }
        Outcome<SignedItem> finish(const Signature& signature) override {
            ++m_documents.finished;
            return SignedItem{std::nullopt, signature.value};
        }

    private:
        FakeDocuments& m_documents;
        std::string m_name;
        Digest m_digest;
    };

    Task<std::vector<SealOutcome>> seal(const std::vector<SignItem>& items, const SealTerms& terms) override {
        std::vector<SealOutcome> all;
        while (endless && !terms.stop.stop_requested()) co_await ipc::sleep_for(std::chrono::milliseconds(1));
        stopped = terms.stop.stop_requested();
        for (const auto& item : items) {
            if (const auto refusal = refusals.find(item.name); refusal != refusals.end())
                all.emplace_back(refusal->second);
            else
                all.emplace_back(std::make_unique<Item>(*this, item.name));
        }
        co_return all;
    }
};

} // namespace jk::test
