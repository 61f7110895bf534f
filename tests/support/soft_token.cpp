#include "tests/support/soft_token.hpp"

#include "pkcs11/wrap/ck.hpp"
#include "pkcs11/wrap/ck_result.hpp"
#include "x509/read_certificate.hpp"

#include <dlfcn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace jk::test {
namespace {

namespace fs = std::filesystem;

constexpr const char* so_pin = test_so_pin;

void must(CK_RV rv, const char* function) {
    if (rv != CKR_OK) throw std::runtime_error(std::string(function) + ": " + pkcs11::name_of(rv));
}

CK_UTF8CHAR* chars(std::string& text) { return reinterpret_cast<CK_UTF8CHAR*>(text.data()); }

struct Curve {
    const char* name;
    std::vector<std::uint8_t> oid;
};

Curve curve_of(const std::string& key) {
    if (key == "p256") return {"P-256", {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07}};
    if (key == "p384") return {"P-384", {0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22}};
    if (key == "ed25519") return {"edwards25519", {0x13, 0x0c, 'e', 'd', 'w', 'a', 'r', 'd', 's', '2', '5', '5', '1', '9'}};
    return {"P-521", {0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23}};
}

class Maker {
public:
    explicit Maker(const TokenWish& wish) : m_wish(wish) {
        void* library = dlopen(softhsm_module().c_str(), RTLD_NOW);
        if (library == nullptr) throw std::runtime_error(dlerror());
        must(reinterpret_cast<CK_C_GetFunctionList>(dlsym(library, "C_GetFunctionList"))(&m_f), "C_GetFunctionList");
        must(m_f->C_Initialize(nullptr), "C_Initialize");
    }

    /// Serial, a blank, the certificate in hex.
    std::string make(const DemoCa& ca) {
        const auto slot = init_token();
        must(m_f->C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr, nullptr, &m_session), "C_OpenSession");
        std::string so = so_pin, pin = m_wish.pin;
        must(m_f->C_Login(m_session, CKU_SO, chars(so), so.size()), "C_Login SO");
        must(m_f->C_InitPIN(m_session, chars(pin), pin.size()), "C_InitPIN");
        must(m_f->C_Logout(m_session), "C_Logout");
        must(m_f->C_Login(m_session, CKU_USER, chars(pin), pin.size()), "C_Login");
        const auto public_key = generate();
        const auto key = m_wish.wrong_pair ? make_key(m_wish.key) : public_half(public_key);
        const auto der = ca.certify(key.get(), m_wish.certificate);
        store(der);
        if (m_wish.beside_ed25519) {
            generate_ed25519();
            auto other = m_wish.certificate;
            other.common_name += " Ed25519";
            store(ca.certify(make_key("ed25519").get(), other));
        }
        CK_TOKEN_INFO info{};
        must(m_f->C_GetTokenInfo(slot, &info), "C_GetTokenInfo");
        must(m_f->C_Finalize(nullptr), "C_Finalize");
        std::string serial(reinterpret_cast<char*>(info.serialNumber), sizeof info.serialNumber);
        serial.erase(serial.find_last_not_of(' ') + 1);
        std::ostringstream out;
        out << serial << ' ';
        for (const auto b : der) out << "0123456789abcdef"[b >> 4] << "0123456789abcdef"[b & 15];
        return out.str();
    }

private:
    std::vector<CK_SLOT_ID> slots() {
        CK_ULONG count = 0;
        must(m_f->C_GetSlotList(CK_FALSE, nullptr, &count), "C_GetSlotList");
        std::vector<CK_SLOT_ID> all(count);
        must(m_f->C_GetSlotList(CK_FALSE, all.data(), &count), "C_GetSlotList");
        return all;
    }

    CK_SLOT_ID init_token() {
        std::string label = m_wish.label, so = so_pin;
        label.resize(32, ' ');
        const auto last = slots().back(); // SoftHSM always shows one uninitialised slot at the end
        must(m_f->C_InitToken(last, chars(so), so.size(), chars(label)), "C_InitToken");
        // The token moves to a slot named after its serial; find it by its label.
        for (const auto slot : slots()) {
            CK_TOKEN_INFO info{};
            if (m_f->C_GetTokenInfo(slot, &info) == CKR_OK && std::memcmp(info.label, label.data(), 32) == 0) return slot;
        }
        throw std::runtime_error("the new token did not appear");
    }

    /// PKCS#11 v3.0 numbers and names.
    void generate_ed25519() {
        CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
        CK_BYTE id[] = {0x4a, 0x4b, 0x02};
        auto curve = curve_of("ed25519").oid;
        CK_ATTRIBUTE pub[] = {{CKA_TOKEN, &yes, 1}, {CKA_VERIFY, &yes, 1}, {CKA_ID, id, sizeof id}, {CKA_EC_PARAMS, curve.data(), curve.size()}};
        CK_ATTRIBUTE priv[] = {{CKA_TOKEN, &yes, 1},     {CKA_PRIVATE, &yes, 1},    {CKA_SIGN, &yes, 1},
                               {CKA_SENSITIVE, &yes, 1}, {CKA_EXTRACTABLE, &no, 1}, {CKA_ID, id, sizeof id}};
        CK_MECHANISM mechanism{CKM_EC_EDWARDS_KEY_PAIR_GEN, nullptr, 0};
        CK_OBJECT_HANDLE public_key = 0, private_key = 0;
        must(m_f->C_GenerateKeyPair(m_session, &mechanism, pub, std::size(pub), priv, std::size(priv), &public_key, &private_key),
             "C_GenerateKeyPair (Ed25519)");
    }

    CK_OBJECT_HANDLE generate() {
        CK_BBOOL yes = CK_TRUE, sensitive = m_wish.sensitive, extractable = m_wish.extractable, always = m_wish.always_authenticate,
                 decrypts = m_wish.decrypts;
        CK_BYTE id[] = {0x4a, 0x4b, 0x01};
        char label[] = "Kunci tanda tangan";
        const bool rsa = m_wish.key.starts_with("rsa");
        CK_ULONG bits = rsa ? std::stoul(m_wish.key.substr(3)) : 0;
        CK_BYTE exponent[] = {1, 0, 1};
        auto oid = curve_of(m_wish.key).oid;
        std::vector<CK_ATTRIBUTE> pub{{CKA_TOKEN, &yes, 1}, {CKA_VERIFY, &yes, 1}, {CKA_ID, id, sizeof id}, {CKA_LABEL, label, sizeof label - 1}};
        if (rsa) {
            pub.push_back({CKA_MODULUS_BITS, &bits, sizeof bits});
            pub.push_back({CKA_PUBLIC_EXPONENT, exponent, sizeof exponent});
        } else {
            pub.push_back({CKA_EC_PARAMS, oid.data(), oid.size()});
        }
        CK_ATTRIBUTE priv[] = {{CKA_TOKEN, &yes, 1},
                               {CKA_PRIVATE, &yes, 1},
                               {CKA_SIGN, &yes, 1},
                               {rsa ? CKA_DECRYPT : CKA_DERIVE, &decrypts, 1},
                               {CKA_SENSITIVE, &sensitive, 1},
                               {CKA_EXTRACTABLE, &extractable, 1},
                               {CKA_ID, id, sizeof id},
                               {CKA_LABEL, label, sizeof label - 1},
                               {CKA_ALWAYS_AUTHENTICATE, &always, 1}};
        const auto way = m_wish.key == "ed25519" ? CKM_EC_EDWARDS_KEY_PAIR_GEN : rsa ? CKM_RSA_PKCS_KEY_PAIR_GEN : CKM_EC_KEY_PAIR_GEN;
        CK_MECHANISM mechanism{way, nullptr, 0};
        CK_OBJECT_HANDLE public_key = 0, private_key = 0;
        must(m_f->C_GenerateKeyPair(m_session, &mechanism, pub.data(), pub.size(), priv, std::size(priv), &public_key, &private_key),
             "C_GenerateKeyPair");
        return public_key;
    }

    Bytes attribute(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) {
        Bytes value(1024);
        CK_ATTRIBUTE wanted{type, value.data(), value.size()};
        must(m_f->C_GetAttributeValue(m_session, object, &wanted, 1), "C_GetAttributeValue");
        value.resize(wanted.ulValueLen);
        return value;
    }

    x509::EvpPkeyPtr public_half(CK_OBJECT_HANDLE key) {
        if (m_wish.key == "ed25519") {
            const auto wrapped = attribute(key, CKA_EC_POINT);
            return x509::EvpPkeyPtr(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, wrapped.data() + 2, wrapped.size() - 2));
        }
        OSSL_PARAM_BLD* builder = OSSL_PARAM_BLD_new();
        x509::BignumPtr n, e;
        Bytes point;
        const bool rsa = m_wish.key.starts_with("rsa");
        const auto curve = curve_of(m_wish.key);
        if (rsa) {
            const auto modulus = attribute(key, CKA_MODULUS);
            n.reset(BN_bin2bn(modulus.data(), static_cast<int>(modulus.size()), nullptr));
            e.reset(BN_new());
            BN_set_word(e.get(), 65537);
            OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n.get());
            OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e.get());
        } else {
            const auto wrapped = attribute(key, CKA_EC_POINT);
            const std::size_t header = wrapped[1] < 0x80 ? 2 : 3;
            point.assign(wrapped.begin() + static_cast<std::ptrdiff_t>(header), wrapped.end());
            OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, curve.name, 0);
            OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
        }
        OSSL_PARAM* parameters = OSSL_PARAM_BLD_to_param(builder);
        OSSL_PARAM_BLD_free(builder);
        const x509::EvpPkeyCtxPtr context(EVP_PKEY_CTX_new_from_name(nullptr, rsa ? "RSA" : "EC", nullptr));
        EVP_PKEY* pkey = nullptr;
        const bool ok = EVP_PKEY_fromdata_init(context.get()) == 1 && EVP_PKEY_fromdata(context.get(), &pkey, EVP_PKEY_PUBLIC_KEY, parameters) == 1;
        OSSL_PARAM_free(parameters);
        if (!ok) throw std::runtime_error("EVP_PKEY_fromdata: " + x509::openssl_fault());
        return x509::EvpPkeyPtr(pkey);
    }

    void store(const Bytes& der) {
        CK_OBJECT_CLASS object_class = CKO_CERTIFICATE;
        CK_CERTIFICATE_TYPE type = CKC_X_509;
        CK_BBOOL yes = CK_TRUE;
        CK_BYTE id[] = {0x4a, 0x4b, 0x01};
        char label[] = "Sertifikat tanda tangan";
        const unsigned char* data = der.data();
        const x509::X509Ptr x509(d2i_X509(nullptr, &data, static_cast<long>(der.size())));
        unsigned char* subject = nullptr;
        const int subject_size = i2d_X509_NAME(X509_get_subject_name(x509.get()), &subject);
        const x509::OpensslBytes owner(subject);
        CK_ATTRIBUTE attributes[] = {{CKA_CLASS, &object_class, sizeof object_class},
                                     {CKA_CERTIFICATE_TYPE, &type, sizeof type},
                                     {CKA_TOKEN, &yes, 1},
                                     {CKA_ID, id, sizeof id},
                                     {CKA_LABEL, label, sizeof label - 1},
                                     {CKA_SUBJECT, subject, static_cast<CK_ULONG>(subject_size)},
                                     {CKA_VALUE, const_cast<std::uint8_t*>(der.data()), der.size()}};
        CK_OBJECT_HANDLE object = 0;
        must(m_f->C_CreateObject(m_session, attributes, std::size(attributes), &object), "C_CreateObject");
    }

    TokenWish m_wish;
    CK_FUNCTION_LIST* m_f = nullptr;
    CK_SESSION_HANDLE m_session = 0;
};

std::string in_a_child(const std::string& conf, const DemoCa& ca, const TokenWish& wish) {
    int ends[2];
    if (pipe(ends) != 0) throw std::runtime_error("pipe");
    const pid_t pid = fork();
    if (pid == 0) {
        setenv("SOFTHSM2_CONF", conf.c_str(), 1);
        std::string answer;
        try {
            answer = "+" + Maker(wish).make(ca);
        } catch (const std::exception& e) {
            answer = std::string("-") + e.what();
        }
        (void)!write(ends[1], answer.data(), answer.size());
        _exit(0);
    }
    close(ends[1]);
    std::string answer;
    char buffer[4096];
    for (ssize_t n; (n = read(ends[0], buffer, sizeof buffer)) > 0;) answer.append(buffer, static_cast<std::size_t>(n));
    close(ends[0]);
    waitpid(pid, nullptr, 0);
    if (!answer.starts_with('+')) throw std::runtime_error("SoftHSM token: " + answer);
    return answer.substr(1);
}

} // namespace

std::string softhsm_module() {
    for (const char* path : {"/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"})
        if (fs::exists(path)) return path;
    throw std::runtime_error("SoftHSM2 is not installed; run ./dev setup");
}

SoftToken add_token(const std::string& conf, const DemoCa& ca, const TokenWish& wish) {
    return SoftToken::create(fs::path(conf).parent_path(), ca, wish);
}

SoftToken SoftToken::create(const fs::path& folder, const DemoCa& ca, const TokenWish& wish) {
    fs::create_directories(folder / "tokens");
    SoftToken token;
    token.m_conf = (folder / "softhsm2.conf").string();
    if (!fs::exists(token.m_conf))
        std::ofstream(token.m_conf) << "directories.tokendir = " << (folder / "tokens").string()
                                    << "\nobjectstore.backend = file\nlog.level = ERROR\n";
    if (wish.blank) return token;
    std::istringstream answer(in_a_child(token.m_conf, ca, wish));
    std::string hex;
    answer >> token.m_serial >> hex;
    Bytes der;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) der.push_back(static_cast<std::uint8_t>(std::stoi(hex.substr(i, 2), nullptr, 16)));
    auto certificate = x509::read_certificate(der);
    if (!certificate) throw std::runtime_error(certificate.error().detail);
    token.m_certificate = *certificate;
    return token;
}

} // namespace jk::test
