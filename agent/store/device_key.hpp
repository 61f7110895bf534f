// DeviceKey: this installation's Ed25519 key. It proves to an application's server that it still talks to the same agent, and signs
// checkpoints of the audit log. It signs nothing for a person. Kept in a file of mode 0600.
#pragma once
#include "jurukunci/bytes.hpp"
#include "jurukunci/outcome.hpp"
#include "jurukunci/unique_fd.hpp"
#include "x509/openssl_ptr.hpp"

#include <filesystem>

namespace jk::store {

class DeviceKey {
public:
    /// The key in `file`; a new one if there is no file yet. A damaged file is an error: a silent new key would hide a lost log.
    static Outcome<DeviceKey> open_or_create(const std::filesystem::path& file);
    /// The key in `file`, for those who only read.
    static Outcome<DeviceKey> open(const std::filesystem::path& file);
    Bytes sign(ByteView message) const;
    bool verifies(ByteView message, ByteView signature) const;
    /// SubjectPublicKeyInfo, DER.
    const Bytes& public_key() const { return m_public; }

    /// The key as an issuer (device_certificate.hpp). Still its owner's.
    EVP_PKEY* issuer() const { return m_key.get(); }

private:
    explicit DeviceKey(x509::EvpPkeyPtr key);
    x509::EvpPkeyPtr m_key;
    Bytes m_public;
};

} // namespace jk::store
