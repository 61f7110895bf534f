// /v1/provisioning: the RA desk's page prepares tokens. The same steps as the control door's, a question for each; secrets never pass here.
#include "agent/doors/http/calls.hpp"
#include "agent/doors/shape/provisioning_json.hpp"

namespace jk::doors {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr auto step_time = std::chrono::milliseconds(500);

} // namespace

Task<Outcome<Response>> Calls::provisioning(const Route& route, Call& call, std::string id) {
    // Before anything is read: another application learns neither of tokens nor of steps.
    if (auto ok = policy::judge_provisioning_caller(m_rooms.gate.profile(), call.caller); !ok) co_return ok.error();
    if (route.pattern == "/v1/provisioning/tokens") {
        auto tokens = co_await m_rooms.provisioning.contents();
        if (!tokens) co_return tokens.error();
        json::array all;
        for (const auto& token : *tokens) all.push_back(contents_json(token, call.language));
        co_return json_response(http::status::ok, named("tokens", std::move(all)));
    }
    if (route.method == http::verb::post) {
        auto request = read_provisioning_request(*call.body, call.caller);
        if (!request) co_return request.error();
        auto begun = m_rooms.provisioning.submit(std::move(*request));
        if (!begun) co_return begun.error();
        co_return json_response(http::status::accepted, named("provisioning", provisioning_json(**begun, call.language)));
    }
    if (route.method == http::verb::get) co_return co_await follow_provisioning(call, std::move(id));
    auto found = m_rooms.provisioning.find(call.caller.owner, id);
    if (!found) co_return found.error();
    if (auto ok = m_rooms.provisioning.cancel(**found, Errc::cancelled_by_application); !ok) co_return ok.error();
    co_return json_response(http::status::ok, provisioning_json(**found, call.language));
}

Task<Outcome<Response>> Calls::follow_provisioning(Call& call, std::string id) {
    auto found = m_rooms.provisioning.find(call.caller.owner, id);
    if (!found) co_return found.error();
    const auto step = *found;
    const auto wait = query_number(call, "wait", 30, 0);
    if (!wait) co_return wait.error();
    const auto seen = query_number(call, "seen", UINT64_MAX, step->revision());
    if (!seen) co_return seen.error();
    if (auto ok = no_more_query(call); !ok) co_return ok.error();
    const auto until = SteadyClock::now() + std::chrono::seconds(*wait);
    while (!step->finished() && step->revision() <= *seen && SteadyClock::now() < until) {
        // In short steps: a waiting page is a living one, and one that went away must not keep the dialog open.
        const auto look_again = std::min(until, SteadyClock::now() + step_time);
        (void)co_await step->event().wait_until(look_again);
        if (call.hung_up()) co_return Error{Errc::page_gone};
        step->last_seen = SteadyClock::now();
    }
    co_return json_response(http::status::ok, provisioning_json(*step, call.language));
}

} // namespace jk::doors
