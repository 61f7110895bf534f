// Token: every token behind every configured module, as the gate sees them. Implemented by pkcs11/worker.
#pragma once
#include "jurukunci/async.hpp"
#include "jurukunci/grant.hpp"
#include "jurukunci/signature.hpp"
#include "jurukunci/unique_fd.hpp"

#include <functional>
#include <span>
#include <string>
#include <vector>

namespace jk {

/// What the token says about its PIN (CKF_USER_PIN_*), worst first.
enum class PinState { ok, count_low, final_try, locked, to_be_changed, not_set };

struct TokenInfo {
    TokenId id;
    std::string label, manufacturer, model;
    PinState pin_state = PinState::ok;
    bool pin_pad = false;              ///< CKF_PROTECTED_AUTHENTICATION_PATH: the PIN is typed on the reader
    std::vector<Mechanism> mechanisms; ///< that sign a digest
    std::vector<CertificateRef> certificates;
    bool eddsa = false, ecdh = false;      ///< CKM_EDDSA, CKM_ECDH1_DERIVE: for programs only
    std::vector<Mechanism> hashed_there{}; ///< of `mechanisms`: the token wants the bytes themselves and hashes them
};

/// After these nothing else in a login window can succeed, or may.
bool ends_login_window(Errc code);

/// A token that waits for its person's PIN.
struct AwaitedPin {
    PinTicket ticket;
    PinState pin_state = PinState::ok; ///< as the token said it just now
    bool pin_to_be_changed = false;    ///< CKF_USER_PIN_TO_BE_CHANGED, also where something worse hides it in `pin_state`
};

/// What the signing window asks of the gate while it is open. All calls come on the agent's event loop.
class SigningRecord {
public:
    virtual ~SigningRecord() = default;
    /// The token accepted the PIN and showed the key's custody. An error closes the window before anything is signed.
    virtual Outcome<void> opened(const KeyCustody& custody) = 0;
    /// These items are about to be at the token. An error stops the window before them.
    virtual Outcome<void> starting(std::span<const ItemIndex> items) = 0;
    /// These came back, each verified with the grant's certificate. An error stops the window after them.
    virtual Outcome<void> finished(std::vector<ItemResult> items) = 0;
};

class Token {
public:
    virtual ~Token() = default;

    /// All present tokens and their certificates, read anew. A module that fails is skipped and named in the log.
    virtual Task<Outcome<std::vector<TokenInfo>>> tokens() = 0;
    /// The same, but what was read in the last two seconds will do. For the gate, because expect_pin and sign look at the token again.
    virtual Task<Outcome<std::vector<TokenInfo>>> recent_tokens() = 0;
    /// Does `module`, or where that is empty any, still owe an answer, so that a look may have left it out? What cannot be found may be there.
    virtual bool is_late(const std::string& module) const = 0;
    /// Until those that are late now have answered or run into their deadlines, or whoever waits has given up.
    virtual Task<void> await_late(std::string module, std::function<bool()> given_up) = 0;

    /// Hands the reading end of a PIN channel to the process that will log in; the agent keeps no end of it. An error if the token is not there now.
    virtual Task<Outcome<AwaitedPin>> expect_pin(const TokenId& token, UniqueFd reader) = 0;
    /// The consent came to nothing: the PIN, if one was typed, is wiped unread.
    virtual void forget_pin(const TokenId& token, PinTicket ticket) = 0;

    /// Opens one login window, signs the sealed digests once each, and closes it. An item's own fault is in its ItemResult;
    /// the error here is the window's: wrong PIN, another token, a crash, or what `record` answered.
    virtual Task<Outcome<void>> sign(Grant grant, SigningRecord& record) = 0;
};

} // namespace jk
