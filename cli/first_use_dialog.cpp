#include "cli/first_use_dialog.hpp"

#include "jurukunci/displayed_text.hpp"

#include <boost/json/array.hpp>
#include <poll.h>
#include <unistd.h>

#include <sstream>

namespace jk::cli {
namespace {

std::string shown(const json::object& o, std::string_view name) { return displayed(text_of(o, name), 120); }

} // namespace

void FirstUseDialog::say(const std::string& indonesian, const std::string& english) const {
    m_terminal.print((m_console.english() ? english : indonesian) + "\n");
}

void FirstUseDialog::show_head(const json::object& q) const {
    m_terminal.print("\n──────────────────────────────────────────────────────────────────────\n");
    if (!text_of(q, "marking").empty()) m_terminal.print("  " + shown(q, "marking") + "\n");
    const auto& certificate = q.at("certificate").as_object();
    say("  Kewajiban pemilik sertifikat: pemakaian pertama di komputer ini", "  A certificate owner's duties: first use on this computer");
    say("  Sertifikat   " + shown(certificate, "commonName") + ", token " + shown(q, "tokenLabel"),
        "  Certificate  " + shown(certificate, "commonName") + ", token " + shown(q, "tokenLabel"));
    say("  Diminta oleh " + shown(q, "application"), "  Asked by     " + shown(q, "application"));
}

/// Line by line, because what came through the agent may not move the cursor.
void FirstUseDialog::show_text(const json::object& part) const {
    std::istringstream text(text_of(part.at("text").as_object(), m_console.english() ? "en" : "id"));
    m_terminal.print("\n");
    for (std::string line; std::getline(text, line);) m_terminal.print("  " + displayed(line, 600) + "\n");
}

/// Waits for the person or for the agent, which may close the question meanwhile.
std::optional<std::string> FirstUseDialog::read_word(const Question& question) {
    std::string word;
    for (;;) {
        pollfd waiting[2] = {{m_terminal.fd(), POLLIN, 0}, {m_prompter.fd(), POLLIN, 0}};
        if (poll(waiting, 2, -1) < 0) continue;
        if (waiting[1].revents != 0) {
            auto event = m_prompter.next();
            if (!event) {
                m_alive = false;
                return std::nullopt;
            }
            if (event->closed != question.id) continue;
            m_terminal.print("\n  " + displayed(text_of(event->close_reason, "userMessage"), 300) + "\n");
            return std::nullopt;
        }
        char key = 0;
        if (read(m_terminal.fd(), &key, 1) != 1) return std::nullopt;
        if (key == '\n' || key == '\r') return word;
        if (word.size() < 40) word.push_back(key);
    }
}

std::optional<bool> FirstUseDialog::typed(const Question& question, const std::string& indonesian, const std::string& english) {
    m_terminal.print("  > ");
    const auto word = read_word(question);
    if (!word) return std::nullopt;
    return *word == indonesian || *word == english;
}

bool FirstUseDialog::ask(const Question& question) {
    show_head(question.body);
    const auto& parts = question.body.at("notice").as_object().at("parts").as_array();
    m_terminal.forget_typed();
    std::vector<std::size_t> rejected;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const auto& part = parts[i].as_object();
        show_text(part);
        const bool agreement = text_of(part, "part") == "agreement";
        if (agreement)
            say("\n  Ketik \"setuju\" bila Anda menyetujui perjanjian ini, atau Enter untuk menolak.",
                "\n  Type \"accept\" if you accept this agreement, or Enter to refuse.");
        else
            say("\n  Ketik \"paham\" bila Anda sudah membaca dan memahaminya, atau Enter untuk menolak.",
                "\n  Type \"understood\" if you have read and understood it, or Enter to refuse.");
        const auto yes = typed(question, agreement ? "setuju" : "paham", agreement ? "accept" : "understood");
        if (!yes) return m_alive;
        if (!*yes) rejected.push_back(i);
    }
    if (rejected.empty()) {
        say("  Dicatat. Permintaan dilanjutkan.", "  Recorded. The request goes on.");
        return static_cast<bool>(m_prompter.agree(question, nullptr, rejected));
    }
    say("  Tidak dinyatakan; kunci tidak dipakai.", "  Not said; the key is not used.");
    if (rejected.size() == parts.size()) return static_cast<bool>(m_prompter.decline(question));
    return static_cast<bool>(m_prompter.agree(question, nullptr, rejected));
}

} // namespace jk::cli
