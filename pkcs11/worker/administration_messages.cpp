#include "pkcs11/worker/administration_messages.hpp"

#include <algorithm>

namespace jk::pkcs11 {
namespace {

constexpr std::size_t max_texts = 64, max_text = 1024, max_id = 1024, max_public_key = 4096, max_certificate = 64u << 10, max_signature = 1024,
                      max_request_info = 16u << 10;

Error malformed() { return {Errc::device_failed, "a message about administration does not follow its form"}; }

template <class Enum> Enum read_enum(ipc::Reader& reader, Enum last, bool& good) {
    const auto value = reader.u8();
    good = good && value <= static_cast<std::uint8_t>(last);
    return good ? static_cast<Enum>(value) : Enum{};
}

void put(ipc::Writer& writer, const Mechanism& mechanism) {
    writer.u8(static_cast<std::uint8_t>(mechanism.key))
        .u8(static_cast<std::uint8_t>(mechanism.hash))
        .u8(static_cast<std::uint8_t>(mechanism.padding));
}

Bytes copy(ByteView bytes) { return {bytes.begin(), bytes.end()}; }

AdministrationStep read_sign(ipc::Reader& reader, bool& good) {
    step::SignRequestInfo wish;
    wish.public_key = copy(reader.bytes(max_public_key));
    wish.mechanism.key = read_enum(reader, KeyKind::ed25519, good);
    wish.mechanism.hash = read_enum(reader, HashFunction::sha512, good);
    wish.mechanism.padding = read_enum(reader, Padding::pss, good);
    good = good && (wish.mechanism.key == KeyKind::rsa) == (wish.mechanism.padding != Padding::none);
    const auto digest = Digest::from(wish.mechanism.hash, reader.bytes(64));
    good = good && digest;
    if (digest) wish.digest = *digest;
    wish.info = copy(reader.bytes(max_request_info));
    good = good && hash_of(wish.mechanism.hash, wish.info) == wish.digest; // before anybody logs in
    return wish;
}

AdministrationStep read_generate(ipc::Reader& reader, bool& good) {
    step::GenerateKey wish;
    wish.key = read_enum(reader, KeyChoice::ed25519, good);
    wish.purpose = read_enum(reader, KeyPurpose::encryption, good);
    wish.label = reader.text(max_text);
    return wish;
}

step::NewPin read_new_pin(ipc::Reader& reader, bool& good) {
    step::NewPin pin;
    const auto texts = reader.count(4);
    good = good && texts <= max_texts;
    for (std::size_t i = 0; good && i < texts; ++i) pin.about_holder.push_back(reader.text(max_text));
    return pin;
}

struct StepWriter {
    ipc::Writer& writer;
    void operator()(const step::InitialiseToken& s) const { writer.text(s.label).flag(s.blank); }
    void operator()(const step::GenerateKey& s) const {
        writer.u8(static_cast<std::uint8_t>(s.key)).u8(static_cast<std::uint8_t>(s.purpose)).text(s.label);
    }
    void operator()(const step::SignRequestInfo& s) const {
        writer.bytes(s.public_key);
        put(writer, s.mechanism);
        writer.bytes(s.digest.value()).bytes(s.info);
    }
    void operator()(const step::ImportCertificate& s) const { writer.bytes(s.certificate->der).text(s.label); }
    void operator()(const step::DeleteCertificate& s) const { writer.bytes(s.certificate.sha256.value()); }
    void operator()(const step::DestroyContents& s) const { writer.flag(s.with_so_pin); }
    void operator()(const step::NewPin& s) const {
        const auto texts = std::min(s.about_holder.size(), max_texts);
        writer.u32(static_cast<std::uint32_t>(texts));
        for (std::size_t i = 0; i < texts; ++i) writer.text(std::string_view(s.about_holder[i]).substr(0, max_text));
    }
};

} // namespace

void write(ipc::Writer& writer, const AdministrationGrant& grant) {
    writer.text(grant.token().serial).u64(grant.secrets().value).u8(static_cast<std::uint8_t>(grant.step().index()));
    std::visit(StepWriter{writer}, grant.step());
}

Outcome<AdministerRequest> read_administer(ipc::Reader& reader) {
    AdministerRequest request;
    request.serial = reader.text(max_text);
    request.secrets = {reader.u64()};
    bool good = true;
    switch (reader.u8()) {
    case 0: {
        step::InitialiseToken wish;
        wish.label = reader.text(max_text);
        wish.blank = reader.flag();
        request.step = std::move(wish);
        break;
    }
    case 1: request.step = step::SetFirstPin{read_new_pin(reader, good)}; break;
    case 2: request.step = step::ChangePin{read_new_pin(reader, good)}; break;
    case 3: request.step = step::UnblockPin{read_new_pin(reader, good)}; break;
    case 4: request.step = read_generate(reader, good); break;
    case 5: request.step = read_sign(reader, good); break;
    case 6:
        request.certificate = copy(reader.bytes(max_certificate));
        request.step = step::ImportCertificate{nullptr, reader.text(max_text)};
        break;
    case 7: {
        const auto id = Digest::from(HashFunction::sha256, reader.bytes(32));
        good = id.has_value();
        if (id) request.step = step::DeleteCertificate{{*id}};
        break;
    }
    case 8: request.step = step::DestroyContents{reader.flag()}; break;
    default: good = false;
    }
    if (!good || reader.failed()) return malformed();
    if (auto ok = reader.end(); !ok) return ok.error();
    return request;
}

void write(ipc::Writer& writer, const std::vector<ReportedContents>& tokens) {
    writer.u32(static_cast<std::uint32_t>(tokens.size()));
    for (const auto& [token, certificates] : tokens) {
        writer.text(token.id.serial).text(token.label).text(token.manufacturer).text(token.model).flag(token.initialised);
        write(writer, token.pin_state);
        writer.flag(token.pin_to_be_changed)
            .flag(token.so_pin_locked)
            .flag(token.pin_pad)
            .u32(token.least_pin)
            .u32(token.most_pin)
            .u32(token.other_objects);
        writer.u32(static_cast<std::uint32_t>(token.keys.size()));
        for (const auto& key : token.keys) writer.bytes(key.id).text(key.label).bytes(key.public_key);
        writer.u32(static_cast<std::uint32_t>(certificates.size()));
        for (const auto& certificate : certificates) writer.bytes(certificate.id).text(certificate.label).bytes(certificate.der);
    }
}

std::vector<ReportedContents> read_contents(ipc::Reader& reader) {
    std::vector<ReportedContents> tokens;
    for (auto left = reader.count(32, most_tokens); left > 0 && !reader.failed(); --left) {
        ReportedContents reported;
        auto& token = reported.contents;
        token.id.serial = reader.text(max_text);
        token.label = reader.text(max_text);
        token.manufacturer = reader.text(max_text);
        token.model = reader.text(max_text);
        token.initialised = reader.flag();
        token.pin_state = read_pin_state(reader);
        token.pin_to_be_changed = reader.flag();
        token.so_pin_locked = reader.flag();
        token.pin_pad = reader.flag();
        token.least_pin = reader.u32();
        token.most_pin = reader.u32();
        token.other_objects = reader.u32();
        for (auto n = reader.count(12, most_objects); n > 0 && !reader.failed(); --n) {
            PublicKeyOnToken key;
            key.id = copy(reader.bytes(max_id));
            key.label = reader.text(max_text);
            key.public_key = copy(reader.bytes(max_public_key));
            token.keys.push_back(std::move(key));
        }
        for (auto n = reader.count(12, most_objects); n > 0 && !reader.failed(); --n) {
            ReportedContents::ReportedCertificate certificate;
            certificate.id = copy(reader.bytes(max_id));
            certificate.label = reader.text(max_text);
            certificate.der = copy(reader.bytes(max_certificate));
            reported.certificates.push_back(std::move(certificate));
        }
        tokens.push_back(std::move(reported));
    }
    return tokens;
}

void write(ipc::Writer& writer, const AdministrationResult& result) {
    writer.text(result.token.serial).bytes(result.public_key).bytes(result.key);
    write(writer, result.custody);
    writer.bytes(result.signature).u32(result.removed);
}

AdministrationResult read_result(ipc::Reader& reader) {
    AdministrationResult result;
    result.token.serial = reader.text(max_text);
    result.public_key = copy(reader.bytes(max_public_key));
    result.key = copy(reader.bytes(max_id));
    result.custody = read_custody(reader);
    result.signature = copy(reader.bytes(max_signature));
    result.removed = reader.u32();
    return result;
}

} // namespace jk::pkcs11
