#include "tests/support/soft_card.hpp"

#include "pkcs11/wrap/ck_result.hpp"
#include "tests/support/soft_token.hpp"

#include <dlfcn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>

#include <cstring>
#include <fstream>
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif

namespace jk::test {
namespace {

std::string so_pin = "so-pin-uji", user_pin = "uji-1234";

CK_UTF8CHAR* chars(std::string& text) { return reinterpret_cast<CK_UTF8CHAR*>(text.data()); }

void must(CK_RV rv, const char* function) {
    if (rv != CKR_OK) throw std::runtime_error(std::string(function) + ": " + pkcs11::name_of(rv));
}

struct Session {
    explicit Session(const SoftCard& card) : functions(card.functions()), handle(card.new_session()) {}
    ~Session() { functions.C_CloseSession(handle); }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    CK_FUNCTION_LIST& functions;
    CK_SESSION_HANDLE handle;
};

/// SoftHSM 2.6.1 loses the name of the curve in each use of an Edwards key; LeakSanitizer would count it as ours.
struct EdwardsLeak {
#ifdef __SANITIZE_ADDRESS__
    explicit EdwardsLeak(bool edwards) : disabled(edwards) {
        if (disabled) __lsan_disable();
    }
    ~EdwardsLeak() {
        if (disabled) __lsan_enable();
    }
    bool disabled;
#else
    explicit EdwardsLeak(bool) {}
    ~EdwardsLeak() {}
#endif
    EdwardsLeak(const EdwardsLeak&) = delete;
    EdwardsLeak& operator=(const EdwardsLeak&) = delete;
};

CK_MECHANISM_TYPE ck_hash(HashFunction hash) {
    return hash == HashFunction::sha256 ? CKM_SHA256 : hash == HashFunction::sha384 ? CKM_SHA384 : CKM_SHA512;
}
CK_ULONG ck_mask(HashFunction hash) {
    return hash == HashFunction::sha256 ? CKG_MGF1_SHA256 : hash == HashFunction::sha384 ? CKG_MGF1_SHA384 : CKG_MGF1_SHA512;
}

Bytes digest_info(const Digest& digest) {
    const std::uint8_t last = digest.hash() == HashFunction::sha256 ? 1 : digest.hash() == HashFunction::sha384 ? 2 : 3;
    const auto size = static_cast<std::uint8_t>(digest.value().size());
    Bytes info{
        0x30, static_cast<std::uint8_t>(17 + size), 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, last, 0x05, 0x00, 0x04,
        size};
    info.insert(info.end(), digest.value().begin(), digest.value().end());
    return info;
}

Bytes der_of(const Bytes& raw) {
    const auto half = static_cast<int>(raw.size() / 2);
    const x509::EcdsaSigPtr signature(ECDSA_SIG_new());
    ECDSA_SIG_set0(signature.get(), BN_bin2bn(raw.data(), half, nullptr), BN_bin2bn(raw.data() + half, half, nullptr));
    unsigned char* der = nullptr;
    const int size = i2d_ECDSA_SIG(signature.get(), &der);
    const x509::OpensslBytes owner(der);
    return {der, der + size};
}

x509::EvpPkeyPtr from_params(const char* type, OSSL_PARAM_BLD* builder) {
    OSSL_PARAM* parameters = OSSL_PARAM_BLD_to_param(builder);
    OSSL_PARAM_BLD_free(builder);
    const x509::EvpPkeyCtxPtr context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    EVP_PKEY* key = nullptr;
    EVP_PKEY_fromdata_init(context.get());
    EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters);
    OSSL_PARAM_free(parameters);
    if (key == nullptr) throw std::runtime_error("EVP_PKEY_fromdata: " + x509::openssl_fault());
    return x509::EvpPkeyPtr(key);
}

} // namespace

SoftCard::SoftCard() {
    std::filesystem::create_directories(m_folder.path() / "tokens");
    const auto conf = m_folder.path() / "softhsm2.conf";
    std::ofstream(conf) << "directories.tokendir = " << (m_folder.path() / "tokens").string() << "\nobjectstore.backend = file\nlog.level = ERROR\n";
    setenv("SOFTHSM2_CONF", conf.c_str(), 1);
    void* library = dlopen(softhsm_module().c_str(), RTLD_NOW); // stays: SoftHSM does not survive being unloaded beside OpenSSL
    if (library == nullptr) throw std::runtime_error(dlerror());
    must(reinterpret_cast<CK_C_GetFunctionList>(dlsym(library, "C_GetFunctionList"))(&m_functions), "C_GetFunctionList");
    CK_C_INITIALIZE_ARGS threads{};
    threads.flags = CKF_OS_LOCKING_OK;
    must(m_functions->C_Initialize(&threads), "C_Initialize");
    std::string label = "Kartu uji";
    label.resize(32, ' ');
    CK_ULONG count = 1;
    must(m_functions->C_GetSlotList(CK_FALSE, &m_slot, &count), "C_GetSlotList");
    must(m_functions->C_InitToken(m_slot, chars(so_pin), so_pin.size(), chars(label)), "C_InitToken");
    must(m_functions->C_GetSlotList(CK_TRUE, nullptr, &count), "C_GetSlotList");
    std::vector<CK_SLOT_ID> slots(count);
    must(m_functions->C_GetSlotList(CK_TRUE, slots.data(), &count), "C_GetSlotList");
    for (const auto slot : slots) {
        CK_TOKEN_INFO info{};
        if (m_functions->C_GetTokenInfo(slot, &info) == CKR_OK && std::memcmp(info.label, label.data(), 32) == 0) m_slot = slot;
    }
    m_session = new_session();
    must(m_functions->C_Login(m_session, CKU_SO, chars(so_pin), so_pin.size()), "C_Login SO");
    must(m_functions->C_InitPIN(m_session, chars(user_pin), user_pin.size()), "C_InitPIN");
    must(m_functions->C_Logout(m_session), "C_Logout");
    must(m_functions->C_Login(m_session, CKU_USER, chars(user_pin), user_pin.size()), "C_Login");
}

SoftCard::~SoftCard() { m_functions->C_Finalize(nullptr); }

CK_SESSION_HANDLE SoftCard::new_session() const {
    CK_SESSION_HANDLE session = 0;
    must(m_functions->C_OpenSession(m_slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr, nullptr, &session), "C_OpenSession");
    return session;
}

void SoftCard::log_out() { must(m_functions->C_Logout(m_session), "C_Logout"); }

SoftKey::SoftKey(const SoftCard& card, const std::string& kind) : m_card(card) {
    const Session session(card);
    CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    CK_ULONG bits = 2048;
    CK_BYTE exponent[] = {1, 0, 1};
    const bool rsa = kind.starts_with("rsa"), ed25519 = kind == "ed25519", ec = !rsa && !ed25519;
    Bytes curve;
    if (ec)
        curve = kind == "p384" ? Bytes{0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22} : Bytes{0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
    if (ed25519) { // PrintableString "edwards25519" (PKCS#11 v3.0, 2.3.5)
        curve = {0x13, 0x0c};
        const std::string_view name = "edwards25519";
        curve.insert(curve.end(), name.begin(), name.end());
    }
    std::vector<CK_ATTRIBUTE> pub{{CKA_TOKEN, &yes, 1}, {CKA_VERIFY, &yes, 1}};
    if (rsa) {
        pub.push_back({CKA_MODULUS_BITS, &bits, sizeof bits});
        pub.push_back({CKA_PUBLIC_EXPONENT, exponent, sizeof exponent});
    } else {
        pub.push_back({CKA_EC_PARAMS, curve.data(), curve.size()});
    }
    CK_ATTRIBUTE priv[] = {
        {CKA_TOKEN, &yes, 1},     {CKA_PRIVATE, &yes, 1},   {CKA_SIGN, &yes, 1}, {CKA_DECRYPT, rsa ? &yes : &no, 1}, {CKA_DERIVE, ec ? &yes : &no, 1},
        {CKA_SENSITIVE, &yes, 1}, {CKA_EXTRACTABLE, &no, 1}};
    CK_MECHANISM generation{rsa ? CKM_RSA_PKCS_KEY_PAIR_GEN : ed25519 ? CKM_EC_EDWARDS_KEY_PAIR_GEN : CKM_EC_KEY_PAIR_GEN, nullptr, 0};
    const EdwardsLeak known(ed25519);
    CK_OBJECT_HANDLE public_key = 0;
    must(card.functions().C_GenerateKeyPair(session.handle, &generation, pub.data(), pub.size(), priv, std::size(priv), &public_key, &m_private),
         "C_GenerateKeyPair");
    OSSL_PARAM_BLD* builder = OSSL_PARAM_BLD_new();
    if (rsa) {
        const auto modulus = attribute(session.handle, public_key, CKA_MODULUS);
        const x509::BignumPtr n(BN_bin2bn(modulus.data(), static_cast<int>(modulus.size()), nullptr)), e(BN_new());
        BN_set_word(e.get(), 65537);
        OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n.get());
        OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e.get());
        m_public_half = from_params("RSA", builder);
        return;
    }
    const auto wrapped = attribute(session.handle, public_key, CKA_EC_POINT);
    const ByteView point = ByteView(wrapped).subspan(2);
    if (ec) OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, kind == "p384" ? "P-384" : "P-256", 0);
    OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
    m_public_half = from_params(ec ? "EC" : "ED25519", builder);
}

Bytes SoftKey::attribute(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) const {
    Bytes value(1024);
    CK_ATTRIBUTE wanted{type, value.data(), value.size()};
    must(m_card.functions().C_GetAttributeValue(session, object, &wanted, 1), "C_GetAttributeValue");
    value.resize(wanted.ulValueLen);
    return value;
}

Outcome<Bytes> SoftKey::signed_by(CK_MECHANISM mechanism, ByteView input) {
    const Session session(m_card);
    const EdwardsLeak known(mechanism.mechanism == CKM_EDDSA);
    ++m_operations;
    if (const CK_RV rv = session.functions.C_SignInit(session.handle, &mechanism, m_private); rv != CKR_OK) return pkcs11::ck_error("C_SignInit", rv);
    Bytes signature(1024);
    CK_ULONG size = signature.size();
    const CK_RV rv = session.functions.C_Sign(session.handle, const_cast<std::uint8_t*>(input.data()), input.size(), signature.data(), &size);
    if (rv != CKR_OK) return pkcs11::ck_error("C_Sign", rv);
    signature.resize(size);
    return signature;
}

Outcome<Bytes> SoftKey::sign(const openssl::SignatureScheme& scheme, const Digest& digest) {
    if (std::holds_alternative<openssl::Pkcs1Signature>(scheme)) return signed_by({CKM_RSA_PKCS, nullptr, 0}, digest_info(digest));
    if (const auto* pss = std::get_if<openssl::PssSignature>(&scheme)) {
        CK_RSA_PKCS_PSS_PARAMS parameters{ck_hash(digest.hash()), ck_mask(pss->mask_hash), pss->salt_bytes};
        return signed_by({CKM_RSA_PKCS_PSS, &parameters, sizeof parameters}, digest.value());
    }
    auto raw = signed_by({CKM_ECDSA, nullptr, 0}, digest.value());
    if (!raw) return raw;
    return der_of(*raw);
}

Outcome<Bytes> SoftKey::sign_message(ByteView message) { return signed_by({CKM_EDDSA, nullptr, 0}, message); }

Outcome<Bytes> SoftKey::decrypt(const openssl::DecryptionScheme& scheme, ByteView ciphertext) {
    const Session session(m_card);
    ++m_operations;
    CK_RSA_PKCS_OAEP_PARAMS oaep{CKM_SHA_1, CKG_MGF1_SHA1, CKZ_DATA_SPECIFIED, nullptr, 0};
    CK_MECHANISM mechanism{CKM_RSA_PKCS, nullptr, 0};
    if (const auto* wanted = std::get_if<openssl::OaepDecryption>(&scheme)) {
        if (wanted->hash != openssl::OaepHash::sha1) oaep.hashAlg = CKM_SHA256, oaep.mgf = CKG_MGF1_SHA256;
        mechanism = {CKM_RSA_PKCS_OAEP, &oaep, sizeof oaep};
    }
    if (const CK_RV rv = session.functions.C_DecryptInit(session.handle, &mechanism, m_private); rv != CKR_OK)
        return pkcs11::ck_error("C_DecryptInit", rv);
    Bytes plain(1024);
    CK_ULONG size = plain.size();
    const CK_RV rv =
        session.functions.C_Decrypt(session.handle, const_cast<std::uint8_t*>(ciphertext.data()), ciphertext.size(), plain.data(), &size);
    if (rv != CKR_OK) return pkcs11::ck_error("C_Decrypt", rv);
    plain.resize(size);
    return plain;
}

Outcome<Bytes> SoftKey::derive(ByteView peer) {
    const Session session(m_card);
    ++m_operations;
    CK_ECDH1_DERIVE_PARAMS parameters{CKD_NULL, 0, nullptr, peer.size(), const_cast<std::uint8_t*>(peer.data())};
    CK_MECHANISM mechanism{CKM_ECDH1_DERIVE, &parameters, sizeof parameters};
    CK_OBJECT_CLASS object_class = CKO_SECRET_KEY;
    CK_KEY_TYPE type = CKK_GENERIC_SECRET;
    CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    CK_ULONG length = (peer.size() - 1) / 2;
    CK_ATTRIBUTE secret[] = {{CKA_CLASS, &object_class, sizeof object_class},
                             {CKA_KEY_TYPE, &type, sizeof type},
                             {CKA_TOKEN, &no, 1},
                             {CKA_SENSITIVE, &no, 1},
                             {CKA_EXTRACTABLE, &yes, 1},
                             {CKA_VALUE_LEN, &length, sizeof length}};
    CK_OBJECT_HANDLE derived = 0;
    if (const CK_RV rv = session.functions.C_DeriveKey(session.handle, &mechanism, m_private, secret, std::size(secret), &derived); rv != CKR_OK)
        return pkcs11::ck_error("C_DeriveKey", rv);
    return attribute(session.handle, derived, CKA_VALUE);
}

} // namespace jk::test
