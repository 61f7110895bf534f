#include "cli/browser_policy/firefox_file.hpp"

#include "cli/browser_policy/json_outline.hpp"

#include <algorithm>

namespace jk::browser_policy {
namespace {

// On the way from the outermost value to the list.
constexpr const char* steps[] = {"policies", "LocalNetworkAccess", "SkipDomains"};

Error refuse(std::string reason) { return Error{Errc::browser_policy_refused, reason}.with("reason", std::move(reason)); }

/// The containers on the way, as far as they exist: the outermost object, `policies`, `LocalNetworkAccess`, the list.
Outcome<std::vector<Outline>> way_through(const std::string& text) {
    if (auto fault = fault_of_json(text)) return refuse(std::move(*fault));
    std::vector<Outline> way;
    auto here = outline_of(text, first_value(text));
    std::string name = "the outermost value";
    for (std::size_t i = 0;; ++i) {
        const char bracket = i < std::size(steps) ? '{' : '[';
        if (here.bracket != bracket) return refuse(name + (bracket == '{' ? " is no object" : " is no list") + ", at " + place_in(text, here.begin));
        way.push_back(std::move(here));
        if (i == std::size(steps)) break;
        name = steps[i];
        const auto is_it = [&](const OutlinedItem& item) { return item.key == name; };
        const auto& items = way.back().items;
        const auto found = std::ranges::find_if(items, is_it);
        if (found == items.end()) break;
        if (const auto again = std::find_if(found + 1, items.end(), is_it); again != items.end())
            return refuse(name + " stands there twice, the second time at " + place_in(text, again->begin));
        here = outline_of(text, found->value);
    }
    if (way.size() > std::size(steps))
        for (const auto& item : way.back().items)
            if (!string_at(text, item)) return refuse("SkipDomains holds something that is no string, at " + place_in(text, item.begin));
    return way;
}

std::vector<std::string> strings_of(const std::string& text, const Outline& list) {
    std::vector<std::string> strings;
    for (const auto& item : list.items) strings.push_back(string_at(text, item).value_or(""));
    return strings;
}

std::string new_file(const std::vector<std::string>& hosts) {
    std::string text = "{\n  \"policies\": {\n    \"LocalNetworkAccess\": {\n      \"SkipDomains\": [";
    for (const auto& host : hosts) text += (&host == &hosts.front() ? "\n        " : ",\n        ") + quoted(host);
    return text + "\n      ]\n    }\n  }\n}\n";
}

/// The list with its missing surroundings, as the item to put into the innermost container that exists.
std::string nested(std::size_t from, const std::vector<std::string>& quoted_hosts) {
    std::string item = "[";
    for (const auto& host : quoted_hosts) item += (&host == &quoted_hosts.front() ? "" : ", ") + host;
    item += "]";
    for (auto i = std::size(steps); i-- > from;) {
        const bool innermost = i + 1 == std::size(steps);
        item = innermost ? quoted(steps[i]) + ": " + item : quoted(steps[i]) + ": {" + item + "}";
    }
    return item;
}

} // namespace

Outcome<FirefoxMerge> merge_firefox(const std::optional<std::string>& base, const std::vector<std::string>& hosts) {
    FirefoxMerge merge;
    if (!base) {
        if (hosts.empty()) return merge;
        merge.text = new_file(hosts);
        merge.share = {hosts, {std::begin(steps), std::end(steps)}};
        return merge;
    }
    const auto way = way_through(*base);
    if (!way) return way.error();
    const auto existing = way->size() - 1; // how many of the steps exist
    const auto theirs = existing == std::size(steps) ? strings_of(*base, way->back()) : std::vector<std::string>();
    std::vector<std::string> items;
    for (const auto& host : hosts) {
        if (std::ranges::find(theirs, host) != theirs.end()) continue;
        merge.share.hosts.push_back(host);
        items.push_back(quoted(host));
    }
    if (items.empty()) {
        merge.text = *base;
        return merge;
    }
    for (auto i = existing; i < std::size(steps); ++i) merge.share.made.emplace_back(steps[i]);
    if (existing < std::size(steps)) items = {nested(existing, items)};
    merge.text = with_items(*base, way->back(), items);
    return merge;
}

Outcome<std::optional<std::string>> without_share(const std::string& original, const FirefoxShare& share, bool made_file) {
    using Result = Outcome<std::optional<std::string>>;
    auto text = original;
    auto way = way_through(text);
    if (!way) return way.error();
    if (way->size() > std::size(steps)) {
        auto ours = share.hosts;
        std::vector<bool> leaving;
        for (const auto& host : strings_of(text, way->back())) {
            const auto found = std::ranges::find(ours, host);
            leaving.push_back(found != ours.end());
            if (found != ours.end()) ours.erase(found); // one each: a second one is somebody else's
        }
        text = without_items(text, way->back(), leaving);
    }
    // containers that were made for it and that nobody else uses, from the inside out
    for (auto i = std::size(steps); i-- > 0;) {
        way = way_through(text);
        if (!way) return way.error();
        if (way->size() != i + 2 || !(*way)[i + 1].items.empty() || std::ranges::find(share.made, steps[i]) == share.made.end()) continue;
        std::vector<bool> leaving;
        for (const auto& item : (*way)[i].items) leaving.push_back(item.key == steps[i]);
        text = without_items(text, (*way)[i], leaving);
    }
    way = way_through(text);
    if (!way) return way.error();
    if (made_file && way->front().items.empty()) return Result(std::nullopt);
    return Result(std::optional(std::move(text)));
}

bool opens_this_computer(const std::string& host) {
    return host == "localhost" || host.ends_with(".localhost") || host.starts_with("127.") || host == "0.0.0.0" || host == "::1" || host == "[::1]";
}

std::vector<std::string> warnings_of_firefox(const std::string& text) {
    std::vector<std::string> warnings;
    const auto way = way_through(text);
    if (!way || way->size() < 3) return warnings;
    for (const auto& item : (*way)[2].items)
        if ((item.key == "Enabled" || item.key == "EnablePrompting") && text.compare(item.value, 5, "false") == 0)
            warnings.push_back(item.key + " is false: every page may call the programs of this computer, unasked");
    if (way->size() > std::size(steps))
        for (const auto& host : strings_of(text, way->back()))
            if (host == "*" || opens_this_computer(host))
                warnings.push_back("SkipDomains holds \"" + host + "\": every page may call the programs of this computer, unasked");
    return warnings;
}

} // namespace jk::browser_policy
