// Ed25519 and ECDH through our module: keys that sign no digest, or nothing at all.
#include "tests/support/judges.hpp"
#include "tests/support/pkcs11_program.hpp"
#include "tests/support/running_agent.hpp"
#include "x509/openssl_ptr.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ec.h>

#include <fstream>

using namespace jk;
using namespace jk::test;
using testing::HasSubstr;

namespace {

/// Somebody else, with a key in software, who knows the certificate of the token's holder.
struct Peer {
    explicit Peer(const char* curve) : key(EVP_EC_gen(curve)) {
        unsigned char* bytes = nullptr;
        const auto size = EVP_PKEY_get1_encoded_public_key(key.get(), &bytes);
        const x509::OpensslBytes owner(bytes);
        point.assign(bytes, bytes + size);
    }
    Bytes secret_with(const Certificate& holder) const {
        const unsigned char* at = holder.der.data();
        const x509::X509Ptr certificate(d2i_X509(nullptr, &at, static_cast<long>(holder.der.size())));
        const x509::EvpPkeyCtxPtr context(EVP_PKEY_CTX_new(key.get(), nullptr));
        std::size_t size = 0;
        EVP_PKEY_derive_init(context.get());
        EVP_PKEY_derive_set_peer(context.get(), X509_get0_pubkey(certificate.get()));
        EVP_PKEY_derive(context.get(), nullptr, &size);
        Bytes secret(size);
        EVP_PKEY_derive(context.get(), secret.data(), &size);
        return secret;
    }
    x509::EvpPkeyPtr key;
    Bytes point; ///< uncompressed
};

struct Program : Pkcs11Program {
    explicit Program(RunningAgent& agent) : Pkcs11Program(agent.site()) {
        here = session();
        EXPECT_EQ(login(here), CKR_OK);
        const auto keys = find(here, CKO_PRIVATE_KEY);
        if (!keys.empty()) key = keys.front();
    }
    CK_RV derive(Bytes point, CK_OBJECT_HANDLE& secret, CK_ULONG kdf = CKD_NULL, CK_ULONG length = 0, CK_BBOOL sensitive = CK_FALSE) {
        CK_ECDH1_DERIVE_PARAMS parameters{kdf, 0, nullptr, point.size(), point.data()};
        CK_MECHANISM how{CKM_ECDH1_DERIVE, &parameters, sizeof parameters};
        CK_OBJECT_CLASS kind = CKO_SECRET_KEY;
        CK_KEY_TYPE type = CKK_GENERIC_SECRET;
        CK_BBOOL yes = CK_TRUE;
        std::vector<CK_ATTRIBUTE> wanted{
            {CKA_CLASS, &kind, sizeof kind}, {CKA_KEY_TYPE, &type, sizeof type}, {CKA_SENSITIVE, &sensitive, 1}, {CKA_EXTRACTABLE, &yes, 1}};
        if (length > 0) wanted.push_back({CKA_VALUE_LEN, &length, sizeof length});
        return c().C_DeriveKey(here, &how, key, wanted.data(), wanted.size(), &secret);
    }
    Bytes value_of(CK_OBJECT_HANDLE object, CK_RV expected = CKR_OK) {
        Bytes value(600);
        CK_ATTRIBUTE wanted{CKA_VALUE, value.data(), value.size()};
        EXPECT_EQ(c().C_GetAttributeValue(here, object, &wanted, 1), expected);
        value.resize(wanted.ulValueLen <= value.size() ? wanted.ulValueLen : 0);
        return value;
    }

    CK_SESSION_HANDLE here = 0;
    CK_OBJECT_HANDLE key = 0;
};

Bytes in_octet_string(const Bytes& point) {
    Bytes der{0x04};
    if (point.size() >= 128) der.push_back(0x81);
    der.push_back(static_cast<std::uint8_t>(point.size()));
    der.insert(der.end(), point.begin(), point.end());
    return der;
}

Bytes x963_sha256(Bytes secret, CK_ULONG length) {
    Bytes all;
    for (std::uint8_t counter = 1; all.size() < length; ++counter) {
        auto input = secret;
        input.insert(input.end(), {0, 0, 0, counter});
        const auto block = sha256(input);
        all.insert(all.end(), block.value().begin(), block.value().end());
    }
    all.resize(length);
    return all;
}

} // namespace

TEST(Pkcs11OtherKeys, AnEd25519KeySignsMessagesInOneGoOrInParts) {
    RunningAgent agent(ordinary_key("ed25519"));
    Program program(agent);
    ASSERT_NE(program.key, 0U);
    const auto public_key = program.find(program.here, CKO_PUBLIC_KEY).at(0);
    for (const auto& text : {std::string(), std::string("Nota dinas"), std::string(8192, 'x')}) {
        Bytes signature;
        ASSERT_EQ(program.sign(program.here, program.key, CKM_EDDSA, text, signature), CKR_OK) << text.size();
        EXPECT_EQ(signature.size(), 64U);
        EXPECT_EQ(program.verify(program.here, public_key, CKM_EDDSA, text, signature), CKR_OK) << text.size();
        signature[10] ^= 1;
        EXPECT_EQ(program.verify(program.here, public_key, CKM_EDDSA, text, signature), CKR_SIGNATURE_INVALID);
    }
    CK_MECHANISM how{CKM_EDDSA, nullptr, 0};
    CK_BYTE first[] = "Nota ", second[] = "dinas", signature[64];
    CK_ULONG size = sizeof signature;
    ASSERT_EQ(program.c().C_SignInit(program.here, &how, program.key), CKR_OK);
    ASSERT_EQ(program.c().C_SignUpdate(program.here, first, 5), CKR_OK);
    ASSERT_EQ(program.c().C_SignUpdate(program.here, second, 5), CKR_OK);
    ASSERT_EQ(program.c().C_SignFinal(program.here, signature, &size), CKR_OK);
    EXPECT_EQ(program.verify(program.here, public_key, CKM_EDDSA, "Nota dinas", Bytes(signature, signature + size)), CKR_OK);
    EXPECT_EQ(agent.shown().size(), 1U);
}

TEST(Pkcs11OtherKeys, AnEd25519KeyTakesNoDigestNoContextAndNoLongMessage) {
    RunningAgent agent(ordinary_key("ed25519"));
    Program program(agent);
    Bytes signature;
    EXPECT_EQ(program.sign(program.here, program.key, CKM_ECDSA_SHA256, "Nota dinas", signature), CKR_KEY_TYPE_INCONSISTENT);
    EXPECT_EQ(program.sign(program.here, program.key, CKM_EDDSA, std::string(8193, 'x'), signature), CKR_DATA_LEN_RANGE);
    struct {
        CK_BBOOL prehash;
        CK_ULONG size;
        CK_BYTE* context;
    } parameters{CK_TRUE, 0, nullptr};
    CK_MECHANISM how{CKM_EDDSA, &parameters, sizeof parameters};
    EXPECT_EQ(program.c().C_SignInit(program.here, &how, program.key), CKR_MECHANISM_PARAM_INVALID);
    parameters.prehash = CK_FALSE;
    EXPECT_EQ(program.c().C_SignInit(program.here, &how, program.key), CKR_OK);
}

TEST(Pkcs11OtherKeys, AnEd25519CertificateSignsNoDocument) {
    RunningAgent agent(ordinary_key("ed25519"));
    const auto listed = agent.cli({"certs", "--json"});
    EXPECT_THAT(listed.output, HasSubstr("E-ALGORITMA-TIDAK-DIDUKUNG"));
}

TEST(Pkcs11OtherKeys, Pkcs11ToolSignsWithAnEd25519Key) {
    RunningAgent agent(ordinary_key("ed25519"));
    std::string exports;
    for (const auto& entry : agent.site().environment()) exports += "export " + entry + "; ";
    std::ofstream(agent.folder() / "data") << "Nota dinas\n";
    std::ofstream(agent.folder() / "cert.pem") << pem_of(*agent.site().token().certificate());
    const auto run = [&](const std::string& command) { return run_command(exports + "cd " + quoted(agent.folder()) + " && " + command); };
    const auto made = run("pkcs11-tool --module " + module_path() + " --login --sign -m EDDSA -i data -o signature");
    EXPECT_EQ(made.exit_code, 0) << made.text;
    const auto judged =
        run("openssl x509 -in cert.pem -pubkey -noout > public.pem && openssl pkeyutl -verify -pubin -inkey public.pem -rawin -in data "
            "-sigfile signature");
    EXPECT_EQ(judged.exit_code, 0) << judged.text;
    const auto listed = run("p11tool --provider " + module_path() + " --list-all --login");
    EXPECT_THAT(listed.text, HasSubstr("EdDSA"));
}

TEST(Pkcs11OtherKeys, AnEcKeyAgreesOnASecretWhateverWayThePointIsGiven) {
    for (const auto& [kind, curve] : {std::pair("p256", "P-256"), std::pair("p384", "P-384"), std::pair("p521", "P-521")}) {
        RunningAgent agent(agreement_key(kind));
        Program program(agent);
        ASSERT_NE(program.key, 0U) << kind;
        const Peer peer(curve);
        const auto expected = peer.secret_with(*agent.site().token().certificate());
        for (const auto& point : {peer.point, in_octet_string(peer.point)}) {
            CK_OBJECT_HANDLE secret = 0;
            ASSERT_EQ(program.derive(point, secret), CKR_OK) << kind;
            EXPECT_EQ(program.value_of(secret), expected) << kind;
        }
        EXPECT_EQ(agent.shown().size(), 1U) << kind;
        Bytes signature;
        EXPECT_EQ(program.sign(program.here, program.key, CKM_ECDSA_SHA256, "Nota dinas", signature), CKR_KEY_FUNCTION_NOT_PERMITTED);
    }
}

TEST(Pkcs11OtherKeys, ASecretIsCutOrStretchedAsTheProgramAsks) {
    RunningAgent agent(agreement_key());
    Program program(agent);
    const Peer peer("P-256");
    const auto whole = peer.secret_with(*agent.site().token().certificate());
    CK_OBJECT_HANDLE secret = 0;
    ASSERT_EQ(program.derive(peer.point, secret, CKD_NULL, 16), CKR_OK);
    EXPECT_EQ(program.value_of(secret), Bytes(whole.begin() + 16, whole.end())); // the leading end goes
    ASSERT_EQ(program.derive(peer.point, secret, CKD_SHA256_KDF, 80), CKR_OK);
    EXPECT_EQ(program.value_of(secret), x963_sha256(whole, 80));
    EXPECT_EQ(program.derive(peer.point, secret, CKD_NULL, 33), CKR_TEMPLATE_INCONSISTENT);
    EXPECT_EQ(program.derive(peer.point, secret, CKD_SHA256_KDF), CKR_TEMPLATE_INCOMPLETE);
}

TEST(Pkcs11OtherKeys, ASecretIsTheSessionsAndGoesWithIt) {
    RunningAgent agent(agreement_key());
    Program program(agent);
    const Peer peer("P-256");
    CK_OBJECT_HANDLE secret = 0, hidden = 0;
    ASSERT_EQ(program.derive(peer.point, secret), CKR_OK);
    ASSERT_EQ(program.derive(peer.point, hidden, CKD_NULL, 0, CK_TRUE), CKR_OK);
    program.value_of(hidden, CKR_ATTRIBUTE_SENSITIVE);
    EXPECT_EQ(program.find(program.here, CKO_SECRET_KEY).size(), 2U);
    EXPECT_EQ(program.c().C_DestroyObject(program.here, secret), CKR_OK);
    EXPECT_EQ(program.find(program.here, CKO_SECRET_KEY).size(), 1U);
    EXPECT_EQ(program.c().C_DestroyObject(program.here, program.key), CKR_TOKEN_WRITE_PROTECTED);
    const auto other = program.session();
    program.c().C_CloseSession(program.here);
    EXPECT_TRUE(program.find(other, CKO_SECRET_KEY).empty());
}

TEST(Pkcs11OtherKeys, APointOfAnotherCurveOrNoPointIsRefused) {
    RunningAgent agent(agreement_key());
    Program program(agent);
    CK_OBJECT_HANDLE secret = 0;
    EXPECT_EQ(program.derive(Peer("P-384").point, secret), CKR_MECHANISM_PARAM_INVALID);
    EXPECT_EQ(program.derive(Bytes(), secret), CKR_MECHANISM_PARAM_INVALID);
    Bytes off_the_curve(65, 0x11);
    off_the_curve[0] = 0x04;
    EXPECT_EQ(program.derive(off_the_curve, secret), CKR_ENCRYPTED_DATA_INVALID);
    EXPECT_EQ(program.derive(Peer("P-256").point, secret), CKR_OK);
}

TEST(Pkcs11OtherKeys, WhereTheProfileSaysSoThePersonIsAskedAtTheFirstOperation) {
    auto wish = ordinary_key();
    wish.local_programs = "{allowed: true, operations_per_consent: 100, minutes_per_consent: 5, ask_at: use}";
    RunningAgent agent(wish);
    Pkcs11Program program(agent.site());
    CK_TOKEN_INFO info{};
    ASSERT_EQ(program.c().C_GetTokenInfo(program.slots().at(0), &info), CKR_OK);
    EXPECT_EQ(info.flags & CKF_LOGIN_REQUIRED, 0U);
    const auto session = program.session();
    const auto keys = program.find(session, CKO_PRIVATE_KEY);
    ASSERT_EQ(keys.size(), 1U);
    EXPECT_TRUE(agent.shown().empty());
    for (int i = 0; i < 3; ++i) {
        Bytes signature;
        EXPECT_EQ(program.sign(session, keys.front(), CKM_ECDSA_SHA256, "Nota dinas", signature), CKR_OK);
    }
    EXPECT_EQ(agent.shown().size(), 1U);
}
