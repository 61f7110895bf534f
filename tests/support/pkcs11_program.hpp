// Pkcs11Program: this test as a program that loaded libjurukunci-pkcs11.so. The module finds the agent by XDG_RUNTIME_DIR, as in life.
#pragma once
#include "jurukunci/bytes.hpp"
#include "tests/support/test_site.hpp"

#include <p11-kit/pkcs11.h>

#include <string>
#include <vector>

namespace jk::test {

std::string module_path();
/// A site whose token has an ordinary key: signing, and with RSA decrypting, a hundred times in five minutes per consent.
SiteWish ordinary_key(const std::string& key = "p256");
/// The same for a key that agrees on secrets (ECDH) and does not sign.
SiteWish agreement_key(const std::string& key = "p256");

class Pkcs11Program {
public:
    explicit Pkcs11Program(const TestSite& site); ///< loads and initialises
    ~Pkcs11Program();
    Pkcs11Program(const Pkcs11Program&) = delete;
    Pkcs11Program& operator=(const Pkcs11Program&) = delete;

    CK_FUNCTION_LIST& c() { return *m_functions; }
    std::vector<CK_SLOT_ID> slots();
    /// On the first slot with a token; 0 where there is none.
    CK_SESSION_HANDLE session();
    CK_RV login(CK_SESSION_HANDLE session) { return m_functions->C_Login(session, CKU_USER, nullptr, 0); }
    std::vector<CK_OBJECT_HANDLE> find(CK_SESSION_HANDLE session, CK_OBJECT_CLASS kind);
    /// C_SignInit and C_Sign of `text`.
    CK_RV sign(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key, CK_MECHANISM_TYPE mechanism, const std::string& text, Bytes& signature);
    CK_RV verify(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key, CK_MECHANISM_TYPE mechanism, const std::string& text, const Bytes& signature);

private:
    void* m_library = nullptr;
    CK_FUNCTION_LIST* m_functions = nullptr;
};

} // namespace jk::test
