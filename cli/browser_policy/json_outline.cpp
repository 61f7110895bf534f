#include "cli/browser_policy/json_outline.hpp"

#include "jurukunci/displayed_text.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/parser.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace jk::browser_policy {
namespace {

namespace json = boost::json;

constexpr std::size_t max_depth = 32;
constexpr std::size_t widest_gap = 200; // white space that is worth copying

bool is_white(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::size_t behind_white(std::string_view text, std::size_t at) {
    while (at < text.size() && is_white(text[at])) ++at;
    return at;
}

std::size_t behind_string(std::string_view text, std::size_t at) {
    for (++at; at < text.size() && text[at] != '"'; ++at)
        if (text[at] == '\\') ++at;
    return std::min(at + 1, text.size());
}

std::size_t behind_value(std::string_view text, std::size_t at) {
    if (at < text.size() && text[at] == '"') return behind_string(text, at);
    if (at >= text.size() || (text[at] != '{' && text[at] != '[')) {
        while (at < text.size() && !is_white(text[at]) && text[at] != ',' && text[at] != ']' && text[at] != '}') ++at;
        return at;
    }
    for (std::size_t depth = 0; at < text.size();) {
        const char c = text[at];
        if (c == '"') {
            at = behind_string(text, at);
            continue;
        }
        ++at;
        if (c == '{' || c == '[') ++depth;
        if ((c == '}' || c == ']') && --depth == 0) break;
    }
    return at;
}

std::string decoded(std::string_view token) {
    boost::system::error_code ec;
    const auto value = json::parse(token, ec);
    return !ec && value.is_string() ? std::string(value.get_string()) : std::string();
}

} // namespace

std::string place_in(std::string_view text, std::size_t offset) {
    const auto before = text.substr(0, offset);
    const auto line = std::ranges::count(before, '\n') + 1;
    const auto start = before.rfind('\n');
    const auto column = start == std::string_view::npos ? before.size() + 1 : before.size() - start;
    return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

std::optional<std::string> fault_of_json(std::string_view text) {
    if (text.size() > max_policy_bytes) return "is larger than 1 MiB";
    if (!is_utf8(text)) return "is not UTF-8";
    json::parse_options options;
    options.max_depth = max_depth;
    json::parser parser({}, options);
    boost::system::error_code ec;
    const auto used = parser.write_some(text, ec);
    if (ec) return "is no JSON (" + ec.message() + ") at " + place_in(text, used);
    if (used != text.size()) return "is no JSON (something follows the value) at " + place_in(text, used);
    return std::nullopt;
}

std::size_t first_value(std::string_view text) { return behind_white(text, 0); }

Outline outline_of(std::string_view text, std::size_t at) {
    Outline outline;
    outline.begin = at;
    outline.end = behind_value(text, at);
    if (at >= text.size() || (text[at] != '{' && text[at] != '[')) return outline;
    outline.bracket = text[at];
    for (at = behind_white(text, at + 1); at < outline.end && text[at] != '}' && text[at] != ']';) {
        OutlinedItem item;
        item.begin = item.value = at;
        if (outline.bracket == '{') {
            const auto key_end = behind_string(text, at);
            item.key = decoded(text.substr(at, key_end - at));
            item.value = behind_white(text, behind_white(text, key_end) + 1); // behind the colon
        }
        item.end = behind_value(text, item.value);
        at = behind_white(text, item.end);
        if (at < text.size() && text[at] == ',') at = behind_white(text, at + 1);
        if (item.end <= item.begin) break; // cannot happen in a text that has passed; never turn in a circle
        outline.items.push_back(std::move(item));
    }
    return outline;
}

std::string with_items(std::string_view text, const Outline& container, const std::vector<std::string>& items) {
    if (items.empty()) return std::string(text);
    std::string gap = " ", put;
    auto at = container.begin + 1;
    if (!container.items.empty()) {
        // what stands before its last item stands before each new one, too
        const auto& last = container.items.back();
        std::size_t from = last.begin;
        while (from > container.begin + 1 && is_white(text[from - 1])) --from;
        const auto white = text.substr(from, last.begin - from);
        const bool of_its_own_line = white.find('\n') != std::string_view::npos;
        if ((of_its_own_line || container.items.size() > 1) && white.size() <= widest_gap) gap = white;
        at = last.end;
        put = "," + gap;
    }
    for (const auto& item : items) put += (&item == &items.front() ? "" : "," + gap) + item;
    return std::string(text.substr(0, at)) + put + std::string(text.substr(at));
}

std::string without_items(std::string_view text, const Outline& container, const std::vector<bool>& leaving) {
    if (container.items.empty()) return std::string(text);
    std::string kept(text.substr(0, container.items.front().begin));
    bool first = true;
    for (std::size_t i = 0; i < container.items.size(); ++i) {
        if (leaving[i]) continue;
        const auto& item = container.items[i];
        const auto from = first ? item.begin : container.items[i - 1].end; // with the comma before it
        kept += text.substr(from, item.end - from);
        first = false;
    }
    return kept + std::string(text.substr(container.items.back().end));
}

std::string quoted(std::string_view text) { return json::serialize(json::string(text)); }

std::optional<std::string> string_at(std::string_view text, const OutlinedItem& item) {
    if (item.value >= text.size() || text[item.value] != '"') return std::nullopt;
    return decoded(text.substr(item.value, item.end - item.value));
}

} // namespace jk::browser_policy
