// PinAnew: the tries of a PIN that a key wants anew for each use (CKA_ALWAYS_AUTHENTICATE), counted before the token is asked. What was typed once
// and was right is sent again and stays right; what is typed on the reader is not known before. A value of one window; owner: that window.
#pragma once
#include "agent/audit/pin_tries.hpp"
#include "jurukunci/error.hpp"
#include "jurukunci/token.hpp"

#include <utility>

namespace jk::gate {

class PinAnew {
public:
    void wanted(bool typed_on_reader) {
        m_wanted = true;
        m_typed_on_reader = typed_on_reader;
    }

    /// A use is about to be at the token. Of several at once one is counted.
    bool counts() const { return m_wanted && !m_counted && (m_typed_on_reader || !m_proved); }
    void before(audit::PinTries& tries, const TokenId& token) {
        if (!counts()) return;
        m_counted = true;
        tries.count_use(token);
    }

    /// A use has ended; whether there is anything to write, and writing it.
    bool changes(const Error* fault) const { return m_wanted && (m_counted || is_refusal(fault)); }
    void after(const Error* fault, audit::PinTries& tries, const TokenId& token) {
        if (!m_wanted) return;
        const bool counted = std::exchange(m_counted, false);
        if (fault == nullptr) {
            m_proved = true;
            if (counted) tries.forget_uses(token);
        } else if (is_refusal(fault)) {
            if (!counted) tries.count_use(token);
        } else if (!ends_login_window(fault->code)) { // else it went away with the PIN, and nobody knows what it would have said
            if (counted) tries.take_back_use(token);
        }
    }

private:
    static bool is_refusal(const Error* fault) { return fault != nullptr && fault->code == Errc::pin_incorrect; }

    bool m_wanted = false, m_typed_on_reader = false, m_proved = false, m_counted = false;
};

} // namespace jk::gate
