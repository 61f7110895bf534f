#include "cli/console.hpp"

#include "jurukunci/displayed_text.hpp"

#include <boost/json/serialize.hpp>

#include <cstdio>

namespace jk::cli {

void Console::line(const std::string& text) const {
    if (!as_json) std::printf("%s\n", text.c_str());
}

void Console::result(const json::object& object) const {
    if (as_json) std::printf("%s\n", json::serialize(object).c_str());
}

int Console::fail(const Error& error) const {
    const auto& entry = error.entry();
    if (as_json) {
        result({{"error",
                 {{"code", entry.code},
                  {"message", error.sentence(Language::english)},
                  {"userMessage", error.sentence(language)},
                  {"remedy", error.remedy(language)}}}});
    } else {
        std::fprintf(stderr, "jurukunci: %s (%s)\n  %s\n", error.sentence(language).c_str(), std::string(entry.code).c_str(),
                     error.remedy(language).c_str());
    }
    return entry.exit_code;
}

int Console::fail(const json::object& error) const {
    const auto code = text_of(error, "code");
    if (as_json) {
        result({{"error", error}});
    } else {
        const auto citation = text_of(error, "citation");
        std::fprintf(stderr, "jurukunci: %s (%s)\n  %s\n", displayed(text_of(error, "userMessage"), 500).c_str(), displayed(code).c_str(),
                     displayed(text_of(error, "remedy"), 500).c_str());
        if (!citation.empty()) std::fprintf(stderr, "  %s\n", displayed(citation, 300).c_str());
    }
    return entry_of(errc_of_code(code)).exit_code;
}

std::optional<ControlClient::Answer> ask(const Console& console, ControlClient& client, json::object request, int& exit_code,
                                         std::span<const int> fds) {
    request["language"] = console.english() ? "en" : "id";
    auto answer = client.call(std::move(request), fds);
    if (!answer) {
        exit_code = console.fail(answer.error());
        return std::nullopt;
    }
    if (answer->refusal) {
        exit_code = console.fail(*answer->refusal);
        return std::nullopt;
    }
    return std::move(*answer);
}

std::string text_of(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::int64_t number_of(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_number() ? value->to_number<std::int64_t>() : 0;
}

} // namespace jk::cli
