// SoftCard: a SoftHSM2 token inside the test's own process, and PrivateOperations on keys that are generated on it. One per process.
#pragma once
#include "pkcs11/openssl/private_operations.hpp"
#include "pkcs11/wrap/ck.hpp"
#include "tests/support/scratch_folder.hpp"
#include "x509/openssl_ptr.hpp"

#include <atomic>
#include <memory>
#include <string>

namespace jk::test {

class SoftCard {
public:
    SoftCard();
    ~SoftCard();
    SoftCard(const SoftCard&) = delete;
    SoftCard& operator=(const SoftCard&) = delete;

    CK_FUNCTION_LIST& functions() const { return *m_functions; }
    CK_SESSION_HANDLE new_session() const;
    /// As if the person had gone: every later operation is refused by the token.
    void log_out();

private:
    ScratchFolder m_folder;
    CK_FUNCTION_LIST* m_functions = nullptr;
    CK_SLOT_ID m_slot = 0;
    CK_SESSION_HANDLE m_session = 0;
};

class SoftKey final : public openssl::PrivateOperations {
public:
    /// "rsa2048", "p256", "p384", "ed25519". Not extractable; signs, decrypts and derives.
    SoftKey(const SoftCard& card, const std::string& kind);

    EVP_PKEY* public_half() const { return m_public_half.get(); }
    int operations() const { return m_operations; } ///< that reached the token

    Outcome<Bytes> sign(const openssl::SignatureScheme& scheme, const Digest& digest) override;
    Outcome<Bytes> sign_message(ByteView message) override;
    Outcome<Bytes> decrypt(const openssl::DecryptionScheme& scheme, ByteView ciphertext) override;
    Outcome<Bytes> derive(ByteView peer) override;

private:
    Outcome<Bytes> signed_by(CK_MECHANISM mechanism, ByteView input);
    Bytes attribute(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) const;

    const SoftCard& m_card;
    CK_OBJECT_HANDLE m_private = 0;
    x509::EvpPkeyPtr m_public_half;
    std::atomic<int> m_operations{0};
};

} // namespace jk::test
