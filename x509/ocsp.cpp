#include "x509/read_certificate.hpp"
#include "x509/revocation_answer.hpp"
#include "x509/revocation_times.hpp"

#include <openssl/ocsp.h>

namespace jk::x509 {
namespace {

using RequestPtr = std::unique_ptr<OCSP_REQUEST, Deleter<OCSP_REQUEST_free>>;
using ResponsePtr = std::unique_ptr<OCSP_RESPONSE, Deleter<OCSP_RESPONSE_free>>;
using BasicPtr = std::unique_ptr<OCSP_BASICRESP, Deleter<OCSP_BASICRESP_free>>;
using CertIdPtr = std::unique_ptr<OCSP_CERTID, Deleter<OCSP_CERTID_free>>;

constexpr int strength_of_112_bits = 2;

std::time_t seconds(WallTime time) { return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count(); }

/// RFC 5019 asks for SHA-1 here: it names, and proves nothing.
CertIdPtr id_of(X509* certificate, X509* issuer) { return CertIdPtr(OCSP_cert_to_id(EVP_sha1(), certificate, issuer)); }

/// Signed by the issuer itself, or by somebody whom it certified for OCSP signing; nobody else, whatever a root says.
Outcome<void> signed_by(OCSP_BASICRESP* basic, X509* issuer, WallTime at) {
    if (!sound(OCSP_resp_get0_tbs_sigalg(basic))) return no_answer("signed with an algorithm that proves nothing");
    const X509StorePtr store(X509_STORE_new());
    const X509StackPtr issuers(sk_X509_new_null());
    if (!store || !issuers || X509_STORE_add_cert(store.get(), issuer) != 1 || X509_up_ref(issuer) != 1) return no_answer("out of memory");
    if (sk_X509_push(issuers.get(), issuer) == 0) {
        X509_free(issuer);
        return no_answer("out of memory");
    }
    auto* parameters = X509_STORE_get0_param(store.get());
    X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_PARTIAL_CHAIN);
    X509_VERIFY_PARAM_set_auth_level(parameters, strength_of_112_bits);
    X509_VERIFY_PARAM_set_time(parameters, seconds(at));
    if (OCSP_basic_verify(basic, issuers.get(), store.get(), OCSP_NOEXPLICIT) != 1) return no_answer("not signed by the issuer: " + openssl_fault());
    return done();
}

Outcome<void> nonce_fits(OCSP_BASICRESP* basic, ByteView nonce) {
    if (nonce.empty()) return done();
    const int place = OCSP_BASICRESP_get_ext_by_NID(basic, NID_id_pkix_OCSP_Nonce, -1);
    if (place < 0) return done();
    const RequestPtr request(OCSP_REQUEST_new());
    // The nonce is compared in the form in which the request had it.
    std::vector<unsigned char> bytes(nonce.begin(), nonce.end());
    if (!request || OCSP_request_add1_nonce(request.get(), bytes.data(), static_cast<int>(bytes.size())) != 1) return no_answer("out of memory");
    if (OCSP_check_nonce(request.get(), basic) != 1) return no_answer("the answer is to another request (nonce)");
    return done();
}

} // namespace

Outcome<OcspRequest> make_ocsp_request(const Certificate& certificate, const Certificate& issuer) {
    const auto subject = to_x509(certificate), authority = to_x509(issuer);
    const RequestPtr request(OCSP_REQUEST_new());
    auto id = subject && authority ? id_of(subject.get(), authority.get()) : CertIdPtr();
    if (!id || !request || OCSP_request_add0_id(request.get(), id.get()) == nullptr)
        return no_answer("the request cannot be made: " + openssl_fault());
    (void)id.release(); // the request owns it now
    if (OCSP_request_add1_nonce(request.get(), nullptr, 16) != 1) return no_answer("the request cannot be made: " + openssl_fault());
    auto* extension = OCSP_REQUEST_get_ext(request.get(), OCSP_REQUEST_get_ext_by_NID(request.get(), NID_id_pkix_OCSP_Nonce, -1));
    const auto* value = X509_EXTENSION_get_data(extension); // an OCTET STRING inside the extension's own
    const auto* at = value->data;
    const std::unique_ptr<ASN1_OCTET_STRING, Deleter<ASN1_OCTET_STRING_free>> nonce(d2i_ASN1_OCTET_STRING(nullptr, &at, value->length));
    unsigned char* der = nullptr;
    const int size = i2d_OCSP_REQUEST(request.get(), &der);
    if (!nonce || size <= 0) return no_answer("the request cannot be made: " + openssl_fault());
    const OpensslBytes owner(der);
    OcspRequest made;
    made.der.assign(der, der + size);
    made.nonce.assign(nonce->data, nonce->data + nonce->length);
    return made;
}

Outcome<RevocationFact> read_ocsp_answer(ByteView der, const Certificate& certificate, const Certificate& issuer, ByteView nonce, WallTime at) {
    if (der.size() > max_ocsp_answer) return no_answer("the answer is too large");
    const auto* begin = der.data();
    const ResponsePtr response(d2i_OCSP_RESPONSE(nullptr, &begin, static_cast<long>(der.size())));
    if (!response || begin != der.data() + der.size()) return openssl_fault(), no_answer("the answer is no OCSP response");
    if (const int status = OCSP_response_status(response.get()); status != OCSP_RESPONSE_STATUS_SUCCESSFUL)
        return no_answer("the responder says: " + std::string(OCSP_response_status_str(status)));
    const BasicPtr basic(OCSP_response_get1_basic(response.get()));
    const auto subject = to_x509(certificate), authority = to_x509(issuer);
    if (!basic || !subject || !authority) return openssl_fault(), no_answer("the answer cannot be read");
    if (auto ok = signed_by(basic.get(), authority.get(), at); !ok) return ok.error();
    if (auto ok = nonce_fits(basic.get(), nonce); !ok) return ok.error();

    const auto id = id_of(subject.get(), authority.get());
    const int place = id ? OCSP_resp_find(basic.get(), id.get(), -1) : -1;
    if (place < 0) return no_answer("the answer is about another certificate");
    int reason = -1;
    ASN1_GENERALIZEDTIME *revoked = nullptr, *made = nullptr, *next = nullptr;
    const int status = OCSP_single_get0_status(OCSP_resp_get0(basic.get(), place), &reason, &revoked, &made, &next);
    RevocationFact fact;
    const auto made_at = time_in(made);
    if (!made_at) return no_answer("the answer says no time");
    fact.made_at = *made_at;
    if (fact.made_at > at + clock_skew) return no_answer("the answer is of the future: look at this computer's clock");
    fact.next_update = time_in(next);
    if (next != nullptr && (!fact.next_update || *fact.next_update < fact.made_at)) return no_answer("the answer's times contradict each other");
    if (fact.next_update && *fact.next_update < at - clock_skew) return no_answer("the answer is out of date");
    if (status == V_OCSP_CERTSTATUS_GOOD) return fact;
    if (status != V_OCSP_CERTSTATUS_REVOKED) return no_answer("the responder does not know this certificate");
    fact.state = reason == OCSP_REVOKED_STATUS_CERTIFICATEHOLD ? RevocationState::suspended : RevocationState::revoked;
    fact.revoked_at = time_in(revoked).value_or(fact.made_at);
    return fact;
}

} // namespace jk::x509
