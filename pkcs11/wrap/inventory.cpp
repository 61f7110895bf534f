#include "pkcs11/wrap/inventory.hpp"

#include "pkcs11/wrap/ck_result.hpp"
#include "pkcs11/wrap/discovery.hpp"
#include "pkcs11/wrap/objects.hpp"
#include "pkcs11/wrap/public_half.hpp"

#include <algorithm>

namespace jk::pkcs11 {
namespace {

constexpr std::size_t max_label = 128, max_id = 128;

std::string label_of(const std::optional<Bytes>& value) { return value ? std::string(text_of(*value)) : std::string(); }

void read_objects(const Session& session, ShownToken& token) {
    const auto objects = find_all(session);
    for (const auto object : objects ? *objects : std::vector<CK_OBJECT_HANDLE>()) {
        const auto shown = attributes(session, object, {{CKA_CLASS, sizeof(CK_OBJECT_CLASS)}, {CKA_ID, max_id}, {CKA_LABEL, max_label}});
        CK_OBJECT_CLASS object_class = CK_UNAVAILABLE_INFORMATION;
        if (shown[0] && shown[0]->size() == sizeof object_class)
            std::copy(shown[0]->begin(), shown[0]->end(), reinterpret_cast<std::uint8_t*>(&object_class));
        const auto id = shown[1].value_or(Bytes());
        if (object_class == CKO_PUBLIC_KEY) {
            token.contents.keys.push_back({id, label_of(shown[2]), public_half(session, object)});
        } else if (object_class == CKO_CERTIFICATE) {
            const auto value = attribute(session, object, CKA_VALUE);
            token.certificates.push_back({id, label_of(shown[2]), value.value_or(Bytes())});
        } else if (object_class != CKO_HW_FEATURE && object_class != CKO_MECHANISM) {
            ++token.contents.other_objects;
        }
    }
}

Outcome<ShownToken> show(const Module& module, CK_SLOT_ID slot, Depth depth) {
    const auto state = token_state(module, slot);
    if (!state) return state.error();
    CK_TOKEN_INFO info{};
    {
        const CallMark mark(module.board(), 0, Call::get_token_info);
        if (const CK_RV rv = module.functions().C_GetTokenInfo(slot, &info); rv != CKR_OK) return ck_error("C_GetTokenInfo", rv);
    }
    ShownToken token;
    token.slot = slot;
    token.contents.id.serial = padded_text(info.serialNumber, sizeof info.serialNumber);
    token.contents.label = padded_text(info.label, sizeof info.label);
    token.contents.manufacturer = padded_text(info.manufacturerID, sizeof info.manufacturerID);
    token.contents.model = padded_text(info.model, sizeof info.model);
    token.contents.initialised = (info.flags & CKF_TOKEN_INITIALIZED) != 0;
    token.contents.pin_state = token.contents.initialised ? state->pin_state : PinState::not_set;
    token.contents.pin_to_be_changed = token.contents.initialised && state->pin_to_be_changed;
    // SoftHSM says "locked" of a token that has no SO-PIN yet.
    token.contents.so_pin_locked = token.contents.initialised && (info.flags & CKF_SO_PIN_LOCKED) != 0;
    token.contents.pin_pad = (info.flags & CKF_PROTECTED_AUTHENTICATION_PATH) != 0;
    token.contents.least_pin = static_cast<std::uint32_t>(std::min<CK_ULONG>(info.ulMinPinLen, 1024));
    token.contents.most_pin = static_cast<std::uint32_t>(std::min<CK_ULONG>(info.ulMaxPinLen, 1024));
    if (depth == Depth::token_only || !token.contents.initialised) return token;
    const auto session = Session::open(module, slot, 0);
    if (!session) return session.error();
    read_objects(*session, token);
    return token;
}

} // namespace

Outcome<std::vector<ShownToken>> inventory(const Module& module, Depth depth) {
    CK_SLOT_ID slots[max_slots];
    CK_ULONG count = 0;
    {
        const CallMark mark(module.board(), 0, Call::enumerate);
        // A length of its own first: only then do modules look for new slots (v2.40, 5.5).
        (void)module.functions().C_GetSlotList(CK_TRUE, nullptr, &count);
        count = max_slots;
        if (const CK_RV rv = module.functions().C_GetSlotList(CK_TRUE, slots, &count); rv != CKR_OK) return ck_error("C_GetSlotList", rv);
    }
    std::vector<ShownToken> all;
    for (CK_ULONG i = 0; i < std::min<CK_ULONG>(count, max_slots); ++i) {
        auto token = show(module, slots[i], depth);
        if (token)
            all.push_back(std::move(*token));
        else if (token.error().code != Errc::token_removed)
            return token.error();
    }
    return all;
}

Outcome<ShownToken> find_token(const Module& module, const std::string& serial, Depth depth) {
    auto tokens = inventory(module, Depth::token_only);
    if (!tokens) return tokens.error();
    std::erase_if(*tokens, [&](const ShownToken& token) { return token.contents.id.serial != serial; });
    if (tokens->empty()) return Errc::token_absent;
    if (tokens->size() > 1) return Error{Errc::token_ambiguous}.with("count", std::to_string(tokens->size()));
    if (depth == Depth::token_only) return std::move(tokens->front());
    return show(module, tokens->front().slot, depth);
}

} // namespace jk::pkcs11
