// A certificate on the token, beside the key that it is for.
#include "pkcs11/wrap/administration.hpp"
#include "pkcs11/wrap/ck_result.hpp"
#include "pkcs11/wrap/discovery.hpp"
#include "pkcs11/wrap/objects.hpp"
#include "pkcs11/wrap/public_half.hpp"
#include "x509/openssl_ptr.hpp"

#include <iterator>

namespace jk::pkcs11 {
namespace {

template <class Encode, class Object> Bytes der_of(Encode encode, Object* object) {
    unsigned char* der = nullptr;
    const int size = encode(object, &der);
    const x509::OpensslBytes owner(der);
    return size > 0 ? Bytes(der, der + size) : Bytes();
}

Error mismatch(const char* why) { return {Errc::key_mismatch, why}; }

} // namespace

Outcome<void> import_certificate(const Module& module, const ShownToken& token, const Secret* pin, ByteView der, const std::string& label) {
    const unsigned char* at = der.data();
    const x509::X509Ptr certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
    if (!certificate) return Error{Errc::request_malformed, x509::openssl_fault()}.with("field", "certificate").with("fault", "is no certificate");
    const auto public_key = der_of(i2d_PUBKEY, X509_get0_pubkey(certificate.get()));
    for (const auto& there : token.certificates)
        if (text_of(normal_form(there.der)) == text_of(der)) return Error{Errc::certificate_present}.with("token", token.contents.label);
    Bytes id;
    for (const auto& key : token.contents.keys)
        if (!public_key.empty() && text_of(key.public_key) == text_of(public_key)) id = key.id;
    if (id.empty()) return mismatch("no key on the token has the certificate's public key");

    const auto session = Session::open_for_writing(module, token.slot, 0);
    if (!session) return session.error();
    const auto login = Login::as_user(*session, pin);
    if (!login) return login.error();
    const auto keys = find(*session, CKO_PRIVATE_KEY, ByteView(id));
    if (!keys) return keys.error();
    if (keys->size() != 1) return mismatch("the private half of the certificate's key is not on the token");

    CK_OBJECT_CLASS object_class = CKO_CERTIFICATE;
    CK_CERTIFICATE_TYPE type = CKC_X_509;
    CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    std::string name = label;
    auto subject = der_of(i2d_X509_NAME, X509_get_subject_name(certificate.get()));
    auto issuer = der_of(i2d_X509_NAME, X509_get_issuer_name(certificate.get()));
    auto serial = der_of(i2d_ASN1_INTEGER, X509_get_serialNumber(certificate.get()));
    Bytes value(der.begin(), der.end());
    CK_ATTRIBUTE attributes[] = {{CKA_CLASS, &object_class, sizeof object_class},
                                 {CKA_CERTIFICATE_TYPE, &type, sizeof type},
                                 {CKA_TOKEN, &yes, sizeof yes},
                                 {CKA_PRIVATE, &no, sizeof no},
                                 {CKA_ID, id.data(), id.size()},
                                 {CKA_LABEL, name.data(), name.size()},
                                 {CKA_SUBJECT, subject.data(), subject.size()},
                                 {CKA_ISSUER, issuer.data(), issuer.size()},
                                 {CKA_SERIAL_NUMBER, serial.data(), serial.size()},
                                 {CKA_VALUE, value.data(), value.size()}};
    CK_OBJECT_HANDLE object = 0;
    const CallMark mark(module.board(), 0, Call::write_object);
    const CK_RV rv = module.functions().C_CreateObject(session->handle(), attributes, std::size(attributes), &object);
    if (rv != CKR_OK) return ck_error("C_CreateObject", rv);
    return done();
}

Outcome<void> delete_certificate(const Module& module, const ShownToken& token, const Secret* pin, const CertificateId& certificate) {
    const auto session = Session::open_for_writing(module, token.slot, 0);
    if (!session) return session.error();
    const auto login = Login::as_user(*session, pin);
    if (!login) return login.error();
    const auto objects = find(*session, CKO_CERTIFICATE);
    if (!objects) return objects.error();
    for (const auto object : *objects) {
        const auto value = attribute(*session, object, CKA_VALUE);
        if (!value || sha256(normal_form(*value)) != certificate.sha256) continue;
        const CallMark mark(module.board(), 0, Call::write_object);
        const CK_RV rv = module.functions().C_DestroyObject(session->handle(), object);
        if (rv != CKR_OK) return ck_error("C_DestroyObject", rv);
        return done();
    }
    return Error{Errc::certificate_unknown, "not on the token"};
}

} // namespace jk::pkcs11
