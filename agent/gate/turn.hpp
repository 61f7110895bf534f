// Turn: somebody's turn to ask the person. It has the dialog until a token works with the answer; then the next may ask, because a token that
// is slow, or hangs, is no reason for a signature on another one to wait. Owner: the coroutine that asks; lives on the event loop.
#pragma once
#include "jurukunci/async.hpp"

#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace jk::gate {

class Attention;

class Turn {
public:
    Turn(Turn&& other) noexcept;
    Turn& operator=(Turn&&) = delete;
    ~Turn();

    /// A token of `module` gets the answer: nobody is asked about its tokens until this turn ends or is taken again. The dialog goes back when
    /// the token has taken the PIN or has thought for a while; where the person types on the reader (`pin_pad`), not before the former.
    void at_token(std::string module, bool pin_pad);
    void pin_taken();
    bool has_dialog() const;
    /// The token has answered, and the person must be asked once more: after whoever is being asked now, and once nobody else's answer lies with a
    /// token of the same module. Not waited for by one who gave up.
    Task<void> again();

    /// Others may ask while this turn only looks at tokens; whoever lends takes back before the next question.
    void lend();
    /// Has the dialog again, unless it gave up. Has no token had anybody's answer meanwhile, so that what was seen still holds?
    Task<bool> take_back();

    /// Does somebody else's answer lie with a token of `module`, or where that is empty with any?
    bool must_wait_for(const std::string& module) const;
    /// Lets others ask until it does not, and has the dialog again.
    Task<void> until_free(std::string module);

private:
    friend class Attention;
    Turn(Attention& attention, std::uint64_t number, std::function<bool()> given_up);
    Task<void> take();
    void leave_token();

    Attention* m_attention; ///< null once it was moved from
    std::uint64_t m_number;
    std::function<bool()> m_given_up;
    std::uint64_t m_lent_at = 0;                   ///< how many answers tokens had had when the dialog was lent
    std::string m_at;                              ///< the module whose token works with our answer
    std::shared_ptr<net::steady_timer> m_patience; ///< of this stay at the token; the handler looks whether it still is that
};

} // namespace jk::gate
