#include "pkcs11/wrap/removal.hpp"

#include "pkcs11/wrap/session.hpp"

#include <chrono>
#include <thread>

namespace jk::pkcs11 {

bool went_away(const Error& error) { return error.code == Errc::token_removed || error.code == Errc::token_swapped; }

Error explained(Error error, const Module& module, const AskedToken& token, int lane) {
    using namespace std::chrono_literals;
    // A card that was pulled out in the middle may answer as if the bytes had been bad: one look tells, whatever the module called it.
    if (error.code == Errc::decryption_failed) {
        const auto state = token_state(module, token.slot, lane);
        if (!state || state->serial != token.serial) error.code = state ? Errc::token_swapped : Errc::token_removed;
    }
    for (int look = 0; error.code == Errc::token_failed && look < 8; ++look) {
        const auto state = token_state(module, token.slot, lane);
        if (!state) {
            error.code = Errc::token_removed;
        } else if (state->serial != token.serial) {
            error.code = Errc::token_swapped;
        } else {
            const CallMark mark(module.board(), lane, Call::get_token_info); // waiting is part of the look, not of our own code
            std::this_thread::sleep_for(100ms);
        }
    }
    return went_away(error) ? std::move(error).with("token", token.label) : error;
}

} // namespace jk::pkcs11
