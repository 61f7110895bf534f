#include "tests/support/document_desk.hpp"

#include "x509/read_certificate.hpp"

#include <openssl/rsa.h>

#include <fstream>

namespace jk::test {
namespace {

constexpr const char* owner = "https://eoffice.example";

documents::LibraryLimits wide_limits() {
    documents::LibraryLimits limits;
    limits.document_bytes = 1u << 30;
    return limits;
}

const EVP_MD* md_of(HashFunction hash) {
    return hash == HashFunction::sha256 ? EVP_sha256() : hash == HashFunction::sha384 ? EVP_sha384() : EVP_sha512();
}

} // namespace

Signature sign_in_memory(EVP_PKEY* key, const Mechanism& mechanism, const Digest& digest) {
    const x509::EvpPkeyCtxPtr context(EVP_PKEY_CTX_new(key, nullptr));
    EVP_PKEY_sign_init(context.get());
    EVP_PKEY_CTX_set_signature_md(context.get(), md_of(mechanism.hash));
    if (mechanism.padding == Padding::pss) {
        EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PSS_PADDING);
        EVP_PKEY_CTX_set_rsa_pss_saltlen(context.get(), RSA_PSS_SALTLEN_DIGEST);
    }
    Bytes value(1024);
    std::size_t size = value.size();
    if (EVP_PKEY_sign(context.get(), value.data(), &size, digest.value().data(), digest.value().size()) != 1)
        throw std::runtime_error(x509::openssl_fault());
    value.resize(size);
    return {value};
}

DocumentDesk::DocumentDesk(const std::string& key_kind, Mechanism m, std::chrono::steady_clock::duration patience)
    : launcher(io.get_executor(), take_launcher()), library(folder.path(), wide_limits()), process(io.get_executor(), launcher, patience),
      room(io.get_executor(), library, process), ca(DemoCa::create()), key(make_key(key_kind)),
      certificate(*x509::read_certificate(ca.certify(key.get()))), mechanism(m) {}

Outcome<DocumentFacts> DocumentDesk::upload(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    auto begun = library.begin(owner, std::filesystem::file_size(file));
    if (!begun) return std::move(begun).error();
    Bytes chunk(1u << 20);
    while (in.read(reinterpret_cast<char*>(chunk.data()), static_cast<std::streamsize>(chunk.size())) || in.gcount() > 0)
        if (auto ok = begun->write({chunk.data(), static_cast<std::size_t>(in.gcount())}); !ok) return ok.error();
    return run(io, room.receive(owner, std::move(*begun)));
}

SealTerms DocumentDesk::terms(Format format) {
    SealTerms terms;
    terms.caller.owner = owner;
    terms.format = format;
    terms.certificate = certificate;
    terms.chain = {ca.issuing()};
    terms.mechanism = mechanism;
    terms.signing_time = SystemClock().now();
    terms.signer_name = certificate->common_name;
    terms.marking = "TOKEN UJI – TIDAK SAH";
    return terms;
}

SealOutcome DocumentDesk::seal(const DocumentId& id, Format format, std::optional<Appearance> appearance) {
    const std::vector<SignItem> items{{"surat.pdf", id, std::move(appearance)}};
    const auto wanted = terms(format);
    return std::move(run(io, room.seal(items, wanted)).front());
}

Outcome<SignedItem> DocumentDesk::sign(SealedItem& item) { return item.finish(sign_in_memory(key.get(), mechanism, item.to_sign())); }

void DocumentDesk::write(const DocumentId& id, const std::filesystem::path& to) {
    const auto document = *library.find(owner, id);
    std::ofstream out(to, std::ios::binary);
    Bytes chunk(1u << 20);
    for (const auto& piece : {document->base, document->tail}) {
        if (!piece) continue;
        for (std::uint64_t at = 0; at < piece->size();) {
            const auto n = *piece->read(at, chunk.data(), chunk.size());
            out.write(reinterpret_cast<const char*>(chunk.data()), static_cast<std::streamsize>(n));
            at += n;
        }
    }
}

std::string DocumentDesk::verify(const DocumentId& id, std::optional<Bytes> detached) {
    documents::VerifyRequest request;
    request.detached = std::move(detached);
    request.anchors = {ca.root()->der};
    request.at = SystemClock().now();
    request.environment = "uji";
    auto report = run(io, room.verify(owner, *library.find(owner, id), std::move(request)));
    return report ? *report : report.error().log_line();
}

} // namespace jk::test
