// jurukunci-fuzz-seeds FOLDER: makes the seeds that are not text, and the certificates they hang on, anew. The keys are thrown away.
// Run it when a message or a check changes so much that the kept seeds no longer reach what they were made for.
#include "agent/documents/child/prepare.hpp"
#include "agent/documents/document_process.hpp"
#include "agent/documents/signed_data.hpp"
#include "jurukunci/encoding.hpp"
#include "pkcs11/hotplug/device_event.hpp"
#include "pkcs11/worker/messages.hpp"
#include "tests/support/demo_ca.hpp"
#include "tests/support/rfc6979.hpp"
#include "x509/read_certificate.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/mman.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

using namespace jk;
using namespace jk::documents;

namespace {

namespace fs = std::filesystem;

fs::path out;

void write(const std::string& seed, ByteView bytes) {
    fs::create_directories((out / seed).parent_path());
    std::ofstream(out / seed, std::ios::binary).write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}
void write(const std::string& seed, std::string_view text) { write(seed, bytes_of(text)); }

Bytes with_first(std::uint8_t first, Bytes rest) {
    rest.insert(rest.begin(), first);
    return rest;
}

struct Signer {
    test::DemoCa ca = test::DemoCa::create("CA UJI Fuzz");
    x509::EvpPkeyPtr key;
    CertificateRef certificate;
    Mechanism mechanism;

    Signer(const std::string& kind, Mechanism m) : key(test::make_key(kind)), mechanism(m) { certify(); }
    void certify() {
        test::CertificateWish wish;
        wish.not_after = SystemClock().now() + std::chrono::hours(24 * 3600);
        certificate = *x509::read_certificate(ca.certify(key.get(), wish));
    }
    Bytes sign(const Digest& digest) const {
        const x509::EvpPkeyCtxPtr context(EVP_PKEY_CTX_new(key.get(), nullptr));
        EVP_PKEY_sign_init(context.get());
        EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256());
        Bytes value(1024);
        std::size_t size = value.size();
        if (EVP_PKEY_sign(context.get(), value.data(), &size, digest.value().data(), digest.value().size()) != 1) throw std::runtime_error("sign");
        value.resize(size);
        return value;
    }
    Bytes cms(Format format, const Digest& content) const {
        const SignedData data(format, certificate, {ca.issuing()}, mechanism, content, SystemClock().now());
        return data.with(sign(data.to_sign()));
    }
};

void worker(const Certificate& certificate) {
    using namespace jk::pkcs11;
    const Mechanism ec{KeyKind::ec, HashFunction::sha256, Padding::none}, rsa{KeyKind::rsa, HashFunction::sha512, Padding::pss};
    ReportedToken token{"Jana K.", "SoftHSM project", "SoftHSM v2", "93fe", "2.6", PinState::ok, false, {ec, rsa}, {certificate.der}};
    const auto reply = [](auto&& body) {
        auto writer = start_reply(7);
        body(writer);
        return writer.take();
    };
    write("worker_reply/tokens", with_first(0, reply([&](auto& w) { jk::pkcs11::write(w, std::vector{token}); })));
    token.certificates.clear();
    write("worker_reply/tokens-two", with_first(0, reply([&](auto& w) { jk::pkcs11::write(w, std::vector{token, token}); })));
    write("worker_reply/custody", with_first(1, reply([](auto& w) {
                                                 jk::pkcs11::write(w, KeyCustody{true, false, true, true, true, false, true});
                                             })));
    write("worker_reply/signature", with_first(2, reply([](auto& w) { w.bytes(Bytes(64, 0x5a)); })));
    write("worker_reply/error", with_first(2, error_reply(7, Error{Errc::pin_incorrect, "CKR_PIN_INCORRECT"}.with("token", "Jana K."))));
    const auto digest = *Digest::from(HashFunction::sha512, Bytes(64, 1));
    auto open = start(7, RequestKind::open);
    jk::pkcs11::write(open, OpenRequest{"93fe", certificate.id, Bytes(20, 0x30), rsa, PinTicket{1}, {digest, digest}, 2});
    write("worker_request/open", open.take());
    write("administration/init", start(1, RequestKind::administer).text("").u64(1).u8(0).text("Sri W.").flag(true).take());
    write("administration/generate", start(2, RequestKind::administer).text("93fe").u64(2).u8(4).u8(3).u8(0).text("Kunci").take());
    write("administration/delete", start(3, RequestKind::administer).text("93fe").u64(3).u8(7).bytes(sha256(bytes_of("x")).value()).take());
    write("administration/destroy", start(4, RequestKind::administer).text("93fe").u64(4).u8(8).flag(false).take());
    write("worker_request/discover", start(1, RequestKind::discover).take());
    write("worker_request/look", start(1, RequestKind::look).take());
    write("device_event/arrived", jk::hotplug::write({jk::hotplug::Happened::arrived, 1, 4, 0x0529, 0x0620, true}));
    write("device_event/watching", jk::hotplug::write({}));
    write("worker_request/sign", start(1, RequestKind::sign).u32(2).u64(3).u64(4).take());
}

/// Two bytes for the pieces, then frames as ipc/frame.hpp has them.
void frames() {
    const auto frame = [](std::uint8_t fds, std::string_view body) {
        Bytes bytes{static_cast<std::uint8_t>(body.size()), 0, 0, 0, fds, 0, 0, 0};
        bytes.insert(bytes.end(), body.begin(), body.end());
        return bytes;
    };
    const auto stream = [](std::uint8_t fds, std::uint8_t piece, std::initializer_list<Bytes> all) {
        Bytes bytes{fds, piece};
        for (const auto& one : all) bytes.insert(bytes.end(), one.begin(), one.end());
        return bytes;
    };
    write("frame/two", stream(0, 255, {frame(0, "satu"), frame(0, "dua")}));
    write("frame/one-descriptor", stream(1, 255, {frame(1, "satu")}));
    write("frame/four-descriptors", stream(4, 255, {frame(4, "")}));
    write("frame/seven-descriptors", stream(7, 255, {frame(4, "")}));
    write("frame/pieces-with-descriptors", stream(2, 1, {frame(4, "sembilan bytes"), frame(0, "dua")}));
    write("frame/too-large", stream(0, 255, {Bytes{0, 0, 0, 1, 0, 0, 0, 0, 1}}));
    write("ecdsa/p256", Bytes(64, 0x81));
    write("ecdsa/p521", Bytes(132, 0x01));
    write("ecdsa/zero", Bytes(64, 0));
    write("ecdsa/rfc6979", test::rfc6979_signature());
}

void document_messages(const Certificate& certificate) {
    PrepareRequest prepare{"surat.pdf",
                           Appearance{"", 1, 20, 20, 160, 60, "https://eoffice.example/cek/1"},
                           "Jana",
                           SystemClock().now(),
                           "21 November 2026",
                           "UJI",
                           "SHA256",
                           8192};
    write("document_request/inspect", encode_inspect());
    write("document_request/prepare-visible", encode(prepare));
    prepare.appearance.reset();
    write("document_request/prepare", encode(prepare));
    const Update update{{1, 2, 3}, 64, {4, 5}, "Signature1"};
    write("document_request/check", encode(CheckRequest{prepare, update}));
    write("document_request/verify", encode(VerifyRequest{{1}, Bytes{2}, {certificate.der}, {certificate.der}, SystemClock().now(), "uji"}));
    write("document_answer/inspection", with_first(0, encode_answer(Inspection{true, 2, "Surat"})));
    write("document_answer/update", with_first(1, encode_answer(update)));
    write("document_answer/report", with_first(2, encode_answer(std::string(R"({"conclusion": "valid"})"))));
    write("document_answer/done", with_first(3, encode_done()));
    write("document_answer/error",
          with_first(3, encode_error(Error{Errc::document_damaged, "no startxref at its end"}.with("reason", "no startxref at its end"))));
}

Bytes file_bytes(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// The document with its update and an empty gap.
struct Prepared {
    Bytes file;
    std::size_t gap_at = 0, gap_size = 0;
};

Prepared prepared(const Bytes& base, std::optional<Appearance> appearance, std::uint32_t room, const child::Font* font) {
    const UniqueFd fd(::memfd_create("seed", MFD_CLOEXEC));
    if (::write(fd.get(), base.data(), base.size()) != static_cast<ssize_t>(base.size())) throw std::runtime_error("write");
    const auto update =
        child::prepare(child::DocumentBytes::over(fd.get()),
                       {"surat.pdf", std::move(appearance), "Jana", SystemClock().now(), "21 November 2026", "", "SHA256", room}, font);
    Prepared p{base, base.size() + update.before.size(), update.gap_size()};
    p.file.insert(p.file.end(), update.before.begin(), update.before.end());
    p.file.push_back('<');
    p.file.insert(p.file.end(), p.gap_size - 2, '0');
    p.file.push_back('>');
    p.file.insert(p.file.end(), update.after.begin(), update.after.end());
    return p;
}

Bytes finished(Prepared p, const Signer& signer) {
    Bytes covered(p.file.begin(), p.file.begin() + static_cast<std::ptrdiff_t>(p.gap_at));
    covered.insert(covered.end(), p.file.begin() + static_cast<std::ptrdiff_t>(p.gap_at + p.gap_size), p.file.end());
    const auto hex = to_hex(signer.cms(Format::pades, sha256(covered)));
    if (hex.size() > p.gap_size - 2) throw std::runtime_error("no room");
    std::copy(hex.begin(), hex.end(), p.file.begin() + static_cast<std::ptrdiff_t>(p.gap_at + 1));
    return p.file;
}

void pdfs(const fs::path& corpus, const Signer& signer) {
    const auto font = child::Font::load();
    Appearance box;
    box.x = box.y = 20, box.width = 160, box.height = 60;
    for (const std::string name : {"mutool", "acroform-indirect", "annots-shared", "hybrid", "revisions-two", "page-rotate-90", "libharu"}) {
        const auto base = file_bytes(corpus / (name + ".pdf"));
        write("pdf_check/" + name + ".pdf", prepared(base, std::nullopt, 16, font.get()).file);
        const auto once = finished(prepared(base, std::nullopt, 1500, font.get()), signer);
        write("pdf_verify/signed-" + name + ".pdf", once);
        if (name == "mutool" || name == "acroform-indirect") {
            write("pdf_verify/twice-" + name + ".pdf", finished(prepared(once, std::nullopt, 1500, font.get()), signer));
            write("pdf_check/visible-" + name + ".pdf", prepared(base, box, 16, font.get()).file);
        }
    }
    Appearance in_field;
    in_field.field = "Ttd1";
    for (const std::string name : {"empty-field", "empty-field-kid", "empty-field-lock"}) {
        const auto base = file_bytes(corpus / (name + ".pdf"));
        write("pdf_check/" + name + ".pdf", prepared(base, in_field, 16, font.get()).file);
        write("pdf_verify/" + name + ".pdf", finished(prepared(base, in_field, 1500, font.get()), signer));
    }
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 2) return std::cerr << "usage: jurukunci-fuzz-seeds tests/fuzz\n", 2;
    const fs::path folder(argv[1]);
    out = folder / "corpus";
    const Signer ec("p256", {KeyKind::ec, HashFunction::sha256, Padding::none}),
        rsa("rsa2048", {KeyKind::rsa, HashFunction::sha256, Padding::pkcs1_v15});
    std::ofstream(folder / "certificates/root.pem") << ec.ca.root_pem();
    std::ofstream(folder / "certificates/issuing.pem") << ec.ca.issuing_pem();
    std::ofstream(folder / "certificates/signer.pem") << test::pem_of(*ec.certificate);
    write("certificate/leaf.der", ec.certificate->der);
    write("certificate/rsa.der", rsa.certificate->der);
    write("certificate/issuing.der", ec.ca.issuing()->der);
    write("certificate/root.der", ec.ca.root()->der);
    write("certificate/two.pem", ec.ca.issuing_pem() + ec.ca.root_pem());
    for (const auto* signer : {&ec, &rsa})
        for (const auto format : {Format::pades, Format::cades})
            write(std::string("cms/") + (signer == &ec ? "ec-" : "rsa-") + (format == Format::pades ? "pades.der" : "cades.der"),
                  signer->cms(format, sha256(bytes_of("Surat undangan\n"))));
    frames();
    worker(*ec.certificate);
    document_messages(*ec.certificate);
    pdfs(folder / "../data/pdf", ec);
    return 0;
}
