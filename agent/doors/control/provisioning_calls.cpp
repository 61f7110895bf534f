#include "agent/doors/control/provisioning_calls.hpp"

#include "agent/doors/shape/provisioning_json.hpp"

namespace jk::doors {

Task<Outcome<json::object>> ProvisioningCalls::contents(Language language) {
    auto tokens = co_await m_provisioning.contents();
    if (!tokens) co_return tokens.error();
    json::array all;
    for (const auto& token : *tokens) all.push_back(contents_json(token, language));
    json::object body;
    body["tokens"] = std::move(all);
    co_return body;
}

Outcome<json::object> ProvisioningCalls::begin(const json::value& request, Language language) {
    auto read = read_provisioning_request(request, m_caller);
    if (!read) return read.error();
    auto step = m_provisioning.submit(std::move(*read));
    if (!step) return step.error();
    m_started.push_back(*step);
    return json::object{{"provisioning", provisioning_json(**step, language)}};
}

Task<Outcome<json::object>> ProvisioningCalls::wait_for(std::string id, std::uint64_t seen, int seconds, std::function<bool()> hung_up,
                                                        Language language) {
    auto found = m_provisioning.find(m_caller.owner, id);
    if (!found) co_return found.error();
    const auto step = *found;
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
    while (step->revision() <= seen && !step->finished() && std::chrono::steady_clock::now() < until) {
        const auto look_again = std::min(until, std::chrono::steady_clock::now() + std::chrono::seconds(1));
        (void)co_await step->event().wait_until(look_again);
        if (hung_up()) break;
    }
    json::object body;
    body["provisioning"] = provisioning_json(*step, language);
    co_return body;
}

void ProvisioningCalls::abandon() {
    for (const auto& step : m_started) (void)m_provisioning.cancel(*step, Errc::page_gone);
}

} // namespace jk::doors
