#include "agent/doors/pkcs11/token_facts.hpp"

#include <p11-kit/pkcs11.h>

#include <algorithm>

namespace jk::doors {
namespace {

using pkcs11::frames::Token;

std::uint64_t pin_flags(PinState state) {
    switch (state) {
    case PinState::ok: return CKF_USER_PIN_INITIALIZED;
    case PinState::count_low: return CKF_USER_PIN_INITIALIZED | CKF_USER_PIN_COUNT_LOW;
    case PinState::final_try: return CKF_USER_PIN_INITIALIZED | CKF_USER_PIN_FINAL_TRY;
    case PinState::locked: return CKF_USER_PIN_INITIALIZED | CKF_USER_PIN_LOCKED;
    case PinState::to_be_changed: return CKF_USER_PIN_INITIALIZED | CKF_USER_PIN_TO_BE_CHANGED;
    case PinState::not_set: return 0;
    }
    return 0;
}

/// With the digest made by the program, and with it made by the module.
std::pair<CK_MECHANISM_TYPE, CK_MECHANISM_TYPE> types_of(const Mechanism& mechanism) {
    const auto of = [&](CK_MECHANISM_TYPE sha256, CK_MECHANISM_TYPE sha384, CK_MECHANISM_TYPE sha512) {
        return mechanism.hash == HashFunction::sha256 ? sha256 : mechanism.hash == HashFunction::sha384 ? sha384 : sha512;
    };
    if (mechanism.key == KeyKind::ec) return {CKM_ECDSA, of(CKM_ECDSA_SHA256, CKM_ECDSA_SHA384, CKM_ECDSA_SHA512)};
    if (mechanism.padding == Padding::pss) return {CKM_RSA_PKCS_PSS, of(CKM_SHA256_RSA_PKCS_PSS, CKM_SHA384_RSA_PKCS_PSS, CKM_SHA512_RSA_PKCS_PSS)};
    return {CKM_RSA_PKCS, of(CKM_SHA256_RSA_PKCS, CKM_SHA384_RSA_PKCS, CKM_SHA512_RSA_PKCS)};
}

void offer(Token& token, CK_MECHANISM_TYPE type, std::uint64_t least, std::uint64_t most, CK_FLAGS flags) {
    const auto known = std::ranges::find(token.mechanisms, type, &Token::Mechanism::type);
    if (known != token.mechanisms.end())
        known->flags |= flags;
    else
        token.mechanisms.push_back({type, least, most, flags});
}

std::string cut(const std::string& text) { return text.substr(0, pkcs11::frames::max_text); }

} // namespace

Token token_facts(const TokenInfo& token, const policy::LocalProgramTerms& terms) {
    Token facts;
    facts.id = token.id;
    facts.label = cut(token.label);
    facts.manufacturer = cut(token.manufacturer);
    facts.model = cut(token.model);
    facts.flags = CKF_TOKEN_INITIALIZED | CKF_PROTECTED_AUTHENTICATION_PATH | CKF_WRITE_PROTECTED | CKF_RNG | pin_flags(token.pin_state);
    if (!terms.ask_at_use) facts.flags |= CKF_LOGIN_REQUIRED;
    for (const auto& mechanism : token.mechanisms) {
        if (policy::hashed_by(token, mechanism)) continue; // judge_task refuses it
        const bool ec = mechanism.key == KeyKind::ec;
        const auto [bare, hashed] = types_of(mechanism);
        const CK_FLAGS flags = CKF_SIGN | CKF_VERIFY | (ec ? CKF_EC_F_P | CKF_EC_NAMEDCURVE | CKF_EC_UNCOMPRESS : 0);
        offer(facts, bare, ec ? 256 : 2048, ec ? 521 : 8192, flags);
        offer(facts, hashed, ec ? 256 : 2048, ec ? 521 : 8192, flags);
        if (ec) continue;
        offer(facts, CKM_RSA_PKCS, 2048, 8192, CKF_DECRYPT);
        offer(facts, CKM_RSA_PKCS_OAEP, 2048, 8192, CKF_DECRYPT);
    }
    constexpr CK_FLAGS named_curve = CKF_EC_F_P | CKF_EC_NAMEDCURVE | CKF_EC_UNCOMPRESS;
    if (token.eddsa) offer(facts, CKM_EDDSA, 256, 256, CKF_SIGN | CKF_VERIFY | named_curve);
    if (token.ecdh) offer(facts, CKM_ECDH1_DERIVE, 256, 521, CKF_DERIVE | named_curve);
    for (const auto hash : {CKM_SHA256, CKM_SHA384, CKM_SHA512}) offer(facts, hash, 0, 0, CKF_DIGEST);
    return facts;
}

} // namespace jk::doors
