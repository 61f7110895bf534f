#include "agent/doors/control/report_calls.hpp"

#include "ipc/json_fields.hpp"

#include <sys/stat.h>
#include <unistd.h>

namespace jk::doors {
namespace {

constexpr std::size_t max_decision = 256u << 10, max_document = 64u << 20;

Error malformed(std::string field, std::string fault) {
    return Error{Errc::request_malformed}.with("field", std::move(field)).with("fault", std::move(fault));
}

Outcome<Bytes> content_of(const std::vector<UniqueFd>& fds, std::size_t limit) {
    struct stat status {};
    if (fds.size() != 1 || fstat(fds[0].get(), &status) != 0 || !S_ISREG(status.st_mode)) return malformed("file", "must come as one regular file");
    if (status.st_size <= 0 || static_cast<std::uint64_t>(status.st_size) > limit) return malformed("file", "is empty or too large");
    Bytes content(static_cast<std::size_t>(status.st_size));
    for (std::size_t at = 0; at < content.size();) {
        const auto n = pread(fds[0].get(), content.data() + at, content.size() - at, static_cast<off_t>(at));
        if (n <= 0) return malformed("file", "became shorter while it was read");
        at += static_cast<std::size_t>(n);
    }
    return content;
}

Outcome<json::object> answer_at_once(reports::ReportDesk& desk, ReportCall call) {
    if (call.name == "report-categories") return desk.categories();
    if (call.name == "report-list") return desk.list();
    if (call.name == "report-show") return desk.show(call.id);
    if (call.name == "report-send") return desk.send(call.id);
    if (call.name == "report-decision") {
        const auto cms = content_of(call.fds, max_decision);
        if (!cms) return cms.error();
        return desk.decide(*cms);
    }
    if ((call.name == "report-attach" || call.name == "report-deposit") && call.request != nullptr) {
        const bool attach = call.name == "report-attach";
        ipc::JsonFields fields(*call.request, "request");
        const auto file_name = fields.text("name", 255);
        const auto kind = attach ? fields.text("kind", 64) : std::string();
        if (file_name.find('/') != std::string::npos) fields.refuse("name", "must be a name, not a path");
        if (auto ok = fields.end(); !ok) return ok.error();
        auto content = content_of(call.fds, attach ? reports::max_attachment : max_document);
        if (!content) return content.error();
        return attach ? desk.attach(call.id, kind, file_name, std::move(*content)) : desk.deposit(file_name, std::move(*content));
    }
    return malformed("call", "is unknown or lacks its descriptor or request");
}

} // namespace

Task<Outcome<json::object>> answer_report_call(reports::ReportDesk& desk, Token& token, ReportCall call) {
    if (call.name != "report-open" || call.request == nullptr) co_return answer_at_once(desk, std::move(call));
    auto opened = desk.open(*call.request);
    if (!opened) co_return opened.error();
    auto tokens = co_await token.recent_tokens();
    std::vector<TokenInfo> present;
    if (tokens) present = std::move(*tokens);
    co_return desk.complete(*opened, present);
}

} // namespace jk::doors
