// PinAnew: the count of a PIN that a key wants anew for each use (CKA_ALWAYS_AUTHENTICATE). The login took it, and yet the key may refuse it: what was
// mistyped on the reader, or a second PIN of the card. So the try that was counted before the login stands until the first use has told. A value; owner:
// one window.
#pragma once
#include "agent/audit/pin_tries.hpp"
#include "jurukunci/error.hpp"
#include "jurukunci/token.hpp"

#include <utility>

namespace jk::gate {

class PinAnew {
public:
    /// The login took the PIN, and the key has yet to; so many tries are counted.
    void wait(int counted) { m_counted = counted; }
    bool stands() const { return m_counted > 0; }

    /// A use has ended: inside a commit, where `changes` says so. A token that went away in it has not told.
    bool changes(const Error* fault) const { return is_refusal(fault) ? !stands() : stands() && tells(fault); }
    void after(const Error* fault, audit::PinTries& tries, const TokenId& token) {
        if (!changes(fault)) return;
        if (is_refusal(fault)) {
            tries.count(token);
            m_counted = 1;
        } else {
            tries.take_back(token, std::exchange(m_counted, 0));
        }
    }
    /// No use was tried: the login took the PIN, and that is all there is to say.
    void settle(audit::PinTries& tries, const TokenId& token) {
        if (stands()) tries.take_back(token, std::exchange(m_counted, 0));
    }

private:
    static bool is_refusal(const Error* fault) { return fault != nullptr && fault->code == Errc::pin_incorrect; }
    static bool tells(const Error* fault) { return fault == nullptr || !ends_login_window(fault->code); }

    int m_counted = 0;
};

} // namespace jk::gate
