// The floor: the same token, called directly in one process. What the agent adds is measured against this, in the same run.
#pragma once
#include "jurukunci/bytes.hpp"
#include "pkcs11/wrap/ck.hpp"

#include <string>
#include <vector>

namespace jk::bench {

class DirectToken {
public:
    DirectToken(const std::string& module, const std::string& softhsm_conf, std::string serial, std::string pin);

    ~DirectToken();
    DirectToken(const DirectToken&) = delete;
    DirectToken& operator=(const DirectToken&) = delete;

    /// open session, login, find, sign, logout, close: seconds.
    double sequence();
    /// C_SignInit + C_Sign in an open login, `count` times: seconds each.
    std::vector<double> signatures(int count);
    /// Two threads with a session each: signatures per second together.
    double two_threads(int count_each);
    /// For each byte that arrives one signature leaves, until the other end closes.
    void serve(int socket);
    /// What each of these signs: a SHA-256 of zeros. Its value does not matter.
    static constexpr std::size_t digest_size = 32;

private:
    CK_SESSION_HANDLE open();
    CK_OBJECT_HANDLE find_key(CK_SESSION_HANDLE session);
    Bytes sign(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key);
    CK_FUNCTION_LIST* m_f = nullptr;
    CK_SLOT_ID m_slot = 0;
    std::string m_pin;
    bool m_rsa = false;
};

} // namespace jk::bench
