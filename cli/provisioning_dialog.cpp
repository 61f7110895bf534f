#include "cli/provisioning_dialog.hpp"

#include "cli/pin_warning.hpp"
#include "jurukunci/displayed_text.hpp"

#include <boost/json/array.hpp>
#include <poll.h>

#include <algorithm>
#include <map>

namespace jk::cli {
namespace {

constexpr int most_mistypings = 3;

struct Words {
    const char *indonesian, *english;
};

const Words* find(const std::map<std::string, Words>& all, const std::string& name) {
    const auto place = all.find(name);
    return place == all.end() ? nullptr : &place->second;
}

const std::map<std::string, Words>& steps() {
    static const std::map<std::string, Words> all{
        {"init", {"Menyiapkan token: isinya dihapus, SO-PIN baru dipasang", "Initialising a token: its contents go, a new SO-PIN is set"}},
        {"pin-set", {"Memasang passphrase pemegang token", "Setting the holder's PIN"}},
        {"pin-unblock", {"Membuka passphrase yang terkunci atau lupa", "Setting a new PIN instead of a locked or forgotten one"}},
        {"key-generate", {"Membuat pasangan kunci di dalam token", "Generating a key pair on the token"}},
        {"csr", {"Menandatangani permohonan sertifikat dengan kunci di token", "Signing a certificate request with the key on the token"}},
        {"cert-import", {"Menyimpan sertifikat ke token", "Writing a certificate to the token"}},
        {"cert-delete", {"Menghapus sertifikat dari token", "Deleting a certificate from the token"}},
        {"destroy", {"MEMUSNAHKAN seluruh isi token", "DESTROYING everything on the token"}}};
    return all;
}

const std::map<std::string, Words>& roles() {
    static const std::map<std::string, Words> all{{"so-pin", {"PETUGAS RA, SO-PIN token ini", "RA OFFICER, SO-PIN of this token"}},
                                                  {"new-so-pin", {"PETUGAS RA, SO-PIN BARU", "RA OFFICER, NEW SO-PIN"}},
                                                  {"pin", {"PEMEGANG, passphrase Anda", "HOLDER, your PIN"}},
                                                  {"new-pin", {"PEMEGANG, passphrase BARU", "HOLDER, NEW PIN"}}};
    return all;
}

/// An agent before PIN pads were known does not say it.
bool on_reader(const json::object& secret) { return secret.contains("onReader") && secret.at("onReader").as_bool(); }

bool same(const Secret& left, const Secret& right) { return std::ranges::equal(left.expose(), right.expose()); }

std::string shown(const json::object& o, std::string_view name) { return displayed(text_of(o, name), 120); }

} // namespace

void ProvisioningDialog::say(const std::string& indonesian, const std::string& english) const {
    m_terminal.print((m_console.english() ? english : indonesian) + "\n");
}

void ProvisioningDialog::show(const json::object& q) const {
    const auto& token = q.at("token").as_object();
    const auto* step = find(steps(), text_of(q, "step"));
    m_terminal.print("\n──────────────────────────────────────────────────────────────────────\n");
    if (!text_of(q, "marking").empty()) m_terminal.print("  " + shown(q, "marking") + "\n");
    say(std::string("  ") + step->indonesian, std::string("  ") + step->english);
    say("  Diminta oleh " + shown(q, "application"), "  Asked by     " + shown(q, "application"));
    say("  Asal         " + shown(q, "origin"), "  Origin       " + shown(q, "origin"));
    say("  Token        " + shown(token, "label") + " (" + shown(token, "manufacturer") + ", " + shown(token, "model") + ")",
        "  Token        " + shown(token, "label") + " (" + shown(token, "manufacturer") + ", " + shown(token, "model") + ")");
    say("  Nomor seri   " + shown(token, "serial"), "  Serial       " + shown(token, "serial"));
    if (q.at("holder").is_object()) {
        const auto& holder = q.at("holder").as_object();
        say("  Pemegang     " + shown(holder, "name") + ", " + shown(holder, "unit") + " (permohonan " + shown(holder, "case") + ")",
            "  Holder       " + shown(holder, "name") + ", " + shown(holder, "unit") + " (case " + shown(holder, "case") + ")");
    }
    for (const auto& value : q.at("details").as_array())
        m_terminal.print("  - " + shown(value.as_object(), "name") + ": " + shown(value.as_object(), "value") + "\n");
    m_terminal.print(pin_warning(q, m_console.english()));
    if (q.at("finalTry").as_bool())
        say("\n  PERHATIAN: ini percobaan passphrase TERAKHIR sebelum token terkunci.",
            "\n  CAUTION: this is the LAST PIN try before the token locks.");
}

bool ProvisioningDialog::ask(const Question& question) {
    const auto& q = question.body;
    const auto& secrets = q.at("secrets").as_array();
    // What this program does not know it cannot explain, and so nobody can agree to it.
    const bool known = find(steps(), text_of(q, "step")) != nullptr &&
                       std::ranges::all_of(secrets, [](const auto& s) { return find(roles(), text_of(s.as_object(), "role")) != nullptr; });
    const auto here = static_cast<std::size_t>(std::ranges::count_if(secrets, [](const auto& s) { return !on_reader(s.as_object()); }));
    if (!known || here != question.secret_channels.size()) return decline(question);
    show(q);
    m_terminal.forget_typed();
    say("\n  Ketik \"ya\" untuk melanjutkan, atau Enter untuk batal.", "\n  Type \"yes\" to go on, or Enter to cancel.");
    m_terminal.print("  > ");
    const auto word = read_line(question);
    if (!word) return m_alive;
    if (*word != "ya" && *word != "yes") {
        say("  Dibatalkan; token tidak diubah.", "  Cancelled; the token was not changed.");
        return decline(question);
    }
    std::string ending;
    if (q.at("typeSerialEnding").as_bool()) {
        say("  Ketik empat karakter terakhir nomor seri yang tertulis pada token di tangan Anda.",
            "  Type the last four characters of the serial number on the token in your hand.");
        m_terminal.print("  > ");
        auto typed = read_line(question);
        if (!typed) return m_alive;
        ending = std::move(*typed);
    }
    const bool final_try = q.at("finalTry").as_bool();
    if (final_try) {
        say("  Passphrase yang salah sekarang MENGUNCI token. Ketik \"percobaan terakhir\" untuk tetap mencoba, atau Enter untuk tidak mencoba.",
            "  A wrong PIN now LOCKS the token. Type \"last try\" to try all the same, or Enter not to.");
        m_terminal.print("  > ");
        const auto words = read_line(question);
        if (!words) return m_alive;
        if (*words != "percobaan terakhir" && *words != "last try") return m_alive = static_cast<bool>(m_prompter.keep_final_try(question));
    }
    std::vector<Secret> typed;
    for (const auto& value : secrets) {
        const auto& secret = value.as_object();
        if (on_reader(secret)) {
            announce(text_of(secret, "role"), secret.at("twice").as_bool());
            continue;
        }
        auto one = read_role(question, text_of(secret, "role"), secret.at("twice").as_bool());
        if (!one) return m_over ? m_alive : decline(question);
        typed.push_back(std::move(*one));
    }
    const bool sent = static_cast<bool>(m_prompter.agree_with_secrets(question, typed, ending, final_try));
    if (sent) say("  Diteruskan ke token.", "  Passed on to the token.");
    return sent;
}

void ProvisioningDialog::announce(const std::string& role, bool twice) const {
    const auto* words = find(roles(), role);
    say(std::string("  Ketik di alat pembaca token: ") + words->indonesian + (twice ? " (alat akan memintanya dua kali)" : ""),
        std::string("  Type on the reader: ") + words->english + (twice ? " (the reader asks for it twice)" : ""));
}

bool ProvisioningDialog::decline(const Question& question) { return m_alive = static_cast<bool>(m_prompter.decline(question)); }

std::optional<Secret> ProvisioningDialog::read_role(const Question& question, const std::string& role, bool twice) {
    const auto* words = find(roles(), role);
    const std::string name = m_console.english() ? words->english : words->indonesian;
    const auto of_so = [&] {
        return (m_console.english() ? "tries left " : "sisa percobaan ") + std::to_string(number_of(question.body, "soTriesLeft"));
    };
    const std::string tries = twice ? std::string() : ", " + (role == "so-pin" ? of_so() : tries_words(question.body, m_console.english()));
    for (int mistyped = 0; mistyped < most_mistypings; ++mistyped) {
        const std::string again = mistyped == 0 ? std::string() : " (" + std::to_string(mistyped + 1) + ")";
        auto first = read_secret(question, "  " + name + tries + again + ": ");
        if (!first || !twice) return first;
        auto second = read_secret(question, "  " + name + (m_console.english() ? ", once more" : ", sekali lagi") + again + ": ");
        if (!second) return std::nullopt;
        if (same(*first, *second)) return first;
        say("  Dua ketikan itu tidak sama. Ulangi.", "  The two are not the same. Once more.");
    }
    return std::nullopt;
}

std::optional<Secret> ProvisioningDialog::read_secret(const Question& question, const std::string& prompt) {
    auto secret = Secret::create();
    if (!secret) return std::nullopt;
    const RawInput raw(m_terminal.fd()); // before the prompt: nothing that is typed after it is echoed
    m_terminal.print(prompt);
    for (;;) {
        const char key = next_key(question);
        if (key == '\0' || key == 3 || key == 4 || key == 27) return std::nullopt; // over, or Ctrl-C, Ctrl-D, Escape
        if (key == '\n' || key == '\r') break;
        if (key == 127 || key == 8) {
            secret->shrink();
        } else if (secret->size() < Secret::capacity) {
            secret->room()[0] = static_cast<std::uint8_t>(key);
            secret->grow(1);
        }
    }
    m_terminal.print("\n");
    return std::move(*secret);
}

std::optional<std::string> ProvisioningDialog::read_line(const Question& question) {
    std::string line;
    for (char key; (key = next_key(question)) != '\n' && key != '\r';) {
        if (key == '\0') return std::nullopt;
        if (line.size() < 40) line.push_back(key);
    }
    return line;
}

/// Waits for the person or for the agent, which may close the question meanwhile. 0: nothing more will come.
char ProvisioningDialog::next_key(const Question& question) {
    for (;;) {
        pollfd waiting[2] = {{m_terminal.fd(), POLLIN, 0}, {m_prompter.fd(), POLLIN, 0}};
        if (poll(waiting, 2, -1) < 0) continue;
        if (waiting[1].revents != 0) {
            auto event = m_prompter.next();
            if (!event) {
                m_over = true;
                return m_alive = false, '\0';
            }
            if (event->closed == question.id) {
                m_over = true;
                m_terminal.print("\n  " + displayed(text_of(event->close_reason, "userMessage"), 300) + "\n");
                return '\0';
            }
            continue;
        }
        char key = 0;
        if (read(m_terminal.fd(), &key, 1) == 1) return key;
        m_over = true;
        return '\0';
    }
}

} // namespace jk::cli
