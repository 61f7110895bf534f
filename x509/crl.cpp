#include "x509/read_certificate.hpp"
#include "x509/revocation_answer.hpp"
#include "x509/revocation_times.hpp"

#include <algorithm>

namespace jk::x509 {
namespace {

using CrlPtr = std::unique_ptr<X509_CRL, Deleter<X509_CRL_free>>;

std::string hex_of(const ASN1_INTEGER* number) {
    const BignumPtr value(ASN1_INTEGER_to_BN(number, nullptr));
    const std::unique_ptr<char, OpensslFree> text(value ? BN_bn2hex(value.get()) : nullptr);
    return text ? text.get() : "";
}

/// Whether `left` is less; both as hex_of writes them.
bool less(const std::string& left, const std::string& right) {
    BIGNUM *a = nullptr, *b = nullptr;
    const bool read = BN_hex2bn(&a, left.c_str()) > 0 && BN_hex2bn(&b, right.c_str()) > 0;
    const BignumPtr first(a), second(b);
    return !read || BN_cmp(first.get(), second.get()) < 0;
}

/// RFC 5280, 6.3.3 (b) (2) (i): of an issuer's list in parts only the one that the certificate itself points to says anything about it.
Outcome<void> is_its_part(const DIST_POINT_NAME* part, const Certificate& certificate) {
    if (part->type != 0) return no_answer("the list's distribution point has a relative name");
    const auto own = status_pointers(certificate).crl;
    for (int i = 0; i < sk_GENERAL_NAME_num(part->name.fullname); ++i) {
        int type = -1;
        const auto* value = static_cast<const ASN1_STRING*>(GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(part->name.fullname, i), &type));
        if (type != GEN_URI || value == nullptr) continue;
        const std::string uri(reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)), static_cast<std::size_t>(ASN1_STRING_length(value)));
        if (std::ranges::find(own, uri) != own.end()) return done();
    }
    return no_answer("the list is a part of the issuer's, and not this certificate's part");
}

/// A list that is for some certificates or reasons only, or adds to another, is silent about ours.
Outcome<void> is_whole(X509_CRL* crl, const Certificate& certificate) {
    if (X509_CRL_get_ext_by_NID(crl, NID_delta_crl, -1) >= 0) return no_answer("the list is a delta");
    if (X509_CRL_get_ext_by_NID(crl, NID_issuing_distribution_point, -1) >= 0) {
        int critical = 0;
        const std::unique_ptr<ISSUING_DIST_POINT, Deleter<ISSUING_DIST_POINT_free>> point(
            static_cast<ISSUING_DIST_POINT*>(X509_CRL_get_ext_d2i(crl, NID_issuing_distribution_point, &critical, nullptr)));
        if (!point) return no_answer("the list's distribution point cannot be read");
        if (point->onlyCA > 0 || point->onlyattr > 0 || point->indirectCRL > 0 || point->onlysomereasons != nullptr)
            return no_answer("the list is for other certificates, or for some reasons only");
        if (point->distpoint != nullptr)
            if (auto ok = is_its_part(point->distpoint, certificate); !ok) return ok;
    }
    const auto* extensions = X509_CRL_get0_extensions(crl);
    for (int i = 0; i < sk_X509_EXTENSION_num(extensions); ++i) {
        auto* extension = sk_X509_EXTENSION_value(extensions, i);
        const int nid = OBJ_obj2nid(X509_EXTENSION_get_object(extension));
        if (X509_EXTENSION_get_critical(extension) != 0 && nid != NID_issuing_distribution_point && nid != NID_authority_key_identifier &&
            nid != NID_crl_number)
            return no_answer("the list has a critical extension that is not known");
    }
    return done();
}

Outcome<void> fits_time(const X509_CRL* crl, RevocationFact& fact, WallTime at) {
    const auto made = time_in(X509_CRL_get0_lastUpdate(crl));
    fact.next_update = time_in(X509_CRL_get0_nextUpdate(crl));
    if (!made || !fact.next_update || *fact.next_update < *made) return no_answer("the list does not say for how long it is");
    fact.made_at = *made;
    if (fact.made_at > at + clock_skew) return no_answer("the list is of the future: look at this computer's clock");
    if (*fact.next_update < at - clock_skew) return no_answer("the list is out of date");
    return done();
}

} // namespace

Outcome<RevocationFact> read_crl(ByteView der, const Certificate& certificate, const Certificate& issuer, const std::string& least_number,
                                 WallTime at) {
    if (der.size() > max_crl) return no_answer("the list is too large");
    const auto* begin = der.data();
    const CrlPtr crl(d2i_X509_CRL(nullptr, &begin, static_cast<long>(der.size())));
    if (!crl || begin != der.data() + der.size()) return openssl_fault(), no_answer("the list is no CRL");
    const auto authority = to_x509(issuer), subject = to_x509(certificate);
    auto* key = authority ? X509_get0_pubkey(authority.get()) : nullptr;
    if (key == nullptr || !subject) return openssl_fault(), no_answer("out of memory");
    if (X509_NAME_cmp(X509_CRL_get_issuer(crl.get()), X509_get_subject_name(authority.get())) != 0) return no_answer("the list is another issuer's");
    // keyUsage of an issuer that has one must say cRLSign.
    if ((X509_get_extension_flags(authority.get()) & EXFLAG_KUSAGE) != 0 && (X509_get_key_usage(authority.get()) & KU_CRL_SIGN) == 0)
        return no_answer("the issuer may not sign lists");
    const X509_ALGOR* algorithm = nullptr;
    X509_CRL_get0_signature(crl.get(), nullptr, &algorithm);
    if (!sound(algorithm)) return no_answer("signed with an algorithm that proves nothing");
    if (X509_CRL_verify(crl.get(), key) != 1) return openssl_fault(), no_answer("not signed by the issuer");
    if (auto ok = is_whole(crl.get(), certificate); !ok) return ok.error();
    RevocationFact fact;
    if (auto ok = fits_time(crl.get(), fact, at); !ok) return ok.error();
    const std::unique_ptr<ASN1_INTEGER, Deleter<ASN1_INTEGER_free>> number(
        static_cast<ASN1_INTEGER*>(X509_CRL_get_ext_d2i(crl.get(), NID_crl_number, nullptr, nullptr)));
    if (number) fact.crl_number = hex_of(number.get());
    if (!least_number.empty() && (fact.crl_number.empty() || less(fact.crl_number, least_number)))
        return no_answer("the list is older than the one that was known");

    X509_REVOKED* entry = nullptr;
    const int found = X509_CRL_get0_by_serial(crl.get(), &entry, X509_get0_serialNumber(subject.get()));
    if (found == 0) return fact;
    if (found == 2) return fact; // removeFromCRL
    int absent = 0;
    const std::unique_ptr<ASN1_ENUMERATED, Deleter<ASN1_ENUMERATED_free>> reason(
        static_cast<ASN1_ENUMERATED*>(X509_REVOKED_get_ext_d2i(entry, NID_crl_reason, &absent, nullptr)));
    const bool hold = reason && ASN1_ENUMERATED_get(reason.get()) == CRL_REASON_CERTIFICATE_HOLD;
    fact.state = hold ? RevocationState::suspended : RevocationState::revoked;
    fact.revoked_at = time_in(X509_REVOKED_get0_revocationDate(entry)).value_or(fact.made_at);
    return fact;
}

} // namespace jk::x509
