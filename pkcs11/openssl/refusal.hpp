// What went wrong, for two readers: OpenSSL's error queue, and take_refusal() with the whole Error.
#pragma once
#include "pkcs11/openssl/token_provider.hpp"

#include <exception>

namespace jk::openssl {

/// Keeps the error for this thread and puts its line into OpenSSL's queue. Always 0, which is how a callback says no.
int refuse(Error error);

/// OpenSSL is C: nothing is thrown through it.
template <class Result, class Work> Result guarded(Result if_thrown, Work work) noexcept {
    try {
        return work();
    } catch (const std::exception& e) {
        try {
            refuse(Error{Errc::device_failed, e.what()}.with("reason", e.what()));
        } catch (...) {
        }
    } catch (...) {
        try {
            refuse(Errc::device_failed);
        } catch (...) {
        }
    }
    return if_thrown;
}

} // namespace jk::openssl
