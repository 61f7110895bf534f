#include "pkcs11/module/mechanism.hpp"

#include <algorithm>
#include <new>

namespace jk::pkcs11::module {
namespace {

constexpr std::size_t largest_digest_info = 96;

struct Known {
    CK_MECHANISM_TYPE type;
    KeyKind key;
    Padding padding;
    std::optional<HashFunction> hashes;
};

const Known known[] = {
    {CKM_RSA_PKCS, KeyKind::rsa, Padding::pkcs1_v15, std::nullopt},
    {CKM_SHA256_RSA_PKCS, KeyKind::rsa, Padding::pkcs1_v15, HashFunction::sha256},
    {CKM_SHA384_RSA_PKCS, KeyKind::rsa, Padding::pkcs1_v15, HashFunction::sha384},
    {CKM_SHA512_RSA_PKCS, KeyKind::rsa, Padding::pkcs1_v15, HashFunction::sha512},
    {CKM_RSA_PKCS_PSS, KeyKind::rsa, Padding::pss, std::nullopt},
    {CKM_SHA256_RSA_PKCS_PSS, KeyKind::rsa, Padding::pss, HashFunction::sha256},
    {CKM_SHA384_RSA_PKCS_PSS, KeyKind::rsa, Padding::pss, HashFunction::sha384},
    {CKM_SHA512_RSA_PKCS_PSS, KeyKind::rsa, Padding::pss, HashFunction::sha512},
    {CKM_ECDSA, KeyKind::ec, Padding::none, std::nullopt},
    {CKM_ECDSA_SHA256, KeyKind::ec, Padding::none, HashFunction::sha256},
    {CKM_ECDSA_SHA384, KeyKind::ec, Padding::none, HashFunction::sha384},
    {CKM_ECDSA_SHA512, KeyKind::ec, Padding::none, HashFunction::sha512},
    {CKM_EDDSA, KeyKind::ed25519, Padding::none, std::nullopt},
};

CK_RSA_PKCS_MGF_TYPE mgf_of(HashFunction hash) {
    return hash == HashFunction::sha256 ? CKG_MGF1_SHA256 : hash == HashFunction::sha384 ? CKG_MGF1_SHA384 : CKG_MGF1_SHA512;
}

/// The token signs PSS with MGF1 of the same function and a salt as long as the digest; anything else is refused rather than done otherwise.
CK_RV read_pss(const CK_MECHANISM& mechanism, std::optional<HashFunction>& function) {
    if (mechanism.pParameter == nullptr || mechanism.ulParameterLen != sizeof(CK_RSA_PKCS_PSS_PARAMS)) return CKR_MECHANISM_PARAM_INVALID;
    const auto& p = *static_cast<const CK_RSA_PKCS_PSS_PARAMS*>(mechanism.pParameter);
    const auto hash = hash_of(p.hashAlg);
    if (!hash || p.mgf != mgf_of(*hash) || p.sLen != size_of(*hash) || (function && *function != *hash)) return CKR_MECHANISM_PARAM_INVALID;
    function = hash;
    return CKR_OK;
}

CK_KEY_TYPE type_of(KeyKind kind) { return kind == KeyKind::rsa ? CKK_RSA : kind == KeyKind::ec ? CKK_EC : CKK_EC_EDWARDS; }

/// Pure Ed25519 only: no prehash and no context (v3.0 2.3.14).
CK_RV read_eddsa(const CK_MECHANISM& mechanism) {
    if (mechanism.pParameter == nullptr) return mechanism.ulParameterLen == 0 ? CKR_OK : CKR_MECHANISM_PARAM_INVALID;
    if (mechanism.ulParameterLen != sizeof(CK_EDDSA_PARAMS)) return CKR_MECHANISM_PARAM_INVALID;
    const auto& p = *static_cast<const CK_EDDSA_PARAMS*>(mechanism.pParameter);
    return p.phFlag == CK_FALSE && p.ulContextDataLen == 0 ? CKR_OK : CKR_MECHANISM_PARAM_INVALID;
}

/// DigestInfo (RFC 8017 9.2) of SHA-256, SHA-384 or SHA-512, byte for byte.
std::optional<Digest> read_digest_info(ByteView info) {
    for (const auto hash : {HashFunction::sha256, HashFunction::sha384, HashFunction::sha512}) {
        const auto size = static_cast<std::uint8_t>(size_of(hash));
        const auto last = static_cast<std::uint8_t>(hash == HashFunction::sha256 ? 1 : hash == HashFunction::sha384 ? 2 : 3);
        const std::uint8_t head[] = {0x30, static_cast<std::uint8_t>(17 + size),
                                     0x30, 0x0d,
                                     0x06, 0x09,
                                     0x60, 0x86,
                                     0x48, 0x01,
                                     0x65, 0x03,
                                     0x04, 0x02,
                                     last, 0x05,
                                     0x00, 0x04,
                                     size};
        if (info.size() == sizeof head + size && std::ranges::equal(info.first(sizeof head), head))
            return Digest::from(hash, info.subspan(sizeof head));
    }
    return std::nullopt;
}

} // namespace

const EVP_MD* md_of(HashFunction hash) {
    return hash == HashFunction::sha256 ? EVP_sha256() : hash == HashFunction::sha384 ? EVP_sha384() : EVP_sha512();
}

std::optional<HashFunction> hash_of(CK_MECHANISM_TYPE type) {
    switch (type) {
    case CKM_SHA256: return HashFunction::sha256;
    case CKM_SHA384: return HashFunction::sha384;
    case CKM_SHA512: return HashFunction::sha512;
    default: return std::nullopt;
    }
}

CK_RV SignatureInput::begin(const CK_MECHANISM& mechanism, CK_KEY_TYPE key, SignatureInput& input) {
    const auto* entry = std::ranges::find(known, mechanism.mechanism, &Known::type);
    if (entry == std::end(known)) return CKR_MECHANISM_INVALID;
    if (type_of(entry->key) != key) return CKR_KEY_TYPE_INCONSISTENT;
    auto function = entry->hashes;
    if (entry->padding == Padding::pss)
        if (const CK_RV rv = read_pss(mechanism, function); rv != CKR_OK) return rv;
    if (entry->key == KeyKind::ed25519)
        if (const CK_RV rv = read_eddsa(mechanism); rv != CKR_OK) return rv;
    input.m_mechanism = {entry->key, HashFunction::sha256, entry->padding};
    input.m_function = function;
    input.m_bytes.clear();
    input.m_hash.reset();
    if (entry->hashes) {
        input.m_hash.reset(EVP_MD_CTX_new());
        if (!input.m_hash || EVP_DigestInit_ex(input.m_hash.get(), md_of(*function), nullptr) != 1) throw std::bad_alloc();
    }
    return CKR_OK;
}

CK_RV SignatureInput::add(ByteView data) {
    if (m_hash) return EVP_DigestUpdate(m_hash.get(), data.data(), data.size()) == 1 ? CKR_OK : CKR_GENERAL_ERROR;
    const auto most = m_mechanism.key == KeyKind::ed25519 ? MessageToSign::most : largest_digest_info;
    if (m_bytes.size() + data.size() > most) return CKR_DATA_LEN_RANGE;
    m_bytes.insert(m_bytes.end(), data.begin(), data.end());
    return CKR_OK;
}

CK_RV SignatureInput::finish(ToSign& to_sign) {
    if (m_mechanism.key == KeyKind::ed25519) {
        to_sign = MessageToSign{std::move(m_bytes)};
        return CKR_OK;
    }
    std::optional<Digest> digest;
    if (m_hash) {
        std::uint8_t value[EVP_MAX_MD_SIZE];
        unsigned size = 0;
        if (EVP_DigestFinal_ex(m_hash.get(), value, &size) != 1) return CKR_GENERAL_ERROR;
        digest = Digest::from(*m_function, {value, size});
    } else if (m_mechanism.padding == Padding::pkcs1_v15) {
        digest = read_digest_info(m_bytes);
        if (!digest) return CKR_DATA_INVALID;
    } else {
        for (const auto hash : {HashFunction::sha256, HashFunction::sha384, HashFunction::sha512})
            if (!digest && (!m_function || *m_function == hash)) digest = Digest::from(hash, m_bytes);
    }
    if (!digest) return CKR_DATA_LEN_RANGE;
    m_mechanism.hash = digest->hash();
    to_sign = DigestToSign{m_mechanism, *digest};
    return CKR_OK;
}

} // namespace jk::pkcs11::module
