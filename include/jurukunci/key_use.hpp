// Key use: what a program on this computer may do with a key of a token, once policy, consent and audit said yes. Only the gate makes a
// UseGrant; the worker refuses what is outside of it. Implemented by pkcs11/worker.
#pragma once
#include "jurukunci/async.hpp"
#include "jurukunci/grant.hpp"
#include "jurukunci/key_task.hpp"
#include "jurukunci/signature.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace jk {

namespace gate {
class LocalPrograms;
}

/// One key of a use grant and what may be done with it.
struct KeyOfUse {
    CertificateRef certificate;
    bool may_sign = false, may_decrypt = false;
};

struct UseTerms {
    std::uint32_t operations = 1;
    std::chrono::seconds duration{60};
    std::optional<Digest> only{}; ///< the one task's shown(); nothing else is done then
};

class UseGrant {
public:
    UseGrant(UseGrant&&) noexcept = default;
    UseGrant& operator=(UseGrant&&) noexcept = default;
    UseGrant(const UseGrant&) = delete;
    UseGrant& operator=(const UseGrant&) = delete;

    const TokenId& token() const { return m_token; }
    const std::vector<KeyOfUse>& keys() const { return m_keys; }
    const UseTerms& terms() const { return m_terms; }
    PinTicket pin() const { return m_pin; }

private:
    friend class gate::LocalPrograms;
    UseGrant(TokenId token, std::vector<KeyOfUse> keys, UseTerms terms, PinTicket pin)
        : m_token(std::move(token)), m_keys(std::move(keys)), m_terms(terms), m_pin(pin) {}

    TokenId m_token;
    std::vector<KeyOfUse> m_keys;
    UseTerms m_terms;
    PinTicket m_pin;
};

/// A login on a token for one program's grant. Its end closes it; so do its number, its time, and another login on the token: then use() says
/// use_ended.
class UseWindow {
public:
    virtual ~UseWindow() = default;
    /// As each key's own handle showed it after the login, in the grant's order.
    virtual const std::vector<KeyCustody>& custody() const = 0;
    /// A signature as PKCS#11 gives it (RSA octets, r‖s), verified with the certificate; or the plaintext.
    /// `record` is called while the token works; with its error the result is kept back.
    virtual Task<Outcome<Bytes>> use(KeyTask task, std::function<Outcome<void>()> record) = 0;
};

class TokenUse {
public:
    virtual ~TokenUse() = default;
    virtual Task<Outcome<std::shared_ptr<UseWindow>>> open_use(UseGrant grant) = 0;
};

} // namespace jk
