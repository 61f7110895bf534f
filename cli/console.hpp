// What the command prints: plain text for people, one JSON object with --json; errors always with the next step.
#pragma once
#include "cli/control_client.hpp"

#include <string>

namespace jk::cli {

struct Console {
    bool as_json = false;
    Language language = Language::indonesian;
    bool english() const { return language == Language::english; }

    void line(const std::string& text) const;
    /// One of two sentences.
    void line(const std::string& indonesian, const std::string& in_english) const { line(english() ? in_english : indonesian); }
    void result(const json::object& object) const; ///< only with --json
    /// Prints it and gives the exit code of the catalogue.
    int fail(const Error& error) const;
    int fail(const json::object& agent_error) const;
};

/// Asks the agent; on failure prints and sets `exit_code`.
std::optional<ControlClient::Answer> ask(const Console& console, ControlClient& client, json::object request, int& exit_code,
                                         std::span<const int> fds = {});

std::string text_of(const json::object& object, std::string_view name);
std::int64_t number_of(const json::object& object, std::string_view name);

} // namespace jk::cli
