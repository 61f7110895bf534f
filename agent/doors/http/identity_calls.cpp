// Who is at the other end: the agent proves itself to the application's server (session, enrolment), the person proves who they are (login).
#include "agent/doors/http/calls.hpp"
#include "agent/doors/shape/error_json.hpp"
#include "ipc/json_fields.hpp"
#include "jurukunci/encoding.hpp"
#include "jurukunci/version.hpp"

namespace jk::doors {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr auto step = std::chrono::milliseconds(500);

/// A nonce of the application's server: base64 of so many bytes.
std::string read_nonce(ipc::JsonFields& fields, std::string_view name, std::size_t least) {
    auto nonce = fields.text(name, 88);
    const auto bytes = from_base64(nonce);
    if (!bytes || bytes->size() < least || bytes->size() > 64) fields.refuse(name, "must be " + std::to_string(least) + " to 64 bytes in base64");
    return nonce;
}

json::object proof_json(const AgentProof& proof, const Bytes& signature) {
    return {{"algorithm", "Ed25519"}, {"publicKey", proof.public_key()}, {"signature", to_base64(signature)}};
}

json::object enrolment_json(const gate::Enrolment& enrolment, const AgentProof& proof, unsigned short port, Language language) {
    json::object o{{"id", enrolment.id},
                   {"state", gate::name_of(enrolment.state)},
                   {"revision", enrolment.revision()},
                   {"publicKey", proof.public_key()},
                   {"code", enrolment.code},
                   {"expiresAt", rfc3339(enrolment.expires)},
                   {"proof", nullptr},
                   {"error", nullptr}};
    if (enrolment.state == gate::EnrolmentState::confirmed)
        o["proof"] = proof_json(proof, proof.enrolment(enrolment.caller.origin, port, enrolment.nonce, enrolment.code));
    if (enrolment.error) o["error"] = error_json(*enrolment.error, language);
    return o;
}

json::object login_json(const gate::Operation& operation) {
    return {{"unverifiedCertificate", to_base64(operation.certificate->der)},
            {"algorithm", operation.mechanism->jws_name()},
            {"signature", to_base64(operation.items.front().result->signature)},
            {"format", "web-eid:1.0"},
            {"appVersion", "jurukunci/" + std::string(version())}};
}

} // namespace

Outcome<Response> Calls::open_session(Call& call) {
    ipc::JsonFields fields(*call.body, "");
    const auto nonce = read_nonce(fields, "nonce", 16);
    if (auto ok = fields.end(); !ok) return ok.error();
    if (auto ok = m_nonces.use(call.caller.origin, nonce, SteadyClock::now()); !ok) return ok.error();
    const auto session = m_rooms.sessions.open(call.caller.origin, call.port, nonce);
    return json_response(
        http::status::ok,
        {{"token", session.token}, {"expiresAt", rfc3339(session.expires)}, {"proof", proof_json(m_rooms.proof, session.signature)}});
}

Outcome<Response> Calls::enrol(Call& call) {
    ipc::JsonFields fields(*call.body, "");
    const auto nonce = read_nonce(fields, "nonce", 16);
    if (auto ok = fields.end(); !ok) return ok.error();
    if (auto ok = m_nonces.use(call.caller.origin, nonce, SteadyClock::now()); !ok) return ok.error();
    auto enrolment = m_rooms.enrolments.submit(call.caller, nonce, m_rooms.proof.code(call.caller.origin, nonce));
    if (!enrolment) return enrolment.error();
    return json_response(http::status::accepted, named("enrolment", enrolment_json(**enrolment, m_rooms.proof, call.port, call.language)));
}

Task<Outcome<Response>> Calls::enrolment(Call& call, const std::string& id) {
    auto found = m_rooms.enrolments.find(call.caller.owner, id);
    if (!found) co_return found.error();
    auto& enrolment = **found;
    const auto wait = query_number(call, "wait", 30, 0);
    if (!wait) co_return wait.error();
    const auto seen = query_number(call, "seen", UINT64_MAX, enrolment.revision());
    if (!seen) co_return seen.error();
    if (auto ok = no_more_query(call); !ok) co_return ok.error();
    const auto until = SteadyClock::now() + std::chrono::seconds(*wait);
    while (!enrolment.finished() && enrolment.revision() <= *seen && SteadyClock::now() < until) {
        // In short steps: a waiting page is a living one, and one that went away must not keep the dialog open.
        const auto look_again = std::min(until, SteadyClock::now() + step);
        (void)co_await enrolment.event().wait_until(look_again);
        if (call.hung_up()) co_return Error{Errc::page_gone};
        enrolment.last_seen = SteadyClock::now();
    }
    co_return json_response(http::status::ok, enrolment_json(enrolment, m_rooms.proof, call.port, call.language));
}

Outcome<Response> Calls::cancel_enrolment(Call& call, const std::string& id) {
    auto enrolment = m_rooms.enrolments.find(call.caller.owner, id);
    if (!enrolment) return enrolment.error();
    if (auto ok = m_rooms.enrolments.cancel(**enrolment, Errc::cancelled_by_application); !ok) return ok.error();
    return json_response(http::status::ok, enrolment_json(**enrolment, m_rooms.proof, call.port, call.language));
}

/// A signature like any other to the gate; only its one answer waits for the person.
Task<Outcome<Response>> Calls::authenticate(Call& call) {
    ipc::JsonFields fields(*call.body, "");
    const auto nonce = read_nonce(fields, "challengeNonce", 32);
    const auto certificate = fields.optional_base64("certificate", 64u << 10);
    if (certificate && certificate->empty()) fields.refuse("certificate", "is empty");
    if (auto ok = fields.end(); !ok) co_return ok.error();
    SignRequest request;
    request.caller = call.caller;
    request.request_id = "login-" + random_id(12);
    request.format = Format::authentication;
    request.purpose = "login";
    request.items.push_back({"login", Challenge{nonce}, std::nullopt});
    if (certificate) request.certificate = CertificateId{sha256(*certificate)};
    if (auto ok = policy::judge_request(m_rooms.gate.profile(), request).outcome(); !ok) co_return ok.error();
    if (auto ok = m_nonces.use(call.caller.origin, nonce, SteadyClock::now()); !ok) co_return ok.error();
    auto submitted = m_rooms.operations.submit(std::move(request), sha256(bytes_of(nonce)).hex());
    if (!submitted) co_return submitted.error();
    const auto operation = *submitted;
    while (!operation->finished()) {
        const auto look_again = SteadyClock::now() + step;
        (void)co_await operation->ended().wait_until(look_again);
        if (call.hung_up()) {
            (void)m_rooms.operations.cancel(*operation, Errc::page_gone);
            co_return Error{Errc::page_gone};
        }
        operation->last_seen = SteadyClock::now();
    }
    if (operation->error) co_return *operation->error;
    const auto& item = operation->items.front();
    if (item.error) co_return *item.error;
    if (!item.result || !operation->certificate || !operation->mechanism) co_return Errc::device_failed;
    co_return json_response(http::status::ok, login_json(*operation));
}

} // namespace jk::doors
