// unruly_pkcs11.so: SoftHSM2 with bad manners, switched from outside. A real module in every call but the ones it is told to spoil.
//
// UNRULY_CONTROL names a file that is read at every call: one order per line, "FUNCTION MANNER".
//   hang     sleep for ever            crash    SIGSEGV
//   done-hang, done-crash  (what changes a token) the same once the token has done it; "FUNCTION done" is logged before
//   refuse   (C_SetPIN, C_DestroyObject) does not do it
//   wrong    a signature with one bit flipped           length   an impossible length
//   removed  CKR_DEVICE_REMOVED        slow     200 ms first
//   lie      hang, and say on the call board that the call begins in an hour        renew    hang, and say again and again that it begins now
//   gone     (C_Sign, C_Decrypt) a vague error, and then no token       many     (C_GetSlotList) thousands of millions of slots
//   blind    (C_GetSlotList) this process sees no token any more, also when it may: as after a restart of pcscd
//   forgets  (C_Sign) says every other time that nothing was begun
//   pinpad   (C_GetTokenInfo) claims a PIN pad          locked   (C_GetTokenInfo) claims a locked PIN
//   stay     (C_DestroyObject) one object goes, the others are refused for a reason of their own
//   vague    (C_SetPIN) says of a wrong old PIN that one of the two is invalid
//   expired  (C_Login) a right PIN has run out: CKR_PIN_EXPIRED until C_SetPIN        unseen  the same of any PIN, without a look at it
//   anew     (C_Login) takes the PIN at the login, and refuses it where a signature wants it anew
//   low      (C_GetTokenInfo) claims that a wrong PIN was typed        initial  (C_GetTokenInfo) claims a PIN that is to be changed, and "low", too; "expired": without that
//   final    (C_GetTokenInfo) claims the last try       swapped  (C_GetTokenInfo) another card's serial number
//   hashing  (C_GetMechanismList) takes no digest, only what is to be hashed: no CKM_RSA_PKCS for signing, no CKM_RSA_PKCS_PSS, no CKM_ECDSA
//   extractable  (C_GetAttributeValue) says that every key can be exported
//   imported     (C_GetAttributeValue) says that no key was born on the token (CKA_LOCAL)
//   extractable  (C_GenerateKeyPair) makes a key that can be exported, whatever the template says
//   unknown  (C_GenerateKeyPair) knows no such key
//   login    (C_OpenSession) logs in by itself          other    (C_OpenSession) opens it on another token, as an exchange in that moment
// "MANNER@2" spoils the second call only that is made under this order in this process.
// UNRULY_LOG names a file that gets one line per call, so that tests can count them.
#include "pkcs11/wrap/ck.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <map>
#include <mutex>
#include <string>

namespace {

CK_FUNCTION_LIST* g_real = nullptr;
CK_FUNCTION_LIST g_ours;
std::atomic<bool> g_gone = false, g_blind = false;

std::string manner_of(const char* function) {
    const char* path = std::getenv("UNRULY_CONTROL");
    std::ifstream orders(path != nullptr ? path : "");
    std::string name, manner;
    while (orders >> name >> manner)
        if (name == function) return manner;
    return {};
}

void note(const char* function) {
    const char* path = std::getenv("UNRULY_LOG");
    const int fd = path != nullptr ? open(path, O_WRONLY | O_APPEND | O_CREAT, 0600) : -1;
    if (fd < 0) return;
    const std::string line = std::string(function) + "\n";
    (void)!write(fd, line.data(), line.size());
    close(fd);
}

/// What a taken-over worker could do: the page is shared memory of this process.
[[noreturn]] void lie_on_the_board(bool again_and_again) {
    std::ifstream maps("/proc/self/maps");
    std::uint64_t* cells = nullptr;
    for (std::string line; std::getline(maps, line);)
        if (line.find("jurukunci-calls") != std::string::npos) cells = reinterpret_cast<std::uint64_t*>(std::stoull(line, nullptr, 16));
    if (cells == nullptr) _exit(99);
    const auto write = [&](std::int64_t seconds_from_now) {
        timespec now{};
        clock_gettime(CLOCK_MONOTONIC, &now);
        const auto since =
            static_cast<std::uint64_t>((now.tv_sec + seconds_from_now) * 1'000'000'000LL + now.tv_nsec) & ((std::uint64_t(1) << 56) - 1);
        for (int lane = 0; lane < 2; ++lane)
            __atomic_store_n(&cells[lane], (cells[lane] >> 56 ? cells[lane] >> 56 : 10) << 56 | since, __ATOMIC_SEQ_CST);
    };
    do {
        write(again_and_again ? 0 : 3600);
        usleep(50'000);
    } while (again_and_again);
    for (;;) pause();
}

/// An order for one call of many counts down to it.
std::string now_meant(const char* function, const std::string& manner) {
    const auto at = manner.find('@');
    if (at == std::string::npos) return manner;
    static std::mutex mutex;
    static std::map<std::string, int> calls;
    const std::lock_guard lock(mutex);
    return ++calls[function + manner] == std::stoi(manner.substr(at + 1)) ? manner.substr(0, at) : std::string();
}

[[noreturn]] void hang() {
    for (;;) pause();
}

void crash() {
    std::signal(SIGSEGV, SIG_DFL); // meant: no sanitizer need report it
    raise(SIGSEGV);
}

/// The manner that remains for the function itself to carry out.
std::string behave(const char* function) {
    note(function);
    const auto manner = now_meant(function, manner_of(function));
    if (manner == "hang") hang();
    if (manner == "lie" || manner == "renew") lie_on_the_board(manner == "renew");
    if (manner == "crash") crash();
    if (manner == "slow") usleep(200'000);
    return manner;
}

/// The token has done it, and nobody hears of it.
CK_RV done(const char* function, const std::string& manner, CK_RV rv) {
    if (!manner.starts_with("done-")) return rv;
    note((std::string(function) + " done").c_str());
    if (manner == "done-hang") hang();
    crash();
    return rv;
}

/// What the person types on the reader, old or new.
CK_UTF8CHAR typed_on_the_pad[] = "uji-1234", so_pin_on_the_pad[] = "so-pin-uji";

std::atomic<bool> g_pin_changed = false;

CK_RV login(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR_PTR pin, CK_ULONG size) {
    const auto manner = behave("C_Login");
    if (manner == "removed") return CKR_DEVICE_REMOVED;
    if (manner == "unseen") return CKR_PIN_EXPIRED;
    if (manner == "anew" && user == CKU_CONTEXT_SPECIFIC) return CKR_PIN_INCORRECT;
    if (manner == "expired" && !g_pin_changed) {
        const CK_RV rv = g_real->C_Login(session, user, pin, size);
        if (rv == CKR_OK) g_real->C_Logout(session);
        return rv == CKR_OK ? CKR_PIN_EXPIRED : rv;
    }
    if (pin == nullptr)
        return user == CKU_SO ? g_real->C_Login(session, user, so_pin_on_the_pad, sizeof so_pin_on_the_pad - 1)
                              : g_real->C_Login(session, user, typed_on_the_pad, sizeof typed_on_the_pad - 1);
    return g_real->C_Login(session, user, pin, size);
}

CK_RV logout(CK_SESSION_HANDLE session) {
    behave("C_Logout");
    return g_real->C_Logout(session);
}

CK_RV sign(CK_SESSION_HANDLE session, CK_BYTE_PTR data, CK_ULONG size, CK_BYTE_PTR signature, CK_ULONG_PTR signature_size) {
    const auto manner = behave("C_Sign");
    if (manner == "removed") return CKR_DEVICE_REMOVED;
    if (manner == "gone") g_gone = true;
    if (g_gone) return CKR_GENERAL_ERROR;
    static bool remembers = true;
    if (manner == "forgets" && !(remembers = !remembers)) return CKR_OPERATION_NOT_INITIALIZED;
    const CK_RV rv = g_real->C_Sign(session, data, size, signature, signature_size);
    if (rv == CKR_OK && manner == "wrong") signature[*signature_size / 2] ^= 1;
    if (rv == CKR_OK && manner == "length") *signature_size = 1u << 30;
    return rv;
}

CK_RV decrypt(CK_SESSION_HANDLE session, CK_BYTE_PTR encrypted, CK_ULONG size, CK_BYTE_PTR data, CK_ULONG_PTR data_size) {
    if (behave("C_Decrypt") == "gone") g_gone = true;
    return g_gone ? CKR_GENERAL_ERROR : g_real->C_Decrypt(session, encrypted, size, data, data_size);
}

CK_RV token_info(CK_SLOT_ID slot, CK_TOKEN_INFO_PTR info) {
    const auto manner = behave("C_GetTokenInfo");
    if (manner == "removed" || g_gone) return CKR_TOKEN_NOT_PRESENT;
    const CK_RV rv = g_real->C_GetTokenInfo(slot, info);
    if (manner == "pinpad") info->flags |= CKF_PROTECTED_AUTHENTICATION_PATH;
    if (manner == "locked") info->flags |= CKF_USER_PIN_LOCKED;
    if (manner == "final") info->flags |= CKF_USER_PIN_FINAL_TRY;
    if (manner == "low" || manner == "initial") info->flags |= CKF_USER_PIN_COUNT_LOW;
    if (manner == "initial" || manner == "expired") info->flags |= CKF_USER_PIN_TO_BE_CHANGED;
    if (manner == "swapped") info->serialNumber[0] ^= 1;
    return rv;
}

CK_RV open_session(CK_SLOT_ID slot, CK_FLAGS flags, void* application, CK_NOTIFY notify, CK_SESSION_HANDLE_PTR session) {
    const auto manner = behave("C_OpenSession");
    if (manner == "other") {
        CK_SLOT_ID slots[16];
        CK_ULONG count = 16;
        g_real->C_GetSlotList(CK_TRUE, slots, &count);
        for (CK_ULONG i = 0; i < count; ++i) {
            CK_TOKEN_INFO info{};
            if (slots[i] == slot || g_real->C_GetTokenInfo(slots[i], &info) != CKR_OK || (info.flags & CKF_TOKEN_INITIALIZED) == 0) continue;
            slot = slots[i];
            break;
        }
    }
    const CK_RV rv = g_real->C_OpenSession(slot, flags, application, notify, session);
    static CK_UTF8CHAR its_own[] = "uji-1234";
    if (rv == CKR_OK && manner == "login") g_real->C_Login(*session, CKU_USER, its_own, sizeof its_own - 1);
    return rv;
}

CK_RV slot_list(CK_BBOOL present, CK_SLOT_ID_PTR slots, CK_ULONG_PTR count) {
    const auto manner = behave("C_GetSlotList");
    const CK_RV rv = g_real->C_GetSlotList(present, slots, count);
    if (manner == "blind") g_blind = true;
    if (manner == "removed" || g_blind) *count = 0;
    if (manner == "many" && slots != nullptr) *count = CK_ULONG(1) << 32;
    return rv;
}

CK_RV init_token(CK_SLOT_ID slot, CK_UTF8CHAR_PTR pin, CK_ULONG size, CK_UTF8CHAR_PTR label) {
    const auto manner = behave("C_InitToken");
    if (pin == nullptr) return note("C_InitToken on the pad"), g_real->C_InitToken(slot, so_pin_on_the_pad, sizeof so_pin_on_the_pad - 1, label);
    return done("C_InitToken", manner, g_real->C_InitToken(slot, pin, size, label));
}

CK_RV init_pin(CK_SESSION_HANDLE session, CK_UTF8CHAR_PTR pin, CK_ULONG size) {
    const auto manner = behave("C_InitPIN");
    if (pin == nullptr) return note("C_InitPIN on the pad"), g_real->C_InitPIN(session, typed_on_the_pad, sizeof typed_on_the_pad - 1);
    return done("C_InitPIN", manner, g_real->C_InitPIN(session, pin, size));
}

CK_RV set_pin(CK_SESSION_HANDLE session, CK_UTF8CHAR_PTR old, CK_ULONG old_size, CK_UTF8CHAR_PTR fresh, CK_ULONG fresh_size) {
    const auto manner = behave("C_SetPIN");
    if (manner == "refuse") return CKR_PIN_LEN_RANGE;
    if (old != nullptr || fresh != nullptr) {
        CK_RV rv = g_real->C_SetPIN(session, old, old_size, fresh, fresh_size);
        if (manner == "vague" && rv == CKR_PIN_INCORRECT) rv = CKR_PIN_INVALID;
        if (rv == CKR_OK) g_pin_changed = true;
        return done("C_SetPIN", manner, rv);
    }
    note("C_SetPIN on the pad");
    CK_SESSION_INFO info{};
    g_real->C_GetSessionInfo(session, &info);
    if (info.state == CKS_RW_SO_FUNCTIONS)
        return g_real->C_SetPIN(session, so_pin_on_the_pad, sizeof so_pin_on_the_pad - 1, so_pin_on_the_pad, sizeof so_pin_on_the_pad - 1);
    return g_real->C_SetPIN(session, typed_on_the_pad, sizeof typed_on_the_pad - 1, typed_on_the_pad, sizeof typed_on_the_pad - 1);
}

CK_RV generate_key_pair(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_ATTRIBUTE_PTR pub, CK_ULONG pub_count, CK_ATTRIBUTE_PTR priv,
                        CK_ULONG priv_count, CK_OBJECT_HANDLE_PTR public_key, CK_OBJECT_HANDLE_PTR private_key) {
    const auto manner = behave("C_GenerateKeyPair");
    if (manner == "unknown") return CKR_MECHANISM_INVALID;
    if (manner == "extractable") // whatever the template says
        for (CK_ULONG i = 0; i < priv_count; ++i)
            if (priv[i].type == CKA_EXTRACTABLE) *static_cast<CK_BBOOL*>(priv[i].pValue) = CK_TRUE;
    return done("C_GenerateKeyPair", manner,
                g_real->C_GenerateKeyPair(session, mechanism, pub, pub_count, priv, priv_count, public_key, private_key));
}

bool is_bare(CK_MECHANISM_TYPE type) { return type == CKM_RSA_PKCS || type == CKM_RSA_PKCS_PSS || type == CKM_ECDSA; }

CK_RV mechanism_list(CK_SLOT_ID slot, CK_MECHANISM_TYPE_PTR types, CK_ULONG_PTR count) {
    const auto manner = behave("C_GetMechanismList");
    const CK_RV rv = g_real->C_GetMechanismList(slot, types, count);
    if (rv != CKR_OK || manner != "hashing" || types == nullptr) return rv;
    *count = static_cast<CK_ULONG>(std::remove_if(types, types + *count, is_bare) - types);
    return rv;
}

CK_RV sign_init(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE key) {
    behave("C_SignInit");
    if (manner_of("C_GetMechanismList") == "hashing" && is_bare(mechanism->mechanism)) return CKR_MECHANISM_INVALID;
    return g_real->C_SignInit(session, mechanism, key);
}

CK_RV create_object(CK_SESSION_HANDLE session, CK_ATTRIBUTE_PTR attributes, CK_ULONG count, CK_OBJECT_HANDLE_PTR object) {
    const auto manner = behave("C_CreateObject");
    return done("C_CreateObject", manner, g_real->C_CreateObject(session, attributes, count, object));
}

CK_RV destroy_object(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object) {
    const auto manner = behave("C_DestroyObject");
    if (manner == "refuse") return CKR_DEVICE_ERROR;
    static int removed = 0;
    if (manner == "stay" && removed++ > 0) return CKR_KEY_FUNCTION_NOT_PERMITTED;
    return done("C_DestroyObject", manner, g_real->C_DestroyObject(session, object));
}

CK_RV initialize(void* arguments) {
    behave("C_Initialize");
    return g_real->C_Initialize(arguments);
}

CK_RV attribute_value(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_PTR wanted, CK_ULONG count) {
    const auto manner = behave("C_GetAttributeValue");
    const CK_RV rv = g_real->C_GetAttributeValue(session, object, wanted, count);
    if (manner == "length")
        for (CK_ULONG i = 0; i < count; ++i) wanted[i].ulValueLen = 1u << 30;
    if (manner == "imported")
        for (CK_ULONG i = 0; i < count; ++i)
            if (wanted[i].type == CKA_LOCAL && wanted[i].pValue != nullptr) *static_cast<CK_BBOOL*>(wanted[i].pValue) = CK_FALSE;
    if (manner == "extractable")
        for (CK_ULONG i = 0; i < count; ++i)
            if (wanted[i].type == CKA_EXTRACTABLE && wanted[i].pValue != nullptr) *static_cast<CK_BBOOL*>(wanted[i].pValue) = CK_TRUE;
    return rv;
}

} // namespace

extern "C" CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR list) {
    static std::once_flag once;
    std::call_once(once, [] {
        void* library = nullptr;
        for (const char* path : {"/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"})
            if (library == nullptr) library = dlopen(path, RTLD_NOW);
        reinterpret_cast<CK_C_GetFunctionList>(dlsym(library, "C_GetFunctionList"))(&g_real);
        g_ours = *g_real;
        g_ours.C_Initialize = initialize;
        g_ours.C_InitToken = init_token;
        g_ours.C_InitPIN = init_pin;
        g_ours.C_SetPIN = set_pin;
        g_ours.C_GetMechanismList = mechanism_list;
        g_ours.C_SignInit = sign_init;
        g_ours.C_CreateObject = create_object;
        g_ours.C_DestroyObject = destroy_object;
        g_ours.C_GenerateKeyPair = generate_key_pair;
        g_ours.C_OpenSession = open_session;
        g_ours.C_Login = login;
        g_ours.C_Logout = logout;
        g_ours.C_Sign = sign;
        g_ours.C_Decrypt = decrypt;
        g_ours.C_GetTokenInfo = token_info;
        g_ours.C_GetSlotList = slot_list;
        g_ours.C_GetAttributeValue = attribute_value;
    });
    *list = &g_ours;
    return CKR_OK;
}
