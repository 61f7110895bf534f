#include "pkcs11/frames/messages.hpp"

namespace jk::pkcs11::frames {
namespace {

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
