// The signature container: CMS SignedData with one SignerInfo, for PAdES (EN 319 142-1) and CAdES (EN 319 122-1) baseline B. We build it
// ourselves because OpenSSL's CMS always adds signing-time, which PAdES forbids and CAdES demands. One code path serves both.
#pragma once
#include "jurukunci/certificate.hpp"
#include "jurukunci/requests.hpp"

#include <vector>

namespace jk::documents {

class SignedData {
public:
    /// The signed attributes over a document whose digest is `content`. `format` is PAdES or CAdES.
    SignedData(Format format, CertificateRef signer, std::vector<CertificateRef> chain, Mechanism mechanism, const Digest& content,
               WallTime signing_time);

    /// What the token signs: the hash of the attributes' DER.
    const Digest& to_sign() const { return m_to_sign; }
    ByteView hashed() const { return m_attributes; }
    /// ContentInfo, DER.
    Bytes with(ByteView signature) const;
    /// At least this many bytes, whatever the signature turns out to be.
    static std::size_t room_for(const Certificate& signer, const std::vector<CertificateRef>& chain);

private:
    CertificateRef m_signer;
    std::vector<CertificateRef> m_chain;
    Mechanism m_mechanism;
    Bytes m_attributes; ///< SET OF, DER
    Digest m_to_sign;
};

} // namespace jk::documents
