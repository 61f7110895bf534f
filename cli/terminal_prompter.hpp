// The terminal as prompter: shows the question in words, takes yes, no, or document numbers to leave out, and the PIN without echo.
#pragma once
#include "cli/console.hpp"
#include "cli/prompter_client.hpp"

namespace jk::cli {

/// Answers questions on the controlling terminal until the agent hangs up, or after one when `once`. 0, or the exit code of a refusal.
int prompt_on_terminal(const Console& console, PrompterClient prompter, bool once);

} // namespace jk::cli
