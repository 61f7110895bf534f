#include "agent/doors/pkcs11/to_ckr.hpp"

#include <p11-kit/pkcs11.h>

namespace jk::doors {

std::uint64_t ckr_of(Errc code) {
    switch (code) {
    // The person's no. Programs try again after CKR_PIN_INCORRECT; after this one they stop.
    case Errc::consent_denied:
    case Errc::consent_timed_out:
    case Errc::cancelled_by_application:
    case Errc::page_gone:
    case Errc::pin_final_try:
    case Errc::pin_empty: return CKR_FUNCTION_CANCELED;
    case Errc::pin_incorrect: return CKR_PIN_INCORRECT;
    case Errc::pin_locked: return CKR_PIN_LOCKED;
    case Errc::pin_must_change: return CKR_PIN_EXPIRED;
    case Errc::use_ended: return CKR_USER_NOT_LOGGED_IN;
    case Errc::token_absent: return CKR_TOKEN_NOT_PRESENT;
    case Errc::token_removed:
    case Errc::token_swapped: return CKR_DEVICE_REMOVED;
    case Errc::mechanism_unsupported: return CKR_MECHANISM_INVALID;
    case Errc::decryption_failed: return CKR_ENCRYPTED_DATA_INVALID;
    case Errc::certificate_unknown: return CKR_KEY_HANDLE_INVALID;
    case Errc::token_failed:
    case Errc::token_timed_out:
    case Errc::module_crashed:
    case Errc::signature_wrong: return CKR_DEVICE_ERROR;
    case Errc::consent_unavailable:
    case Errc::screen_locked:
    case Errc::cooling_down:
    case Errc::pin_pause:
    case Errc::too_many:
    case Errc::agent_stopping:
    case Errc::audit_unavailable: return CKR_FUNCTION_FAILED;
    default: break;
    }
    // A rule said no: the profile, the certificate, the key's custody, the log.
    if (code == Errc::log_lost) return CKR_FUNCTION_REJECTED;
    return entry_of(code).http_status == 403 || entry_of(code).http_status == 422 ? CKR_FUNCTION_REJECTED : CKR_GENERAL_ERROR;
}

} // namespace jk::doors
