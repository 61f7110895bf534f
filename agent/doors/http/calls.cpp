#include "agent/doors/http/calls.hpp"

#include "agent/doors/shape/operation_json.hpp"
#include "agent/doors/shape/sign_request_json.hpp"
#include "agent/doors/shape/token_json.hpp"
#include "ipc/json_fields.hpp"
#include "ipc/strict_json.hpp"
#include "jurukunci/encoding.hpp"
#include "jurukunci/version.hpp"

#include <boost/json/serialize.hpp>

#include <charconv>

namespace jk::doors {
namespace {

using enum BodyKind;
using http::verb;

constexpr Route routes[] = {
    {verb::get, "/v1/hello", none, false},
    {verb::post, "/v1/session", json, false},
    {verb::get, "/v1/status", none, true},
    {verb::get, "/v1/certificates", none, true},
    {verb::post, "/v1/documents", document, true},
    {verb::delete_, "/v1/documents/*", none, true},
    {verb::get, "/v1/documents/*/content", none, true},
    {verb::post, "/v1/signatures", json, true},
    {verb::get, "/v1/operations", none, true},
    {verb::get, "/v1/operations/*", none, true},
    {verb::delete_, "/v1/operations/*", none, true},
    {verb::post, "/v1/verifications", json, true},
    {verb::post, "/v1/enrolments", json, false},
    {verb::get, "/v1/enrolments/*", none, false},
    {verb::delete_, "/v1/enrolments/*", none, false},
    {verb::post, "/v1/authenticate", json, true},
    {verb::get, "/v1/provisioning/tokens", none, true},
    {verb::post, "/v1/provisioning/steps", json, true},
    {verb::get, "/v1/provisioning/steps/*", none, true},
    {verb::delete_, "/v1/provisioning/steps/*", none, true},
    // Named in the contract and not made yet: said plainly instead of "not found".
    {verb::post, "/v1/encryptions", json, true},
    {verb::post, "/v1/decryptions", json, true},
};

constexpr auto progress_interval = std::chrono::milliseconds(250);

bool matches(std::string_view pattern, std::string_view path) {
    const auto star = pattern.find('*');
    if (star == std::string_view::npos) return pattern == path;
    const auto before = pattern.substr(0, star), after = pattern.substr(star + 1);
    if (path.size() <= before.size() + after.size() || !path.starts_with(before) || !path.ends_with(after)) return false;
    const auto id = path.substr(before.size(), path.size() - before.size() - after.size());
    return id.size() <= 64 && id.find('/') == std::string_view::npos;
}

/// What stands where the pattern has its star.
std::string identifier(std::string_view pattern, std::string_view path) {
    const auto star = pattern.find('*');
    return std::string(path.substr(star, path.size() - (pattern.size() - 1)));
}

Response hello(const policy::Profile& profile) {
    return json_response(
        http::status::ok,
        {{"name", "jurukunci"}, {"version", version()}, {"apiLevel", api_level}, {"environment", policy::name_of(profile.environment)}});
}

} // namespace

Outcome<std::uint64_t> query_number(Call& call, const std::string& name, std::uint64_t most, std::uint64_t fallback) {
    const auto place = call.query.find(name);
    if (place == call.query.end()) return fallback;
    std::uint64_t value = 0;
    const auto& text = place->second;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (ec != std::errc() || end != text.data() + text.size() || value > most)
        return Error{Errc::request_malformed}.with("field", name).with("fault", "must be a whole number up to " + std::to_string(most));
    call.query.erase(place);
    return value;
}

Outcome<void> no_more_query(const Call& call) {
    if (call.query.empty()) return done();
    return Error{Errc::field_unknown}.with("field", "?" + call.query.begin()->first);
}

json::object named(std::string_view name, json::value value) {
    json::object o;
    o[name] = std::move(value);
    return o;
}

Outcome<const Route*> find_route(http::verb method, std::string_view path) {
    std::string allowed;
    for (const auto& route : routes) {
        if (!matches(route.pattern, path)) continue;
        if (route.method == method) return &route;
        allowed += (allowed.empty() ? "" : ", ") + std::string(http::to_string(route.method));
    }
    if (!allowed.empty()) return Error{Errc::method_refused}.with("allowed", allowed);
    return Error{Errc::not_found}.with("what", std::string(path.substr(0, 100)));
}

Task<Response> Calls::answer(const Route& route, Call call) {
    auto outcome = co_await dispatch(route, call);
    if (outcome) co_return std::move(*outcome);
    auto error = std::move(outcome).error();
    // Readers of JSON do not know the city; the article that forbids delegation is the city's.
    if (error.code == Errc::delegation_refused) error = std::move(error).citing(m_rooms.gate.profile().regulation.no_delegation_citation);
    co_return error_response(error, call.language);
}

Task<Outcome<Response>> Calls::dispatch(const Route& route, Call& call) {
    const auto& profile = m_rooms.gate.profile();
    const auto pattern = route.pattern;
    const auto id = pattern.find('*') != std::string_view::npos ? identifier(pattern, call.path) : std::string();
    const bool long_poll = route.method == http::verb::get && (pattern == "/v1/operations/*" || pattern == "/v1/enrolments/*" ||
                                                               pattern == "/v1/status" || pattern == "/v1/provisioning/steps/*");
    if (!long_poll)
        if (auto ok = no_more_query(call); !ok) co_return ok.error();

    if (pattern == "/v1/hello") co_return hello(profile);
    if (pattern == "/v1/session") co_return open_session(call);
    if (pattern == "/v1/enrolments") co_return enrol(call);
    if (pattern == "/v1/enrolments/*" && route.method == http::verb::get) co_return co_await enrolment(call, id);
    if (pattern == "/v1/enrolments/*") co_return cancel_enrolment(call, id);
    if (pattern.starts_with("/v1/provisioning/")) co_return co_await provisioning(route, call, id);
    if (pattern == "/v1/authenticate") co_return co_await authenticate(call);
    if (pattern == "/v1/status") co_return co_await status(call);
    if (pattern == "/v1/certificates") {
        const auto tokens = co_await m_rooms.token.tokens();
        if (!tokens) co_return tokens.error();
        co_return json_response(http::status::ok, certificates_json(m_rooms.gate, *tokens, m_rooms.clock.now(), call.language));
    }
    if (pattern == "/v1/documents/*") {
        if (!m_rooms.documents.library().release(call.caller.owner, {id})) co_return Error{Errc::not_found}.with("what", "document " + id);
        Response gone;
        gone.status = http::status::no_content;
        co_return gone;
    }
    if (pattern == "/v1/documents/*/content") {
        auto document = m_rooms.documents.library().find(call.caller.owner, {id});
        if (!document) co_return document.error();
        Response response;
        response.document = *document;
        co_return response;
    }
    if (pattern == "/v1/signatures") co_return co_await sign(call);
    if (pattern == "/v1/operations") {
        json::array list;
        for (const auto& operation : m_rooms.operations.list(call.caller.owner))
            if (operation->request.format != Format::authentication) list.push_back(operation_json(*operation, call.language));
        co_return json_response(http::status::ok, named("operations", std::move(list)));
    }
    if (pattern == "/v1/operations/*" && route.method == http::verb::get) co_return co_await operation(call, id);
    if (pattern == "/v1/operations/*") co_return cancel(call, id);
    if (pattern == "/v1/verifications") co_return co_await verify(call);
    co_return Error{Errc::not_available}.with("what", std::string(pattern));
}

Task<Response> Calls::received(Call call, documents::Upload upload) {
    auto facts = co_await m_rooms.documents.receive(call.caller.owner, std::move(upload));
    if (!facts) co_return error_response(facts.error(), call.language);
    co_return json_response(http::status::created, document_json(*facts));
}

Task<Outcome<Response>> Calls::sign(Call& call) {
    const auto* application = m_rooms.gate.profile().find_application(call.caller.origin);
    const auto* order_key = application != nullptr && application->order_key ? &*application->order_key : nullptr;
    auto read = read_sign_request(*call.body, call.caller, order_key);
    if (!read) co_return read.error();
    auto& request = read->request;
    // What policy refuses without looking at a token is answered here, with a status; the gate asks again.
    if (auto ok = policy::judge_request(m_rooms.gate.profile(), request).outcome(); !ok) co_return ok.error();
    for (auto& item : request.items)
        if (const auto* document = std::get_if<DocumentId>(&item.content); document != nullptr && !document->value.empty())
            if (auto found = m_rooms.documents.library().find(call.caller.owner, *document); !found) co_return found.error();
    if (auto ok = check_order(request, read->inline_content); !ok) co_return ok.error();
    const auto fingerprint = sha256(bytes_of(json::serialize(*call.body))).hex();
    for (auto& [index, content] : read->inline_content) {
        auto upload = m_rooms.documents.library().begin(call.caller.owner, content.size());
        if (!upload) co_return std::move(upload).error();
        if (auto ok = upload->write(content); !ok) co_return ok.error();
        auto facts = co_await m_rooms.documents.receive(call.caller.owner, std::move(*upload));
        if (!facts) co_return facts.error();
        request.items[index].content = facts->id;
    }
    auto operation = m_rooms.operations.submit(std::move(request), fingerprint);
    if (!operation) co_return operation.error();
    co_return json_response(http::status::accepted, named("operation", operation_json(**operation, call.language)));
}

/// An order that is for other documents is told here, with a status; the gate compares again what it sealed. Its age is judged with the nonce.
Outcome<void> Calls::check_order(const SignRequest& request, const std::map<std::size_t, Bytes>& inline_content) const {
    if (!request.order) return done();
    for (std::size_t i = 0; i < request.items.size(); ++i) {
        std::string digest;
        if (const auto content = inline_content.find(i); content != inline_content.end()) {
            digest = sha256(content->second).hex();
        } else if (const auto* hash = std::get_if<Digest>(&request.items[i].content)) {
            digest = hash->hex();
        } else if (const auto* id = std::get_if<DocumentId>(&request.items[i].content)) {
            const auto document = m_rooms.documents.library().find(request.caller.owner, *id);
            if (!document) return document.error();
            digest = (*document)->facts.sha256.hex();
        }
        if (auto ok = policy::judge_ordered_item(request, i, digest); !ok) return ok;
    }
    return done();
}

/// With `wait`, the answer comes when a token came or went since the revision that the page has seen.
Task<Outcome<Response>> Calls::status(Call& call) {
    const auto wait = query_number(call, "wait", 30, 0);
    if (!wait) co_return wait.error();
    const auto seen = query_number(call, "seen", UINT64_MAX, m_rooms.changes.revision());
    if (!seen) co_return seen.error();
    if (auto ok = no_more_query(call); !ok) co_return ok.error();
    const bool nothing_new = m_rooms.changes.revision() == *seen;
    if (*wait > 0) {
        const Looking looking(m_rooms.changes);
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(*wait);
        while (m_rooms.changes.revision() == *seen && std::chrono::steady_clock::now() < until) {
            const auto step = std::min(until, std::chrono::steady_clock::now() + std::chrono::milliseconds(500));
            co_await m_rooms.changes.changed(*seen, step);
            if (call.hung_up()) co_return Error{Errc::page_gone};
        }
    }
    // What was just seen to change is told at once: a slow card takes half a second to give the certificates, which stand in another answer.
    Outcome<std::vector<TokenInfo>> tokens = m_rooms.changes.present();
    if (!nothing_new || m_rooms.changes.revision() == *seen) tokens = co_await m_rooms.token.tokens();
    auto body = status_json(m_rooms.gate, tokens, m_rooms.consent.available(), call.language);
    body["revision"] = m_rooms.changes.revision(); // after the reading, which may have found a change itself
    co_return json_response(http::status::ok, std::move(body));
}

Task<Outcome<Response>> Calls::operation(Call& call, const std::string& id) {
    auto operation = m_rooms.operations.find(call.caller.owner, id);
    if (!operation) co_return operation.error();
    const auto wait = query_number(call, "wait", 30, 0);
    if (!wait) co_return wait.error();
    const auto seen = query_number(call, "seen", UINT64_MAX, (*operation)->revision());
    if (!seen) co_return seen.error();
    if (auto ok = no_more_query(call); !ok) co_return ok.error();

    auto& o = **operation;
    const auto asked_at = std::chrono::steady_clock::now();
    const auto until = asked_at + std::chrono::seconds(*wait);
    // Progress within a batch is told a few times a second, not per signature: the answer lists every item.
    const auto worth_telling = [&] {
        if (o.finished()) return true;
        return o.revision() > *seen && (o.state != gate::OperationState::signing || std::chrono::steady_clock::now() - asked_at >= progress_interval);
    };
    while (!worth_telling() && std::chrono::steady_clock::now() < until) {
        // In short steps: a waiting page is a living one, and one that went away must not keep the dialog open.
        const bool progress_waits = o.revision() > *seen;
        const auto step =
            std::min(until, progress_waits ? asked_at + progress_interval : std::chrono::steady_clock::now() + std::chrono::milliseconds(500));
        if (progress_waits)
            (void)co_await o.ended().wait_until(step);
        else
            (void)co_await o.event().wait_until(step);
        if (call.hung_up()) co_return Error{Errc::page_gone};
        o.last_seen = std::chrono::steady_clock::now();
    }
    co_return json_response(http::status::ok, operation_json(o, call.language));
}

Outcome<Response> Calls::cancel(Call& call, const std::string& id) {
    auto operation = m_rooms.operations.find(call.caller.owner, id);
    if (!operation) return operation.error();
    if (auto ok = m_rooms.operations.cancel(**operation, Errc::cancelled_by_application); !ok) return ok.error();
    return json_response(http::status::ok, operation_json(**operation, call.language));
}

Task<Outcome<Response>> Calls::verify(Call& call) {
    ipc::JsonFields fields(*call.body, "");
    const auto id = fields.text("documentId", 64);
    if (auto ok = fields.end(); !ok) co_return ok.error();
    auto document = m_rooms.documents.library().find(call.caller.owner, {id});
    if (!document) co_return document.error();
    const auto& profile = m_rooms.gate.profile();
    documents::VerifyRequest request;
    request.anchors = ders_of(profile.anchors_of(profile.environment));
    request.intermediates = ders_of(profile.intermediates);
    request.at = m_rooms.clock.now();
    request.environment = policy::name_of(profile.environment);
    auto report = co_await m_rooms.documents.verify(call.caller.owner, *document, std::move(request));
    if (!report) co_return report.error();
    auto value = ipc::parse_json(*report);
    if (!value)
        co_return Error{Errc::document_not_examined, "gave a report that is no JSON"}
            .with("name", id)
            .with("reason", "gave a report that is no JSON");
    co_return json_response(http::status::ok, std::move(*value));
}

} // namespace jk::doors
