#include "x509/chain.hpp"

#include "x509/read_certificate.hpp"

namespace jk::x509 {
namespace {

constexpr int max_depth = 6;
constexpr int strength_of_112_bits = 2; // OpenSSL's "auth level"

Error no_path(std::string why) { return {Errc::issuer_unrecognised, std::move(why)}; }

bool add(STACK_OF(X509) * stack, const Certificate& certificate) {
    auto x509 = to_x509(certificate);
    if (!x509 || sk_X509_push(stack, x509.get()) == 0) return false;
    (void)x509.release(); // the stack owns it now
    return true;
}

} // namespace

Outcome<std::vector<CertificateRef>> chain_to_anchor(const CertificateRef& leaf, const std::vector<CertificateRef>& intermediates,
                                                     const std::vector<CertificateRef>& anchors, std::optional<WallTime> at) {
    if (anchors.empty()) return no_path("the profile has no anchor for this environment");
    const X509Ptr target = to_x509(*leaf);
    const X509StorePtr store(X509_STORE_new());
    const X509StackPtr untrusted(sk_X509_new_null());
    const X509StoreCtxPtr context(X509_STORE_CTX_new());
    if (!target || !store || !untrusted || !context) return no_path("out of memory");
    for (const auto& anchor : anchors) {
        const auto x509 = to_x509(*anchor);
        if (!x509 || X509_STORE_add_cert(store.get(), x509.get()) != 1) return no_path("an anchor cannot be used: " + openssl_fault());
    }
    for (const auto& intermediate : intermediates)
        if (!add(untrusted.get(), *intermediate)) return no_path("out of memory");
    if (X509_STORE_CTX_init(context.get(), store.get(), target.get(), untrusted.get()) != 1) return no_path(openssl_fault());

    X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context.get());
    X509_VERIFY_PARAM_set_depth(parameters, max_depth);
    X509_VERIFY_PARAM_set_auth_level(parameters, strength_of_112_bits);
    // An anchor is trusted because the profile names it, whether or not it signed itself: BSrE's issuing CA may be one.
    X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_PARTIAL_CHAIN | (at ? 0UL : static_cast<unsigned long>(X509_V_FLAG_NO_CHECK_TIME)));
    if (at) X509_VERIFY_PARAM_set_time(parameters, std::chrono::floor<std::chrono::seconds>(*at).time_since_epoch().count());

    if (X509_verify_cert(context.get()) != 1) {
        const int code = X509_STORE_CTX_get_error(context.get());
        openssl_fault();
        return no_path(X509_verify_cert_error_string(code));
    }
    std::vector<CertificateRef> chain;
    const auto* path = X509_STORE_CTX_get0_chain(context.get());
    for (int i = 0; i < sk_X509_num(path); ++i) {
        unsigned char* der = nullptr;
        const int size = i2d_X509(sk_X509_value(path, i), &der);
        if (size <= 0) return no_path("out of memory");
        const OpensslBytes owner(der);
        auto certificate = read_certificate({der, static_cast<std::size_t>(size)});
        if (!certificate) return std::move(certificate).error();
        chain.push_back(*certificate);
    }
    return chain;
}

} // namespace jk::x509
