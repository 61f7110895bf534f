// Points that somebody else names, before they meet a private key. Pure; any thread.
#pragma once
#include "jurukunci/certificate.hpp"

namespace jk::x509 {

/// Is `point` (uncompressed, SEC 1 2.3.3) one of the curve of this certificate's EC key, and not the point at infinity? A token that multiplies a
/// point of another curve gives its private key away, a few bits each time. False for keys of other kinds.
bool is_on_curve(const Certificate& certificate, ByteView point);

} // namespace jk::x509
