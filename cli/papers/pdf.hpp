// A paper as PDF: A4, the regulation's words, text that can be searched. Made in the command's own process, never in the agent.
#pragma once
#include "cli/papers/paper.hpp"
#include "jurukunci/bytes.hpp"

namespace jk::papers {

Outcome<Bytes> to_pdf(const Paper& paper, const policy::Regulation& regulation, const std::string& marking, WallTime date);

} // namespace jk::papers
