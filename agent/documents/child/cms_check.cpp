#include "agent/documents/child/cms_check.hpp"

#include "x509/openssl_ptr.hpp"
#include "x509/read_certificate.hpp"

#include <openssl/ess.h>
#include <openssl/objects.h>

#include <algorithm>
#include <ctime>

namespace jk::documents::child {
namespace {

constexpr int max_certificates = 50;

std::optional<HashFunction> hash_of_nid(int nid) {
    switch (nid) {
    case NID_sha256: return HashFunction::sha256;
    case NID_sha384: return HashFunction::sha384;
    case NID_sha512: return HashFunction::sha512;
    default: return std::nullopt;
    }
}

Bytes der_of(X509* certificate) {
    unsigned char* der = nullptr;
    const int size = i2d_X509(certificate, &der);
    if (size <= 0) return {};
    const x509::OpensslBytes owner(der);
    return {der, der + size};
}

class Check {
public:
    Check(ByteView cms, const std::function<Digest(HashFunction)>& content_digest) : m_bytes(cms), m_content_digest(content_digest) {}

    CmsFindings run() {
        if (parse() && find_signer() && read_attributes()) {
            if (compare_digest()) verify();
        }
        return std::move(m_findings);
    }

private:
    bool fail(CmsVerdict verdict, std::string reason) {
        m_findings.verdict = verdict;
        m_findings.reason = std::move(reason);
        return false;
    }
    bool malformed(std::string reason) { return fail(CmsVerdict::format_failure, std::move(reason)); }

    bool parse() {
        const unsigned char* at = m_bytes.data();
        m_cms.reset(d2i_CMS_ContentInfo(nullptr, &at, static_cast<long>(m_bytes.size())));
        if (!m_cms) return malformed("the CMS cannot be read: " + x509::openssl_fault());
        const ByteView rest(at, m_bytes.data() + m_bytes.size());
        if (std::ranges::any_of(rest, [](auto b) { return b != 0; })) return malformed("bytes follow the CMS");
        if (OBJ_obj2nid(CMS_get0_type(m_cms.get())) != NID_pkcs7_signed) return malformed("the CMS is no SignedData");
        if (CMS_is_detached(m_cms.get()) != 1) return malformed("the CMS carries content of its own");
        auto* infos = CMS_get0_SignerInfos(m_cms.get());
        if (sk_CMS_SignerInfo_num(infos) != 1) return malformed(std::to_string(sk_CMS_SignerInfo_num(infos)) + " signers in one signature");
        m_info = sk_CMS_SignerInfo_value(infos, 0);
        return true;
    }

    bool find_signer() {
        const x509::X509StackPtr stack(CMS_get1_certs(m_cms.get()));
        for (int i = 0; i < std::min(sk_X509_num(stack.get()), max_certificates); ++i) {
            X509* candidate = sk_X509_value(stack.get(), i);
            auto certificate = x509::read_certificate(der_of(candidate));
            if (!certificate) continue;
            m_findings.certificates.push_back(*certificate);
            if (!m_findings.signer && CMS_SignerInfo_cert_cmp(m_info, candidate) == 0) {
                CMS_SignerInfo_set1_signer_cert(m_info, candidate);
                m_findings.signer = *certificate;
            }
        }
        return m_findings.signer != nullptr || malformed("the signer's certificate is not in the CMS");
    }

    bool read_attributes() {
        if (CMS_signed_get_attr_count(m_info) <= 0) return malformed("there are no signed attributes");
        X509_ALGOR* digest_algorithm = nullptr;
        X509_ALGOR* signature_algorithm = nullptr;
        CMS_SignerInfo_get0_algs(m_info, nullptr, nullptr, &digest_algorithm, &signature_algorithm);
        const ASN1_OBJECT* digest_name = nullptr;
        X509_ALGOR_get0(&digest_name, nullptr, nullptr, digest_algorithm);
        const auto hash = hash_of_nid(OBJ_obj2nid(digest_name));
        if (!hash)
            return fail(CmsVerdict::crypto_failure, std::string("the hash function ") + OBJ_nid2sn(OBJ_obj2nid(digest_name)) + " is not accepted");
        m_hash = *hash;
        name_algorithm(signature_algorithm);

        const auto* type = CMS_signed_get0_data_by_OBJ(m_info, OBJ_nid2obj(NID_pkcs9_contentType), -3, V_ASN1_OBJECT);
        if (type == nullptr || OBJ_obj2nid(static_cast<const ASN1_OBJECT*>(type)) != NID_pkcs7_data) return malformed("content-type is not id-data");
        m_message_digest =
            static_cast<const ASN1_OCTET_STRING*>(CMS_signed_get0_data_by_OBJ(m_info, OBJ_nid2obj(NID_pkcs9_messageDigest), -3, V_ASN1_OCTET_STRING));
        if (m_message_digest == nullptr) return malformed("message-digest is missing or not single");
        read_time();
        return bind_certificate();
    }

    void name_algorithm(const X509_ALGOR* algorithm) {
        const ASN1_OBJECT* name = nullptr;
        X509_ALGOR_get0(&name, nullptr, nullptr, algorithm);
        const bool ec = m_findings.signer->key_kind == KeyKind::ec;
        const bool pss = OBJ_obj2nid(name) == NID_rsassaPss;
        m_findings.algorithm = Mechanism{ec ? KeyKind::ec : KeyKind::rsa, m_hash,
                                         ec    ? Padding::none
                                         : pss ? Padding::pss
                                               : Padding::pkcs1_v15}
                                   .name();
    }

    void read_time() {
        for (const int type : {V_ASN1_UTCTIME, V_ASN1_GENERALIZEDTIME}) {
            const auto* time = static_cast<const ASN1_TIME*>(CMS_signed_get0_data_by_OBJ(m_info, OBJ_nid2obj(NID_pkcs9_signingTime), -3, type));
            std::tm broken{};
            if (time != nullptr && ASN1_TIME_to_tm(time, &broken) == 1) m_findings.signing_time = WallTime(std::chrono::seconds(timegm(&broken)));
        }
    }

    /// Without ESS the certificate could be exchanged for another with the same key (RFC 5035). PAdES and CAdES demand it; plain CMS does not.
    bool bind_certificate() {
        const auto* attribute = static_cast<const ASN1_STRING*>(
            CMS_signed_get0_data_by_OBJ(m_info, OBJ_nid2obj(NID_id_smime_aa_signingCertificateV2), -3, V_ASN1_SEQUENCE));
        if (attribute == nullptr) {
            m_findings.warnings.emplace_back("the signature does not name its certificate (no signing-certificate-v2)");
            return true;
        }
        const unsigned char* at = ASN1_STRING_get0_data(attribute);
        const std::unique_ptr<ESS_SIGNING_CERT_V2, x509::Deleter<ESS_SIGNING_CERT_V2_free>> ess(
            d2i_ESS_SIGNING_CERT_V2(nullptr, &at, ASN1_STRING_length(attribute)));
        if (!ess) return malformed("signing-certificate-v2 cannot be read");
        const x509::X509StackPtr chain(sk_X509_new_null());
        auto signer = x509::to_x509(*m_findings.signer);
        sk_X509_push(chain.get(), signer.release());
        if (OSSL_ESS_check_signing_certs(nullptr, ess.get(), chain.get(), 0) != 1) {
            x509::openssl_fault();
            return fail(CmsVerdict::crypto_failure, "the signature names another certificate than the one it carries");
        }
        m_findings.cades = true;
        return true;
    }

    bool compare_digest() {
        const auto digest = m_content_digest(m_hash);
        const ByteView claimed(ASN1_STRING_get0_data(m_message_digest), static_cast<std::size_t>(ASN1_STRING_length(m_message_digest)));
        if (std::ranges::equal(claimed, digest.value())) return true;
        return fail(CmsVerdict::hash_failure, "the document is not the one that was signed");
    }

    void verify() {
        if (CMS_SignerInfo_verify(m_info) != 1) {
            fail(CmsVerdict::crypto_failure, "the signature value is wrong");
            x509::openssl_fault();
            return;
        }
        m_findings.verdict = CmsVerdict::intact;
    }

    ByteView m_bytes;
    const std::function<Digest(HashFunction)>& m_content_digest;
    x509::CmsPtr m_cms;
    CMS_SignerInfo* m_info = nullptr;
    HashFunction m_hash = HashFunction::sha256;
    const ASN1_OCTET_STRING* m_message_digest = nullptr;
    CmsFindings m_findings;
};

} // namespace

CmsFindings check_cms(ByteView cms, const std::function<Digest(HashFunction)>& content_digest) { return Check(cms, content_digest).run(); }

} // namespace jk::documents::child
