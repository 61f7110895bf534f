#include "agent/doors/control/control_calls.hpp"

#include "agent/doors/control/first_use_call.hpp"
#include "agent/doors/control/report_calls.hpp"
#include "agent/doors/shape/operation_json.hpp"
#include "agent/doors/shape/provisioning_json.hpp"
#include "agent/doors/shape/sign_request_json.hpp"
#include "agent/doors/shape/token_json.hpp"
#include "ipc/json_fields.hpp"
#include "ipc/strict_json.hpp"
#include "jurukunci/encoding.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace jk::doors {
namespace {

constexpr std::size_t max_request = 4u << 20;
constexpr std::size_t copy_chunk = 256u << 10;

Error malformed(std::string field, std::string fault) {
    return Error{Errc::request_malformed}.with("field", std::move(field)).with("fault", std::move(fault));
}

bool hung_up(int socket) {
    char byte;
    return ::recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

} // namespace

ControlCalls::Answer ControlCalls::answer_with(std::string_view name, json::value value) {
    json::object body;
    body[name] = std::move(value);
    return Answer(std::move(body));
}

Outcome<ControlCalls::Answer> ControlCalls::plain(Outcome<json::object> body) {
    if (!body) return std::move(body).error();
    return Answer(std::move(*body));
}

Task<void> ControlCalls::serve() {
    for (;;) {
        auto frame = co_await m_channel->receive(max_request);
        if (!frame) break;
        auto request = ipc::parse_json(text_of(frame->body));
        if (request && request->is_object() && request->get_object().contains("register")) {
            ipc::JsonFields fields(*request, "");
            const auto kind = fields.text("register", 16);
            auto admitted = fields.end();
            if (admitted) admitted = m_rooms.prompter.admit(kind);
            if (admitted) {
                co_await m_rooms.prompter.serve(m_channel, kind);
                break;
            }
            const auto text = json::serialize(json::object{{"error", error_json(admitted.error(), m_language)}});
            (void)co_await m_channel->send(Bytes(text.begin(), text.end()));
            break;
        }
        Outcome<Answer> answer;
        if (request)
            answer = co_await call(*request, std::move(frame->fds));
        else
            answer = request.error();
        const auto text =
            json::serialize(answer ? json::object{{"ok", std::move(answer->body)}} : json::object{{"error", error_json(answer.error(), m_language)}});
        std::vector<UniqueFd> fds;
        if (answer) fds = std::move(answer->fds);
        auto sent = co_await m_channel->send(Bytes(text.begin(), text.end()), std::move(fds));
        if (!sent) break;
    }
    abandon();
}

void ControlCalls::abandon() {
    for (const auto& operation : m_started)
        if (operation->before_consent()) (void)m_rooms.operations.cancel(*operation, Errc::page_gone);
    m_provisioning.abandon();
}

Task<Outcome<ControlCalls::Answer>> ControlCalls::call(const json::value& request, std::vector<UniqueFd> fds) {
    ipc::JsonFields fields(request, "");
    const auto name = fields.text("call", 32);
    const auto language = fields.optional_text("language", 8).value_or("id");
    const auto id = fields.optional_text("id", 64).value_or("");
    const auto seen = fields.optional_integer("seen", 0, 1'000'000'000).value_or(0);
    const auto wait = fields.optional_integer("wait", 0, 30).value_or(0);
    const auto* body = fields.optional_object("request");
    if (auto ok = fields.end(); !ok) co_return ok.error();
    m_language = language == "en" ? Language::english : Language::indonesian;

    if (name == "status" || name == "certificates") {
        auto tokens = co_await m_rooms.token.tokens();
        if (name == "status") {
            auto status = status_json(m_rooms.gate, tokens, m_rooms.prompter.available(), m_language);
            status["agent"] = m_rooms.about(m_language);
            status["interruptedSteps"] = interrupted_json(m_rooms.provisioning, m_language);
            json::array tasks;
            for (const auto& task : m_rooms.gate.profile().regulation.task_kinds) tasks.emplace_back(task.value);
            status["taskKinds"] = std::move(tasks);
            co_return Answer(std::move(status));
        }
        if (!tokens) co_return tokens.error();
        co_return answer_with("certificates", certificates_json(m_rooms.gate, *tokens, m_rooms.clock.now(), m_language));
    }
    if (name == "first-use") co_return Answer(first_use_json(m_rooms.first_use));
    if (name == "token-contents") co_return plain(co_await m_provisioning.contents(m_language));
    if (name == "provision" && body != nullptr) co_return plain(m_provisioning.begin(*body, m_language));
    if (name == "provisioning") {
        auto gone = [this] { return hung_up(m_channel->native_handle()); };
        co_return plain(co_await m_provisioning.wait_for(id, static_cast<std::uint64_t>(seen), static_cast<int>(wait), std::move(gone), m_language));
    }
    if (is_report_call(name)) {
        ReportCall report{name, id, body, std::move(fds)};
        auto answered = co_await answer_report_call(m_rooms.reports, m_rooms.token, *m_rooms.reading, std::move(report));
        co_return plain(std::move(answered));
    }
    if (name == "document" && fds.size() == 1) co_return co_await take_document(std::move(fds[0]));
    if (name == "sign" && body != nullptr) co_return co_await sign(*body);
    if (name == "operation") co_return co_await wait_for(id, static_cast<std::uint64_t>(seen), static_cast<int>(wait));
    if (name == "content") co_return content(id);
    if (name == "verify" && (fds.size() == 1 || fds.size() == 2)) co_return co_await verify(std::move(fds));
    co_return malformed("call", "is unknown or lacks its descriptor or request");
}

Task<Outcome<ControlCalls::Answer>> ControlCalls::take_document(UniqueFd file) {
    struct stat status {};
    if (fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) co_return malformed("document", "must be a regular file");
    auto upload = m_rooms.documents.library().begin(m_caller.owner, static_cast<std::uint64_t>(status.st_size));
    if (!upload) co_return std::move(upload).error();
    Bytes buffer(copy_chunk);
    for (off_t at = 0; at < status.st_size;) {
        const auto n = pread(file.get(), buffer.data(), buffer.size(), at);
        if (n <= 0) co_return malformed("document", "became shorter while it was read");
        const ByteView read(buffer.data(), std::min<std::size_t>(static_cast<std::size_t>(n), static_cast<std::size_t>(status.st_size - at)));
        if (auto ok = upload->write(read); !ok) co_return ok.error();
        at += static_cast<off_t>(read.size());
        co_await net::post(net::use_awaitable); // a large file does not hold up the others
    }
    auto facts = co_await m_rooms.documents.receive(m_caller.owner, std::move(*upload));
    if (!facts) co_return facts.error();
    co_return Answer(document_json(*facts));
}

Task<Outcome<ControlCalls::Answer>> ControlCalls::sign(const json::value& body) {
    auto read = read_sign_request(body, m_caller, nullptr);
    if (!read) co_return read.error();
    if (!read->inline_content.empty()) co_return malformed("items", "documents come by call \"document\" here");
    if (auto ok = policy::judge_request(m_rooms.gate.profile(), read->request).outcome(); !ok) co_return ok.error();
    auto operation = m_rooms.operations.submit(std::move(read->request), sha256(bytes_of(json::serialize(body))).hex());
    if (!operation) co_return operation.error();
    m_started.push_back(*operation);
    co_return answer_with("operation", operation_json(**operation, m_language));
}

Task<Outcome<ControlCalls::Answer>> ControlCalls::wait_for(const std::string& id, std::uint64_t seen, int seconds) {
    auto operation = m_rooms.operations.find(m_caller.owner, id);
    if (!operation) co_return operation.error();
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
    while ((*operation)->revision() <= seen && !(*operation)->finished() && std::chrono::steady_clock::now() < until) {
        const auto look_again = std::min(until, std::chrono::steady_clock::now() + std::chrono::seconds(1));
        (void)co_await (*operation)->event().wait_until(look_again);
        if (hung_up(m_channel->native_handle())) break;
    }
    co_return answer_with("operation", operation_json(**operation, m_language));
}

Outcome<ControlCalls::Answer> ControlCalls::content(const std::string& id) {
    const auto document = m_rooms.documents.library().find(m_caller.owner, {id});
    if (!document) return document.error();
    auto base = (*document)->base->export_read_only();
    if (!base) return std::move(base).error();
    Bytes tail((*document)->tail ? (*document)->tail->size() : 0);
    if (!tail.empty()) {
        const auto n = (*document)->tail->read(0, tail.data(), tail.size());
        if (!n) return n.error();
    }
    Answer answer({{"size", (*document)->size()}, {"sha256", (*document)->facts.sha256.hex()}, {"tail", to_base64(tail)}});
    answer.fds.push_back(std::move(*base)); // the document's own bytes; `tail` follows them
    return answer;
}

Task<Outcome<ControlCalls::Answer>> ControlCalls::verify(std::vector<UniqueFd> fds) {
    const auto& profile = m_rooms.gate.profile();
    documents::VerifyRequest request;
    request.anchors = ders_of(profile.anchors_of(profile.environment));
    request.intermediates = ders_of(profile.intermediates);
    request.at = m_rooms.clock.now();
    request.environment = policy::name_of(profile.environment);
    if (fds.size() == 2) {
        Bytes detached(documents::max_detached + 1);
        const auto n = pread(fds[1].get(), detached.data(), detached.size(), 0);
        if (n <= 0 || static_cast<std::size_t>(n) > documents::max_detached) co_return malformed("signature", "is empty or larger than 4 MiB");
        detached.resize(static_cast<std::size_t>(n));
        request.detached = std::move(detached);
    }
    documents::Asker asker{m_caller.owner};
    auto report = co_await m_rooms.documents.process().verify(std::move(asker), std::move(fds[0]), std::move(request));
    if (!report) co_return report.error();
    auto value = ipc::parse_json(*report);
    if (!value || !value->is_object())
        co_return Error{Errc::document_not_examined, "gave a report that is no JSON"}
            .with("name", "document")
            .with("reason", "gave a report that is no JSON");
    co_return Answer(std::move(value->get_object()));
}

} // namespace jk::doors
