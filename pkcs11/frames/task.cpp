#include "pkcs11/frames/task.hpp"

namespace jk::pkcs11::frames {
namespace {

/// Where it stands in KeyTask's variant.
enum class Kind : std::uint8_t { digest, ciphertext, message, peer };

Error malformed() { return {Errc::device_failed, "a key task does not follow its form"}; }

std::optional<DigestToSign> read_digest(ipc::Reader& reader) {
    const auto key = reader.u8(), hash = reader.u8(), padding = reader.u8();
    const auto value = reader.bytes(64);
    if (reader.failed() || key > 1 || hash > 2 || padding > 2 || (key == 1) != (padding == 0)) return std::nullopt;
    const Mechanism mechanism{static_cast<KeyKind>(key), static_cast<HashFunction>(hash), static_cast<Padding>(padding)};
    const auto digest = Digest::from(mechanism.hash, value);
    if (!digest) return std::nullopt;
    return DigestToSign{mechanism, *digest};
}

std::optional<Ciphertext> read_ciphertext(ipc::Reader& reader) {
    const auto hiding = reader.u8();
    const auto value = reader.bytes(max_ciphertext);
    if (reader.failed() || hiding > static_cast<std::uint8_t>(Hiding::oaep_sha512) || value.empty()) return std::nullopt;
    return Ciphertext{static_cast<Hiding>(hiding), Bytes(value.begin(), value.end())};
}

std::optional<MessageToSign> read_message(ipc::Reader& reader) {
    const auto message = reader.bytes(MessageToSign::most);
    if (reader.failed()) return std::nullopt;
    return MessageToSign{Bytes(message.begin(), message.end())};
}

/// Uncompressed, of P-256, P-384 or P-521.
std::optional<PeerPoint> read_peer(ipc::Reader& reader) {
    const auto point = reader.bytes(max_point);
    const bool known = point.size() == 65 || point.size() == 97 || point.size() == 133;
    if (reader.failed() || !known || point[0] != 0x04) return std::nullopt;
    return PeerPoint{Bytes(point.begin(), point.end())};
}

template <class What> Outcome<KeyTask> task_of(const Digest& certificate, std::optional<What> what) {
    if (!what) return malformed();
    return KeyTask{{certificate}, std::move(*what)};
}

} // namespace

void write(ipc::Writer& writer, const KeyTask& task) {
    writer.bytes(task.certificate.sha256.value()).u8(static_cast<std::uint8_t>(task.what.index()));
    if (const auto* sign = std::get_if<DigestToSign>(&task.what))
        writer.u8(static_cast<std::uint8_t>(sign->mechanism.key))
            .u8(static_cast<std::uint8_t>(sign->mechanism.hash))
            .u8(static_cast<std::uint8_t>(sign->mechanism.padding))
            .bytes(sign->digest.value());
    else if (const auto* message = std::get_if<MessageToSign>(&task.what))
        writer.bytes(message->message);
    else if (const auto* peer = std::get_if<PeerPoint>(&task.what))
        writer.bytes(peer->point);
    else if (const auto* ciphertext = std::get_if<Ciphertext>(&task.what))
        writer.u8(static_cast<std::uint8_t>(ciphertext->hiding)).bytes(ciphertext->value);
}

Outcome<KeyTask> read_task(ipc::Reader& reader) {
    const auto certificate = Digest::from(HashFunction::sha256, reader.bytes(32));
    const auto kind = reader.u8();
    if (reader.failed() || !certificate) return malformed();
    switch (static_cast<Kind>(kind)) {
    case Kind::digest: return task_of(*certificate, read_digest(reader));
    case Kind::ciphertext: return task_of(*certificate, read_ciphertext(reader));
    case Kind::message: return task_of(*certificate, read_message(reader));
    case Kind::peer: return task_of(*certificate, read_peer(reader));
    }
    return malformed();
}

} // namespace jk::pkcs11::frames
