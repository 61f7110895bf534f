// Somebody else's policies.json: whatever it holds, our hosts go in and out and nothing else changes.
#include "cli/browser_policy/firefox_file.hpp"
#include "cli/browser_policy/json_outline.hpp"
#include "jurukunci/displayed_text.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <boost/json/parse.hpp>

using namespace jk;
namespace json = boost::json;

namespace {

json::value parsed(const std::string& text) {
    json::parse_options options;
    options.max_depth = 32;
    return json::parse(text, {}, options);
}

const json::value* at_skip_domains(const json::value& value) { return &value.at("policies").at("LocalNetworkAccess").at("SkipDomains"); }

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::vector<std::string> hosts{"eoffice.kota.go.id", "surat.kota.go.id"};
    const std::string base(text_of({data, size}));
    const auto merge = browser_policy::merge_firefox(base, hosts);
    if (!merge) {
        fuzz::require(is_utf8(merge.error().log_line()), "a refusal can be logged");
        return 0;
    }
    const auto& text = merge->text;
    fuzz::require(text.has_value() && !browser_policy::fault_of_json(base), "a file that is taken is JSON");
    const auto value = parsed(*text); // throws where it is none
    for (const auto& host : hosts) {
        bool found = false;
        for (const auto& one : at_skip_domains(value)->as_array()) found = found || one.as_string() == host;
        fuzz::require(found, "every host is listed");
    }
    const auto back = browser_policy::without_share(*text, merge->share, false);
    fuzz::require(back && *back == base, "taken out again the text is what it was");
    const auto again = browser_policy::merge_firefox(text, hosts);
    fuzz::require(again && again->text == text && again->share.hosts.empty(), "a second time there is nothing to do");
    (void)browser_policy::warnings_of_firefox(*text);
    return 0;
}
