// Operations of a session that are begun and not yet ended: v2.40 5.2 says how sizes and buffers are asked for, and when an operation ends.
#pragma once
#include "pkcs11/module/attributes.hpp"
#include "pkcs11/module/mechanism.hpp"

#include <memory>
#include <optional>

namespace jk::pkcs11::module {

struct StoredObject;

/// A result that was made once and is given when the caller's buffer is large enough. Wiped at its end: it may be a plaintext.
class Result {
public:
    Result() = default;
    Result(Result&&) noexcept = default;
    Result& operator=(Result&& other) noexcept {
        if (this != &other) {
            wipe();
            value = std::move(other.value);
        }
        return *this;
    }
    ~Result() { wipe(); }
    std::optional<Bytes> value;

private:
    void wipe();
};

struct SignOperation {
    std::shared_ptr<const StoredObject> key;
    SignatureInput input;
    std::size_t size = 0; ///< of the signature, known before it is made
    bool updated = false;
};

struct DecryptOperation {
    std::shared_ptr<const StoredObject> key;
    Ciphertext ciphertext;
    std::size_t size = 0; ///< of the modulus: no plaintext is longer
    Result plaintext;
};

struct VerifyOperation {
    std::shared_ptr<const StoredObject> certificate;
    SignatureInput input;
    std::size_t size = 0;
};

/// Bytes of a signature of this key: the modulus, or r‖s. 0 where the object does not say.
std::size_t signature_size(const frames::Object& key);

} // namespace jk::pkcs11::module
