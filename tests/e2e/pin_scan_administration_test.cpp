// Where the holder's PIN and the officer's must not be, from a blank token to its destruction: each step of provisioning, right and wrong.
#include "tests/support/pin_scan.hpp"
#include "x509/read_certificate.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <openssl/pem.h>

namespace jk::test {
namespace {

const std::string wrong_pin = "bukan-pin-ini"; ///< what the scripted person types where it is told to be wrong

struct Step {
    std::vector<std::string> command;
    std::string pin, new_pin;
};

class AdministrationScan : public PinScan {
protected:
    static SiteWish blank_token() {
        SiteWish wish;
        wish.token.blank = true;
        wish.token.pin = "Kopi-tubruk-7395";
        wish.terminal_prompter = false;
        return wish;
    }
    static void write_case(const RunningAgent& agent) {
        const auto agreed = std::string(64, '9');
        std::ofstream(agent.folder() / "case.json")
            << R"x({"id":"K-1","state":"disetujui","holderPresent":true,"holder":{"name":"Sri Wahyuni","unit":"Dinas Kominfo","number":"198001012005012003"},
                   "agreement":{"version":"1.2","sha256":")x"
            << agreed
            << R"x(","acceptedAt":"2026-11-20T03:00:00Z"},"subject":{"country":"ID","organization":"Pemerintah Kota Pekalongan (UJI)","commonName":"Sri Wahyuni"}})x";
    }
    /// The demo CA answers the request in permohonan.pem.
    static void issue(const RunningAgent& agent) {
        const x509::BioPtr bio(BIO_new_file((agent.folder() / "permohonan.pem").c_str(), "r"));
        X509_REQ* request = PEM_read_bio_X509_REQ(bio.get(), nullptr, nullptr, nullptr);
        ASSERT_NE(request, nullptr);
        const x509::EvpPkeyPtr key(X509_REQ_get_pubkey(request));
        X509_REQ_free(request);
        CertificateWish wish;
        wish.common_name = "Sri Wahyuni";
        std::ofstream(agent.folder() / "terbit.pem") << pem_of(**x509::read_certificate(agent.site().ca().certify(key.get(), wish)));
    }
    /// The person's notes: what is typed in the next step.
    static void type(const RunningAgent& agent, const std::string& role, const std::string& secret) {
        std::ofstream(agent.site().folder() / role) << secret;
    }
};

TEST_F(AdministrationScan, AfterEachStepFromABlankTokenToItsDestruction) {
    const std::string so_pin = "amplop-4472", first = "Kopi-tubruk-7395", unblocked = "Payung-hijau-7396", changed = "Lampu-taman-7397";
    RunningAgent agent(blank_token());
    write_case(agent);
    for (const char* role : {"secret-so-pin", "secret-new-so-pin"}) type(agent, role, so_pin);
    const auto file = [&](const char* name) { return (agent.folder() / name).string(); };
    const std::vector<Step> steps{
        {{"token", "init", "--label", "Sri W."}, first, ""},
        {{"token", "pin", "set"}, "", first},
        {{"token", "key", "generate", "--case", file("case.json")}, first, ""},
        {{"token", "csr", "--case", file("case.json"), "-o", file("permohonan.pem")}, first, ""},
        {{"token", "cert", "import", file("terbit.pem"), "--case", file("case.json")}, first, ""},
        {{"token", "pin", "unblock"}, "", unblocked},
        {{"pin", "change"}, unblocked, changed},
        {{"token", "destroy", "--reason", "mutasi", "--officer", "Rina", "--witness", "Agus", "--minutes", "BA-1"}, changed, ""}};
    const std::vector<std::string> secrets{so_pin, first, unblocked, changed};
    for (const auto& step : steps) {
        SCOPED_TRACE(step.command[1] + " " + step.command[2 % step.command.size()]);
        if (!step.pin.empty()) type(agent, "pin", step.pin);
        type(agent, "secret-new-pin", step.new_pin);
        if (step.command[1] == "cert") issue(agent);
        ListingWatch watch(secrets);
        const auto ran = agent.cli(step.command);
        ASSERT_EQ(ran.exit_code, 0) << ran.output;
        for (const auto& secret : secrets) EXPECT_EQ(ran.output.find(secret), std::string::npos);
        expect_nowhere(agent, watch, secrets);
    }
}

TEST_F(AdministrationScan, AfterAWrongPinAWrongSoPinAndAnUnfitNewOne) {
    SiteWish wish;
    wish.token.pin = "sangat-rahasia-7405";
    RunningAgent agent(wish, {"wrong", "wrong", "yes"});
    write_case(agent);
    const std::string so_pin = "amplop-4473", unfit = "Jana-Kusuma-1990";
    type(agent, "secret-so-pin", so_pin);
    const std::vector<std::string> secrets{wish.token.pin, wrong_pin, so_pin, unfit};
    const std::vector<std::pair<std::vector<std::string>, std::string>> steps{
        {{"token", "key", "generate", "--case", (agent.folder() / "case.json").string()}, "E-PASSPHRASE-SALAH"},
        {{"token", "pin", "unblock"}, "E-SO-PIN-SALAH"},
        {{"pin", "change"}, "E-PASSPHRASE-LEMAH"}};
    for (const auto& [command, code] : steps) {
        SCOPED_TRACE(code);
        type(agent, "secret-new-pin", command[0] == "pin" ? unfit : "Sepeda-biru-9x"); // an unfit one is refused before anything else is looked at
        ListingWatch watch(secrets);
        const auto ran = agent.cli(command);
        EXPECT_NE(ran.output.find(code), std::string::npos) << ran.output;
        for (const auto& secret : secrets) EXPECT_EQ(ran.output.find(secret), std::string::npos);
        expect_nowhere(agent, watch, secrets);
    }
}

} // namespace
} // namespace jk::test
