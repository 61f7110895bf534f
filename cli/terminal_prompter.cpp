#include "cli/terminal_prompter.hpp"

#include "cli/first_use_dialog.hpp"
#include "cli/pin_warning.hpp"
#include "cli/provisioning_dialog.hpp"
#include "cli/terminal.hpp"
#include "jurukunci/displayed_text.hpp"

#include <boost/json/array.hpp>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstring>

namespace jk::cli {
namespace {

class Dialog {
public:
    Dialog(const Console& console, PrompterClient& prompter, const Terminal& terminal)
        : m_console(console), m_prompter(prompter), m_terminal(terminal) {}

    /// False when the agent is gone.
    bool ask(const Question& question) {
        const auto kind = text_of(question.body, "kind");
        if (kind == "enrolment") return ask_enrolment(question);
        if (kind == "first_use") return FirstUseDialog(m_console, m_prompter, m_terminal).ask(question);
        if (kind == "provisioning") return ProvisioningDialog(m_console, m_prompter, m_terminal).ask(question);
        // What this program does not know it cannot explain, and so nobody can agree to it.
        if (kind != "signature" && kind != "authentication" && kind != "key_use") return static_cast<bool>(m_prompter.decline(question));
        m_login = kind == "authentication";
        m_key_use = kind == "key_use";
        show(question.body);
        m_terminal.forget_typed();
        std::vector<std::size_t> rejected;
        const auto count = m_key_use ? 1 : question.body.at("items").as_array().size(); // keys are not taken out one by one
        const bool again = question.body.at("previousFault").is_object();
        if (!again && !read_decision(question, count, rejected)) return m_alive;
        const bool final_try = question.body.at("finalTry").as_bool();
        if (final_try && !confirms_final_try(question)) return m_alive;
        if (question.body.at("pinPad").as_bool()) {
            say("Ketik passphrase pada alat pembaca token.", "Type the PIN on the reader.");
            return agree(question, nullptr, rejected, final_try);
        }
        auto pin = Secret::create();
        if (!pin) return static_cast<bool>(m_prompter.decline(question));
        if (!read_pin(question, *pin)) return m_alive;
        return agree(question, &*pin, rejected, final_try);
    }

private:
    /// No PIN, no document: a code that the page shows, too.
    bool ask_enrolment(const Question& question) {
        const auto& q = question.body;
        show_head(q, "Aplikasi ingin mengenali Jurukunci di komputer ini", "An application wants to recognise Jurukunci on this computer");
        const auto code = shown(q, "code");
        m_terminal.print("\n      " + code.substr(0, 3) + " " + code.substr(std::min<std::size_t>(3, code.size())) + "\n");
        m_terminal.forget_typed();
        say("\n  Apakah halaman aplikasi menampilkan kode yang SAMA? Ketik \"sama\", atau Enter bila berbeda atau ragu.",
            "\n  Does the application's page show the SAME code? Type \"same\", or Enter if it differs or you are in doubt.");
        m_terminal.print("  > ");
        const auto word = read_word(question);
        if (!word) return m_alive;
        if (*word == "sama" || *word == "same") return agree(question, nullptr, {});
        say("  Tidak disetujui; aplikasi tidak mengenali komputer ini.", "  Not agreed; the application does not know this computer.");
        return m_alive = static_cast<bool>(m_prompter.decline(question));
    }

    bool agree(const Question& question, const Secret* pin, const std::vector<std::size_t>& rejected, bool final_try = false) {
        const bool sent = static_cast<bool>(m_prompter.agree(question, pin, rejected, final_try));
        if (sent) say("  Diteruskan; hasilnya ditampilkan oleh aplikasi.", "  Passed on; the application shows the result.");
        return sent;
    }

    void say(const std::string& indonesian, const std::string& english) const {
        m_terminal.print((m_console.english() ? english : indonesian) + "\n");
    }
    static std::string shown(const json::object& o, std::string_view name) { return displayed(text_of(o, name), 120); }

    /// The profile's keys are words with underscores.
    static std::string words(const json::object& o, std::string_view name) {
        auto text = shown(o, name);
        std::ranges::replace(text, '_', ' ');
        return text;
    }
    static std::string purpose(const json::object& q, const std::string& signing) {
        return text_of(q, "purpose") == "tte" ? signing : words(q, "purpose");
    }

    void show_head(const json::object& q, const std::string& indonesian, const std::string& english) const {
        m_terminal.print("\n──────────────────────────────────────────────────────────────────────\n");
        if (!text_of(q, "marking").empty()) m_terminal.print("  " + shown(q, "marking") + "\n");
        say("  " + indonesian, "  " + english);
        say("  Aplikasi     " + shown(q, "application"), "  Application  " + shown(q, "application"));
        say("  Asal         " + shown(q, "origin"), "  Origin       " + shown(q, "origin"));
    }

    /// What a yes permits a program whose doings nobody can show.
    void show_permission(const json::object& q) const {
        const auto operations = std::to_string(number_of(q, "operations"));
        const auto minutes = std::to_string((number_of(q, "seconds") + 59) / 60);
        if (operations == "1")
            say("  Izin         satu kali pemakaian kunci", "  Permits      one use of the key");
        else
            say("  Izin         sampai " + operations + " kali pemakaian kunci, selama " + minutes + " menit",
                "  Permits      up to " + operations + " uses of the key, for " + minutes + " minutes");
        say("  PERHATIAN    yang ditandatangani atau dibuka program ini tidak dapat ditampilkan. Setujui hanya bila Anda sendiri yang "
            "menjalankannya.",
            "  CAUTION      what this program signs or opens cannot be shown. Agree only if you started it yourself.");
    }

    void show(const json::object& q) const {
        const auto& certificate = q.at("certificate").as_object();
        if (m_key_use)
            show_head(q, "Program di komputer ini meminta memakai kunci Anda", "A program on this computer asks to use your key");
        else if (m_login)
            show_head(q, "Permintaan masuk (login) dengan sertifikat Anda", "A login with your certificate is requested");
        else
            show_head(q, "Permintaan tanda tangan elektronik", "A signature is requested");
        if (q.at("orderedFor").is_string()) say("  Untuk        " + shown(q, "orderedFor"), "  For          " + shown(q, "orderedFor"));
        say("  Sertifikat   " + shown(certificate, "commonName") + ", token " + shown(q, "tokenLabel"),
            "  Certificate  " + shown(certificate, "commonName") + ", token " + shown(q, "tokenLabel"));
        if (m_key_use)
            show_permission(q);
        else if (m_login)
            say("  Kegunaan     masuk ke aplikasi ini; tidak ada dokumen yang ditandatangani",
                "  Purpose      logging in to this application; no document is signed");
        else
            say("  Kegunaan     " + purpose(q, "tanda tangan elektronik") + ", " + words(q, "taskKind") + " (tugas kedinasan)",
                "  Purpose      " + purpose(q, "electronic signature") + ", " + words(q, "taskKind"));
        if (!text_of(q, "citation").empty()) say("  Dasar        " + shown(q, "citation"), "  Basis        " + shown(q, "citation"));
        std::size_t number = 0;
        for (const auto& value : q.at("items").as_array()) {
            const auto& item = value.as_object();
            const auto pages = item.at("pages").is_int64()
                                   ? ", " + std::to_string(item.at("pages").as_int64()) + (m_console.english() ? " pages" : " halaman")
                                   : std::string();
            const auto size = m_key_use ? std::string() : " (" + std::to_string(number_of(item, "size")) + " byte" + pages + ")";
            m_terminal.print("\n  " + std::to_string(++number) + ". " + shown(item, "name") + size + "\n");
            if (!text_of(item, "title").empty()) m_terminal.print("     " + shown(item, "title") + "\n");
            if (!item.at("contentVisible").as_bool()) say("     ISI TIDAK DAPAT DITAMPILKAN", "     THE CONTENT CANNOT BE SHOWN");
            if (!text_of(item, "digest").empty()) m_terminal.print("     " + shown(item, "hashFunction") + " " + shown(item, "digest") + "\n");
        }
        if (const auto& fault = q.at("previousFault"); fault.is_object())
            m_terminal.print("\n  ! " + displayed(text_of(fault.as_object(), "userMessage"), 300) + "\n");
        m_terminal.print(pin_warning(q, m_console.english()));
        if (q.at("finalTry").as_bool())
            say("\n  PERHATIAN: ini percobaan TERAKHIR sebelum token terkunci. Bila ragu, batalkan dan datangi petugas RA.",
                "\n  CAUTION: this is the LAST try before the token locks. If in doubt, cancel and see the RA officer.");
    }

    /// Waits for the person or for the agent, which may close the question meanwhile. 0: nothing more will come.
    char next_key(const Question& question) {
        for (;;) {
            pollfd waiting[2] = {{m_terminal.fd(), POLLIN, 0}, {m_prompter.fd(), POLLIN, 0}};
            if (poll(waiting, 2, -1) < 0) continue;
            if (waiting[1].revents != 0) {
                auto event = m_prompter.next();
                if (!event) return m_alive = false, '\0';
                if (event->closed == question.id) {
                    m_terminal.print("\n  " + displayed(text_of(event->close_reason, "userMessage"), 300) + "\n");
                    return '\0';
                }
                continue;
            }
            char key = 0;
            return read(m_terminal.fd(), &key, 1) == 1 ? key : '\0';
        }
    }

    /// A line that the person types; nothing when the question is over before.
    std::optional<std::string> read_word(const Question& question) {
        std::string word;
        for (char key; (key = next_key(question)) != '\n' && key != '\r';) {
            if (key == '\0') return std::nullopt;
            if (word.size() < 40) word.push_back(key);
        }
        return word;
    }

    bool read_decision(const Question& question, std::size_t count, std::vector<std::size_t>& rejected) {
        for (;;) {
            if (m_key_use)
                say("\n  Ketik \"ya\" untuk mengizinkan, atau Enter untuk menolak.", "\n  Type \"yes\" to permit it, or Enter to refuse.");
            else if (m_login)
                say("\n  Ketik \"ya\" untuk masuk, atau Enter untuk batal.", "\n  Type \"yes\" to log in, or Enter to cancel.");
            else if (count > 1)
                say("\n  Ketik \"ya\" untuk menandatangani, nomor dokumen untuk mengeluarkannya, atau Enter untuk batal.",
                    "\n  Type \"yes\" to sign, a document's number to leave it out, or Enter to cancel.");
            else
                say("\n  Ketik \"ya\" untuk menandatangani, atau Enter untuk batal.", "\n  Type \"yes\" to sign, or Enter to cancel.");
            m_terminal.print("  > ");
            const auto word = read_word(question);
            if (!word) return false;
            if (*word == "ya" || *word == "yes") return true;
            std::size_t number = 0;
            const auto* last = word->data() + word->size();
            const auto [end, ec] = std::from_chars(word->data(), last, number);
            if (ec == std::errc() && end == last && number >= 1 && number <= count && count > 1) {
                rejected.push_back(number - 1);
                say("  Dokumen " + std::to_string(number) + " dikeluarkan.", "  Document " + std::to_string(number) + " is left out.");
                continue;
            }
            if (m_key_use)
                say("  Ditolak; kunci tidak dipakai.", "  Refused; the key is not used.");
            else if (m_login)
                say("  Dibatalkan; Anda tidak masuk.", "  Cancelled; you are not logged in.");
            else
                say("  Dibatalkan; tidak ada yang ditandatangani.", "  Cancelled; nothing was signed.");
            m_alive = static_cast<bool>(m_prompter.decline(question));
            return false;
        }
    }

    /// The answer to the question was one thing; to use up the last try is another, and nobody says it by habit.
    bool confirms_final_try(const Question& question) {
        say("\n  Passphrase yang salah sekarang MENGUNCI token. Ketik \"percobaan terakhir\" untuk tetap mencoba, atau Enter untuk tidak mencoba.",
            "\n  A wrong PIN now LOCKS the token. Type \"last try\" to try all the same, or Enter not to.");
        m_terminal.print("  > ");
        const auto words = read_word(question);
        if (!words) return false;
        if (*words == "percobaan terakhir" || *words == "last try") return true;
        say("  Tidak dicoba; passphrase tidak dikirim ke token.", "  Not tried; no PIN went to the token.");
        m_alive = static_cast<bool>(m_prompter.keep_final_try(question));
        return false;
    }

    bool read_pin(const Question& question, Secret& pin) {
        const RawInput raw(m_terminal.fd());
        m_terminal.print((m_console.english() ? "  PIN (" : "  Passphrase (") + tries_words(question.body, m_console.english()) + "): ");
        for (;;) {
            const char key = next_key(question);
            if (key == '\0') return false;
            if (key == '\n' || key == '\r') break;
            if (key == 3 || key == 4 || key == 27) { // Ctrl-C, Ctrl-D, Escape
                say("\n  Dibatalkan.", "\n  Cancelled.");
                m_alive = static_cast<bool>(m_prompter.decline(question));
                return false;
            }
            if (key == 127 || key == 8) {
                pin.shrink();
            } else if (pin.size() < Secret::capacity) {
                pin.room()[0] = static_cast<std::uint8_t>(key);
                pin.grow(1);
            }
        }
        m_terminal.print("\n");
        return true;
    }

    const Console& m_console;
    PrompterClient& m_prompter;
    const Terminal& m_terminal;
    bool m_alive = true;
    bool m_login = false, m_key_use = false;
};

} // namespace

int prompt_on_terminal(const Console& console, PrompterClient prompter, bool once) {
    const Terminal terminal;
    if (!terminal.present()) return console.fail(Error(Errc::consent_unavailable, "no terminal"));
    for (;;) {
        auto event = prompter.next();
        if (!event) return once ? 0 : console.fail(Errc::agent_stopping);
        if (!event->question) continue;
        if (!Dialog(console, prompter, terminal).ask(*event->question)) return 5;
        // After a wrong PIN the same question comes again, so "once" ends with the agent's other answer, not here.
    }
}

} // namespace jk::cli
