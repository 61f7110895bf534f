#include "cli/commands/commands.hpp"

#include "jurukunci/displayed_text.hpp"

#include <boost/json/array.hpp>

namespace jk::cli {
namespace {

std::optional<json::object> fetch(const Console& console, const char* call, int& exit_code) {
    auto client = ControlClient::connect();
    if (!client) {
        exit_code = console.fail(client.error());
        return std::nullopt;
    }
    auto answer = ask(console, *client, {{"call", call}}, exit_code);
    if (!answer) return std::nullopt;
    return std::move(answer->body);
}

std::string pin_words(const std::string& state, bool english) {
    if (state == "ok") return english ? "PIN ready" : "passphrase siap";
    if (state == "count-low") return english ? "PIN was typed wrong before" : "passphrase pernah salah diketik";
    if (state == "final-try") return english ? "LAST TRY before the PIN locks" : "TINGGAL SATU percobaan sebelum terkunci";
    if (state == "locked") return english ? "PIN locked" : "passphrase terkunci";
    if (state == "to-be-changed")
        return english ? "initial PIN, change it: jurukunci pin change" : "passphrase bawaan, gantilah: jurukunci pin change";
    return english ? "no PIN set" : "passphrase belum dibuat";
}

void print_tokens(const Console& console, const json::object& status) {
    const auto& list = status.at("tokens").as_array();
    if (list.empty()) console.line("Tidak ada token terpasang.", "No token is present.");
    for (const auto& value : list) {
        const auto& token = value.as_object();
        console.line("Token \"" + displayed(text_of(token, "label")) + "\" (" + displayed(text_of(token, "manufacturer")) + ", " +
                     displayed(text_of(token, "model")) + ", …" + displayed(text_of(token, "serialEnding")) +
                     "): " + pin_words(text_of(token, "pinState"), console.english()));
    }
}

/// What the issuer said last, and when; nothing where the profile asks nobody.
void print_revocation(const Console& console, const json::object& status) {
    const auto answer = text_of(status, "answer");
    if (text_of(status, "source") == "none" && answer == "unknown") return;
    const auto indonesian = answer == "good" ? "baik" : answer == "revoked" ? "DICABUT" : answer == "suspended" ? "DITANGGUHKAN" : "belum diketahui";
    const auto at = status.at("at").is_string() ? ", " + text_of(status, "at") : std::string();
    console.line("  status    " + std::string(indonesian) + at, "  status    " + answer + at);
}

} // namespace

int status(const Console& console) {
    int exit_code = 0;
    const auto status = fetch(console, "status", exit_code);
    if (!status) return exit_code;
    console.result(*status);
    const auto& profile = status->at("profile").as_object();
    const auto& agent = status->at("agent").as_object();
    console.line("Jurukunci " + text_of(agent, "version") + ", 127.0.0.1:" + std::to_string(number_of(agent, "port")) + ", " +
                 text_of(*status, "environment"));
    console.line("Profil: " + text_of(profile, "city") + ", Peraturan Walikota Nomor " + std::to_string(number_of(profile, "number")) + " Tahun " +
                     std::to_string(number_of(profile, "year")),
                 "Profile: " + text_of(profile, "city") + ", mayoral regulation " + std::to_string(number_of(profile, "number")) + "/" +
                     std::to_string(number_of(profile, "year")));
    print_tokens(console, *status);
    for (const auto& warning : status->at("warnings").as_array()) console.line("! " + displayed(text_of(warning.as_object(), "userMessage"), 300));
    return 0;
}

int tokens(const Console& console) {
    int exit_code = 0;
    const auto status = fetch(console, "status", exit_code);
    if (!status) return exit_code;
    console.result({{"tokens", status->at("tokens")}});
    print_tokens(console, *status);
    return status->at("tokens").as_array().empty() ? 3 : 0;
}

int certificates(const Console& console) {
    int exit_code = 0;
    const auto body = fetch(console, "certificates", exit_code);
    if (!body) return exit_code;
    console.result(*body);
    const auto& list = body->at("certificates").as_array();
    if (list.empty()) console.line("Token tidak berisi sertifikat.", "There is no certificate.");
    for (const auto& value : list) {
        const auto& c = value.as_object();
        console.line(displayed(text_of(c, "commonName")) + "  [" + displayed(text_of(c, "tokenLabel")) + "]");
        console.line("  penerbit  " + displayed(text_of(c, "issuer")), "  issuer    " + displayed(text_of(c, "issuer")));
        console.line("  berlaku   " + text_of(c, "notBefore") + " – " + text_of(c, "notAfter"),
                     "  valid     " + text_of(c, "notBefore") + " – " + text_of(c, "notAfter"));
        console.line("  sha256    " + text_of(c, "sha256"));
        print_revocation(console, c.at("revocationStatus").as_object());
        if (const auto* renewal = c.at("renewal").if_object()) console.line("  ! " + displayed(text_of(*renewal, "userMessage"), 300));
        for (const auto& refusal : c.at("refusals").as_array()) console.line("  ✗ " + displayed(text_of(refusal.as_object(), "userMessage"), 300));
        if (!c.at("firstUse").as_array().empty())
            console.line("  · sebelum pemakaian pertama Anda akan diminta membaca kewajiban pemilik sertifikat",
                         "  · before its first use you will be asked to read the owner's duties");
        if (c.at("usable").as_bool()) console.line("  ✓ dapat dipakai untuk tanda tangan", "  ✓ usable for signatures");
    }
    return list.empty() ? 3 : 0;
}

} // namespace jk::cli
