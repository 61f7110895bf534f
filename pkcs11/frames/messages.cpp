#include "pkcs11/frames/messages.hpp"

namespace jk::pkcs11::frames {
namespace {

enum class TaskKind : std::uint8_t { sign, decrypt };

Error malformed() { return {Errc::device_failed, "a message of the PKCS#11 door does not follow its form"}; }

} // namespace

ipc::Writer start(std::uint32_t id, Ask ask) {
    ipc::Writer writer;
    writer.u32(id).u8(static_cast<std::uint8_t>(ask));
    return writer;
}

Outcome<RequestHead> read_head(ipc::Reader& reader) {
    RequestHead head;
    head.id = reader.u32();
    const auto ask = reader.u8();
    if (reader.failed() || ask < 1 || ask > static_cast<std::uint8_t>(Ask::use)) return malformed();
    head.ask = static_cast<Ask>(ask);
    return head;
}

void write(ipc::Writer& writer, const TokenId& token) { writer.text(token.module).text(token.serial); }

TokenId read_token(ipc::Reader& reader) {
    TokenId token;
    token.module = reader.text(max_text);
    token.serial = reader.text(max_text);
    return token;
}

void write(ipc::Writer& writer, const KeyTask& task) {
    writer.bytes(task.certificate.sha256.value());
    if (const auto* sign = std::get_if<DigestToSign>(&task.what)) {
        writer.u8(static_cast<std::uint8_t>(TaskKind::sign))
            .u8(static_cast<std::uint8_t>(sign->mechanism.key))
            .u8(static_cast<std::uint8_t>(sign->mechanism.hash))
            .u8(static_cast<std::uint8_t>(sign->mechanism.padding))
            .bytes(sign->digest.value());
    } else {
        const auto& ciphertext = std::get<Ciphertext>(task.what);
        writer.u8(static_cast<std::uint8_t>(TaskKind::decrypt)).u8(static_cast<std::uint8_t>(ciphertext.hiding)).bytes(ciphertext.value);
    }
}

Outcome<KeyTask> read_task(ipc::Reader& reader) {
    const auto certificate = Digest::from(HashFunction::sha256, reader.bytes(32));
    const auto kind = reader.u8();
    if (reader.failed() || !certificate) return malformed();
    KeyTask task;
    task.certificate = {*certificate};
    if (kind == static_cast<std::uint8_t>(TaskKind::sign)) {
        const auto key = reader.u8(), hash = reader.u8(), padding = reader.u8();
        const auto value = reader.bytes(64);
        if (reader.failed() || key > 1 || hash > 2 || padding > 2 || (key == 1) != (padding == 0)) return malformed();
        const Mechanism mechanism{static_cast<KeyKind>(key), static_cast<HashFunction>(hash), static_cast<Padding>(padding)};
        const auto digest = Digest::from(mechanism.hash, value);
        if (!digest) return malformed();
        task.what = DigestToSign{mechanism, *digest};
        return task;
    }
    const auto hiding = reader.u8();
    const auto value = reader.bytes(max_ciphertext);
    const bool known = kind == static_cast<std::uint8_t>(TaskKind::decrypt) && hiding <= static_cast<std::uint8_t>(Hiding::oaep_sha512);
    if (reader.failed() || !known || value.empty()) return malformed();
    task.what = Ciphertext{static_cast<Hiding>(hiding), Bytes(value.begin(), value.end())};
    return task;
}

void write(ipc::Writer& writer, const std::vector<Token>& tokens) {
    writer.u32(static_cast<std::uint32_t>(tokens.size()));
    for (const auto& token : tokens) {
        write(writer, token.id);
        writer.text(token.label).text(token.manufacturer).text(token.model).u64(token.flags);
        writer.u32(static_cast<std::uint32_t>(token.mechanisms.size()));
        for (const auto& m : token.mechanisms) writer.u64(m.type).u64(m.least_bits).u64(m.most_bits).u64(m.flags);
    }
}

std::vector<Token> read_tokens(ipc::Reader& reader) {
    std::vector<Token> tokens;
    for (auto left = reader.count(32); left > 0 && !reader.failed(); --left) {
        Token token;
        token.id = read_token(reader);
        token.label = reader.text(max_text);
        token.manufacturer = reader.text(max_text);
        token.model = reader.text(max_text);
        token.flags = reader.u64();
        for (auto n = reader.count(32); n > 0; --n) {
            Token::Mechanism m;
            m.type = reader.u64();
            m.least_bits = reader.u64();
            m.most_bits = reader.u64();
            m.flags = reader.u64();
            token.mechanisms.push_back(m);
        }
        tokens.push_back(std::move(token));
    }
    return tokens;
}

void write(ipc::Writer& writer, const std::vector<Object>& objects) {
    writer.u32(static_cast<std::uint32_t>(objects.size()));
    for (const auto& object : objects) {
        writer.bytes(object.certificate.sha256.value()).u32(static_cast<std::uint32_t>(object.attributes.size()));
        for (const auto& [type, value] : object.attributes) writer.u64(type).bytes(value);
    }
}

std::vector<Object> read_objects(ipc::Reader& reader) {
    std::vector<Object> objects;
    for (auto left = reader.count(40); left > 0 && !reader.failed(); --left) {
        Object object;
        if (const auto id = Digest::from(HashFunction::sha256, reader.bytes(32))) object.certificate = {*id};
        for (auto n = reader.count(12); n > 0; --n) {
            const auto type = reader.u64();
            const auto value = reader.bytes(max_value);
            object.attributes.emplace_back(type, Bytes(value.begin(), value.end()));
        }
        objects.push_back(std::move(object));
    }
    return objects;
}

ipc::Writer start_answer(std::uint32_t id, std::uint64_t result) {
    ipc::Writer writer;
    writer.u32(id).u64(result);
    return writer;
}

} // namespace jk::pkcs11::frames
