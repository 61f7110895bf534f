// ProgramFixture: LocalPrograms, policy and log beside fakes: a token whose windows do what they are told, and a person who answers by script.
#pragma once
#include "agent/gate/local_programs.hpp"
#include "tests/support/gate_fixture.hpp"

namespace jk::test {

class FakeUse final : public TokenUse {
public:
    struct Opened {
        std::vector<KeyOfUse> keys;
        UseTerms terms;
        bool closed = false;
        int used = 0;
    };
    std::vector<std::shared_ptr<Opened>> windows;
    KeyCustody custody{true, false, true, true, true, false, true};

    std::function<void()> on_login;
    std::optional<Error> fault; ///< of each use

    Task<Outcome<std::shared_ptr<UseWindow>>> open_use(UseGrant grant) override {
        if (on_login) on_login();
        windows.push_back(std::make_shared<Opened>(Opened{grant.keys(), grant.terms()}));
        std::shared_ptr<UseWindow> window = std::make_shared<Window>(windows.back(), std::vector<KeyCustody>(grant.keys().size(), custody), fault);
        co_return window;
    }

private:
    class Window final : public UseWindow {
    public:
        Window(std::shared_ptr<Opened> opened, std::vector<KeyCustody> custody, const std::optional<Error>& fault)
            : m_opened(std::move(opened)), m_custody(std::move(custody)), m_fault(fault) {}
        ~Window() override { m_opened->closed = true; }
        const std::vector<KeyCustody>& custody() const override { return m_custody; }
        Task<Outcome<Bytes>> use(KeyTask, std::function<Outcome<void>()> record) override {
            if (auto ok = record(); !ok) co_return ok.error();
            ++m_opened->used;
            if (m_fault) co_return *m_fault;
            co_return Bytes{1, 2, 3};
        }

    private:
        std::shared_ptr<Opened> m_opened;
        std::vector<KeyCustody> m_custody;
        const std::optional<Error>& m_fault;
    };
};

/// What the test says is known; nothing by itself.
struct SaidFacts final : policy::Facts {
    policy::State state;
    policy::SessionFacts sitting;
    mutable int looks = 0; ///< how often somebody asked
    policy::State about(const Certificate&, const TokenId&) const override { return ++looks, state; }
    policy::SessionFacts session() const override { return sitting; }
};

struct ProgramFixture : GateFixture {
    using Answer = std::shared_ptr<std::optional<Outcome<Bytes>>>;

    explicit ProgramFixture(gate::Patience patience = {}, const std::string& key_kind = "p256")
        : GateFixture(for_signing()), patient(io.get_executor(), patience) {
        if (key_kind != "p256") { // one that decrypts, too
            key = make_key(key_kind);
            auto wish = for_signing();
            wish.key_usage = "critical,digitalSignature,keyEncipherment";
            certificate = *x509::read_certificate(ca.certify(key.get(), wish));
            token.info.mechanisms = {{KeyKind::rsa, HashFunction::sha256, Padding::pkcs1_v15}};
            token.info.certificates = {certificate};
        }
        profile.local_programs = {true, 20, std::chrono::minutes(5), false, true};
        programs = std::make_unique<gate::LocalPrograms>(
            io.get_executor(), gate::KeyRooms{profile, token, use, consent, patient, *journal, *tries, blocks, clock, &facts});
    }
    static CertificateWish for_signing() {
        CertificateWish wish;
        wish.key_usage = "critical,digitalSignature";
        return wish;
    }

    gate::ProgramRef program(const std::string& path = "/usr/bin/firefox") {
        return programs->arrived({Door::pkcs11, "program:" + path, path, path + " (PID 7)", "", "", {}});
    }
    KeyTask signing(const std::string& text = "isi") const {
        return {certificate->id,
                DigestToSign{{certificate->key_kind, HashFunction::sha256, certificate->key_kind == KeyKind::ec ? Padding::none : Padding::pkcs1_v15},
                             sha256(bytes_of(text))}};
    }
    KeyTask decrypting() const { return {certificate->id, Ciphertext{Hiding::pkcs1_v15, Bytes(256, 1)}}; }

    /// Begins it; the answer comes while the loop runs.
    Answer begin(gate::ProgramRef who, KeyTask task) {
        auto answer = std::make_shared<std::optional<Outcome<Bytes>>>();
        net::co_spawn(io, programs->use(std::move(who), token.info.id, std::move(task)),
                      [answer](std::exception_ptr, Outcome<Bytes> said) { *answer = std::move(said); });
        go_on();
        return answer;
    }
    Outcome<void> log_in(gate::ProgramRef who) {
        std::optional<Outcome<void>> answer;
        net::co_spawn(io, programs->login(std::move(who), token.info.id), [&](std::exception_ptr, Outcome<void> said) { answer = std::move(said); });
        go_on();
        while (!answer) io.run_one();
        return *answer;
    }
    Outcome<Bytes> ask_for(gate::ProgramRef who, KeyTask task) {
        auto answer = begin(std::move(who), std::move(task));
        while (!*answer) io.run_one();
        return **answer;
    }
    bool closed(std::size_t window = 0) const { return use.windows.at(window)->closed; }
    /// Until the agent has ended the window by itself; false if it has not after more than a look.
    bool closes_by_itself(std::size_t window = 0) {
        io.restart();
        for (const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5); !closed(window);)
            if (io.run_one_until(deadline) == 0) return false;
        return true;
    }
    /// Until the agent has looked at its windows once more.
    void look_again() {
        const auto seen = facts.looks;
        io.restart();
        for (const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5); facts.looks == seen;)
            if (io.run_one_until(deadline) == 0) return;
        io.poll();
    }
    /// As far as it goes without waiting.
    void go_on() {
        io.restart();
        io.poll();
    }

    gate::Attention patient;
    FakeUse use;
    SaidFacts facts;
    std::unique_ptr<gate::LocalPrograms> programs;
};

} // namespace jk::test
