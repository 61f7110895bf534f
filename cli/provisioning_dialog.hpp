// A step of preparing a token, asked at the terminal: officer and holder sit there in turn, and each types only their own secret.
#pragma once
#include "cli/console.hpp"
#include "cli/prompter_client.hpp"
#include "cli/terminal.hpp"

#include <optional>

namespace jk::cli {

class ProvisioningDialog {
public:
    ProvisioningDialog(const Console& console, PrompterClient& prompter, const Terminal& terminal)
        : m_console(console), m_prompter(prompter), m_terminal(terminal) {}

    /// False when the agent is gone.
    bool ask(const Question& question);

private:
    void show(const json::object& question) const;
    void announce(const std::string& role, bool twice) const;
    bool decline(const Question& question);
    std::optional<std::string> read_line(const Question& question);
    /// Nothing when the question is over before, or the person gave up.
    std::optional<Secret> read_secret(const Question& question, const std::string& prompt);
    std::optional<Secret> read_role(const Question& question, const std::string& role, bool twice);
    char next_key(const Question& question);
    void say(const std::string& indonesian, const std::string& english) const;

    const Console& m_console;
    PrompterClient& m_prompter;
    const Terminal& m_terminal;
    bool m_alive = true, m_over = false;
};

} // namespace jk::cli
