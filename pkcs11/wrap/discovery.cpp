#include "pkcs11/wrap/discovery.hpp"

#include "pkcs11/wrap/ck_result.hpp"
#include "pkcs11/wrap/session.hpp"
#include "pkcs11/wrap/sign.hpp"
#include "x509/openssl_ptr.hpp"
#include "x509/read_certificate.hpp"

#include <libp11.h>

#include <algorithm>
#include <cstring>

namespace jk::pkcs11 {
namespace {

/// libp11's slots for one enumeration; released before the next, so that PKCS11_update_slots is never needed.
class Slots {
public:
    explicit Slots(PKCS11_CTX* context) : m_context(context) {}
    ~Slots() {
        if (m_slots != nullptr) PKCS11_release_all_slots(m_context, m_slots, m_count);
    }
    Slots(const Slots&) = delete;
    Slots& operator=(const Slots&) = delete;
    bool enumerate() { return PKCS11_enumerate_slots(m_context, &m_slots, &m_count) == 0; }
    std::span<PKCS11_SLOT> all() const { return {m_slots, std::min<std::size_t>(m_count, max_slots)}; }

private:
    PKCS11_CTX* m_context;
    PKCS11_SLOT* m_slots = nullptr;
    unsigned int m_count = 0;
};

PinState pin_state_of(const PKCS11_TOKEN& token) {
    if (token.userPinLocked) return PinState::locked;
    if (!token.userPinSet) return PinState::not_set;
    if (token.userPinFinalTry) return PinState::final_try;
    if (token.userPinCountLow) return PinState::count_low;
    if (token.userPinToBeChanged) return PinState::to_be_changed;
    return PinState::ok;
}

void read_mechanisms(const Module& module, FoundToken& token) {
    const auto types = mechanism_types(module, token.slot);
    const auto has = [&](CK_MECHANISM_TYPE type) { return std::ranges::find(types, type) != types.end(); };
    auto& all = token.mechanisms;
    for (auto hash : {HashFunction::sha256, HashFunction::sha384, HashFunction::sha512}) {
        for (const Mechanism& mechanism : {Mechanism{KeyKind::rsa, hash, Padding::pkcs1_v15}, Mechanism{KeyKind::rsa, hash, Padding::pss},
                                           Mechanism{KeyKind::ec, hash, Padding::none}}) {
            const bool bare = has(ck_type(mechanism, Hashing::here)), hashing = has(ck_type(mechanism, Hashing::on_the_token));
            if (bare || hashing) all.push_back(mechanism);
            if (!bare && hashing) token.hashed_there.push_back(mechanism);
        }
    }
    token.eddsa = has(CKM_EDDSA);
    token.ecdh = has(CKM_ECDH1_DERIVE);
}

std::string text(const char* field) { return field != nullptr ? std::string(field) : std::string(); }

FoundToken describe(const Module& module, PKCS11_SLOT& slot) {
    PKCS11_TOKEN& token = *slot.token;
    FoundToken found;
    found.slot = PKCS11_get_slotid_from_slot(&slot);
    found.label = text(token.label);
    found.manufacturer = text(token.manufacturer);
    found.model = text(token.model);
    found.serial = text(token.serialnr);
    if (const auto state = token_state(module, found.slot)) found.firmware = state->firmware; // libp11 keeps it to itself
    found.pin_state = pin_state_of(token);
    found.pin_pad = token.secureLogin != 0;
    read_mechanisms(module, found);
    PKCS11_CERT* certificates = nullptr;
    unsigned int count = 0;
    if (PKCS11_enumerate_certs(&token, &certificates, &count) != 0) return found; // a token without certificates is still a token
    for (unsigned int i = 0; i < std::min<unsigned int>(count, max_certificates); ++i) {
        unsigned char* der = nullptr;
        const int size = certificates[i].x509 != nullptr ? i2d_X509(certificates[i].x509, &der) : -1;
        if (size <= 0) continue;
        const x509::OpensslBytes owner(der);
        found.certificates.emplace_back(der, der + size);
    }
    return found;
}

} // namespace

std::string padded_text(const unsigned char* field, std::size_t size) {
    std::string text(reinterpret_cast<const char*>(field), strnlen(reinterpret_cast<const char*>(field), size));
    while (!text.empty() && text.back() == ' ') text.pop_back();
    return text;
}

Bytes normal_form(ByteView der) {
    if (der.size() > x509::max_certificate_size) return {};
    const unsigned char* data = der.data();
    const x509::X509Ptr certificate(d2i_X509(nullptr, &data, static_cast<long>(der.size())));
    unsigned char* out = nullptr;
    const int size = certificate ? i2d_X509(certificate.get(), &out) : -1;
    if (size <= 0) return {};
    const x509::OpensslBytes owner(out);
    return {out, out + size};
}

Outcome<std::vector<FoundToken>> discover(const Module& module) {
    const auto filled = slots_with_token(module);
    if (!filled) return filled.error();
    if (filled->empty()) return std::vector<FoundToken>(); // libp11 0.4.12 takes a module without slots for a failure
    const CallMark mark(module.board(), 0, Call::enumerate);
    Slots slots(module.libp11());
    if (!slots.enumerate()) return ck_error("C_GetSlotList", CKR_GENERAL_ERROR);
    std::vector<FoundToken> found;
    for (auto& slot : slots.all())
        if (slot.token != nullptr && slot.token->initialized) found.push_back(describe(module, slot));
    return found;
}

} // namespace jk::pkcs11
