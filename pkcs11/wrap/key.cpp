#include "pkcs11/wrap/key.hpp"

#include "pkcs11/wrap/ck_result.hpp"
#include "pkcs11/wrap/discovery.hpp"

#include <openssl/asn1.h>

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
    values.reserve(wanted.size());
    pattern.reserve(wanted.size());
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

/// The CKA_ID of the certificate that has these bytes.
Outcome<Bytes> id_of_certificate(const Session& session, const CertificateId& wanted) {
    auto objects = find(session, CKO_CERTIFICATE);
    if (!objects) return std::move(objects).error();
    for (const auto object : *objects) {
        auto shown = attributes(session, object, {{CKA_VALUE, 4096}, {CKA_ID, 128}});
        auto &value = shown[0], &id = shown[1];
        // Most tokens give the bytes as they were issued; only of others the normal form, which costs a whole parse, is looked at.
        if (!value || (sha256(*value) != wanted.sha256 && sha256(normal_form(*value)) != wanted.sha256)) continue;
        if (!id || id->empty()) return Error{Errc::key_mismatch, "the certificate object has no CKA_ID"};
        return std::move(*id);
    }
    return Error{Errc::certificate_unknown, "not on the token any more"};
}

/// The modulus in an RSAPublicKey (RFC 8017 A.1.1), without leading zeros.
std::optional<ByteView> modulus_of(ByteView public_key) {
    const unsigned char* at = public_key.data();
    long left = static_cast<long>(public_key.size());
    for (const int wanted : {V_ASN1_SEQUENCE, V_ASN1_INTEGER}) {
        const unsigned char* const end = at + left;
        int tag = 0, tag_class = 0;
        if ((ASN1_get_object(&at, &left, &tag, &tag_class, end - at) & 0x80) != 0 || tag != wanted || left > end - at) return std::nullopt;
    }
    ByteView modulus(at, static_cast<std::size_t>(left));
    while (!modulus.empty() && modulus.front() == 0) modulus = modulus.subspan(1);
    return modulus;
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
std::optional<bool> key_matches(const Session& session, CK_OBJECT_HANDLE key, std::optional<CK_KEY_TYPE> type, ByteView id, ByteView public_key) {
    if (type == CKK_RSA) {
        const auto expected = modulus_of(public_key);
        auto modulus = attributes(session, key, {{CKA_MODULUS, 1024}})[0];
        if (!expected || !modulus) return std::nullopt;
        modulus->erase(modulus->begin(), std::ranges::find_if(*modulus, [](auto b) { return b != 0; }));
        return std::ranges::equal(*modulus, *expected);
    }
    if (type != CKK_EC) return std::nullopt;
    const auto public_keys = find(session, CKO_PUBLIC_KEY, id);
    if (!public_keys || public_keys->empty()) return std::nullopt;
    const auto point = attributes(session, public_keys->front(), {{CKA_EC_POINT, 256}})[0];
    if (!point) return std::nullopt;
    return same_point(*point, public_key);
}

} // namespace

Outcome<PrivateKey> find_key(const Session& session, const CertificateId& certificate, ByteView public_key) {
    const auto id = id_of_certificate(session, certificate);
    if (!id) return id.error();
    const auto keys = find(session, CKO_PRIVATE_KEY, ByteView(*id));
    if (!keys) return keys.error();
    if (keys->size() != 1) return Error{Errc::key_mismatch, std::to_string(keys->size()) + " private keys have the certificate's CKA_ID"};

    PrivateKey key{keys->front(), {}};
    const auto shown = attributes(session, key.handle,
                                  {{CKA_KEY_TYPE, sizeof(CK_KEY_TYPE)},
                                   {CKA_SENSITIVE, 1},
                                   {CKA_EXTRACTABLE, 1},
                                   {CKA_ALWAYS_SENSITIVE, 1},
                                   {CKA_NEVER_EXTRACTABLE, 1},
                                   {CKA_LOCAL, 1},
                                   {CKA_ALWAYS_AUTHENTICATE, 1}});
    const auto matches = key_matches(session, key.handle, key_type(shown[0]), *id, public_key);
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
