// C_Initialize and C_Finalize; slots, tokens and mechanisms.
#include "pkcs11/module/entry.hpp"

#include <algorithm>
#include <cstring>

namespace jk::pkcs11::module {
CK_RV initialise();
CK_RV finalise();

namespace {

constexpr CK_VERSION library_version{0, 1};

/// Fixed width, padded with blanks, cut at whole UTF-8 characters.
template <std::size_t N> void put(CK_UTF8CHAR (&field)[N], std::string_view text) {
    auto size = std::min(text.size(), N);
    while (size > 0 && size < text.size() && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) --size;
    std::memset(field, ' ', N);
    std::memcpy(field, text.data(), size);
}

CK_RV check(const CK_C_INITIALIZE_ARGS* arguments) {
    if (arguments == nullptr) return CKR_OK;
    if (arguments->pReserved != nullptr) return CKR_ARGUMENTS_BAD;
    const int given = (arguments->CreateMutex != nullptr) + (arguments->DestroyMutex != nullptr) + (arguments->LockMutex != nullptr) +
                      (arguments->UnlockMutex != nullptr);
    if (given != 0 && given != 4) return CKR_ARGUMENTS_BAD;
    // A program that wants only its own locks used cannot have that: ours are the system's.
    return given == 4 && (arguments->flags & CKF_OS_LOCKING_OK) == 0 ? CKR_CANT_LOCK : CKR_OK;
}

CK_RV token_at(Application& application, CK_SLOT_ID id, Slot& slot) {
    if (const CK_RV rv = application.slot(id, slot); rv != CKR_OK) return rv;
    return slot.present ? CKR_OK : CKR_TOKEN_NOT_PRESENT;
}

} // namespace
} // namespace jk::pkcs11::module

using namespace jk::pkcs11::module;

CK_RV C_Initialize(void* arguments) {
    return guarded([&]() -> CK_RV {
        const CK_RV rv = check(static_cast<const CK_C_INITIALIZE_ARGS*>(arguments));
        return rv != CKR_OK ? rv : initialise();
    });
}

CK_RV C_Finalize(void* reserved) {
    return guarded([&]() -> CK_RV { return reserved != nullptr ? CKR_ARGUMENTS_BAD : finalise(); });
}

CK_RV C_GetInfo(CK_INFO* info) {
    return with_application([&](Application&) -> CK_RV {
        if (info == nullptr) return CKR_ARGUMENTS_BAD;
        *info = CK_INFO{};
        info->cryptokiVersion = {2, 40};
        put(info->manufacturerID, "Jurukunci");
        put(info->libraryDescription, "Jurukunci PKCS#11");
        info->libraryVersion = library_version;
        return CKR_OK;
    });
}

CK_RV C_GetSlotList(CK_BBOOL only_with_token, CK_SLOT_ID* slots, CK_ULONG* count) {
    return with_application([&](Application& application) -> CK_RV {
        if (count == nullptr) return CKR_ARGUMENTS_BAD;
        (void)application.refresh(); // without an agent there is no token, and that is the answer
        std::vector<CK_SLOT_ID> all;
        for (CK_SLOT_ID id = 0; id < application.slot_count(); ++id) {
            Slot slot;
            if (application.slot(id, slot) == CKR_OK && (slot.present || only_with_token == CK_FALSE)) all.push_back(id);
        }
        if (slots != nullptr && *count < all.size()) {
            *count = all.size();
            return CKR_BUFFER_TOO_SMALL;
        }
        if (slots != nullptr) std::ranges::copy(all, slots);
        *count = all.size();
        return CKR_OK;
    });
}

CK_RV C_GetSlotInfo(CK_SLOT_ID id, CK_SLOT_INFO* info) {
    return with_application([&](Application& application) -> CK_RV {
        if (info == nullptr) return CKR_ARGUMENTS_BAD;
        (void)application.refresh();
        Slot slot;
        if (const CK_RV rv = application.slot(id, slot); rv != CKR_OK) return rv;
        *info = CK_SLOT_INFO{};
        put(info->slotDescription, slot.token.serial.empty() ? "Jurukunci" : "Jurukunci: " + slot.facts.label);
        put(info->manufacturerID, "Jurukunci");
        info->flags = CKF_REMOVABLE_DEVICE | (slot.present ? CKF_TOKEN_PRESENT : 0);
        info->firmwareVersion = library_version;
        return CKR_OK;
    });
}

CK_RV C_GetTokenInfo(CK_SLOT_ID id, CK_TOKEN_INFO* info) {
    return with_application([&](Application& application) -> CK_RV {
        if (info == nullptr) return CKR_ARGUMENTS_BAD;
        (void)application.refresh();
        Slot slot;
        if (const CK_RV rv = token_at(application, id, slot); rv != CKR_OK) return rv;
        *info = CK_TOKEN_INFO{};
        put(info->label, slot.facts.label);
        put(info->manufacturerID, slot.facts.manufacturer);
        put(info->model, slot.facts.model);
        std::memset(info->serialNumber, ' ', sizeof info->serialNumber);
        std::memcpy(info->serialNumber, slot.token.serial.data(), std::min(slot.token.serial.size(), sizeof info->serialNumber));
        info->flags = slot.facts.flags;
        info->ulMaxSessionCount = info->ulSessionCount = CK_UNAVAILABLE_INFORMATION;
        info->ulMaxRwSessionCount = 0;
        info->ulMaxPinLen = 255;
        info->ulMinPinLen = 0;
        info->ulTotalPublicMemory = info->ulFreePublicMemory = CK_UNAVAILABLE_INFORMATION;
        info->ulTotalPrivateMemory = info->ulFreePrivateMemory = CK_UNAVAILABLE_INFORMATION;
        std::memset(info->utcTime, ' ', sizeof info->utcTime);
        return CKR_OK;
    });
}

CK_RV C_WaitForSlotEvent(CK_FLAGS flags, CK_SLOT_ID* slot, void* reserved) {
    return with_application([&](Application& application) -> CK_RV {
        if (slot == nullptr || reserved != nullptr) return CKR_ARGUMENTS_BAD;
        // A thread that waits inside somebody else's library cannot be ended by its program.
        if ((flags & CKF_DONT_BLOCK) == 0) return CKR_FUNCTION_NOT_SUPPORTED;
        (void)application.refresh();
        const auto changed = application.take_event();
        if (!changed) return CKR_NO_EVENT;
        *slot = *changed;
        return CKR_OK;
    });
}

CK_RV C_GetMechanismList(CK_SLOT_ID id, CK_MECHANISM_TYPE* types, CK_ULONG* count) {
    return with_application([&](Application& application) -> CK_RV {
        if (count == nullptr) return CKR_ARGUMENTS_BAD;
        Slot slot;
        if (const CK_RV rv = token_at(application, id, slot); rv != CKR_OK) return rv;
        const auto& all = slot.facts.mechanisms;
        if (types != nullptr && *count < all.size()) {
            *count = all.size();
            return CKR_BUFFER_TOO_SMALL;
        }
        if (types != nullptr) std::ranges::transform(all, types, [](const auto& m) { return m.type; });
        *count = all.size();
        return CKR_OK;
    });
}

CK_RV C_GetMechanismInfo(CK_SLOT_ID id, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO* info) {
    return with_application([&](Application& application) -> CK_RV {
        if (info == nullptr) return CKR_ARGUMENTS_BAD;
        Slot slot;
        if (const CK_RV rv = token_at(application, id, slot); rv != CKR_OK) return rv;
        for (const auto& m : slot.facts.mechanisms) {
            if (m.type != type) continue;
            *info = {m.least_bits, m.most_bits, m.flags};
            return CKR_OK;
        }
        return CKR_MECHANISM_INVALID;
    });
}
