// AgentKey: the private half of a token key that stands behind the agent's gate, for OpenSSL (pkcs11/openssl). The person is asked by the agent,
// and by the profile's local_programs; what the agent refuses is told as its CKR_* reads.
// Owner: the EVP_PKEY. Threads: any, several at once.
#pragma once
#include "jurukunci/certificate.hpp"
#include "pkcs11/client/connection.hpp"
#include "pkcs11/openssl/private_operations.hpp"

namespace jk::pkcs11::client {

/// Each certificate that the agent shows, DER, with its token. Nothing is asked of anybody.
struct ShownCertificate {
    TokenId token;
    Bytes der;
    CertificateId id;
};
/// agent_absent where no agent of this user answers.
Outcome<std::vector<ShownCertificate>> certificates(Connection& connection);

class AgentKey final : public openssl::PrivateOperations {
public:
    /// The key of this certificate. Logs in, so the person may be asked before it returns; where each operation is asked for, later.
    static Outcome<std::shared_ptr<AgentKey>> log_in(std::shared_ptr<Connection> connection, const CertificateId& certificate);
    ~AgentKey() override; ///< logs out

    /// PSS as the door knows it: mask and salt of the digest's own function.
    Outcome<Bytes> sign(const openssl::SignatureScheme& scheme, const Digest& digest) override;
    Outcome<Bytes> sign_message(ByteView message) override;
    /// OAEP with one function for both and no label.
    Outcome<Bytes> decrypt(const openssl::DecryptionScheme& scheme, ByteView ciphertext) override;
    Outcome<Bytes> derive(ByteView peer) override;

private:
    AgentKey(std::shared_ptr<Connection> connection, TokenId token, CertificateId certificate)
        : m_connection(std::move(connection)), m_token(std::move(token)), m_certificate(certificate) {}
    Outcome<Bytes> use(KeyTask task);

    std::shared_ptr<Connection> m_connection;
    TokenId m_token;
    CertificateId m_certificate;
};

} // namespace jk::pkcs11::client
