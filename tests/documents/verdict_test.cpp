// Whose signature counts: the verdict by what the signer's certificate is meant for. The signatures are all intact and their chains trusted.
#include "tests/support/document_desk.hpp"
#include "x509/read_certificate.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>

namespace jk::test {
namespace {

struct Signer {
    std::string name, key_usage, extended_key_usage;
    bool counts = false;
    std::string basic_constraints = "critical,CA:FALSE";
};

void PrintTo(const Signer& signer, std::ostream* out) { *out << signer.name; }

class Verdict : public testing::TestWithParam<Signer> {
protected:
    boost::json::object report(Format format) {
        CertificateWish wish;
        wish.key_usage = GetParam().key_usage;
        wish.extended_key_usage = GetParam().extended_key_usage;
        wish.basic_constraints = GetParam().basic_constraints;
        desk.certificate = *x509::read_certificate(desk.ca.certify(desk.key.get(), wish));
        const auto facts = desk.upload(std::filesystem::path(JURUKUNCI_SOURCE_DIR) / "tests/data/pdf/qpdf-plain.pdf");
        auto sealed = desk.seal(facts->id, format);
        const auto result = desk.sign(**sealed);
        return boost::json::parse(format == Format::cades ? desk.verify(facts->id, result->signature) : desk.verify(result->document->id))
            .as_object();
    }

    DocumentDesk desk;
};

TEST_P(Verdict, FollowsTheCertificatesPurpose) {
    for (const auto format : {Format::pades, Format::cades}) {
        const auto said = report(format);
        const auto& signature = said.at("signatures").at(0).as_object();
        EXPECT_EQ(signature.at("integrity").as_string(), "intact");
        EXPECT_EQ(signature.at("trust").as_string(), "trusted");
        EXPECT_EQ(said.at("conclusion").as_string(), GetParam().counts ? "valid" : "not-valid");
        EXPECT_EQ(signature.at("indication").as_string(), GetParam().counts ? "TOTAL-PASSED" : "INDETERMINATE");
        if (!GetParam().counts) {
            EXPECT_EQ(signature.at("subIndication").as_string(), "CHAIN_CONSTRAINTS_FAILURE");
            EXPECT_EQ(signature.at("warnings").at(0).at("code").as_string(), "KEY-USAGE");
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Of, Verdict,
                         testing::Values(Signer{"NonRepudiation", "critical,nonRepudiation", "", true},
                                         Signer{"BothUsages", "critical,digitalSignature,nonRepudiation", "", true},
                                         Signer{"MailAndClient", "critical,digitalSignature,nonRepudiation", "emailProtection,clientAuth", true},
                                         Signer{"DocumentSigning", "critical,nonRepudiation", "1.3.6.1.5.5.7.3.36", true},
                                         Signer{"AnyPurpose", "critical,nonRepudiation", "anyExtendedKeyUsage", true},
                                         Signer{"DigitalSignatureOnly", "critical,digitalSignature", "", false}, Signer{"NoUsage", "", "", false},
                                         Signer{"Encipherment", "critical,keyEncipherment", "", false},
                                         Signer{"WebServer", "critical,digitalSignature,nonRepudiation", "serverAuth,clientAuth", false},
                                         Signer{"Code", "critical,nonRepudiation", "codeSigning", false},
                                         Signer{"TimeStamps", "critical,nonRepudiation", "critical,timeStamping", false},
                                         Signer{"Authority", "critical,nonRepudiation,keyCertSign", "", false, "critical,CA:TRUE"}),
                         [](const auto& entry) { return entry.param.name; });

} // namespace
} // namespace jk::test
