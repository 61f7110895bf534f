#include "pkcs11/worker/use_messages.hpp"

namespace jk::pkcs11 {
namespace {

constexpr std::size_t max_text = 1024, max_public_key = 4096, max_ciphertext = 2048;

Error malformed() { return {Errc::device_failed, "a message about key use does not follow its form"}; }

std::optional<Mechanism> read_mechanism(ipc::Reader& reader) {
    const auto key = reader.u8(), hash = reader.u8(), padding = reader.u8();
    if (reader.failed() || key > 1 || hash > 2 || padding > 2 || (key == 1) != (padding == 0)) return std::nullopt;
    return Mechanism{static_cast<KeyKind>(key), static_cast<HashFunction>(hash), static_cast<Padding>(padding)};
}

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
    for (auto left = reader.count(42); left > 0; --left) {
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
    for (auto left = reader.count(7); left > 0; --left) reply.custody.push_back(read_custody(reader));
    if (auto ok = reader.end(); !ok) return ok.error();
    return reply;
}

void write(ipc::Writer& writer, const KeyTask& task) {
    writer.bytes(task.certificate.sha256.value()).flag(task.decrypts());
    if (const auto* sign = std::get_if<DigestToSign>(&task.what)) {
        writer.u8(static_cast<std::uint8_t>(sign->mechanism.key))
            .u8(static_cast<std::uint8_t>(sign->mechanism.hash))
            .u8(static_cast<std::uint8_t>(sign->mechanism.padding));
        writer.bytes(sign->digest.value());
    } else {
        const auto& ciphertext = std::get<Ciphertext>(task.what);
        writer.u8(static_cast<std::uint8_t>(ciphertext.hiding)).bytes(ciphertext.value);
    }
}

Outcome<KeyTask> read_task(ipc::Reader& reader) {
    const auto id = Digest::from(HashFunction::sha256, reader.bytes(32));
    const bool decrypts = reader.flag();
    if (reader.failed() || !id) return malformed();
    KeyTask task;
    task.certificate = {*id};
    if (decrypts) {
        const auto hiding = reader.u8();
        const auto value = reader.bytes(max_ciphertext);
        if (reader.failed() || hiding > static_cast<std::uint8_t>(Hiding::oaep_sha512) || value.empty()) return malformed();
        task.what = Ciphertext{static_cast<Hiding>(hiding), Bytes(value.begin(), value.end())};
    } else {
        const auto mechanism = read_mechanism(reader);
        const auto value = reader.bytes(64);
        if (reader.failed() || !mechanism) return malformed();
        const auto digest = Digest::from(mechanism->hash, value);
        if (!digest) return malformed();
        task.what = DigestToSign{*mechanism, *digest};
    }
    if (auto ok = reader.end(); !ok) return ok.error();
    return task;
}

} // namespace jk::pkcs11
