// Issuers' answers as the real openssl makes them: which are believed, and why the others are not.
#include "tests/support/scratch_folder.hpp"
#include "tests/support/status_desk.hpp"
#include "x509/revocation_answer.hpp"
#include "x509/status_url.hpp"

#include <gtest/gtest.h>

namespace jk::test {
namespace {

using x509::RevocationState;

struct Issuer {
    explicit Issuer(const CertificateWish& wish = {}) : certificate(*x509::read_certificate(ca.certify(key.get(), wish))) {}
    ScratchFolder folder;
    DemoCa ca = DemoCa::create();
    x509::EvpPkeyPtr key = make_key("p256");
    CertificateRef certificate;
    StatusDesk desk{folder.path() / "desk", ca, certificate};
    WallTime now() const { return SystemClock().now(); }

    Outcome<x509::RevocationFact> ask() {
        const auto request = x509::make_ocsp_request(*certificate, *ca.issuing());
        if (!request) return request.error();
        return x509::read_ocsp_answer(desk.answer_to(request->der), *certificate, *ca.issuing(), request->nonce, now());
    }
    std::string why_not() {
        const auto answer = ask();
        return answer ? "believed" : answer.error().detail;
    }
    Outcome<x509::RevocationFact> list(const std::string& least = "") {
        desk.make_crl();
        return x509::read_crl(desk.crl(), *certificate, *ca.issuing(), least, now());
    }
};

TEST(Ocsp, GoodRevokedAndOnHoldAreWhatTheIssuersBooksSay) {
    Issuer t;
    auto fact = t.ask();
    ASSERT_TRUE(fact) << fact.error().detail;
    EXPECT_EQ(fact->state, RevocationState::good);
    EXPECT_LT(t.now() - fact->made_at, std::chrono::minutes(1));
    EXPECT_TRUE(fact->next_update);
    t.desk.revoked();
    fact = t.ask();
    ASSERT_TRUE(fact) << fact.error().detail;
    EXPECT_EQ(fact->state, RevocationState::revoked);
    EXPECT_EQ(rfc3339(*fact->revoked_at), "2026-11-01T08:00:00Z");
    t.desk.on_hold();
    EXPECT_EQ(t.ask()->state, RevocationState::suspended);
}

TEST(Ocsp, ACertificateThatTheIssuerDoesNotKnowIsNotGood) {
    Issuer t;
    t.desk.unknown();
    EXPECT_EQ(t.why_not(), "the responder does not know this certificate");
}

TEST(Ocsp, ADelegateOfTheIssuerMaySignAndNobodyElse) {
    Issuer t;
    t.desk.signed_by({.common_name = "Penjawab OCSP", .key_usage = "digitalSignature", .extended_key_usage = "OCSPSigning"}, t.ca);
    EXPECT_EQ(t.why_not(), "believed");
    t.desk.signed_by({.common_name = "Pejabat"}, t.ca); // a holder's certificate of the same issuer
    EXPECT_NE(t.why_not(), "believed");
    const auto other = DemoCa::create("CA Lain");
    t.desk.signed_by({.common_name = "Penjawab lain", .key_usage = "digitalSignature", .extended_key_usage = "OCSPSigning"}, other);
    EXPECT_NE(t.why_not(), "believed") << "another issuer's delegate";
    t.desk.signed_by({.common_name = "Penjawab lama",
                      .key_usage = "digitalSignature",
                      .not_before = t.now() - std::chrono::hours(48),
                      .not_after = t.now() - std::chrono::hours(24),
                      .extended_key_usage = "OCSPSigning"},
                     t.ca);
    EXPECT_NE(t.why_not(), "believed") << "a delegate whose time is over";
}

TEST(Ocsp, AnAnswerToAnotherRequestIsNone) {
    Issuer t;
    const auto first = x509::make_ocsp_request(*t.certificate, *t.ca.issuing()), second = x509::make_ocsp_request(*t.certificate, *t.ca.issuing());
    ASSERT_TRUE(first && second);
    EXPECT_NE(first->nonce, second->nonce);
    const auto answer = t.desk.answer_to(first->der);
    EXPECT_TRUE(x509::read_ocsp_answer(answer, *t.certificate, *t.ca.issuing(), first->nonce, t.now()));
    const auto swapped = x509::read_ocsp_answer(answer, *t.certificate, *t.ca.issuing(), second->nonce, t.now());
    ASSERT_FALSE(swapped);
    EXPECT_NE(swapped.error().detail.find("nonce"), std::string::npos);
    const auto other = *x509::read_certificate(t.ca.certify(t.key.get(), {}));
    EXPECT_FALSE(x509::read_ocsp_answer(answer, *other, *t.ca.issuing(), {}, t.now())) << "about another certificate";
}

TEST(Ocsp, TimesThatDoNotFitAndBytesThatWereChangedAreNoAnswer) {
    Issuer t;
    const auto request = x509::make_ocsp_request(*t.certificate, *t.ca.issuing());
    auto answer = t.desk.answer_to(request->der);
    const auto read = [&](WallTime at) { return x509::read_ocsp_answer(answer, *t.certificate, *t.ca.issuing(), request->nonce, at); };
    EXPECT_TRUE(read(t.now()));
    EXPECT_FALSE(read(t.now() + std::chrono::hours(2))) << "after its nextUpdate";
    EXPECT_FALSE(read(t.now() - std::chrono::hours(1))) << "of the future";
    // A byte that the signature does not cover (an unused certificate beside it) may change; what the answer says may not.
    const auto whole = read(t.now());
    std::size_t refused = 0;
    for (std::size_t at = 0; at < answer.size(); ++at) {
        answer[at] ^= 1;
        const auto changed = read(t.now());
        refused += !changed;
        const bool same =
            changed && changed->state == whole->state && changed->made_at == whole->made_at && changed->next_update == whole->next_update;
        EXPECT_TRUE(!changed || same) << at;
        answer[at] ^= 1;
    }
    EXPECT_GT(refused, 200u);
    answer.push_back(0);
    EXPECT_FALSE(read(t.now())) << "with bytes after it";
    EXPECT_FALSE(x509::read_ocsp_answer(Bytes(x509::max_ocsp_answer + 1, 0x30), *t.certificate, *t.ca.issuing(), {}, t.now()));
}

TEST(Crl, GoodRevokedAndOnHoldAreWhatTheListSays) {
    Issuer t;
    auto fact = t.list();
    ASSERT_TRUE(fact) << fact.error().detail;
    EXPECT_EQ(fact->state, RevocationState::good);
    EXPECT_EQ(fact->crl_number, "1000");
    t.desk.on_hold();
    EXPECT_EQ(t.list()->state, RevocationState::suspended);
    t.desk.revoked();
    fact = t.list();
    EXPECT_EQ(fact->state, RevocationState::revoked);
    EXPECT_EQ(rfc3339(*fact->revoked_at), "2026-11-01T08:00:00Z");
    EXPECT_EQ(fact->crl_number, "1002");
}

TEST(Crl, NumbersDoNotGoBack) {
    Issuer t;
    EXPECT_TRUE(t.list("0FFF"));
    EXPECT_TRUE(t.list("1001")) << "the same is no step back";
    const auto back = t.list("10000");
    ASSERT_FALSE(back);
    EXPECT_EQ(back.error().detail, "the list is older than the one that was known");
}

TEST(Crl, AnotherIssuersListAndAnOldOneAreNone) {
    Issuer t, other;
    EXPECT_TRUE(other.list());
    EXPECT_FALSE(x509::read_crl(other.desk.crl(), *t.certificate, *t.ca.issuing(), "", t.now())) << "signed by another key of the same name";
    t.desk.make_crl(1);
    EXPECT_FALSE(x509::read_crl(t.desk.crl(), *t.certificate, *t.ca.issuing(), "", t.now() + std::chrono::hours(1)));
    EXPECT_FALSE(x509::read_crl(t.desk.crl(), *t.certificate, *t.ca.issuing(), "", t.now() - std::chrono::hours(1)));
    auto changed = t.desk.crl();
    changed[changed.size() / 2] ^= 1;
    EXPECT_FALSE(x509::read_crl(changed, *t.certificate, *t.ca.issuing(), "", t.now()));
}

/// A certificate of an issuer whose list comes in parts: this is where its own is.
struct IssuerInParts : Issuer {
    IssuerInParts() : Issuer({.crl_url = "http://crl.example/bagian-1.crl"}) {}
    std::string why_not(const std::string& how, const std::string& value) {
        desk.part(how, value);
        const auto fact = list();
        return fact ? "believed" : fact.error().detail;
    }
};

TEST(Crl, APartOfTheListThatIsNotThisCertificatesIsNoAnswer) {
    const std::string refusal = "the list is a part of the issuer's, and not this certificate's part";
    EXPECT_EQ(IssuerInParts().why_not("fullname", "URI:http://crl.example/bagian-2.crl"), refusal);
    EXPECT_EQ(IssuerInParts().why_not("fullname", "DNS:crl.example"), refusal);
    EXPECT_EQ(IssuerInParts().why_not("relativename", "nama\n[nama]\nCN=bagian 1"), "the list's distribution point has a relative name");
    Issuer without; // a certificate that names no part
    without.desk.part("fullname", "URI:http://crl.example/bagian-1.crl");
    EXPECT_EQ(without.list().error().detail, refusal);
}

TEST(Crl, ThePartThatTheCertificatePointsToIsBelieved) {
    EXPECT_EQ(IssuerInParts().why_not("fullname", "URI:http://crl.example/bagian-1.crl"), "believed");
    EXPECT_EQ(IssuerInParts().why_not("fullname", "URI:ldap://crl.example/lain,URI:http://crl.example/bagian-1.crl"), "believed");
    IssuerInParts t;
    t.desk.revoked();
    t.desk.part("fullname", "URI:http://crl.example/bagian-1.crl");
    EXPECT_EQ(t.list()->state, RevocationState::revoked);
}

TEST(StatusPointers, AreWhatTheCertificateSays) {
    Issuer t;
    EXPECT_TRUE(x509::status_pointers(*t.certificate).ocsp.empty());
    const auto certificate =
        *x509::read_certificate(t.ca.certify(t.key.get(), {.ocsp_url = "http://ocsp.example/", .crl_url = "http://crl.example/ca.crl"}));
    const auto pointers = x509::status_pointers(*certificate);
    EXPECT_EQ(pointers.ocsp, std::vector<std::string>{"http://ocsp.example/"});
    EXPECT_EQ(pointers.crl, std::vector<std::string>{"http://crl.example/ca.crl"});
}

TEST(StatusUrl, TakesPlainHttpAndNothingThatCouldSayMore) {
    const auto url = x509::StatusUrl::parse("http://ocsp.example:8080/bsre?x=1");
    ASSERT_TRUE(url);
    EXPECT_EQ(url->host, "ocsp.example");
    EXPECT_EQ(url->port, "8080");
    EXPECT_EQ(url->target, "/bsre?x=1");
    EXPECT_EQ(url->authority(), "ocsp.example:8080");
    EXPECT_EQ(x509::StatusUrl::parse("http://ocsp.example")->target, "/");
    EXPECT_EQ(x509::StatusUrl::parse("http://ocsp.example")->authority(), "ocsp.example");
    for (const char* bad : {"https://ocsp.example/", "http://", "http://OCSP.example/", "http://user@ocsp.example/", "http://ocsp.example:0/",
                            "http://ocsp.example:70000/", "http://ocsp.example/a b", "http://ocsp.example/\r\nHost: evil", "http://ocsp.example/#x",
                            "ldap://ocsp.example/", "http://[::1]/", "http://-x/", "http://ocsp.example:/"})
        EXPECT_FALSE(x509::StatusUrl::parse(bad)) << bad;
}

} // namespace
} // namespace jk::test
