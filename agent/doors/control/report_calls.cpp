#include "agent/doors/control/report_calls.hpp"

#include "ipc/json_fields.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

namespace jk::doors {
namespace {

constexpr std::size_t max_decision = 256u << 10, max_document = 64u << 20, slice = 256u << 10;

Error malformed(std::string field, std::string fault) {
    return Error{Errc::request_malformed}.with("field", std::move(field)).with("fault", std::move(fault));
}

/// In slices: a large file does not hold up the others.
Task<Outcome<Bytes>> content_of(const std::vector<UniqueFd>& fds, std::size_t limit) {
    struct stat status {};
    if (fds.size() != 1 || fstat(fds[0].get(), &status) != 0 || !S_ISREG(status.st_mode))
        co_return malformed("file", "must come as one regular file");
    if (status.st_size <= 0 || static_cast<std::uint64_t>(status.st_size) > limit) co_return malformed("file", "is empty or too large");
    Bytes content(static_cast<std::size_t>(status.st_size));
    for (std::size_t at = 0; at < content.size();) {
        const auto n = pread(fds[0].get(), content.data() + at, std::min(content.size() - at, slice), static_cast<off_t>(at));
        if (n <= 0) co_return malformed("file", "became shorter while it was read");
        at += static_cast<std::size_t>(n);
        co_await net::post(net::use_awaitable);
    }
    co_return content;
}

Outcome<json::object> answer_at_once(reports::ReportDesk& desk, ReportCall call) {
    if (call.name == "report-categories") return desk.categories();
    if (call.name == "report-list") return desk.list();
    if (call.name == "report-show") return desk.show(call.id);
    if (call.name == "report-send") return desk.send(call.id);
    return malformed("call", "is unknown or lacks its descriptor or request");
}

Task<Outcome<json::object>> answer_with_file(reports::ReportDesk& desk, ReadingTurn& reading, ReportCall call) {
    if (call.name == "report-decision") {
        auto cms = co_await content_of(call.fds, max_decision);
        if (!cms) co_return cms.error();
        co_return desk.decide(*cms);
    }
    if ((call.name == "report-attach" || call.name == "report-deposit") && call.request != nullptr) {
        const bool attach = call.name == "report-attach";
        ipc::JsonFields fields(*call.request, "request");
        const auto file_name = fields.text("name", 255);
        const auto kind = attach ? fields.text("kind", 64) : std::string();
        if (file_name.find('/') != std::string::npos) fields.refuse("name", "must be a name, not a path");
        if (auto ok = fields.end(); !ok) co_return ok.error();
        if (!attach)
            if (auto ok = desk.takes_deposits(); !ok) co_return ok.error();
        const auto turn = co_await reading.take(); // 64 MiB on every connection at once would be too much
        const std::size_t limit = attach ? reports::max_attachment : max_document;
        auto content = co_await content_of(call.fds, limit);
        if (!content) co_return content.error();
        if (attach) co_return desk.attach(call.id, kind, file_name, std::move(*content));
        co_return desk.deposit(file_name, std::move(*content));
    }
    co_return malformed("call", "is unknown or lacks its descriptor or request");
}

} // namespace

Task<Outcome<json::object>> answer_report_call(reports::ReportDesk& desk, Token& token, ReadingTurn& reading, ReportCall call) {
    if (call.name == "report-decision" || call.name == "report-attach" || call.name == "report-deposit") {
        auto answered = co_await answer_with_file(desk, reading, std::move(call));
        co_return answered;
    }
    if (call.name != "report-open" || call.request == nullptr) co_return answer_at_once(desk, std::move(call));
    auto opened = desk.open(*call.request);
    if (!opened) co_return opened.error();
    auto tokens = co_await token.recent_tokens();
    std::vector<TokenInfo> present;
    if (tokens) present = std::move(*tokens);
    co_return desk.complete(*opened, present);
}

} // namespace jk::doors
