// ask: the question, and a channel for each secret, made by the agent and read by neither of its ends.
#include "agent/gate/provisioning.hpp"

#include "agent/gate/final_try.hpp"
#include "agent/gate/pin_warning.hpp"
#include "ipc/blocking_channel.hpp"
#include "jurukunci/encoding.hpp"

#include <algorithm>

namespace jk::gate {
namespace {

constexpr std::chrono::seconds per_secret{60}; ///< two persons may sit there, and a new one is typed twice

std::vector<std::pair<std::string, std::string>> details_of(const ProvisioningRequest& request, const TokenContents& token) {
    std::vector<std::pair<std::string, std::string>> all;
    all.emplace_back("state", std::string(name_of(readiness_of(token))));
    if (!request.label.empty()) all.emplace_back("label", request.label);
    if (request.kind == ProvisioningKind::key_generate) {
        all.emplace_back("key", std::string(name_of(request.key)));
        all.emplace_back("purpose", std::string(name_of(request.purpose)));
    }
    if ((request.kind == ProvisioningKind::csr || request.kind == ProvisioningKind::cert_import) && request.registration)
        for (const auto& [name, value] : request.registration->subject) all.emplace_back("subject." + name, value);
    if (request.certificate) {
        all.emplace_back("issuer", request.certificate->issuer);
        all.emplace_back("certificateSha256", request.certificate->id.sha256.hex());
    }
    if (request.certificate_id) all.emplace_back("certificateSha256", request.certificate_id->sha256.hex());
    if (request.destruction) {
        all.emplace_back("reason", request.destruction->reason);
        all.emplace_back("minutes", request.destruction->minutes);
        all.emplace_back("officer", request.destruction->officer);
        for (const auto& witness : request.destruction->witnesses) all.emplace_back("witness", witness);
    }
    if (request.kind == ProvisioningKind::destroy) {
        all.emplace_back("keys", std::to_string(token.keys.size()));
        for (const auto& certificate : token.certificates)
            if (certificate.certificate) all.emplace_back("certificate", certificate.certificate->subject);
    }
    return all;
}

/// As a person types it: case and blanks do not matter.
std::string folded(std::string text) {
    std::erase(text, ' ');
    for (auto& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text;
}

} // namespace

Task<Outcome<Provisioning::Agreed>> Provisioning::ask(ProvisioningStep& step, const Judged& judged) {
    if (step.cancelled) co_return *step.cancelled;
    if (!m_rooms.consent.available()) co_return Errc::consent_unavailable;
    const auto roles = secrets_of(judged.step);
    std::vector<UniqueFd> writers, readers;
    for (std::size_t i = 0; !judged.token.pin_pad && i < roles.size(); ++i) { // what is typed on the reader has no channel
        auto ends = ipc::socket_pair();
        if (!ends) co_return ends.error();
        writers.push_back(std::move(ends->first));
        readers.push_back(std::move(ends->second));
    }
    auto ticket = co_await m_rooms.tokens.expect_secrets(judged.token.id, std::move(readers));
    if (!ticket) co_return ticket.error();

    const auto& request = step.request;
    const auto& token = judged.token;
    ProvisioningConsent about;
    about.step = name_of(request.kind);
    about.serial = token.id.serial;
    about.manufacturer = token.manufacturer;
    about.model = token.model;
    if (request.registration) {
        about.holder = request.registration->holder_name;
        about.holder_unit = request.registration->holder_unit;
        about.case_id = request.registration->id;
    }
    about.details = details_of(request, token);
    for (const auto role : roles) about.secrets.emplace_back(name_of(role));
    about.type_serial_ending = policy::wants_serial_typed(request, token);
    about.so_tries_left = m_rooms.tries.left(so_counter_of(token.id));

    ConsentQuestion question;
    question.id = step.consent = {"c_" + random_id(12)};
    question.kind = ConsentKind::provisioning;
    question.application = request.caller.application;
    question.origin = request.caller.origin;
    question.owner_unit = request.caller.owner_unit;
    question.city = m_rooms.profile.regulation.city;
    question.citation = request.caller.citation;
    question.environment = policy::name_of(m_rooms.profile.environment);
    question.marking = m_rooms.profile.marking();
    question.token_label = token.label;
    question.pin_pad = token.pin_pad;
    question.tries_left = m_rooms.tries.left(token.id);
    const bool asks_pin = std::ranges::find(roles, SecretRole::pin) != roles.end(); // a new one uses up no try
    const bool final_try = asks_pin && is_final_try(token.pin_state, question.tries_left);
    question.final_try = final_try;
    const bool changes_pin = std::ranges::find(roles, SecretRole::new_pin) != roles.end(); // nobody need be told to do what is being done
    if (asks_pin) warn_of_pin(question, token.pin_state, token.pin_to_be_changed && !changes_pin);
    question.provisioning = std::move(about);
    question.deadline = m_rooms.profile.limits.consent + per_secret * static_cast<int>(roles.size());
    const bool typed_wanted = question.provisioning->type_serial_ending;
    step.state = ProvisioningState::waiting_consent;
    step.changed();

    auto answer = co_await m_rooms.consent.ask_for_secrets(std::move(question), std::move(writers));
    if (step.cancelled) answer = *step.cancelled; // in the moment between the person's answer and now
    // There is nothing to take out: whoever answers so did not see our question.
    if (answer && !answer->rejected.empty()) answer = Errc::consent_denied;
    want_final_try(answer, final_try, token.label);
    if (answer && typed_wanted && folded(answer->serial_ending) != folded(policy::serial_ending(token.id.serial)))
        answer = Error{Errc::serial_ending_wrong}.with("token", token.label);
    if (!answer) {
        m_rooms.tokens.forget_secrets(token.id, *ticket);
        co_return answer.error();
    }
    Agreed agreed{std::move(*answer), *ticket};
    co_return agreed;
}

} // namespace jk::gate
