// A key pair that is born on the token, and the one signature that it makes before it has a certificate.
#include "pkcs11/wrap/administration.hpp"
#include "pkcs11/wrap/ck_result.hpp"
#include "pkcs11/wrap/objects.hpp"
#include "pkcs11/wrap/public_half.hpp"
#include "pkcs11/wrap/sign.hpp"

#include <openssl/rand.h>

namespace jk::pkcs11 {
namespace {

CK_ULONG rsa_bits(KeyChoice key) {
    switch (key) {
    case KeyChoice::rsa2048: return 2048;
    case KeyChoice::rsa3072: return 3072;
    case KeyChoice::rsa4096: return 4096;
    default: return 0;
    }
}

/// CKA_EC_PARAMS: the curve's OID; of Ed25519 its name, a PrintableString (v3.0 2.3.5). Empty for RSA.
Bytes curve_of(KeyChoice key) {
    switch (key) {
    case KeyChoice::p256: return {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
    case KeyChoice::p384: return {0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22};
    case KeyChoice::p521: return {0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23};
    case KeyChoice::ed25519: return {0x13, 0x0c, 'e', 'd', 'w', 'a', 'r', 'd', 's', '2', '5', '5', '1', '9'};
    default: return {};
    }
}

CK_MECHANISM_TYPE way_to_make(KeyChoice key) {
    if (rsa_bits(key) != 0) return CKM_RSA_PKCS_KEY_PAIR_GEN;
    return key == KeyChoice::ed25519 ? CKM_EC_EDWARDS_KEY_PAIR_GEN : CKM_EC_KEY_PAIR_GEN;
}

struct Handles {
    CK_OBJECT_HANDLE public_key = 0, private_key = 0;
};

/// CKA_ID is chosen before the key is: set afterwards, by a digest of the key, it would be two more writes, and an interruption between them would
/// leave two halves that no longer find each other.
Outcome<Handles> call_generate(const Session& session, const step::GenerateKey& wish, Bytes& id) {
    CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    CK_BBOOL encrypts = wish.purpose == KeyPurpose::encryption ? CK_TRUE : CK_FALSE;
    std::string label = wish.label;
    CK_ULONG bits = rsa_bits(wish.key);
    CK_BYTE exponent[] = {1, 0, 1};
    const bool rsa = bits != 0;
    std::vector<CK_ATTRIBUTE> pub{{CKA_TOKEN, &yes, sizeof yes},
                                  {CKA_PRIVATE, &no, sizeof no},
                                  {CKA_VERIFY, &yes, sizeof yes},
                                  {CKA_ID, id.data(), id.size()},
                                  {CKA_LABEL, label.data(), label.size()}};
    std::vector<CK_ATTRIBUTE> priv{{CKA_TOKEN, &yes, sizeof yes},     {CKA_PRIVATE, &yes, sizeof yes},        {CKA_SENSITIVE, &yes, sizeof yes},
                                   {CKA_EXTRACTABLE, &no, sizeof no}, {CKA_SIGN, &yes, sizeof yes},           {CKA_UNWRAP, &no, sizeof no},
                                   {CKA_ID, id.data(), id.size()},    {CKA_LABEL, label.data(), label.size()}};
    Bytes curve = curve_of(wish.key);
    if (rsa) {
        pub.push_back({CKA_MODULUS_BITS, &bits, sizeof bits});
        pub.push_back({CKA_PUBLIC_EXPONENT, exponent, sizeof exponent});
        pub.push_back({CKA_ENCRYPT, &encrypts, sizeof encrypts});
        priv.push_back({CKA_DECRYPT, &encrypts, sizeof encrypts});
    } else {
        pub.push_back({CKA_EC_PARAMS, curve.data(), curve.size()});
        if (wish.key != KeyChoice::ed25519) priv.push_back({CKA_DERIVE, &encrypts, sizeof encrypts});
    }
    CK_MECHANISM mechanism{way_to_make(wish.key), nullptr, 0};
    Handles handles;
    const CallMark mark(session.module().board(), session.lane(), Call::generate_key_pair);
    const CK_RV rv = session.module().functions().C_GenerateKeyPair(session.handle(), &mechanism, pub.data(), pub.size(), priv.data(), priv.size(),
                                                                    &handles.public_key, &handles.private_key);
    if (rv != CKR_OK) return ck_error("C_GenerateKeyPair", rv);
    return handles;
}

/// Both halves, whatever became of the first. `why`: what was wrong with the key; it is the answer once the token has no such key any more.
Error destroy_again(const Session& session, const ShownToken& token, const Handles& handles, const Error& why) {
    std::optional<Error> left;
    for (const auto half : {handles.private_key, handles.public_key}) {
        const CallMark mark(session.module().board(), session.lane(), Call::write_object);
        const CK_RV rv = session.module().functions().C_DestroyObject(session.handle(), half);
        if (rv != CKR_OK && !left)
            left = Error{Errc::key_not_destroyed, why.log_line()}.with("token", token.contents.label).with("result", name_of(rv));
    }
    return left.value_or(why);
}

Outcome<void> judge(const KeyCustody& custody) {
    if (custody.extractable || !custody.never_extractable) return Errc::key_extractable;
    for (const auto& [name, holds] : {std::pair("CKA_SENSITIVE", custody.sensitive), std::pair("CKA_ALWAYS_SENSITIVE", custody.always_sensitive),
                                      std::pair("CKA_LOCAL", custody.local)})
        if (!holds) return Error{Errc::key_unprotected}.with("attribute", name);
    return done();
}

/// Row 8.4 of the regulations: the PIN is the holder's own before a key or a request for its certificate is made. The gate has asked the same of
/// what the token showed before the consent; this is what it shows now.
Outcome<void> own_pin(const ShownToken& token) {
    if (token.contents.pin_to_be_changed) return Error{Errc::pin_must_change}.with("token", token.contents.label);
    return done();
}

/// The public key object with this public half, by its CKA_ID.
Outcome<Bytes> id_of(const Session& session, const ShownToken& token, ByteView public_key) {
    const auto objects = find(session, CKO_PUBLIC_KEY);
    if (!objects) return objects.error();
    for (const auto object : *objects)
        if (text_of(public_half(session, object)) == text_of(public_key)) {
            auto id = attribute(session, object, CKA_ID);
            if (id && !id->empty()) return std::move(*id);
        }
    return Error{Errc::key_absent}.with("token", token.contents.label);
}

Outcome<Bytes> sign_one(const Module& module, const ShownToken& token, const Session& session, const PrivateKey& key,
                        const step::SignRequestInfo& wish, const Secret* pin) {
    if (wish.mechanism.key == KeyKind::ed25519) return sign_message(session, key, wish.info, pin);
    if (hashing_for(module, token.slot, wish.mechanism) == Hashing::on_the_token) return sign_hashing(session, key, wish.mechanism, wish.info, pin);
    return sign(session, key, wish.mechanism, wish.digest, pin);
}

} // namespace

Outcome<NewKeyPair> generate_key_pair(const Module& module, const ShownToken& token, const Secret* pin, const step::GenerateKey& wish) {
    if (auto ok = own_pin(token); !ok) return ok.error();
    const auto session = Session::open_for_writing(module, token.slot, 0);
    if (!session) return session.error();
    const auto login = Login::as_user(*session, pin);
    if (!login) return login.error();
    NewKeyPair pair;
    pair.id.resize(20);
    if (RAND_bytes(pair.id.data(), static_cast<int>(pair.id.size())) != 1) return Error{Errc::device_failed, "the system gives no randomness"};
    const auto handles = call_generate(*session, wish, pair.id);
    if (!handles) return handles.error();
    pair.custody = show_key(*session, handles->private_key).custody;
    if (auto ok = judge(pair.custody); !ok) return destroy_again(*session, token, *handles, ok.error());
    pair.public_key = public_half(*session, handles->public_key);
    if (pair.public_key.empty()) {
        const auto why = Error{Errc::token_failed}.with("function", "C_GetAttributeValue").with("result", "no public half");
        return destroy_again(*session, token, *handles, why);
    }
    pair.custody.known_to_match_certificate = true; // there is none to differ from
    return pair;
}

Outcome<RequestSignature> sign_request_info(const Module& module, const ShownToken& token, const Secret* pin, const step::SignRequestInfo& wish) {
    if (auto ok = own_pin(token); !ok) return ok.error();
    const auto session = Session::open(module, token.slot, 0);
    if (!session) return session.error();
    const auto login = Login::as_user(*session, pin);
    if (!login) return login.error();
    const auto id = id_of(*session, token, wish.public_key);
    if (!id) return id.error();
    const auto keys = find(*session, CKO_PRIVATE_KEY, ByteView(*id));
    if (!keys) return keys.error();
    if (keys->size() != 1) return Error{Errc::key_mismatch, std::to_string(keys->size()) + " private keys have the public key's CKA_ID"};
    const PrivateKey key{keys->front(), show_key(*session, keys->front()).custody};
    if (auto ok = judge(key.custody); !ok) return ok.error();
    auto signature = sign_one(module, token, *session, key, wish, pin);
    if (!signature) return signature.error();
    return RequestSignature{std::move(*signature), key.custody};
}

} // namespace jk::pkcs11
