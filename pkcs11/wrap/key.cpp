#include "pkcs11/wrap/key.hpp"

#include "pkcs11/wrap/ck_result.hpp"
#include "pkcs11/wrap/discovery.hpp"
#include "x509/openssl_ptr.hpp"

#include <openssl/core_names.h>

#include <algorithm>
#include <optional>

namespace jk::pkcs11 {
namespace {

constexpr CK_ULONG max_objects = 256;
constexpr CK_ULONG max_attribute = 64u << 10; ///< sizes from a token are input
constexpr std::uint8_t not_written = 0xa5;

/// A search that is always finished, because an open one blocks every other on the session.
class Search {
public:
    Search(const Session& session, std::vector<CK_ATTRIBUTE> pattern) : m_session(session) {
        m_rv = m_session.module().functions().C_FindObjectsInit(session.handle(), pattern.data(), pattern.size());
    }
    ~Search() {
        if (m_rv == CKR_OK) m_session.module().functions().C_FindObjectsFinal(m_session.handle());
    }
    Search(const Search&) = delete;
    Search& operator=(const Search&) = delete;

    Outcome<std::vector<CK_OBJECT_HANDLE>> all() {
        if (m_rv != CKR_OK) return ck_error("C_FindObjectsInit", m_rv);
        std::vector<CK_OBJECT_HANDLE> found(max_objects);
        CK_ULONG count = 0;
        const CK_RV rv = m_session.module().functions().C_FindObjects(m_session.handle(), found.data(), max_objects, &count);
        if (rv != CKR_OK) return ck_error("C_FindObjects", rv);
        found.resize(std::min(count, max_objects));
        return found;
    }

private:
    const Session& m_session;
    CK_RV m_rv;
};

Outcome<std::vector<CK_OBJECT_HANDLE>> find(const Session& session, CK_OBJECT_CLASS object_class, std::optional<ByteView> id = std::nullopt) {
    const CallMark mark(session.module().board(), session.lane(), Call::find_objects);
    std::vector<CK_ATTRIBUTE> pattern{{CKA_CLASS, &object_class, sizeof object_class}};
    if (id) pattern.push_back({CKA_ID, const_cast<std::uint8_t*>(id->data()), id->size()});
    return Search(session, std::move(pattern)).all();
}

std::optional<Bytes> attribute(const Session& session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) {
    const CallMark mark(session.module().board(), session.lane(), Call::get_attributes);
    CK_ATTRIBUTE wanted{type, nullptr, 0};
    const auto get = [&] { return session.module().functions().C_GetAttributeValue(session.handle(), object, &wanted, 1); };
    if (get() != CKR_OK || wanted.ulValueLen == CK_UNAVAILABLE_INFORMATION || wanted.ulValueLen > max_attribute) return std::nullopt;
    Bytes value(wanted.ulValueLen);
    wanted.pValue = value.data();
    if (get() != CKR_OK || wanted.ulValueLen > value.size()) return std::nullopt;
    value.resize(wanted.ulValueLen);
    return value;
}

struct Wanted {
    CK_ATTRIBUTE_TYPE type;
    std::size_t room;
};

/// Several attributes of one object, in one call where the token knows them all and has them fit: every call is a look at the token.
/// Where it does not, each is read alone; a module that gave up half-way must not have its untouched bytes read as answers.
std::vector<std::optional<Bytes>> attributes(const Session& session, CK_OBJECT_HANDLE object, const std::vector<Wanted>& wanted) {
    std::vector<std::optional<Bytes>> values;
    std::vector<CK_ATTRIBUTE> pattern;
    for (const auto& [type, room] : wanted) values.emplace_back(Bytes(room, not_written));
    for (std::size_t i = 0; i < wanted.size(); ++i) pattern.push_back({wanted[i].type, values[i]->data(), wanted[i].room});
    CK_RV rv = CKR_OK;
    {
        const CallMark mark(session.module().board(), session.lane(), Call::get_attributes);
        rv = session.module().functions().C_GetAttributeValue(session.handle(), object, pattern.data(), pattern.size());
    }
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (rv == CKR_OK && pattern[i].ulValueLen <= wanted[i].room)
            values[i]->resize(pattern[i].ulValueLen);
        else
            values[i] = attribute(session, object, wanted[i].type);
    }
    return values;
}

bool flag(const std::optional<Bytes>& value, bool if_hidden) {
    if (!value || value->size() != sizeof(CK_BBOOL) || value->front() == not_written) return if_hidden;
    return value->front() == CK_TRUE;
}

struct CertificateObject {
    Bytes der, id;
};

Outcome<CertificateObject> find_certificate(const Session& session, const CertificateId& wanted) {
    auto objects = find(session, CKO_CERTIFICATE);
    if (!objects) return std::move(objects).error();
    for (const auto object : *objects) {
        auto values = attributes(session, object, {{CKA_VALUE, 4096}, {CKA_ID, 128}});
        auto der = values[0] ? normal_form(*values[0]) : Bytes{};
        if (der.empty() || sha256(der) != wanted.sha256) continue;
        auto& id = values[1];
        if (!id || id->empty()) return Error{Errc::key_mismatch, "the certificate object has no CKA_ID"};
        return CertificateObject{std::move(der), std::move(*id)};
    }
    return Error{Errc::certificate_unknown, "not on the token any more"};
}

/// Modulus or point, in the form the token shows it.
std::optional<Bytes> public_half(const CertificateObject& certificate, CK_KEY_TYPE type) {
    const unsigned char* data = certificate.der.data();
    const x509::X509Ptr x509(d2i_X509(nullptr, &data, static_cast<long>(certificate.der.size())));
    EVP_PKEY* key = x509 ? X509_get0_pubkey(x509.get()) : nullptr;
    if (key == nullptr) return std::nullopt;
    if (type == CKK_RSA) {
        BIGNUM* modulus = nullptr;
        if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &modulus) != 1) return std::nullopt;
        const x509::BignumPtr owner(modulus);
        Bytes bytes(static_cast<std::size_t>(BN_num_bytes(modulus)));
        BN_bn2bin(modulus, bytes.data());
        return bytes;
    }
    Bytes point(256);
    std::size_t size = 0;
    if (EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size(), &size) != 1) return std::nullopt;
    point.resize(size);
    return point;
}

std::optional<CK_KEY_TYPE> key_type(const std::optional<Bytes>& value) {
    if (!value || value->size() != sizeof(CK_KEY_TYPE)) return std::nullopt;
    CK_KEY_TYPE type = 0;
    std::copy(value->begin(), value->end(), reinterpret_cast<std::uint8_t*>(&type));
    return type;
}

/// CKA_EC_POINT is a DER OCTET STRING around the point (v2.40, 2.3.3); some tokens leave the wrapping out.
bool same_point(ByteView shown, ByteView point) {
    if (std::ranges::equal(shown, point)) return true;
    const std::size_t header = point.size() < 128 ? 2 : 3;
    return shown.size() == point.size() + header && shown[0] == 0x04 && std::ranges::equal(shown.subspan(header), point);
}

/// Nothing when the token shows no public half: then the verification of the first signature decides.
std::optional<bool> key_matches(const Session& session, CK_OBJECT_HANDLE key, std::optional<CK_KEY_TYPE> type, const CertificateObject& certificate) {
    const auto expected = type ? public_half(certificate, *type) : std::nullopt;
    if (!expected) return std::nullopt;
    if (*type == CKK_RSA) {
        auto modulus = attributes(session, key, {{CKA_MODULUS, 1024}})[0];
        if (!modulus) return std::nullopt;
        modulus->erase(modulus->begin(), std::ranges::find_if(*modulus, [](auto b) { return b != 0; }));
        return *modulus == *expected;
    }
    const auto public_keys = find(session, CKO_PUBLIC_KEY, ByteView(certificate.id));
    if (!public_keys || public_keys->empty()) return std::nullopt;
    const auto point = attributes(session, public_keys->front(), {{CKA_EC_POINT, 256}})[0];
    if (!point) return std::nullopt;
    return same_point(*point, *expected);
}

} // namespace

Outcome<PrivateKey> find_key(const Session& session, const CertificateId& wanted) {
    const auto certificate = find_certificate(session, wanted);
    if (!certificate) return certificate.error();
    const auto keys = find(session, CKO_PRIVATE_KEY, ByteView(certificate->id));
    if (!keys) return keys.error();
    if (keys->size() != 1) return Error{Errc::key_mismatch, std::to_string(keys->size()) + " private keys have the certificate's CKA_ID"};

    PrivateKey key{keys->front(), {}};
    const auto shown = attributes(session, key.handle,
                                  {{CKA_KEY_TYPE, sizeof(CK_KEY_TYPE)}, {CKA_SENSITIVE, 1}, {CKA_EXTRACTABLE, 1}, {CKA_ALWAYS_SENSITIVE, 1},
                                   {CKA_NEVER_EXTRACTABLE, 1}, {CKA_LOCAL, 1}, {CKA_ALWAYS_AUTHENTICATE, 1}});
    const auto matches = key_matches(session, key.handle, key_type(shown[0]), *certificate);
    if (matches.has_value() && !*matches) return Error{Errc::key_mismatch, "public halves differ"};
    key.custody.known_to_match_certificate = matches.has_value();
    key.custody.sensitive = flag(shown[1], false);
    key.custody.extractable = flag(shown[2], true);
    key.custody.always_sensitive = flag(shown[3], false);
    key.custody.never_extractable = flag(shown[4], false);
    key.custody.local = flag(shown[5], false);
    key.custody.always_authenticate = flag(shown[6], false);
    return key;
}

} // namespace jk::pkcs11
