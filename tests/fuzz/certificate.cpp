// Certificates from tokens, from CMS and from the profile's files.
#include "jurukunci/displayed_text.hpp"
#include "tests/fuzz/kept_files.hpp"
#include "x509/chain.hpp"
#include "x509/signature_check.hpp"

#include <algorithm>

using namespace jk;

namespace {

void use(const CertificateRef& certificate) {
    static const auto root = fuzz::kept_certificate("root.pem"), issuing = fuzz::kept_certificate("issuing.pem"),
                      leaf = fuzz::kept_certificate("signer.pem");
    for (const auto* text : {&certificate->subject, &certificate->issuer}) fuzz::require(is_utf8(*text), "a name is UTF-8");
    auto common_name = certificate->common_name;
    std::ranges::replace(common_name, '\0', ' '); // X.509 lets it stand there; displayed() shows it escaped
    fuzz::require(is_utf8(common_name), "a common name is UTF-8");
    (void)rfc3339(certificate->not_before);
    (void)rfc3339(certificate->not_after);
    for (const auto time : {std::optional<WallTime>(), std::optional(fuzz::now())}) {
        if (const auto chain = x509::chain_to_anchor(certificate, {issuing}, {root}, time))
            fuzz::require(chain->front()->id == certificate->id && chain->back()->id == root->id, "a chain goes from leaf to anchor");
        if (const auto chain = x509::chain_to_anchor(leaf, {certificate, issuing}, {root}, time))
            fuzz::require(chain->size() == 3, "the leaf still has its chain");
        if (const auto chain = x509::chain_to_anchor(leaf, {certificate}, {root}, time))
            fuzz::require(certificate->subject == issuing->subject, "only the issuer helps");
        (void)x509::chain_to_anchor(leaf, {issuing}, {certificate}, time);
    }
    for (const auto& mechanism : certificate->mechanisms)
        if (const auto check = x509::SignatureCheck::for_certificate(*certificate, mechanism)) {
            const Bytes nothing(70, 0x30);
            fuzz::require(!check->verifies(hash_of(mechanism.hash, nothing), nothing), "rubbish is no signature");
        }
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView bytes(data, size);
    if (const auto certificate = x509::read_certificate(bytes)) {
        fuzz::require((*certificate)->der == Bytes(data, data + size), "a certificate keeps its bytes");
        use(*certificate);
    }
    if (const auto all = x509::read_pem(text_of(bytes)))
        for (const auto& certificate : *all) use(certificate);
    return 0;
}
