// The revocation status through the real agent: asked before a signature, shown, final, and what happens where nobody answers.
#include "tests/support/running_agent.hpp"
#include "tests/support/status_desk.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <csignal>

namespace jk::test {
namespace {

/// A site whose profile asks a desk that opens when the token's certificate is known.
struct Office {
    explicit Office(const std::string& source, const std::string& more = "")
        : folder(), opened(folder.path() / "desk", DemoCa::create(), placeholder()), agent(wish(source, more), {"yes"}),
          desk(std::make_unique<StatusDesk>(folder.path() / "desk", agent.site().ca(), agent.site().token().certificate())) {
        desk->mode("error");
    }

    static CertificateRef placeholder() {
        const auto key = make_key("p256");
        return *x509::read_certificate(DemoCa::create().certify(key.get(), {}));
    }
    /// The server is there first, because the profile names its port; its books are the issuer's as soon as there is one.
    SiteWish wish(const std::string& source, const std::string& more) {
        opened.open();
        SiteWish w;
        w.regulation = "palembang-23-2020.yaml";
        w.revocation_status = "{source: " + source + ", url: \"" + opened.url() + "\", wait_ms: 3000" + more + "}";
        opened.mode("error");
        return w;
    }
    void answer() {
        desk->make_crl();
        desk->mode("answer");
    }
    void restart() {
        agent.stop_prompter();
        agent.agent().signal(SIGKILL);
        (void)agent.agent().wait(5'000);
        agent.start_agent();
        agent.start_prompter({"yes"});
    }
    json::object sign() {
        auto request = agent.sign_request({});
        request["taskKind"] = "penandatanganan_dokumen";
        request["items"] = json::array{json::object{{"name", "Undangan.pdf"}, {"documentId", agent.upload(letter("undangan-rapat.pdf"))}}};
        return agent.sign(request);
    }
    json::object status() {
        const auto list = json::parse(agent.request("GET", "/v1/certificates").body).as_array();
        return list.at(0).as_object().at("revocationStatus").as_object();
    }

    ScratchFolder folder;
    StatusDesk opened;
    RunningAgent agent;
    std::unique_ptr<StatusDesk> desk;
};

std::string code_of(const json::object& operation) {
    const auto* error = operation.at("error").if_object();
    return error != nullptr ? std::string(error->at("code").as_string()) : std::string();
}

TEST(StatusOfCertificates, NothingIsSignedBeforeTheIssuerWasHeardAndThenItIs) {
    for (const std::string source : {"ocsp", "crl"}) {
        Office t(source);
        t.restart(); // whose first try meets an issuer that does not answer
        const auto refused = t.sign();
        EXPECT_EQ(code_of(refused), "E-STATUS-TIDAK-DIKETAHUI") << source;
        EXPECT_EQ(t.status().at("answer").as_string(), "unknown");
        t.answer();
        t.restart();
        EXPECT_EQ(t.sign().at("state").as_string(), "done") << source;
        EXPECT_EQ(t.status().at("answer").as_string(), "good");
        EXPECT_EQ(t.status().at("source").as_string(), source);
        EXPECT_TRUE(t.status().at("at").is_string());
        const auto certs = t.agent.cli({"certs"}).output;
        EXPECT_NE(certs.find("status    baik"), std::string::npos) << certs;
    }
}

TEST(StatusOfCertificates, RevokedByTheIssuerStaysRevokedAfterAKillAndAnIssuerThatSaysGood) {
    Office t("ocsp");
    t.desk->revoked();
    t.answer();
    t.restart();
    auto refused = t.sign();
    EXPECT_EQ(code_of(refused), "E-SERTIFIKAT-DICABUT");
    EXPECT_EQ(refused.at("error").as_object().at("citation").as_string(), "Pasal 11 ayat (3)");
    EXPECT_NE(refused.at("error").as_object().at("userMessage").as_string().find("1 November 2026"), std::string::npos);
    t.desk->good();
    std::filesystem::remove_all(t.agent.site().state() / "status");
    t.restart();
    EXPECT_EQ(code_of(t.sign()), "E-SERTIFIKAT-DICABUT");
    EXPECT_EQ(t.status().at("answer").as_string(), "revoked");
    const auto kinds = t.agent.log_kinds();
    EXPECT_EQ(std::count(kinds.begin(), kinds.end(), "certificate-status"), 1);
    EXPECT_EQ(t.agent.cli({"audit", "verify"}).exit_code, 0);
}

TEST(StatusOfCertificates, OnHoldIsSaidAndLiftedByTheIssuer) {
    Office t("ocsp");
    t.desk->on_hold();
    t.answer();
    t.restart();
    EXPECT_EQ(code_of(t.sign()), "E-SERTIFIKAT-DITANGGUHKAN");
    EXPECT_EQ(t.status().at("answer").as_string(), "suspended");
    t.desk->good();
    t.restart();
    EXPECT_EQ(t.sign().at("state").as_string(), "done");
}

TEST(StatusOfCertificates, AnIssuerThatDoesNotAnswerIsNotWaitedForLong) {
    Office t("ocsp");
    t.desk->mode("slow");
    t.restart();
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(code_of(t.sign()), "E-STATUS-TIDAK-DIKETAHUI");
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
}

} // namespace
} // namespace jk::test
