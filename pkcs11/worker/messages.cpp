#include "pkcs11/worker/messages.hpp"

#include "ipc/error_wire.hpp"

namespace jk::pkcs11 {
namespace {

constexpr std::size_t max_text = 1024;
constexpr std::size_t max_public_key = 4096;
constexpr std::size_t max_hashed = 8192; ///< signed attributes have some 300 bytes
constexpr std::size_t max_certificate = 64u << 10;

void write(ipc::Writer& writer, const Mechanism& mechanism) {
    writer.u8(static_cast<std::uint8_t>(mechanism.key))
        .u8(static_cast<std::uint8_t>(mechanism.hash))
        .u8(static_cast<std::uint8_t>(mechanism.padding));
}

std::optional<Mechanism> read_mechanism(ipc::Reader& reader) {
    const auto key = reader.u8(), hash = reader.u8(), padding = reader.u8();
    if (reader.failed() || key > 1 || hash > 2 || padding > 2) return std::nullopt;
    const Mechanism mechanism{static_cast<KeyKind>(key), static_cast<HashFunction>(hash), static_cast<Padding>(padding)};
    if ((mechanism.key == KeyKind::ec) != (mechanism.padding == Padding::none)) return std::nullopt;
    return mechanism;
}

Error malformed() { return {Errc::device_failed, "a message between agent and worker does not follow its form"}; }

} // namespace

ipc::Writer start(RequestId id, RequestKind kind) {
    ipc::Writer writer;
    writer.u32(id).u8(static_cast<std::uint8_t>(kind));
    return writer;
}

Outcome<RequestHead> read_head(ipc::Reader& reader) {
    RequestHead head;
    head.id = reader.u32();
    const auto kind = reader.u8();
    if (reader.failed() || kind < 1 || kind > static_cast<std::uint8_t>(RequestKind::administer)) return malformed();
    head.kind = static_cast<RequestKind>(kind);
    return head;
}

void write(ipc::Writer& writer, const OpenRequest& request) {
    writer.text(request.serial).bytes(request.certificate.sha256.value()).bytes(request.public_key);
    write(writer, request.mechanism);
    writer.u64(request.pin.value).u32(request.lanes).u32(static_cast<std::uint32_t>(request.sealed.size()));
    for (const auto& digest : request.sealed) writer.bytes(digest.value());
    writer.u32(static_cast<std::uint32_t>(request.hashed.size()));
    for (const auto& bytes : request.hashed) writer.bytes(bytes);
}

Outcome<OpenRequest> read_open(ipc::Reader& reader) {
    OpenRequest request;
    request.serial = reader.text(max_text);
    const auto certificate = Digest::from(HashFunction::sha256, reader.bytes(32));
    const auto public_key = reader.bytes(max_public_key);
    request.public_key.assign(public_key.begin(), public_key.end());
    const auto mechanism = read_mechanism(reader);
    request.pin = {reader.u64()};
    request.lanes = reader.u32();
    const auto count = reader.count(4);
    if (reader.failed() || !certificate || !mechanism || count == 0) return malformed();
    request.certificate = {*certificate};
    request.mechanism = *mechanism;
    request.sealed.reserve(count);
    for (std::uint32_t i = 0; i < count; ++i) {
        const auto digest = Digest::from(mechanism->hash, reader.bytes(64));
        if (!digest) return malformed();
        request.sealed.push_back(*digest);
    }
    const auto hashed = reader.count(4);
    if (reader.failed() || (hashed != 0 && hashed != count)) return malformed();
    for (std::uint32_t i = 0; i < hashed; ++i) {
        const auto bytes = reader.bytes(max_hashed);
        if (reader.failed() || hash_of(mechanism->hash, bytes) != request.sealed[i]) return malformed(); // another document than the sealed one
        request.hashed.emplace_back(bytes.begin(), bytes.end());
    }
    if (auto ok = reader.end(); !ok) return ok.error();
    return request;
}

void write(ipc::Writer& writer, const std::vector<ReportedToken>& tokens) {
    writer.u32(static_cast<std::uint32_t>(tokens.size()));
    for (const auto& token : tokens) {
        writer.text(token.label).text(token.manufacturer).text(token.model).text(token.serial).text(token.firmware);
        write(writer, token.pin_state);
        writer.flag(token.pin_pad);
        writer.u32(static_cast<std::uint32_t>(token.mechanisms.size()));
        for (const auto& mechanism : token.mechanisms) write(writer, mechanism);
        writer.flag(token.eddsa).flag(token.ecdh);
        writer.u32(static_cast<std::uint32_t>(token.hashed_there.size()));
        for (const auto& mechanism : token.hashed_there) write(writer, mechanism);
        writer.u32(static_cast<std::uint32_t>(token.certificates.size()));
        for (const auto& certificate : token.certificates) writer.bytes(certificate);
    }
}

std::vector<ReportedToken> read_tokens(ipc::Reader& reader) {
    std::vector<ReportedToken> tokens;
    for (auto left = reader.count(16, most_tokens); left > 0 && !reader.failed(); --left) {
        ReportedToken token;
        token.label = reader.text(max_text);
        token.manufacturer = reader.text(max_text);
        token.model = reader.text(max_text);
        token.serial = reader.text(max_text);
        token.firmware = reader.text(max_text);
        token.pin_state = read_pin_state(reader);
        token.pin_pad = reader.flag();
        for (auto n = reader.count(3, most_mechanisms); n > 0; --n)
            if (const auto mechanism = read_mechanism(reader)) token.mechanisms.push_back(*mechanism);
        token.eddsa = reader.flag();
        token.ecdh = reader.flag();
        for (auto n = reader.count(3, most_mechanisms); n > 0; --n)
            if (const auto mechanism = read_mechanism(reader)) token.hashed_there.push_back(*mechanism);
        for (auto n = reader.count(4, most_certificates); n > 0 && !reader.failed(); --n) {
            const auto der = reader.bytes(max_certificate);
            token.certificates.emplace_back(der.begin(), der.end());
        }
        tokens.push_back(std::move(token));
    }
    return tokens;
}

void write(ipc::Writer& writer, PinState state) { writer.u8(static_cast<std::uint8_t>(state)); }

PinState read_pin_state(ipc::Reader& reader) {
    const auto state = reader.u8();
    return state <= static_cast<std::uint8_t>(PinState::not_set) ? static_cast<PinState>(state) : PinState::locked;
}

void write(ipc::Writer& writer, const KeyCustody& custody) {
    writer.flag(custody.sensitive).flag(custody.extractable).flag(custody.always_sensitive).flag(custody.never_extractable);
    writer.flag(custody.local).flag(custody.always_authenticate).flag(custody.known_to_match_certificate);
}

KeyCustody read_custody(ipc::Reader& reader) {
    KeyCustody custody;
    custody.sensitive = reader.flag();
    custody.extractable = reader.flag();
    custody.always_sensitive = reader.flag();
    custody.never_extractable = reader.flag();
    custody.local = reader.flag();
    custody.always_authenticate = reader.flag();
    custody.known_to_match_certificate = reader.flag();
    return custody;
}

ipc::Writer start_reply(RequestId id) {
    ipc::Writer writer;
    writer.u32(id).flag(true);
    return writer;
}

Bytes error_reply(RequestId id, const Error& error) {
    ipc::Writer writer;
    writer.u32(id).flag(false);
    ipc::write(writer, error);
    return writer.take();
}

std::optional<Error> read_error(ipc::Reader& reader) {
    if (reader.flag()) return std::nullopt;
    return ipc::read_error(reader, Errc::token_failed);
}

} // namespace jk::pkcs11
