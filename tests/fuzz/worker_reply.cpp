// What a worker, with a vendor's code inside, may answer the agent. The first byte says which answer is awaited.
#include "pkcs11/worker/messages.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "x509/signature_check.hpp"

using namespace jk;

namespace {

Bytes again(const std::vector<pkcs11::ReportedToken>& tokens) {
    ipc::Writer writer;
    write(writer, tokens);
    return writer.take();
}

void tokens(ipc::Reader reader) {
    const auto read = pkcs11::read_tokens(reader);
    if (!reader.end()) return;
    const auto written = again(read);
    ipc::Reader second(written);
    fuzz::require(again(pkcs11::read_tokens(second)) == written && second.end().has_value(), "tokens are the same when read again");
}

void custody(ipc::Reader reader, ByteView bytes) {
    const auto read = pkcs11::read_custody(reader);
    if (!reader.end()) return;
    ipc::Writer writer;
    pkcs11::write(writer, read);
    fuzz::require(writer.take() == Bytes(bytes.begin(), bytes.end()), "custody has one spelling");
}

void signature(ipc::Reader reader) {
    const auto raw = reader.bytes(1024);
    if (reader.end() && !raw.empty()) (void)x509::ecdsa_to_der(raw);
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    const ByteView body(data + 1, size - 1);
    ipc::Reader reader(body);
    (void)reader.u32();
    if (const auto error = pkcs11::read_error(reader)) {
        (void)error->log_line();
        return 0;
    }
    if (reader.failed()) return 0;
    switch (data[0] % 3) {
    case 0: tokens(reader); break;
    case 1: custody(reader, body.subspan(5)); break;
    default: signature(reader);
    }
    return 0;
}
