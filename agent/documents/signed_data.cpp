#include "agent/documents/signed_data.hpp"

#include "agent/documents/der.hpp"
#include "x509/read_certificate.hpp"

namespace jk::documents {
namespace {

// RFC 5652, RFC 5035, RFC 8017, RFC 5758, RFC 5754.
Bytes id_data() { return der::oid({0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01}); }
Bytes id_signed_data() { return der::oid({0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02}); }
Bytes id_content_type() { return der::oid({0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x03}); }
Bytes id_message_digest() { return der::oid({0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x04}); }
Bytes id_signing_time() { return der::oid({0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x05}); }
Bytes id_signing_certificate_v2() { return der::oid({0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x02, 0x2f}); }

/// Last arc of hashAlgs, sha*WithRSAEncryption and ecdsa-with-SHA*.
struct HashArcs {
    std::uint8_t hash, rsa, ecdsa;
};
HashArcs arcs_of(HashFunction hash) {
    switch (hash) {
    case HashFunction::sha256: return {1, 11, 2};
    case HashFunction::sha384: return {2, 12, 3};
    case HashFunction::sha512: return {3, 13, 4};
    }
    return {};
}

/// RFC 5754 2: the parameters of SHA-2 are absent.
Bytes hash_algorithm(HashFunction hash) { return der::sequence({der::oid({0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, arcs_of(hash).hash})}); }

Bytes signature_algorithm(const Mechanism& mechanism) {
    const auto arcs = arcs_of(mechanism.hash);
    if (mechanism.key == KeyKind::ec) return der::sequence({der::oid({0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, arcs.ecdsa})});
    const auto rsa = [](std::uint8_t last) { return der::oid({0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, last}); };
    if (mechanism.padding == Padding::pkcs1_v15) return der::sequence({rsa(arcs.rsa), der::null()});
    // RFC 8017 A.2.3: RSASSA-PSS-params; salt as long as the hash, which is what the token was asked for.
    const auto hash = der::sequence({der::oid({0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, arcs.hash}), der::null()});
    const auto mgf1 = der::sequence({rsa(8), hash});
    const auto salt = der::small_integer(static_cast<std::uint8_t>(size_of(mechanism.hash)));
    return der::sequence({rsa(10), der::sequence({der::context(0, {hash}), der::context(1, {mgf1}), der::context(2, {salt})})});
}

Bytes attribute(const Bytes& type, const Bytes& value) { return der::sequence({type, der::set_of({value})}); }

/// ESSCertIDv2 with its default hash, SHA-256; the issuer and serial are in the SignerInfo already.
Bytes signing_certificate(const Certificate& signer) {
    const auto id = der::sequence({der::octet_string(signer.id.sha256.value())});
    return der::sequence({der::sequence({id})});
}

} // namespace

SignedData::SignedData(Format format, CertificateRef signer, std::vector<CertificateRef> chain, Mechanism mechanism, const Digest& content,
                       WallTime signing_time)
    : m_signer(std::move(signer)), m_chain(std::move(chain)), m_mechanism(mechanism) {
    std::vector<Bytes> attributes{attribute(id_content_type(), id_data()), attribute(id_message_digest(), der::octet_string(content.value())),
                                  attribute(id_signing_certificate_v2(), signing_certificate(*m_signer))};
    // EN 319 142-1 6.3: shall not be present in PAdES (the dictionary's /M has it); EN 319 122-1 6.3: shall be present in CAdES B-B.
    if (format == Format::cades) attributes.push_back(attribute(id_signing_time(), der::time(signing_time)));
    m_attributes = der::set_of(std::move(attributes));
    m_to_sign = hash_of(mechanism.hash, m_attributes);
}

Bytes SignedData::with(ByteView signature) const {
    Bytes implicit_attributes = m_attributes;
    implicit_attributes[0] = 0xa0; // [0] IMPLICIT in the SignerInfo, SET OF under the signature (RFC 5652 5.4)
    const auto signer_info = der::sequence({der::small_integer(1), der::sequence({m_signer->issuer_and_serial}), hash_algorithm(m_mechanism.hash),
                                            implicit_attributes, signature_algorithm(m_mechanism), der::octet_string(signature)});
    Bytes certificates(m_signer->der);
    for (const auto& issuer : m_chain) certificates.insert(certificates.end(), issuer->der.begin(), issuer->der.end());
    const auto signed_data = der::sequence({der::small_integer(1), der::set_of({hash_algorithm(m_mechanism.hash)}), der::sequence({id_data()}),
                                            der::context(0, {certificates}), der::set_of({signer_info})});
    return der::sequence({id_signed_data(), der::context(0, {signed_data})});
}

std::size_t SignedData::room_for(const Certificate& signer, const std::vector<CertificateRef>& chain) {
    std::size_t room = 4096 + signer.der.size(); // attributes, names, and a signature of up to RSA-8192
    for (const auto& issuer : chain) room += issuer->der.size();
    return std::max<std::size_t>(room, 8192); // 16 KiB of hexadecimal, as other signers leave
}

} // namespace jk::documents
