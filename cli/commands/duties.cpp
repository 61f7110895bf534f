// jurukunci duties: what owners read before the first use, and who said yes to it when.
#include "cli/commands/commands.hpp"

#include "jurukunci/displayed_text.hpp"

#include <boost/json/array.hpp>

#include <sstream>

namespace jk::cli {
namespace {

void print_text(const Console& console, const json::object& part) {
    std::istringstream text(text_of(part.at("text").as_object(), console.english() ? "en" : "id"));
    for (std::string line; std::getline(text, line);) console.line(displayed(line, 600));
    console.line("  sha256 " + text_of(part, "sha256"));
    console.line("");
}

void print_acknowledged(const Console& console, const json::object& a) {
    const bool agreement = text_of(a, "part") == "agreement";
    const auto what =
        console.english() ? (agreement ? "agreement accepted" : "duties acknowledged") : (agreement ? "perjanjian disetujui" : "kewajiban dipahami");
    console.line(text_of(a, "at") + "  " + what + "  " + displayed(text_of(a, "subject"), 200));
    console.line("  sertifikat " + text_of(a, "certificateSha256") + ", naskah " + text_of(a, "profile") + " versi " +
                     std::to_string(number_of(a, "version")) + ", catatan baris " + std::to_string(number_of(a, "row")),
                 "  certificate " + text_of(a, "certificateSha256") + ", text " + text_of(a, "profile") + " version " +
                     std::to_string(number_of(a, "version")) + ", row " + std::to_string(number_of(a, "row")) + " of the log");
    if (!a.at("current").as_bool())
        console.line("  ! untuk naskah yang bukan lagi naskah profil ini; pemilik ditanya lagi",
                     "  ! of a text that is not this profile's any more; the owner is asked again");
}

} // namespace

int duties_show(const Console& console) {
    auto client = ControlClient::connect();
    if (!client) return console.fail(client.error());
    int exit_code = 0;
    const auto answer = ask(console, *client, {{"call", "first-use"}}, exit_code);
    if (!answer) return exit_code;
    console.result(answer->body);
    const auto& parts = answer->body.at("notice").as_object().at("parts").as_array();
    if (parts.empty())
        console.line("Profil ini tidak mewajibkan apa pun dibaca sebelum pemakaian pertama.",
                     "This profile demands nothing to be read before the first use.");
    for (const auto& part : parts) print_text(console, part.as_object());
    const auto& acknowledged = answer->body.at("acknowledged").as_array();
    if (acknowledged.empty()) console.line("Belum ada pernyataan pada komputer ini.", "Nobody has said yes on this computer yet.");
    for (const auto& a : acknowledged) print_acknowledged(console, a.as_object());
    return 0;
}

} // namespace jk::cli
