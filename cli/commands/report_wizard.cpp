// The questions of `jurukunci report`, asked where a person sits at the terminal: what happened, when it became known, whose key.
#include "cli/commands/report.hpp"

#include "cli/papers/paper.hpp"
#include "jurukunci/displayed_text.hpp"

#include <boost/json/array.hpp>

#include <cstdio>
#include <iostream>

namespace jk::cli {
namespace {

constexpr int most_tries = 5;

class Wizard {
public:
    explicit Wizard(const Console& console) : m_console(console) {}

    bool ask(const std::string& indonesian, const std::string& english, std::string& into) {
        if (!into.empty()) return true;
        std::printf("%s: ", (m_console.english() ? english : indonesian).c_str());
        std::fflush(stdout);
        return static_cast<bool>(std::getline(std::cin, into));
    }

    bool category(const json::array& all, ReportOptions& options) {
        m_console.line("Apa yang terjadi?", "What happened?");
        for (std::size_t i = 0; i < all.size(); ++i) {
            const auto& c = all[i].as_object();
            std::printf("  %zu  %s  (%s)\n", i + 1, papers::plain_words(text_of(c, "value")).c_str(), text_of(c, "citation").c_str());
        }
        for (int i = 0; i < most_tries; ++i) {
            std::string answer;
            if (!ask("Nomor", "Number", answer)) return false;
            const auto number = static_cast<std::size_t>(std::strtoul(answer.c_str(), nullptr, 10));
            if (number < 1 || number > all.size()) continue;
            const auto& chosen = all[number - 1].as_object();
            options.category = text_of(chosen, "value");
            if (chosen.at("asksSignificance").as_bool() && !significance(options)) return false;
            return true;
        }
        return false;
    }

    bool time(const std::string& indonesian, const std::string& english, std::string& into) {
        for (int i = 0; i < most_tries; ++i) {
            if (!ask(indonesian, english, into)) return false;
            if (into.empty() || time_of(into)) return true;
            m_console.line("Contoh: 2026-11-21 15:00", "Such as: 2026-11-21 15:00");
            into.clear();
        }
        return false;
    }

private:
    bool significance(ReportOptions& options) {
        std::string answer;
        if (!ask("Apakah kejadian ini berpeluang besar melemahkan atau mengganggu tugas dan mengancam keamanan informasi? (ya/tidak)",
                 "Is the event a significant one: likely to weaken or disturb the work and to threaten information security? (yes/no)", answer))
            return false;
        // Anything but a clear no is a yes: the graver way blocks.
        options.significant = answer == "tidak" || answer == "no" || answer == "t" || answer == "n" ? "no" : "yes";
        return true;
    }

    const Console& m_console;
};

} // namespace

bool ask_for_missing(const Console& console, const json::object& categories, ReportOptions& options) {
    Wizard wizard(console);
    if (!wizard.category(categories.at("categories").as_array(), options)) return false;
    return wizard.time("Kapan diketahui? (kosong = sekarang)", "When did it become known? (empty = now)", options.known_at) &&
           wizard.time("Kapan token terakhir pasti di tangan Anda? (kosong = sama)",
                       "When was the token last certainly in your hands? (empty = same)", options.last_safe) &&
           wizard.ask("Uraian singkat (tanpa NIK)", "What happened, briefly (no NIK)", options.description) &&
           wizard.ask("Nomor seri token (kosong bila tidak tahu)", "The token's serial (empty if unknown)", options.serial) &&
           wizard.ask("Nama pemilik", "Holder's name", options.name) &&
           wizard.ask("NIP pemilik (18 angka)", "Holder's NIP (18 digits)", options.nip) &&
           wizard.ask("Jabatan pemilik", "Holder's position", options.position) && wizard.ask("Perangkat Daerah", "Unit", options.unit) &&
           wizard.ask("Nama atasan langsung", "Direct superior's name", options.superior_name) &&
           wizard.ask("NIP atasan langsung", "Direct superior's NIP", options.superior_nip);
}

} // namespace jk::cli
