#include "ipc/json_fields.hpp"

#include "jurukunci/encoding.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace jk::ipc {
namespace {

bool names_any(std::string_view name, std::span<const std::string_view> words) {
    std::string lower;
    for (char c : name)
        if (c != '_' && c != '-') lower.push_back(static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c));
    return std::ranges::find(words, lower) != words.end();
}

} // namespace

Error unknown_field(std::string_view path, std::string_view name) {
    static constexpr std::array<std::string_view, 9> secrets{"pin",       "userpin",   "passphrase", "password", "sandi",
                                                             "katasandi", "keyphrase", "sopin",      "secret"};
    static constexpr std::array<std::string_view, 6> delegations{"atasnama", "delegasi", "onbehalfof", "delegation", "delegate", "kuasa"};
    const Errc code = names_any(name, secrets)       ? Errc::passphrase_from_application
                      : names_any(name, delegations) ? Errc::delegation_refused
                                                     : Errc::field_unknown;
    return Error{code}.with("field", std::string(path));
}

JsonFields::JsonFields(const json::value& value, std::string where) : m_object(value.if_object()), m_where(std::move(where)) {
    if (m_object == nullptr) refuse("", "must be an object");
}

std::string JsonFields::path(std::string_view name) const {
    if (m_where.empty()) return name.empty() ? "body" : std::string(name);
    return name.empty() ? m_where : m_where + "." + std::string(name);
}

void JsonFields::refuse(Error error) {
    if (!m_fault) m_fault = std::move(error);
}

void JsonFields::refuse(std::string_view name, std::string fault) {
    refuse(Error{Errc::request_malformed}.with("field", path(name)).with("fault", std::move(fault)));
}

bool JsonFields::has(std::string_view name) const { return m_object != nullptr && m_object->contains(name); }

const json::value* JsonFields::find(std::string_view name) {
    m_asked.emplace(name);
    if (m_object == nullptr) return nullptr;
    const auto* value = m_object->if_contains(name);
    return value == nullptr || value->is_null() ? nullptr : value;
}

const json::value* JsonFields::need(std::string_view name) {
    const auto* value = find(name);
    if (value == nullptr) refuse(name, "is missing");
    return value;
}

std::optional<std::string> JsonFields::optional_text(std::string_view name, std::size_t limit) {
    const auto* value = find(name);
    if (value == nullptr) return std::nullopt;
    const auto* text = value->if_string();
    if (text == nullptr) return refuse(name, "must be a string"), std::nullopt;
    if (text->size() > limit) return refuse(name, "is longer than " + std::to_string(limit) + " bytes"), std::nullopt;
    return std::string(*text);
}

std::string JsonFields::text(std::string_view name, std::size_t limit) {
    if (need(name) == nullptr) return {};
    return optional_text(name, limit).value_or("");
}

std::optional<Bytes> JsonFields::optional_base64(std::string_view name, std::size_t limit) {
    const auto encoded = optional_text(name, (limit + 2) / 3 * 4);
    if (!encoded) return std::nullopt;
    auto bytes = from_base64(*encoded);
    if (!bytes) refuse(name, "is not standard base64 with padding");
    return bytes;
}

Bytes JsonFields::base64(std::string_view name, std::size_t least, std::size_t limit) {
    if (need(name) == nullptr) return {};
    auto bytes = optional_base64(name, limit).value_or(Bytes{});
    if (bytes.size() < least) refuse(name, "has fewer than " + std::to_string(least) + " bytes");
    return bytes;
}

std::optional<double> JsonFields::optional_number(std::string_view name) {
    const auto* value = find(name);
    if (value == nullptr) return std::nullopt;
    if (!value->is_number()) return refuse(name, "must be a number"), std::nullopt;
    const double number = value->to_number<double>();
    if (!std::isfinite(number) || std::abs(number) > 1e6) return refuse(name, "is out of range"), std::nullopt;
    return number;
}

std::optional<std::int64_t> JsonFields::optional_integer(std::string_view name, std::int64_t least, std::int64_t most) {
    const auto* value = find(name);
    if (value == nullptr) return std::nullopt;
    const auto* number = value->if_int64();
    if (number == nullptr || *number < least || *number > most)
        return refuse(name, "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most)), std::nullopt;
    return *number;
}

bool JsonFields::flag_or(std::string_view name, bool fallback) {
    const auto* value = find(name);
    if (value == nullptr) return fallback;
    if (!value->is_bool()) return refuse(name, "must be true or false"), fallback;
    return value->get_bool();
}

const json::array* JsonFields::array(std::string_view name, std::size_t limit) {
    const auto* value = need(name);
    if (value == nullptr) return nullptr;
    const auto* array = value->if_array();
    if (array == nullptr) return refuse(name, "must be an array"), nullptr;
    if (array->size() > limit) return refuse(name, "has more than " + std::to_string(limit) + " elements"), nullptr;
    return array;
}

const json::value* JsonFields::optional_object(std::string_view name) {
    const auto* value = find(name);
    if (value != nullptr && !value->is_object()) return refuse(name, "must be an object"), nullptr;
    return value;
}

Outcome<void> JsonFields::end() const {
    if (m_object != nullptr) {
        for (const auto& member : *m_object)
            if (!m_asked.contains(std::string_view(member.key()))) return unknown_field(path(member.key()), member.key());
    }
    if (m_fault) return *m_fault;
    return done();
}

} // namespace jk::ipc
