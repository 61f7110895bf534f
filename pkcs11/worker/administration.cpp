#include "pkcs11/worker/administration.hpp"

#include "ipc/pin_channel.hpp"

#include <utility>

namespace jk::pkcs11 {
namespace {

constexpr std::size_t max_waiting = 16;

/// The step with what it needs, as the wrap wants it.
struct Doing {
    const Module& module;
    const AdministerRequest& request;
    const ShownToken& token;
    const std::vector<Secret>& secrets; ///< none where they are typed on the reader

    const Secret* typed(std::size_t place) const { return place < secrets.size() ? &secrets[place] : nullptr; }

    using Result = Outcome<AdministrationResult>;
    static Result plain(const Outcome<void>& outcome) {
        if (!outcome) return outcome.error();
        return AdministrationResult{};
    }
    static Result counted(const Outcome<std::uint32_t>& removed) {
        if (!removed) return removed.error();
        AdministrationResult result;
        result.removed = *removed;
        return result;
    }

    Result operator()(const step::InitialiseToken& s) const {
        // A token that is blank by its own word has no SO-PIN that could be asked for, and one that is not blank does not take a first one.
        if (s.blank == token.contents.initialised)
            return Error{Errc::step_out_of_order}.with("step", "token-init").with("state", token.contents.initialised ? "initialised" : "blank");
        auto serial = init_token(module, token, typed(0), typed(1), !s.blank, s.label);
        if (!serial) return serial.error();
        AdministrationResult result;
        result.token.serial = std::move(*serial);
        return result;
    }
    Result operator()(const step::SetFirstPin& s) const { return plain(init_pin(module, token, typed(0), typed(1), s)); }
    Result operator()(const step::UnblockPin& s) const { return plain(init_pin(module, token, typed(0), typed(1), s)); }
    Result operator()(const step::ChangePin& s) const { return plain(change_pin(module, token, typed(0), typed(1), s)); }
    Result operator()(const step::GenerateKey& s) const {
        auto pair = generate_key_pair(module, token, typed(0), s);
        if (!pair) return pair.error();
        AdministrationResult result;
        result.public_key = std::move(pair->public_key);
        result.key = std::move(pair->id);
        result.custody = pair->custody;
        return result;
    }
    Result operator()(const step::SignRequestInfo& s) const {
        auto signature = sign_request_info(module, token, typed(0), s);
        if (!signature) return signature.error();
        AdministrationResult result;
        result.signature = std::move(signature->value);
        result.custody = signature->custody;
        return result;
    }
    Result operator()(const step::ImportCertificate& s) const {
        return plain(import_certificate(module, token, typed(0), request.certificate, s.label));
    }
    Result operator()(const step::DeleteCertificate& s) const { return plain(delete_certificate(module, token, typed(0), s.certificate)); }
    Result operator()(const step::DestroyContents& s) const {
        return counted(s.with_so_pin ? destroy_with_so_pin(module, token, typed(0)) : destroy_with_pin(module, token, typed(0)));
    }
};

} // namespace

Outcome<std::vector<ReportedContents>> Administration::contents() const {
    auto shown = inventory(m_module, Depth::with_objects);
    if (!shown) return shown.error();
    std::vector<ReportedContents> all;
    for (auto& token : *shown) {
        ReportedContents reported{std::move(token.contents), {}};
        for (auto& certificate : token.certificates)
            reported.certificates.push_back({std::move(certificate.id), std::move(certificate.label), std::move(certificate.der)});
        all.push_back(std::move(reported));
    }
    return all;
}

Outcome<void> Administration::expect(PinTicket ticket, const std::string& serial, std::vector<UniqueFd> channels) {
    if (auto token = find_token(m_module, serial, Depth::token_only); !token) return token.error();
    if (m_channels.size() >= max_waiting) return Error{Errc::too_many, "secrets' channels"}.with("what", "PIN channels");
    m_channels[ticket.value] = std::move(channels);
    return done();
}

Outcome<AdministrationResult> Administration::carry_out(const AdministerRequest& request) {
    const auto channels = std::exchange(m_channels[request.secrets.value], {});
    m_channels.erase(request.secrets.value);
    const auto token = find_token(m_module, request.serial, Depth::with_objects);
    if (!token) return token.error();
    if (channels.size() != (token->contents.pin_pad ? 0 : secrets_of(request.step).size())) return Errc::pin_empty;
    std::vector<Secret> secrets;
    for (const auto& channel : channels) {
        auto secret = ipc::read_pin(channel.get());
        if (!secret) return std::move(secret).error();
        secrets.push_back(std::move(*secret));
    }
    auto result = std::visit(Doing{m_module, request, *token, secrets}, request.step);
    if (result && result->token.serial.empty()) result->token.serial = token->contents.id.serial;
    return result;
}

} // namespace jk::pkcs11
