#include "pkcs11/openssl/refusal.hpp"

#include <openssl/err.h>

namespace jk::openssl {
namespace {

thread_local std::optional<Error> newest;

Error cannot(const char* what) { return Error{Errc::mechanism_unsupported, what}.with("mechanism", what); }

} // namespace

int refuse(Error error) {
    ERR_raise_data(ERR_LIB_USER, static_cast<int>(error.code), "%s", error.log_line().c_str());
    newest = std::move(error);
    return 0;
}

std::optional<Error> take_refusal() { return std::exchange(newest, std::nullopt); }

Outcome<Bytes> PrivateOperations::sign(const SignatureScheme&, const Digest&) { return cannot("signature"); }
Outcome<Bytes> PrivateOperations::sign_message(ByteView) { return cannot("Ed25519"); }
Outcome<Bytes> PrivateOperations::decrypt(const DecryptionScheme&, ByteView) { return cannot("decryption"); }
Outcome<Bytes> PrivateOperations::derive(ByteView) { return cannot("ECDH"); }

} // namespace jk::openssl
