// jurukunci-test-program: a program of the user's that loads libjurukunci-pkcs11.so, does what it is told and then stays as it is, for whoever looks
// at its memory. It is told no PIN, as in life.
//
//   jurukunci-test-program MODULE STEP…      STEP: login · sign · decrypt:FILE · derive:FILE (the other's point) · logout
// Prints a line for each step, and "done" before it waits for its end.
#include <dlfcn.h>
#include <p11-kit/pkcs11.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace {

CK_FUNCTION_LIST* g_module = nullptr;
CK_SESSION_HANDLE g_session = 0;

std::vector<CK_BYTE> content(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

CK_OBJECT_HANDLE private_key() {
    CK_OBJECT_CLASS kind = CKO_PRIVATE_KEY;
    CK_ATTRIBUTE pattern{CKA_CLASS, &kind, sizeof kind};
    CK_OBJECT_HANDLE found = 0;
    CK_ULONG count = 0;
    g_module->C_FindObjectsInit(g_session, &pattern, 1);
    g_module->C_FindObjects(g_session, &found, 1, &count);
    g_module->C_FindObjectsFinal(g_session);
    return count == 1 ? found : 0;
}

CK_RV sign() {
    CK_BYTE text[] = "surat", signature[1024];
    CK_ULONG size = sizeof signature;
    CK_MECHANISM how{CKM_SHA256_RSA_PKCS, nullptr, 0};
    if (const CK_RV rv = g_module->C_SignInit(g_session, &how, private_key()); rv != CKR_OK) return rv;
    return g_module->C_Sign(g_session, text, sizeof text - 1, signature, &size);
}

CK_RV decrypt(std::vector<CK_BYTE> sealed) {
    CK_BYTE opened[1024];
    CK_ULONG size = sizeof opened;
    CK_MECHANISM how{CKM_RSA_PKCS, nullptr, 0};
    if (const CK_RV rv = g_module->C_DecryptInit(g_session, &how, private_key()); rv != CKR_OK) return rv;
    return g_module->C_Decrypt(g_session, sealed.data(), sealed.size(), opened, &size);
}

CK_RV derive(std::vector<CK_BYTE> point) {
    CK_ECDH1_DERIVE_PARAMS parameters{CKD_NULL, 0, nullptr, point.size(), point.data()};
    CK_MECHANISM how{CKM_ECDH1_DERIVE, &parameters, sizeof parameters};
    CK_OBJECT_CLASS kind = CKO_SECRET_KEY;
    CK_KEY_TYPE type = CKK_GENERIC_SECRET;
    CK_ATTRIBUTE wanted[] = {{CKA_CLASS, &kind, sizeof kind}, {CKA_KEY_TYPE, &type, sizeof type}};
    CK_OBJECT_HANDLE secret = 0;
    return g_module->C_DeriveKey(g_session, &how, private_key(), wanted, 2, &secret);
}

CK_RV carry_out(const std::string& step) {
    if (step == "login") return g_module->C_Login(g_session, CKU_USER, nullptr, 0);
    if (step == "logout") return g_module->C_Logout(g_session);
    if (step == "sign") return sign();
    if (step.starts_with("decrypt:")) return decrypt(content(step.substr(8)));
    if (step.starts_with("derive:")) return derive(content(step.substr(7)));
    return CKR_ARGUMENTS_BAD;
}

} // namespace

int main(int argc, char** argv) {
    void* library = argc > 1 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : nullptr;
    if (library == nullptr) return 2;
    CK_SLOT_ID slot = 0;
    CK_ULONG count = 1;
    if (reinterpret_cast<CK_C_GetFunctionList>(dlsym(library, "C_GetFunctionList"))(&g_module) != CKR_OK ||
        g_module->C_Initialize(nullptr) != CKR_OK || g_module->C_GetSlotList(CK_TRUE, &slot, &count) != CKR_OK || count != 1 ||
        g_module->C_OpenSession(slot, CKF_SERIAL_SESSION, nullptr, nullptr, &g_session) != CKR_OK)
        return 3;
    for (int i = 2; i < argc; ++i) {
        const CK_RV rv = carry_out(argv[i]);
        std::printf("%.6s %#lx\n", argv[i], rv);
    }
    std::puts("done");
    std::fflush(stdout);
    for (;;) pause();
}
