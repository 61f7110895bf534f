#include "jurukunci/token.hpp"

namespace jk {

bool ends_login_window(Errc code) {
    switch (code) {
    case Errc::token_removed:
    case Errc::token_swapped:
    case Errc::module_crashed:
    case Errc::token_timed_out:
    case Errc::key_mismatch:
    case Errc::signature_wrong:
    case Errc::digest_not_granted:
    case Errc::pin_incorrect:
    case Errc::pin_locked: return true;
    default: return false;
    }
}

} // namespace jk
