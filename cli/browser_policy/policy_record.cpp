#include "cli/browser_policy/policy_record.hpp"

#include "ipc/strict_json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace jk::browser_policy {
namespace {

namespace json = boost::json;

json::array array_of(const std::vector<std::string>& strings) {
    json::array array;
    for (const auto& one : strings) array.emplace_back(one);
    return array;
}

struct Damaged {};

const json::value& member(const json::value& object, std::string_view name) {
    const auto* members = object.if_object();
    const auto* value = members == nullptr ? nullptr : members->if_contains(name);
    if (value == nullptr) throw Damaged{};
    return *value;
}

std::string string_of(const json::value& value) {
    if (!value.is_string()) throw Damaged{};
    return std::string(value.get_string());
}

std::vector<std::string> strings_of(const json::value& value) {
    if (!value.is_array()) throw Damaged{};
    std::vector<std::string> strings;
    for (const auto& one : value.get_array()) strings.push_back(string_of(one));
    return strings;
}

PolicyRecord read_record(const json::value& value) {
    PolicyRecord record;
    const auto& format = member(value, "format");
    if (!format.is_int64() || format.get_int64() != 1 || !member(value, "denyOthers").is_bool() || !member(value, "files").is_object())
        throw Damaged{};
    record.deny_others = member(value, "denyOthers").get_bool();
    record.folders = strings_of(member(value, "folders"));
    for (const auto& [path, file] : member(value, "files").get_object()) {
        auto& entry = record.files[std::string(path)];
        if (const auto& original = member(file, "original"); !original.is_null()) entry.original = string_of(original);
        entry.written = strings_of(member(file, "written"));
        entry.share = {strings_of(member(file, "hosts")), strings_of(member(file, "made"))};
    }
    return record;
}

} // namespace

Outcome<PolicyRecord> PolicyRecord::read(const std::optional<std::string>& text) {
    if (!text) return PolicyRecord{};
    const auto value = ipc::parse_json(*text);
    const auto refuse = [](const std::string& why) { return Error{Errc::browser_policy_refused, why}.with("reason", why); };
    if (!value) return refuse("is no record of ours (" + value.error().detail + ")");
    try {
        return read_record(*value);
    } catch (const Damaged&) {
        return refuse("is no record of ours");
    }
}

std::string PolicyRecord::text() const {
    json::object entries;
    for (const auto& [path, entry] : files) {
        entries[path] = {{"original", entry.original ? json::value(*entry.original) : json::value(nullptr)},
                         {"written", array_of(entry.written)},
                         {"hosts", array_of(entry.share.hosts)},
                         {"made", array_of(entry.share.made)}};
    }
    return json::serialize(json::object{{"format", 1}, {"denyOthers", deny_others}, {"folders", array_of(folders)}, {"files", std::move(entries)}}) +
           "\n";
}

} // namespace jk::browser_policy
