#include "tests/support/pkcs11_program.hpp"

#include <dlfcn.h>

#include <cstdlib>
#include <stdexcept>

namespace jk::test {

std::string module_path() { return std::string(JURUKUNCI_BIN_DIR) + "/../lib/libjurukunci-pkcs11.so"; }

SiteWish ordinary_key(const std::string& key) {
    SiteWish wish;
    wish.token.key = key;
    wish.token.decrypts = key.starts_with("rsa");
    wish.token.certificate.key_usage = wish.token.decrypts ? "critical,digitalSignature,keyEncipherment" : "critical,digitalSignature";
    wish.local_programs = "{allowed: true, operations_per_consent: 100, minutes_per_consent: 5}";
    return wish;
}

SiteWish agreement_key(const std::string& key) {
    auto wish = ordinary_key(key);
    wish.token.decrypts = true;
    wish.token.certificate.key_usage = "critical,keyAgreement";
    return wish;
}

Pkcs11Program::Pkcs11Program(const TestSite& site) {
    for (const auto& entry : site.environment())
        if (entry.starts_with("XDG_RUNTIME_DIR=")) setenv("XDG_RUNTIME_DIR", entry.substr(entry.find('=') + 1).c_str(), 1);
    m_library = dlopen(module_path().c_str(), RTLD_NOW | RTLD_LOCAL);
    if (m_library == nullptr) throw std::runtime_error(dlerror());
    const auto get = reinterpret_cast<CK_C_GetFunctionList>(dlsym(m_library, "C_GetFunctionList"));
    if (get == nullptr || get(&m_functions) != CKR_OK) throw std::runtime_error("C_GetFunctionList");
    if (m_functions->C_Initialize(nullptr) != CKR_OK) throw std::runtime_error("C_Initialize");
}

Pkcs11Program::~Pkcs11Program() {
    m_functions->C_Finalize(nullptr);
    dlclose(m_library);
}

std::vector<CK_SLOT_ID> Pkcs11Program::slots() {
    CK_SLOT_ID all[16];
    CK_ULONG count = 16;
    if (m_functions->C_GetSlotList(CK_TRUE, all, &count) != CKR_OK) return {};
    return {all, all + count};
}

CK_SESSION_HANDLE Pkcs11Program::session() {
    const auto all = slots();
    CK_SESSION_HANDLE session = 0;
    if (all.empty() || m_functions->C_OpenSession(all.front(), CKF_SERIAL_SESSION, nullptr, nullptr, &session) != CKR_OK) return 0;
    return session;
}

std::vector<CK_OBJECT_HANDLE> Pkcs11Program::find(CK_SESSION_HANDLE session, CK_OBJECT_CLASS kind) {
    CK_ATTRIBUTE pattern{CKA_CLASS, &kind, sizeof kind};
    CK_OBJECT_HANDLE found[16];
    CK_ULONG count = 0;
    if (m_functions->C_FindObjectsInit(session, &pattern, 1) != CKR_OK) return {};
    m_functions->C_FindObjects(session, found, 16, &count);
    m_functions->C_FindObjectsFinal(session);
    return {found, found + count};
}

CK_RV Pkcs11Program::sign(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key, CK_MECHANISM_TYPE mechanism, const std::string& text, Bytes& signature) {
    CK_MECHANISM how{mechanism, nullptr, 0};
    if (const CK_RV rv = m_functions->C_SignInit(session, &how, key); rv != CKR_OK) return rv;
    signature.resize(1024);
    CK_ULONG size = signature.size();
    auto* data = reinterpret_cast<CK_BYTE*>(const_cast<char*>(text.data()));
    const CK_RV rv = m_functions->C_Sign(session, data, text.size(), signature.data(), &size);
    signature.resize(rv == CKR_OK ? size : 0);
    return rv;
}

CK_RV Pkcs11Program::verify(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key, CK_MECHANISM_TYPE mechanism, const std::string& text,
                            const Bytes& signature) {
    CK_MECHANISM how{mechanism, nullptr, 0};
    if (const CK_RV rv = m_functions->C_VerifyInit(session, &how, key); rv != CKR_OK) return rv;
    auto* data = reinterpret_cast<CK_BYTE*>(const_cast<char*>(text.data()));
    return m_functions->C_Verify(session, data, text.size(), const_cast<CK_BYTE*>(signature.data()), signature.size());
}

} // namespace jk::test
