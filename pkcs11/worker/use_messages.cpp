#include "pkcs11/worker/use_messages.hpp"

namespace jk::pkcs11 {
namespace {

constexpr std::size_t max_text = 1024, max_public_key = 4096;

Error malformed() { return {Errc::device_failed, "a message about key use does not follow its form"}; }

void write(ipc::Writer& writer, const Digest& digest) { writer.u8(static_cast<std::uint8_t>(digest.hash())).bytes(digest.value()); }

std::optional<Digest> read_digest(ipc::Reader& reader) {
    const auto hash = reader.u8();
    const auto value = reader.bytes(64);
    if (reader.failed() || hash > 2) return std::nullopt;
    return Digest::from(static_cast<HashFunction>(hash), value);
}

} // namespace

void write(ipc::Writer& writer, const OpenUseRequest& request) {
    writer.text(request.serial).u64(request.pin.value).u32(request.operations).u32(request.seconds).flag(request.only.has_value());
    if (request.only) write(writer, *request.only);
    writer.u32(static_cast<std::uint32_t>(request.keys.size()));
    for (const auto& key : request.keys) writer.bytes(key.certificate.sha256.value()).bytes(key.public_key).flag(key.may_sign).flag(key.may_decrypt);
}

Outcome<OpenUseRequest> read_open_use(ipc::Reader& reader) {
    OpenUseRequest request;
    request.serial = reader.text(max_text);
    request.pin = {reader.u64()};
    request.operations = reader.u32();
    request.seconds = reader.u32();
    if (reader.flag()) {
        request.only = read_digest(reader);
        if (!request.only) return malformed();
    }
    for (auto left = reader.count(42); left > 0 && !reader.failed(); --left) {
        OpenUseRequest::Key key;
        const auto id = Digest::from(HashFunction::sha256, reader.bytes(32));
        const auto public_key = reader.bytes(max_public_key);
        key.may_sign = reader.flag();
        key.may_decrypt = reader.flag();
        if (reader.failed() || !id) return malformed();
        key.certificate = {*id};
        key.public_key.assign(public_key.begin(), public_key.end());
        request.keys.push_back(std::move(key));
    }
    if (auto ok = reader.end(); !ok) return ok.error();
    if (request.keys.empty() || request.operations == 0 || request.seconds == 0) return malformed();
    return request;
}

void write(ipc::Writer& writer, const OpenUseReply& reply) {
    writer.u64(reply.window).u32(static_cast<std::uint32_t>(reply.custody.size()));
    for (const auto& custody : reply.custody) write(writer, custody);
}

Outcome<OpenUseReply> read_open_use_reply(ipc::Reader& reader) {
    OpenUseReply reply;
    reply.window = reader.u64();
    for (auto left = reader.count(7, most_certificates); left > 0 && !reader.failed(); --left) reply.custody.push_back(read_custody(reader));
    if (auto ok = reader.end(); !ok) return ok.error();
    return reply;
}

} // namespace jk::pkcs11
