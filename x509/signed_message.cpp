#include "x509/signed_message.hpp"

#include "x509/openssl_ptr.hpp"
#include "x509/read_certificate.hpp"

namespace jk::x509 {
namespace {

Error refused(std::string why) { return Error{Errc::request_malformed, why}.with("field", "signed message").with("fault", std::move(why)); }

bool strong(CMS_SignerInfo* signer) {
    X509_ALGOR* digest = nullptr;
    CMS_SignerInfo_get0_algs(signer, nullptr, nullptr, &digest, nullptr);
    const ASN1_OBJECT* object = nullptr;
    if (digest != nullptr) X509_ALGOR_get0(&object, nullptr, nullptr, digest);
    const int nid = object != nullptr ? OBJ_obj2nid(object) : NID_undef;
    return nid == NID_sha256 || nid == NID_sha384 || nid == NID_sha512;
}

} // namespace

Outcome<SignedMessage> read_signed_message(ByteView der, const std::vector<CertificateRef>& pinned, std::size_t limit) {
    if (der.empty() || der.size() > limit) return refused("is empty or too large");
    const auto* at = der.data();
    const CmsPtr cms(d2i_CMS_ContentInfo(nullptr, &at, static_cast<long>(der.size())));
    if (!cms || at != der.data() + der.size()) {
        openssl_fault();
        return refused("is no CMS in DER");
    }
    if (OBJ_obj2nid(CMS_get0_type(cms.get())) != NID_pkcs7_signed) return refused("is no SignedData");
    auto* signers = CMS_get0_SignerInfos(cms.get());
    if (signers == nullptr || sk_CMS_SignerInfo_num(signers) != 1) return refused("must have exactly one signer");
    auto* signer = sk_CMS_SignerInfo_value(signers, 0);
    if (!strong(signer)) return refused("is signed with a weak hash function");
    for (const auto& candidate : pinned) {
        const auto certificate = to_x509(*candidate);
        if (!certificate || CMS_SignerInfo_cert_cmp(signer, certificate.get()) != 0) continue;
        const X509StackPtr only(sk_X509_new_null());
        X509_up_ref(certificate.get());
        if (!only || sk_X509_push(only.get(), certificate.get()) <= 0) return refused(openssl_fault());
        const BioPtr content(BIO_new(BIO_s_mem()));
        if (CMS_verify(cms.get(), only.get(), nullptr, nullptr, content.get(), CMS_BINARY | CMS_NOINTERN | CMS_NO_SIGNER_CERT_VERIFY) != 1) {
            openssl_fault();
            return refused("carries a signature that does not fit");
        }
        char* bytes = nullptr;
        const long size = BIO_get_mem_data(content.get(), &bytes);
        if (size <= 0) return refused("has no content inside");
        return SignedMessage{Bytes(bytes, bytes + size), candidate};
    }
    return refused("is not signed by a pinned certificate");
}

} // namespace jk::x509
