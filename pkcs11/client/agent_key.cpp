#include "pkcs11/client/agent_key.hpp"

#include "x509/signature_check.hpp"

#include <p11-kit/pkcs11.h>

#include <algorithm>
#include <cstdio>
#include <functional>

namespace jk::pkcs11::client {
namespace {

constexpr std::size_t max_result = 1024;

std::string name_of_result(std::uint64_t result) {
    char text[24];
    std::snprintf(text, sizeof text, "CKR 0x%llx", static_cast<unsigned long long>(result));
    return text;
}

/// The way back from agent/doors/pkcs11/to_ckr.cpp. The agent's log has the whole reason.
Error error_of(std::uint64_t result) {
    switch (result) {
    case CKR_FUNCTION_CANCELED: return Errc::consent_denied;
    case CKR_PIN_INCORRECT: return Error{Errc::pin_incorrect}.with("tries", "?");
    case CKR_PIN_LOCKED: return Error{Errc::pin_locked}.with("token", "?");
    case CKR_USER_NOT_LOGGED_IN: return Errc::use_ended;
    case CKR_TOKEN_NOT_PRESENT: return Errc::token_absent;
    case CKR_DEVICE_REMOVED: return Errc::token_removed;
    case CKR_ENCRYPTED_DATA_INVALID: return Errc::decryption_failed;
    case CKR_KEY_HANDLE_INVALID: return Errc::certificate_unknown;
    case CKR_FUNCTION_REJECTED: return Error{Errc::program_not_permitted, "local_programs"}.with("reason", "local_programs");
    default: return Error{Errc::token_failed, name_of_result(result)}.with("function", "agent").with("result", name_of_result(result));
    }
}

Error agent_gone() { return Error{Errc::agent_absent, "the PKCS#11 door"}.with("path", "pkcs11.sock"); }

using Fill = std::function<void(ipc::Writer&)>;
using Read = std::function<void(ipc::Reader&)>;

Outcome<void> ask(Connection& connection, frames::Ask what, const Fill& fill, const Read& read) {
    const auto id = connection.next_id();
    auto request = frames::start(id, what);
    if (fill) fill(request);
    const auto answer = connection.call(id, request.take());
    if (!answer) return agent_gone();
    ipc::Reader reader(*answer);
    const auto result = reader.u64();
    if (result != CKR_OK) return error_of(result);
    if (read) read(reader);
    if (!reader.end()) {
        connection.shut(); // no agent of ours says this
        return agent_gone();
    }
    return done();
}

Outcome<Hiding> hiding_of(const openssl::OaepDecryption& oaep) {
    if (oaep.hash != oaep.mask_hash || !oaep.label.empty()) return Error{Errc::mechanism_unsupported, "label or mask"}.with("mechanism", "RSA-OAEP");
    switch (oaep.hash) {
    case openssl::OaepHash::sha1: return Hiding::oaep_sha1;
    case openssl::OaepHash::sha256: return Hiding::oaep_sha256;
    case openssl::OaepHash::sha384: return Hiding::oaep_sha384;
    case openssl::OaepHash::sha512: return Hiding::oaep_sha512;
    }
    return Error{Errc::mechanism_unsupported, "hash"}.with("mechanism", "RSA-OAEP");
}

} // namespace

Outcome<std::vector<ShownCertificate>> certificates(Connection& connection) {
    std::vector<frames::Token> tokens;
    auto asked = ask(connection, frames::Ask::tokens, {}, [&](ipc::Reader& reader) { tokens = frames::read_tokens(reader); });
    if (!asked) return asked.error();
    std::vector<ShownCertificate> all;
    for (const auto& token : tokens) {
        std::vector<frames::Object> objects;
        asked = ask(
            connection, frames::Ask::objects, [&](ipc::Writer& writer) { frames::write(writer, token.id); },
            [&](ipc::Reader& reader) { objects = frames::read_objects(reader); });
        if (!asked) return asked.error();
        for (auto& object : objects) // only certificates have CKA_VALUE
            if (const auto value = std::ranges::find(object.attributes, CKA_VALUE, [](const auto& a) { return a.first; });
                value != object.attributes.end())
                all.push_back({token.id, std::move(value->second), object.certificate});
    }
    return all;
}

Outcome<std::shared_ptr<AgentKey>> AgentKey::log_in(std::shared_ptr<Connection> connection, const CertificateId& certificate) {
    if (!connection) return agent_gone();
    auto shown = certificates(*connection);
    if (!shown) return shown.error();
    const auto place = std::ranges::find(*shown, certificate, &ShownCertificate::id);
    if (place == shown->end()) return Errc::certificate_unknown;
    auto asked = ask(*connection, frames::Ask::login, [&](ipc::Writer& writer) { frames::write(writer, place->token); }, {});
    if (!asked) return asked.error();
    return std::shared_ptr<AgentKey>(new AgentKey(std::move(connection), place->token, certificate));
}

AgentKey::~AgentKey() {
    (void)ask(*m_connection, frames::Ask::logout, [&](ipc::Writer& writer) { frames::write(writer, m_token); }, {});
}

Outcome<Bytes> AgentKey::use(KeyTask task) {
    Bytes result;
    auto asked = ask(
        *m_connection, frames::Ask::use,
        [&](ipc::Writer& writer) {
            frames::write(writer, m_token);
            frames::write(writer, task);
        },
        [&](ipc::Reader& reader) {
            const auto value = reader.bytes(max_result);
            result.assign(value.begin(), value.end());
        });
    if (!asked) return asked.error();
    return result;
}

Outcome<Bytes> AgentKey::sign(const openssl::SignatureScheme& scheme, const Digest& digest) {
    Mechanism mechanism{KeyKind::rsa, digest.hash(), Padding::pkcs1_v15};
    if (const auto* pss = std::get_if<openssl::PssSignature>(&scheme)) {
        if (pss->mask_hash != digest.hash() || pss->salt_bytes != size_of(digest.hash()))
            return Error{Errc::mechanism_unsupported, "PSS with another salt or mask"}.with("mechanism", "RSA-PSS");
        mechanism.padding = Padding::pss;
    }
    const bool ecdsa = std::holds_alternative<openssl::EcdsaSignature>(scheme);
    if (ecdsa) mechanism = {KeyKind::ec, digest.hash(), Padding::none};
    auto signature = use({m_certificate, DigestToSign{mechanism, digest}});
    if (!signature || !ecdsa) return signature;
    auto der = x509::ecdsa_to_der(*signature);
    if (!der) return Error{Errc::signature_wrong, "r and s cannot be read"};
    return std::move(*der);
}

Outcome<Bytes> AgentKey::sign_message(ByteView message) {
    if (message.size() > MessageToSign::most) return Error{Errc::mechanism_unsupported, "a longer message"}.with("mechanism", "Ed25519");
    return use({m_certificate, MessageToSign{Bytes(message.begin(), message.end())}});
}

Outcome<Bytes> AgentKey::derive(ByteView peer) { return use({m_certificate, PeerPoint{Bytes(peer.begin(), peer.end())}}); }

Outcome<Bytes> AgentKey::decrypt(const openssl::DecryptionScheme& scheme, ByteView ciphertext) {
    Ciphertext hidden{Hiding::pkcs1_v15, Bytes(ciphertext.begin(), ciphertext.end())};
    if (const auto* oaep = std::get_if<openssl::OaepDecryption>(&scheme)) {
        const auto hiding = hiding_of(*oaep);
        if (!hiding) return hiding.error();
        hidden.hiding = *hiding;
    }
    return use({m_certificate, std::move(hidden)});
}

} // namespace jk::pkcs11::client
