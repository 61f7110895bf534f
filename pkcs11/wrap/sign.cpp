#include "pkcs11/wrap/sign.hpp"

#include "pkcs11/wrap/ck_result.hpp"
#include "pkcs11/wrap/session.hpp"

#include <algorithm>

namespace jk::pkcs11 {
namespace {

constexpr std::size_t largest_signature = 1024; ///< RSA-8192

struct HashNames {
    CK_MECHANISM_TYPE hash;
    CK_RSA_PKCS_MGF_TYPE mgf;
    std::uint8_t oid_end; ///< last octet of 2.16.840.1.101.3.4.2.x
};

HashNames names_of(HashFunction hash) {
    switch (hash) {
    case HashFunction::sha256: return {CKM_SHA256, CKG_MGF1_SHA256, 1};
    case HashFunction::sha384: return {CKM_SHA384, CKG_MGF1_SHA384, 2};
    case HashFunction::sha512: return {CKM_SHA512, CKG_MGF1_SHA512, 3};
    }
    return {};
}

/// DigestInfo of RFC 8017 9.2: what CKM_RSA_PKCS pads and signs.
Bytes digest_info(const Digest& digest) {
    const auto value = digest.value();
    const auto size = static_cast<std::uint8_t>(value.size());
    Bytes info{0x30, static_cast<std::uint8_t>(17 + size), 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04,
               0x02, names_of(digest.hash()).oid_end,      0x05, 0x00, 0x04, size};
    info.insert(info.end(), value.begin(), value.end());
    return info;
}

Outcome<void> begin(const Session& session, const PrivateKey& key, CK_MECHANISM* how) {
    const CK_RV rv = session.module().functions().C_SignInit(session.handle(), how, key.handle);
    return rv == CKR_OK ? done() : ck_error("C_SignInit", rv);
}

Outcome<Bytes> finish(const Session& session, Bytes input) {
    input.reserve(1); // modules take a null pointer for a missing argument, and an empty message may be signed, too
    Bytes signature(largest_signature);
    CK_ULONG size = signature.size();
    const auto& functions = session.module().functions();
    if (const CK_RV rv = functions.C_Sign(session.handle(), input.data(), input.size(), signature.data(), &size); rv != CKR_OK)
        return ck_error("C_Sign", rv);
    if (size == 0 || size > signature.size())
        return Error{Errc::token_failed, "C_Sign gave an impossible length"}.with("function", "C_Sign").with("result", "length");
    signature.resize(size);
    return signature;
}

Outcome<Bytes> carry_out(const Session& session, const PrivateKey& key, CK_MECHANISM* how, Bytes input, const Secret* pin) {
    const CallMark mark(session.module().board(), session.lane(),
                        key.custody.always_authenticate && pin == nullptr ? Call::login_on_pin_pad : Call::sign);
    if (auto ok = begin(session, key, how); !ok) return ok.error();
    if (key.custody.always_authenticate) {
        const ByteView typed = pin != nullptr ? pin->expose() : ByteView{};
        const CK_RV rv =
            session.module().functions().C_Login(session.handle(), CKU_CONTEXT_SPECIFIC, const_cast<CK_UTF8CHAR*>(typed.data()), typed.size());
        if (rv != CKR_OK) return ck_error("C_Login (CKU_CONTEXT_SPECIFIC)", rv);
    }
    return finish(session, std::move(input));
}

Outcome<Bytes> carry_out(const Session& session, const PrivateKey& key, const Mechanism& mechanism, Hashing hashing, Bytes input, const Secret* pin) {
    SignMechanism how(mechanism, hashing);
    return carry_out(session, key, how.get(), std::move(input), pin);
}

/// What C_Sign takes of a digest.
Bytes input_of(const Mechanism& mechanism, const Digest& digest) {
    return mechanism.padding == Padding::pkcs1_v15 ? digest_info(digest) : Bytes(digest.value().begin(), digest.value().end());
}

} // namespace

CK_MECHANISM_TYPE ck_type(const Mechanism& mechanism, Hashing hashing) {
    const auto of = [&](CK_MECHANISM_TYPE here, CK_MECHANISM_TYPE sha256, CK_MECHANISM_TYPE sha384, CK_MECHANISM_TYPE sha512) {
        if (hashing == Hashing::here) return here;
        return mechanism.hash == HashFunction::sha256 ? sha256 : mechanism.hash == HashFunction::sha384 ? sha384 : sha512;
    };
    if (mechanism.key == KeyKind::ec) return of(CKM_ECDSA, CKM_ECDSA_SHA256, CKM_ECDSA_SHA384, CKM_ECDSA_SHA512);
    if (mechanism.padding == Padding::pss) return of(CKM_RSA_PKCS_PSS, CKM_SHA256_RSA_PKCS_PSS, CKM_SHA384_RSA_PKCS_PSS, CKM_SHA512_RSA_PKCS_PSS);
    return of(CKM_RSA_PKCS, CKM_SHA256_RSA_PKCS, CKM_SHA384_RSA_PKCS, CKM_SHA512_RSA_PKCS);
}

Hashing hashing_for(const Module& module, CK_SLOT_ID slot, const Mechanism& mechanism) {
    const CallMark mark(module.board(), 0, Call::enumerate);
    const auto types = mechanism_types(module, slot);
    const auto has = [&](CK_MECHANISM_TYPE type) { return std::ranges::find(types, type) != types.end(); };
    const bool only_hashing = !has(ck_type(mechanism, Hashing::here)) && has(ck_type(mechanism, Hashing::on_the_token));
    return only_hashing ? Hashing::on_the_token : Hashing::here;
}

SignMechanism::SignMechanism(const Mechanism& mechanism, Hashing hashing)
    : m_pss{names_of(mechanism.hash).hash, names_of(mechanism.hash).mgf, size_of(mechanism.hash)}, m_how{ck_type(mechanism, hashing), nullptr, 0} {
    if (mechanism.padding == Padding::pss) m_how = {m_how.mechanism, &m_pss, sizeof m_pss};
}

Outcome<Bytes> sign(const Session& session, const PrivateKey& key, const Mechanism& mechanism, const Digest& digest, const Secret* pin) {
    return carry_out(session, key, mechanism, Hashing::here, input_of(mechanism, digest), pin);
}

Outcome<void> begin_sign(const Session& session, const PrivateKey& key, SignMechanism& how) {
    const CallMark mark(session.module().board(), session.lane(), Call::sign);
    return begin(session, key, how.get());
}

Outcome<Bytes> finish_sign(const Session& session, const Mechanism& mechanism, const Digest& digest) {
    const CallMark mark(session.module().board(), session.lane(), Call::sign);
    return finish(session, input_of(mechanism, digest));
}

Outcome<Bytes> sign_hashing(const Session& session, const PrivateKey& key, const Mechanism& mechanism, ByteView hashed, const Secret* pin) {
    return carry_out(session, key, mechanism, Hashing::on_the_token, Bytes(hashed.begin(), hashed.end()), pin);
}

Outcome<Bytes> sign_message(const Session& session, const PrivateKey& key, ByteView message, const Secret* pin) {
    CK_MECHANISM how{CKM_EDDSA, nullptr, 0}; // without parameters: pure Ed25519 (v3.0 2.3.14)
    return carry_out(session, key, &how, Bytes(message.begin(), message.end()), pin);
}

} // namespace jk::pkcs11
