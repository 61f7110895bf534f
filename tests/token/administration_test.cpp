// Administration on a real SoftHSM2, through the worker, as the gate reaches it. Fits: softhsm.
#include "ipc/blocking_channel.hpp"
#include "ipc/pin_channel.hpp"
#include "jurukunci/provisioning.hpp"
#include "pkcs11/worker/all_tokens.hpp"
#include "pkcs11/wrap/pin_rules.hpp"
#include "tests/support/granting_administration.hpp"
#include "tests/support/process.hpp"
#include "tests/support/run_task.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/support/soft_token.hpp"
#include "tests/support/test_launcher.hpp"
#include "x509/certificate_request.hpp"
#include "x509/read_certificate.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <thread>

namespace jk::test {
namespace {

Secret secret_of(const std::string& text) {
    auto secret = Secret::create();
    std::copy(text.begin(), text.end(), secret->room().begin());
    secret->grow(text.size());
    return std::move(*secret);
}

TokenWish blank() {
    TokenWish wish;
    wish.blank = true;
    return wish;
}

struct Desk {
    explicit Desk(TokenWish wish = blank(), bool unruly = false)
        : ca(DemoCa::create()), token(SoftToken::create(folder.path(), ca, wish)), launcher(io.get_executor(), take_launcher()),
          tokens(io.get_executor(), launcher,
                 std::vector{pkcs11::ModuleConfig{"softhsm",
                                                  unruly ? std::string(JURUKUNCI_UNRULY_MODULE) : softhsm_module(),
                                                  {{"SOFTHSM2_CONF", token.conf()},
                                                   {"UNRULY_CONTROL", (folder.path() / "control").string()},
                                                   {"UNRULY_LOG", (folder.path() / "log").string()}},
                                                  1,
                                                  false}}) {}

    std::vector<TokenContents> list() {
        auto found = run(io, tokens.contents());
        if (!found) throw std::runtime_error(found.error().log_line());
        return std::move(*found);
    }
    TokenContents only() {
        auto all = list();
        std::erase_if(all, [](const TokenContents& t) { return !t.initialised; });
        if (all.size() != 1) throw std::runtime_error(std::to_string(all.size()) + " tokens");
        return std::move(all.front());
    }

    Outcome<AdministrationResult> carry_out(const TokenId& id, AdministrationStep step, const std::vector<std::string>& typed) {
        return run(io, task(id, std::move(step), typed));
    }
    Task<Outcome<AdministrationResult>> task(TokenId id, AdministrationStep step, std::vector<std::string> typed) {
        std::vector<UniqueFd> readers, writers;
        for (std::size_t i = 0; i < typed.size(); ++i) {
            auto ends = ipc::socket_pair();
            writers.push_back(std::move(ends->first));
            readers.push_back(std::move(ends->second));
        }
        auto ticket = co_await tokens.expect_secrets(id, std::move(readers));
        if (!ticket) co_return ticket.error();
        for (std::size_t i = 0; i < typed.size(); ++i) {
            const auto secret = secret_of(typed[i]);
            (void)ipc::write_pin(writers[i].get(), secret);
        }
        co_return co_await tokens.carry_out(gate::Provisioning::grant(id, std::move(step), *ticket));
    }

    /// Whoever should have typed has gone.
    Task<Outcome<AdministrationResult>> without_secrets(TokenId id, AdministrationStep step) {
        std::vector<UniqueFd> readers;
        for (std::size_t i = 0; i < secrets_of(step).size(); ++i) readers.push_back(std::move(ipc::socket_pair()->second));
        auto ticket = co_await tokens.expect_secrets(id, std::move(readers));
        co_return co_await tokens.carry_out(gate::Provisioning::grant(id, std::move(step), *ticket));
    }

    TokenId init(const std::string& so_pin = "amplop-4471") {
        auto result = carry_out({"softhsm", ""}, step::InitialiseToken{"Sri W.", true}, {so_pin});
        if (!result) throw std::runtime_error(result.error().log_line());
        return result->token;
    }
    TokenId ready() {
        const auto id = init();
        auto pin = carry_out(id, step::SetFirstPin{}, {"amplop-4471", "Kopi-tubruk-7"});
        if (!pin) throw std::runtime_error(pin.error().log_line());
        return id;
    }
    AdministrationResult generate(const TokenId& id, KeyChoice key = KeyChoice::p256, KeyPurpose purpose = KeyPurpose::signature) {
        auto result = carry_out(id, step::GenerateKey{key, purpose, "Kunci tanda tangan"}, {"Kopi-tubruk-7"});
        if (!result) throw std::runtime_error(result.error().log_line());
        return *result;
    }
    /// The certificate that a CA would issue for this key.
    CertificateRef issue(ByteView public_key, const std::string& name = "Sri Wahyuni") {
        const unsigned char* at = public_key.data();
        const x509::EvpPkeyPtr key(d2i_PUBKEY(nullptr, &at, static_cast<long>(public_key.size())));
        CertificateWish wish;
        wish.common_name = name;
        return *x509::read_certificate(ca.certify(key.get(), wish));
    }

    void order(const std::string& manners) { std::ofstream(folder.path() / "control") << manners; }
    /// Of the unruly module.
    int calls(const std::string& name) {
        std::ifstream log(folder.path() / "log");
        int count = 0;
        for (std::string line; std::getline(log, line);) count += line == name;
        return count;
    }

    ScratchFolder folder;
    DemoCa ca;
    SoftToken token;
    net::io_context io;
    launcher::Launcher launcher;
    pkcs11::AllTokens tokens;
};

Errc code(const Outcome<AdministrationResult>& outcome) { return outcome ? Errc{} : outcome.error().code; }

TEST(Administration, ShowsASlotThatWaitsForItsFirstToken) {
    Desk desk;
    const auto all = desk.list();
    ASSERT_EQ(all.size(), 1u);
    EXPECT_FALSE(all[0].initialised);
    EXPECT_EQ(all[0].id.serial, "");
    EXPECT_EQ(readiness_of(all[0]), TokenReadiness::blank);
    EXPECT_GT(all[0].least_pin, 0u);
}

TEST(Administration, InitialisesABlankTokenAndTellsItsSerial) {
    Desk desk;
    const auto id = desk.init();
    EXPECT_FALSE(id.serial.empty());
    const auto token = desk.only();
    EXPECT_EQ(token.id, id);
    EXPECT_EQ(token.label, "Sri W.");
    EXPECT_EQ(readiness_of(token), TokenReadiness::without_pin);
}

TEST(Administration, RefusesAFactorySoPinBeforeTheTokenIsTouched) {
    Desk desk;
    for (const char* known : {"1234567890", "12345678", "000000000000000000000000000000000000000000000000", "7777"})
        EXPECT_EQ(code(desk.carry_out({"softhsm", ""}, step::InitialiseToken{"Sri W.", true}, {known})), Errc::so_pin_factory) << known;
    EXPECT_EQ(readiness_of(desk.list()[0]), TokenReadiness::blank);
}

TEST(Administration, ChangesTheSoPinOfATokenThatHadOne) {
    Desk desk;
    const auto id = desk.init("amplop-lama-1");
    EXPECT_EQ(code(desk.carry_out(id, step::InitialiseToken{"Budi S.", false}, {"bukan-ini", "amplop-baru-2"})), Errc::so_pin_incorrect);
    ASSERT_TRUE(desk.carry_out(id, step::InitialiseToken{"Budi S.", false}, {"amplop-lama-1", "amplop-baru-2"}));
    EXPECT_EQ(desk.only().label, "Budi S.");
    EXPECT_EQ(code(desk.carry_out(id, step::SetFirstPin{}, {"amplop-lama-1", "Kopi-tubruk-7"})), Errc::so_pin_incorrect);
    EXPECT_TRUE(desk.carry_out(id, step::SetFirstPin{}, {"amplop-baru-2", "Kopi-tubruk-7"}));
    EXPECT_EQ(readiness_of(desk.only()), TokenReadiness::without_key);
}

/// Row 8.4, on tokens that were not initialised by us.
TEST(Administration, WithAFactorySoPinNobodyGetsAPinAndTheNextStepIsNamed) {
    Desk desk;
    const auto elsewhere =
        run_program({"softhsm2-util", "--init-token", "--free", "--label", "Stok", "--so-pin", "12345678", "--pin", "Kopi-tubruk-7"},
                    {"SOFTHSM2_CONF=" + desk.token.conf()}, desk.folder.path());
    ASSERT_EQ(elsewhere.exit_code, 0) << elsewhere.output;
    const auto id = desk.only().id;
    const auto refused = [&](AdministrationStep step, const std::string& next) {
        const auto outcome = desk.carry_out(id, std::move(step), {"12345678", "Payung-hijau-5"});
        EXPECT_EQ(code(outcome), Errc::so_pin_still_factory);
        const auto sentence = outcome ? "" : outcome.error().sentence(Language::english);
        EXPECT_NE(sentence.find(next), std::string::npos) << sentence;
        EXPECT_EQ(sentence.find("12345678"), std::string::npos);
    };
    refused(step::UnblockPin{}, "token destroy, jurukunci token init");
    ASSERT_TRUE(desk.carry_out(id, step::ChangePin{}, {"Kopi-tubruk-7", "Sepeda-biru-9x"})) << "the holder's own PIN is theirs";
    ASSERT_TRUE(desk.carry_out(id, step::DestroyContents{true}, {"12345678"}));
    refused(step::SetFirstPin{}, "Next step: jurukunci token init.");
    EXPECT_EQ(readiness_of(desk.only()), TokenReadiness::without_pin);
    ASSERT_TRUE(desk.carry_out(id, step::InitialiseToken{"Sri W.", false}, {"12345678", "amplop-4471"}));
    EXPECT_TRUE(desk.carry_out(id, step::SetFirstPin{}, {"amplop-4471", "Payung-hijau-5"}));
}

TEST(Administration, ATokenThatRefusesTheNewSoPinAfterItWasEmptiedIsNotSaidToBeAsItWas) {
    Desk desk(blank(), true);
    const auto id = desk.init("amplop-lama-1");
    desk.order("C_SetPIN refuse");
    const auto outcome = desk.carry_out(id, step::InitialiseToken{"Budi S.", false}, {"amplop-lama-1", "amplop-baru-2"});
    EXPECT_EQ(code(outcome), Errc::token_failed) << "pin_length would be an end before the token was touched";
    EXPECT_NE(outcome.error().sentence(Language::english).find("CKR_PIN_LEN_RANGE"), std::string::npos);
    EXPECT_EQ(desk.only().label, "Budi S.");
}

TEST(Administration, ANewPinMustFitTheTokenAndBeNobodysKnownOne) {
    Desk desk;
    const auto id = desk.init();
    const auto set = [&](const std::string& pin) { return code(desk.carry_out(id, step::SetFirstPin{}, {"amplop-4471", pin})); };
    EXPECT_EQ(set(""), Errc::pin_empty);
    EXPECT_EQ(set("a1"), Errc::pin_length);
    EXPECT_EQ(set("1234567890"), Errc::pin_factory);
    EXPECT_EQ(set("4444"), Errc::pin_factory);
    EXPECT_EQ(set("amplop-4471"), Errc::pin_unchanged);
    EXPECT_EQ(readiness_of(desk.only()), TokenReadiness::without_pin);
}

/// Agent policy, row 15.3: judged in the worker; the answer names the rule and never the PIN.
TEST(Administration, AWeakPinIsRefusedByTheRuleThatItBreaksAndNamesNothingOfIt) {
    Desk desk;
    const auto id = desk.init();
    const std::vector<std::string> about{"Sri Wahyuni", "198001312005012003", "3171234103800005", "Dinas Kominfo", "sri.w@bekasikota.go.id"};
    struct Try {
        std::string pin;
        Errc code;
        std::string reason; ///< a part of it
    };
    for (const auto& t : std::vector<Try>{{"kopi7T", Errc::pin_length, ""},
                                          {std::string(65, 'x') + "1A", Errc::pin_length, ""},
                                          {"kopi\ttubruk7", Errc::pin_weak, "ASCII"},
                                          {"kopi-tub\xc3\xa9-7", Errc::pin_weak, "ASCII"},
                                          {"kopitubruk", Errc::pin_weak, "three kinds"},
                                          {"Wahyuni-kopi-7", Errc::pin_weak, "name"},
                                          {"inuyhaW-kopi-7", Errc::pin_weak, "name"},
                                          {"Kominfo#hebat9", Errc::pin_weak, "name"},
                                          {"Kopi-tubruk-2005", Errc::pin_weak, "number"},
                                          {"Kopi-310180-ok", Errc::pin_weak, "birth date"},
                                          {"Kopi-tubruk-5678", Errc::pin_weak, "follow each other"},
                                          {"Kopi-ttttubruk", Errc::pin_weak, "the same"},
                                          {"Qwerty-kopi-9", Errc::pin_weak, "follow each other"},
                                          {"Indonesia", Errc::pin_weak, "first that anybody tries"},
                                          {"P@ssw0rd99", Errc::pin_weak, "guesses"},
                                          {"Kopi-" + id.serial.substr(3, 5), Errc::pin_weak, "serial"}}) {
        const auto set = desk.carry_out(id, step::SetFirstPin{{about}}, {"amplop-4471", t.pin});
        ASSERT_FALSE(set) << t.pin;
        EXPECT_EQ(set.error().code, t.code) << t.pin;
        const auto sentence = set.error().sentence(Language::english);
        EXPECT_NE(sentence.find(t.reason), std::string::npos) << t.pin << ": " << sentence;
        EXPECT_EQ(sentence.find(t.pin), std::string::npos);
    }
    EXPECT_TRUE(desk.carry_out(id, step::SetFirstPin{{about}}, {"amplop-4471", "sepeda biru di teras"})) << "a sentence needs no classes";
}

TEST(Administration, TheHolderChangesThePinAndTheOldOneIsGone) {
    Desk desk;
    const auto id = desk.ready();
    EXPECT_EQ(code(desk.carry_out(id, step::ChangePin{}, {"salah-ketik", "Sepeda-biru-9x"})), Errc::pin_incorrect);
    EXPECT_EQ(code(desk.carry_out(id, step::ChangePin{}, {"Kopi-tubruk-7", "Kopi-tubruk-7"})), Errc::pin_unchanged);
    ASSERT_TRUE(desk.carry_out(id, step::ChangePin{}, {"Kopi-tubruk-7", "Sepeda-biru-9x"}));
    EXPECT_EQ(code(desk.carry_out(id, step::ChangePin{}, {"Kopi-tubruk-7", "Lampu-taman-8y"})), Errc::pin_incorrect);
}

TEST(Administration, UnblockSetsAPinWithTheSoPinAndKeepsTheKey) {
    Desk desk;
    const auto id = desk.ready();
    desk.generate(id);
    ASSERT_TRUE(desk.carry_out(id, step::UnblockPin{}, {"amplop-4471", "Payung-hijau-5"}));
    EXPECT_EQ(desk.only().keys.size(), 1u);
    EXPECT_TRUE(desk.carry_out(id, step::ChangePin{}, {"Payung-hijau-5", "Sepeda-biru-9x"}));
}

class AdministrationKeys : public testing::TestWithParam<KeyChoice> {};

TEST_P(AdministrationKeys, AreBornOnTheTokenAndSignTheirRequest) {
    Desk desk;
    const auto id = desk.ready();
    const auto made = desk.generate(id, GetParam());
    EXPECT_TRUE(made.custody.sensitive && made.custody.always_sensitive && made.custody.never_extractable && made.custody.local);
    EXPECT_FALSE(made.custody.extractable);
    const auto token = desk.only();
    ASSERT_EQ(token.keys.size(), 1u);
    EXPECT_EQ(token.keys[0].public_key, made.public_key);
    EXPECT_EQ(token.keys[0].id, made.key);
    EXPECT_EQ(readiness_of(token), TokenReadiness::key_without_certificate);

    const SubjectFields subject{{"country", "ID"}, {"organization", "Pemerintah Kota Pekalongan (UJI)"}, {"commonName", "Sri Wahyuni"}};
    auto draft = x509::CertificateRequest::draft(subject, made.public_key);
    ASSERT_TRUE(draft) << draft.error().log_line();
    auto signature =
        desk.carry_out(id, step::SignRequestInfo{made.public_key, draft->mechanism(), draft->to_sign(), draft->info()}, {"Kopi-tubruk-7"});
    ASSERT_TRUE(signature) << signature.error().log_line();
    const auto pem = draft->finish(signature->signature);
    ASSERT_TRUE(pem) << pem.error().log_line();
    auto spoiled = signature->signature;
    spoiled[spoiled.size() / 2] ^= 1;
    EXPECT_EQ(draft->finish(spoiled).error().code, Errc::signature_wrong);

    ASSERT_TRUE(desk.carry_out(id, step::ImportCertificate{desk.issue(made.public_key), "Sertifikat"}, {"Kopi-tubruk-7"}));
    EXPECT_EQ(readiness_of(desk.only()), TokenReadiness::complete);
}

TEST(Administration, AKindOfKeyThatTheTokenDoesNotMakeIsRefusedByName) {
    Desk desk(blank(), true);
    const auto id = desk.ready();
    desk.order("C_GenerateKeyPair unknown");
    const auto outcome = desk.carry_out(id, step::GenerateKey{KeyChoice::ed25519, KeyPurpose::signature, "K"}, {"Kopi-tubruk-7"});
    EXPECT_EQ(code(outcome), Errc::mechanism_unsupported);
    EXPECT_TRUE(desk.only().empty());
}
INSTANTIATE_TEST_SUITE_P(Kinds, AdministrationKeys,
                         testing::Values(KeyChoice::rsa2048, KeyChoice::rsa3072, KeyChoice::rsa4096, KeyChoice::p256, KeyChoice::p384,
                                         KeyChoice::p521, KeyChoice::ed25519),
                         [](const auto& kind) { return std::string(name_of(kind.param)); });

TEST(Administration, ATokenThatHashesByItselfSignsItsRequest) {
    for (const auto kind : {KeyChoice::rsa2048}) { // SoftHSM2 hashes for RSA only
        Desk desk(blank(), true);
        const auto id = desk.ready();
        const auto made = desk.generate(id, kind);
        std::ofstream(desk.folder.path() / "control") << "C_GetMechanismList hashing\n";
        auto draft = x509::CertificateRequest::draft({{"country", "ID"}, {"commonName", "Sri Wahyuni"}}, made.public_key);
        ASSERT_TRUE(draft);
        step::SignRequestInfo wish{made.public_key, draft->mechanism(), draft->to_sign(), draft->info()};
        const auto signature = desk.carry_out(id, wish, {"Kopi-tubruk-7"});
        ASSERT_TRUE(signature) << signature.error().log_line();
        EXPECT_TRUE(draft->finish(signature->signature));
        wish.info.push_back(0); // not what was judged
        EXPECT_FALSE(desk.carry_out(id, wish, {"Kopi-tubruk-7"}));
    }
}

TEST(Administration, AKeyThatTheTokenMadeExtractableIsDestroyedAgain) {
    Desk desk(blank(), true);
    const auto id = desk.ready();
    std::ofstream(desk.folder.path() / "control") << "C_GenerateKeyPair extractable";
    EXPECT_EQ(code(desk.carry_out(id, step::GenerateKey{KeyChoice::p256, KeyPurpose::signature, "K"}, {"Kopi-tubruk-7"})), Errc::key_extractable);
    EXPECT_TRUE(desk.only().empty());
}

TEST(Administration, AnUnprotectedKeyThatTheTokenKeepsIsSaidToBeThere) {
    for (const char* refusal : {"C_DestroyObject refuse", "C_DestroyObject refuse@1"}) { // both halves, the private one
        Desk desk(blank(), true);
        const auto id = desk.ready();
        desk.order("C_GenerateKeyPair extractable\n" + std::string(refusal));
        const auto outcome = desk.carry_out(id, step::GenerateKey{KeyChoice::p256, KeyPurpose::signature, "K"}, {"Kopi-tubruk-7"});
        EXPECT_EQ(code(outcome), Errc::key_not_destroyed) << refusal;
        EXPECT_NE(outcome.error().sentence(Language::english).find("CKR_DEVICE_ERROR"), std::string::npos);
        EXPECT_EQ(desk.calls("C_DestroyObject"), 2) << "the other half is tried all the same";
    }
}

TEST(Administration, NoKeyIsMadeWithAWrongPin) {
    Desk desk;
    const auto id = desk.ready();
    EXPECT_EQ(code(desk.carry_out(id, step::GenerateKey{KeyChoice::p256, KeyPurpose::signature, "K"}, {"salah-ketik"})), Errc::pin_incorrect);
    EXPECT_TRUE(desk.only().keys.empty());
}

TEST(Administration, TheRequestOfAKeyThatIsNotThereIsRefused) {
    Desk desk;
    const auto id = desk.ready();
    desk.generate(id);
    unsigned char* der = nullptr;
    const auto stranger = make_key("p256");
    const int size = i2d_PUBKEY(stranger.get(), &der);
    const x509::OpensslBytes owner(der);
    const step::SignRequestInfo wish{Bytes(der, der + size), {KeyKind::ec, HashFunction::sha256, Padding::none}, sha256(bytes_of("x")), {'x'}};
    EXPECT_EQ(code(desk.carry_out(id, wish, {"Kopi-tubruk-7"})), Errc::key_absent);
}

TEST(Administration, ACertificateGoesBesideItsKeyOnceAndCanBeTakenAway) {
    Desk desk;
    const auto id = desk.ready();
    const auto made = desk.generate(id);
    const auto certificate = desk.issue(made.public_key);
    ASSERT_TRUE(desk.carry_out(id, step::ImportCertificate{certificate, "Sertifikat"}, {"Kopi-tubruk-7"}));
    auto token = desk.only();
    ASSERT_EQ(token.certificates.size(), 1u);
    EXPECT_EQ(token.certificates[0].certificate->id, certificate->id);
    EXPECT_EQ(token.certificates[0].id, made.key);
    EXPECT_EQ(readiness_of(token), TokenReadiness::complete);
    EXPECT_EQ(code(desk.carry_out(id, step::ImportCertificate{certificate, "Sertifikat"}, {"Kopi-tubruk-7"})), Errc::certificate_present);
    const auto stranger = make_key("p256");
    const auto foreign = *x509::read_certificate(desk.ca.certify(stranger.get(), {}));
    EXPECT_EQ(code(desk.carry_out(id, step::ImportCertificate{foreign, "Sertifikat"}, {"Kopi-tubruk-7"})), Errc::key_mismatch);
    ASSERT_TRUE(desk.carry_out(id, step::DeleteCertificate{certificate->id}, {"Kopi-tubruk-7"}));
    EXPECT_EQ(readiness_of(desk.only()), TokenReadiness::key_without_certificate);
    EXPECT_EQ(code(desk.carry_out(id, step::DeleteCertificate{certificate->id}, {"Kopi-tubruk-7"})), Errc::certificate_unknown);
}

TEST(Administration, DestructionEmptiesTheTokenWithEitherSecret) {
    Desk desk;
    const auto id = desk.ready();
    desk.generate(id);
    EXPECT_EQ(code(desk.carry_out(id, step::DestroyContents{true}, {"bukan-ini"})), Errc::so_pin_incorrect);
    EXPECT_EQ(desk.only().keys.size(), 1u);
    auto removed = desk.carry_out(id, step::DestroyContents{false}, {"Kopi-tubruk-7"});
    ASSERT_TRUE(removed) << removed.error().log_line();
    EXPECT_EQ(removed->removed, 2u); // both halves
    EXPECT_TRUE(desk.only().empty());
    desk.generate(id);
    ASSERT_TRUE(desk.carry_out(id, step::DestroyContents{true}, {"amplop-4471"}));
    EXPECT_TRUE(desk.only().empty());
    EXPECT_EQ(readiness_of(desk.only()), TokenReadiness::without_pin);
}

TEST(Administration, ASecretThatNeverComesEndsTheStepUntouched) {
    Desk desk;
    const auto id = desk.init();
    EXPECT_EQ(code(run(desk.io, desk.without_secrets(id, step::SetFirstPin{}))), Errc::pin_empty);
    EXPECT_EQ(readiness_of(desk.only()), TokenReadiness::without_pin);
}

TEST(Administration, OnAReaderWithKeysEverySecretIsTypedThere) {
    Desk desk(blank(), true);
    std::ofstream(desk.folder.path() / "control") << "C_GetTokenInfo pinpad\n";
    const auto made = desk.carry_out({"softhsm", ""}, step::InitialiseToken{"Sri W.", true}, {});
    ASSERT_TRUE(made) << made.error().log_line();
    const auto id = made->token;
    EXPECT_TRUE(desk.only().pin_pad);
    ASSERT_TRUE(desk.carry_out(id, step::SetFirstPin{}, {}));
    const auto pair = desk.carry_out(id, step::GenerateKey{KeyChoice::p256, KeyPurpose::signature, "Kunci tanda tangan"}, {});
    ASSERT_TRUE(pair) << pair.error().log_line();
    EXPECT_TRUE(desk.carry_out(id, step::ImportCertificate{desk.issue(pair->public_key), "Sertifikat"}, {}));
    EXPECT_TRUE(desk.carry_out(id, step::ChangePin{}, {}));
    EXPECT_TRUE(desk.carry_out(id, step::UnblockPin{}, {}));
    EXPECT_TRUE(desk.carry_out(id, step::DestroyContents{true}, {}));
    EXPECT_TRUE(desk.only().empty());
    std::ifstream file(desk.folder.path() / "log");
    const std::string log((std::istreambuf_iterator<char>(file)), {});
    for (const char* call : {"C_InitToken on the pad", "C_InitPIN on the pad", "C_SetPIN on the pad"})
        EXPECT_NE(log.find(call), std::string::npos) << call;
}

/// As after a restart of pcscd: the library that is loaded sees nothing any more, one that begins anew does.
TEST(Administration, AModuleThatHasGoneBlindIsStartedAnewBeforeATokenIsSaidToBeAway) {
    Desk desk(blank(), true);
    const auto id = desk.ready();
    desk.order("C_GetSlotList blind");
    EXPECT_TRUE(desk.list().empty()) << "a young worker is believed";
    desk.order("");
    std::this_thread::sleep_for(std::chrono::milliseconds(2100));
    EXPECT_EQ(desk.only().id, id);
    EXPECT_TRUE(desk.carry_out(id, step::ChangePin{}, {"Kopi-tubruk-7", "Sepeda-biru-9x"}));
}

TEST(Administration, WithAPinThatIsToBeChangedNoKeyIsMadeWhateverTheTokenSaidBeforeTheConsent) {
    Desk desk(blank(), true);
    const auto id = desk.ready();
    const auto pair = desk.generate(id);
    const auto order = [&](const char* text) { std::ofstream(desk.folder.path() / "control") << text; };
    order("C_GetTokenInfo initial\n");
    EXPECT_TRUE(desk.only().pin_to_be_changed);
    EXPECT_EQ(desk.only().pin_state, PinState::count_low) << "the worse of the two";
    const auto refused = desk.carry_out(id, step::GenerateKey{KeyChoice::p256, KeyPurpose::signature, "Kunci kedua"}, {"Kopi-tubruk-7"});
    EXPECT_EQ(code(refused), Errc::pin_must_change);
    auto draft = x509::CertificateRequest::draft({{"commonName", "Sri Wahyuni"}}, pair.public_key);
    ASSERT_TRUE(draft);
    const step::SignRequestInfo request{pair.public_key, draft->mechanism(), draft->to_sign(), draft->info()};
    EXPECT_EQ(code(desk.carry_out(id, request, {"Kopi-tubruk-7"})), Errc::pin_must_change);
    EXPECT_EQ(desk.only().keys.size(), 1u);
    EXPECT_TRUE(desk.carry_out(id, step::ChangePin{}, {"Kopi-tubruk-7", "Sepeda-biru-9x"}));
    order("");
    EXPECT_TRUE(desk.carry_out(id, request, {"Sepeda-biru-9x"}));
}

TEST(Administration, APinThatHasRunOutCanStillBeChanged) {
    Desk desk(blank(), true);
    const auto id = desk.ready();
    std::ofstream(desk.folder.path() / "control") << "C_Login expired\n";
    EXPECT_EQ(code(desk.carry_out(id, step::GenerateKey{KeyChoice::p256, KeyPurpose::signature, "Kunci"}, {"Kopi-tubruk-7"})), Errc::pin_must_change);
    EXPECT_EQ(code(desk.carry_out(id, step::ChangePin{}, {"salah-ketik", "Sepeda-biru-9x"})), Errc::pin_incorrect);
    EXPECT_TRUE(desk.carry_out(id, step::ChangePin{}, {"Kopi-tubruk-7", "Sepeda-biru-9x"}));
    EXPECT_TRUE(desk.carry_out(id, step::GenerateKey{KeyChoice::p256, KeyPurpose::signature, "Kunci"}, {"Sepeda-biru-9x"}));
}

TEST(Administration, ASecretForAReaderWithKeysIsNotTakenFromUs) {
    Desk desk(blank(), true);
    std::ofstream(desk.folder.path() / "control") << "C_GetTokenInfo pinpad\n";
    EXPECT_EQ(code(desk.carry_out({"softhsm", ""}, step::InitialiseToken{"Sri W.", true}, {"amplop-4471"})), Errc::pin_empty);
}

TEST(Administration, AWrongOldPinThatIsToldVaguelyIsAWrongPinWhereNoLoginHasLookedAtIt) {
    Desk desk(blank(), true);
    const auto id = desk.ready();
    desk.order("C_Login unseen\nC_SetPIN vague");
    EXPECT_EQ(code(desk.carry_out(id, step::ChangePin{}, {"salah-ketik", "Sepeda-biru-9x"})), Errc::pin_incorrect);
}

TEST(Administration, ADestructionThatStopsHalfwayNeverSoundsAsIfNothingWereGone) {
    Desk desk(blank(), true);
    const auto id = desk.ready();
    desk.generate(id);
    desk.order("C_DestroyObject stay");
    EXPECT_EQ(code(desk.carry_out(id, step::DestroyContents{false}, {"Kopi-tubruk-7"})), Errc::token_failed);
}

TEST(Administration, ATokenThatWasExchangedIsNotTouched) {
    Desk desk;
    const auto id = desk.ready();
    EXPECT_EQ(code(desk.carry_out({"softhsm", "0000000000000000"}, step::ChangePin{}, {"Kopi-tubruk-7", "Sepeda-biru-9x"})), Errc::token_absent);
    EXPECT_EQ(code(desk.carry_out({"softhsm", ""}, step::InitialiseToken{"X", false}, {"amplop-4471", "amplop-9"})), Errc::step_out_of_order);
    EXPECT_EQ(desk.only().id, id);
}

} // namespace
} // namespace jk::test
