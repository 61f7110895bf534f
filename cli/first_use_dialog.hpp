// The terminal as prompter for a first use: the city's texts, each with a word of its own that the person types. No PIN.
#pragma once
#include "cli/console.hpp"
#include "cli/prompter_client.hpp"
#include "cli/terminal.hpp"

#include <optional>

namespace jk::cli {

class FirstUseDialog {
public:
    FirstUseDialog(const Console& console, PrompterClient& prompter, const Terminal& terminal)
        : m_console(console), m_prompter(prompter), m_terminal(terminal) {}

    /// False when the agent is gone.
    bool ask(const Question& question);

private:
    void show_head(const json::object& question) const;
    void show_text(const json::object& part) const;
    /// Whether the person typed the word; nothing when the question is over before.
    std::optional<bool> typed(const Question& question, const std::string& indonesian, const std::string& english);
    std::optional<std::string> read_word(const Question& question);
    void say(const std::string& indonesian, const std::string& english) const;

    const Console& m_console;
    PrompterClient& m_prompter;
    const Terminal& m_terminal;
    bool m_alive = true;
};

} // namespace jk::cli
