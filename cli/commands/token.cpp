// jurukunci token …: a token is prepared, changed or emptied. Every step is asked in the prompter, where its secrets are typed.
#include "cli/commands/commands.hpp"
#include "cli/terminal_prompter.hpp"
#include "ipc/strict_json.hpp"
#include "jurukunci/displayed_text.hpp"
#include "jurukunci/encoding.hpp"

#include <boost/json/array.hpp>
#include <fcntl.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <thread>

namespace jk::cli {
namespace {

constexpr std::size_t max_file = 1u << 20;

Error unreadable(const std::string& file, const std::string& why) {
    return Error{Errc::request_malformed, why}.with("field", file).with("fault", why);
}

Outcome<std::string> content_of(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    std::string text(max_file + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (text.empty() || text.size() > max_file) return unreadable(file, "cannot be read, is empty or larger than 1 MiB");
    return text;
}

Outcome<json::object> json_of(const std::string& file) {
    auto text = content_of(file);
    if (!text) return text.error();
    auto value = ipc::parse_json(*text);
    if (!value || !value->is_object()) return unreadable(file, "is no JSON object");
    return std::move(value->get_object());
}

/// DER, or one certificate in PEM, which is the same in base64 between two lines.
Outcome<Bytes> certificate_of(const std::string& file) {
    auto text = content_of(file);
    if (!text) return text.error();
    const std::string begin = "-----BEGIN CERTIFICATE-----", end = "-----END CERTIFICATE-----";
    const auto from = text->find(begin);
    if (from == std::string::npos) return Bytes(text->begin(), text->end());
    const auto to = text->find(end, from);
    if (to == std::string::npos || text->find(begin, to) != std::string::npos) return unreadable(file, "must hold exactly one certificate");
    auto base64 = text->substr(from + begin.size(), to - from - begin.size());
    std::erase_if(base64, [](char c) { return c == '\n' || c == '\r' || c == ' '; });
    auto der = from_base64(base64);
    if (!der) return unreadable(file, "is no certificate in PEM");
    return std::move(*der);
}

class Step {
public:
    Step(const Console& console, const TokenOptions& options) : m_console(console), m_options(options) {}

    int run(const std::string& name) {
        auto request = request_for(name);
        if (!request) return m_console.fail(request.error());
        auto client = ControlClient::connect();
        if (!client) return m_console.fail(client.error());
        m_client.emplace(std::move(*client));
        if (!ask_here_if_nobody_else()) return m_exit;
        auto answer = ask(m_console, *m_client, {{"call", "provision"}, {"request", std::move(*request)}}, m_exit);
        if (!answer) return m_exit;
        auto step = answer->body.at("provisioning").as_object();
        m_console.line("Menunggu persetujuan di jendela Jurukunci …", "Waiting for the answer in the prompter …");
        for (auto state = text_of(step, "state"); state == "preparing" || state == "waiting_consent" || state == "working";
             state = text_of(step, "state")) {
            answer = ask(m_console, *m_client,
                         {{"call", "provisioning"}, {"id", text_of(step, "id")}, {"wait", 30}, {"seen", number_of(step, "revision")}}, m_exit);
            if (!answer) return m_exit;
            step = answer->body.at("provisioning").as_object();
        }
        if (step.at("error").is_object()) return m_console.fail(step.at("error").as_object());
        return tell(step);
    }

private:
    Outcome<json::object> request_for(const std::string& name) const {
        json::object request{{"step", name}};
        if (!m_options.serial.empty()) request["serial"] = m_options.serial;
        if (!m_options.label.empty()) request["label"] = m_options.label;
        if (!m_options.key.empty()) request["key"] = m_options.key;
        if (!m_options.purpose.empty()) request["purpose"] = m_options.purpose;
        if (!m_options.key_id.empty()) request["keyId"] = m_options.key_id;
        if (!m_options.certificate_sha256.empty()) request["certificateSha256"] = m_options.certificate_sha256;
        if (m_options.without_so_pin) request["withSoPin"] = false;
        if (!m_options.case_file.empty()) {
            auto registration = json_of(m_options.case_file);
            if (!registration) return registration.error();
            request["case"] = std::move(*registration);
        }
        if (!m_options.certificate_file.empty()) {
            auto der = certificate_of(m_options.certificate_file);
            if (!der) return der.error();
            request["certificate"] = to_base64(*der);
        }
        if (name == "destroy") {
            json::object destruction{{"reason", m_options.reason}, {"officer", m_options.officer}};
            if (!m_options.minutes.empty()) destruction["minutes"] = m_options.minutes;
            if (!m_options.witnesses.empty()) destruction["witnesses"] = json::array(m_options.witnesses.begin(), m_options.witnesses.end());
            request["destruction"] = std::move(destruction);
        }
        return request;
    }

    bool ask_here_if_nobody_else() {
        auto status = ask(m_console, *m_client, {{"call", "status"}}, m_exit);
        if (!status) return false;
        if (text_of(status->body, "prompter") == "present" || isatty(STDIN_FILENO) == 0) return true;
        auto prompter = PrompterClient::open("terminal");
        if (!prompter) return true; // the agent's own refusal says it better: nobody could be asked
        std::thread([console = m_console, p = std::move(*prompter)]() mutable { prompt_on_terminal(console, std::move(p), true); }).detach();
        return true;
    }

    int tell(const json::object& step) {
        const auto& result = step.at("result").as_object();
        const auto request = text_of(result, "certificateRequest");
        if (!request.empty() && !write(request)) return m_exit;
        m_console.result({{"provisioning", step}});
        const auto& token = step.at("token").as_object();
        m_console.line("✓ " + text_of(step, "step") + ": token \"" + displayed(text_of(token, "label")) + "\", " +
                       displayed(text_of(token, "serial")));
        if (!text_of(result, "keyId").empty()) m_console.line("  id  " + text_of(result, "keyId"));
        if (!request.empty()) m_console.line("  → " + m_options.output);
        if (!text_of(result, "record").empty()) {
            m_console.line("  Catatan pemusnahan: " + displayed(text_of(result, "record"), 500),
                           "  Destruction record: " + displayed(text_of(result, "record"), 500));
            m_console.line("  Tanda tangannya:    " + displayed(text_of(result, "recordSignature"), 500),
                           "  Its signature:      " + displayed(text_of(result, "recordSignature"), 500));
        }
        return 0;
    }

    bool write(const std::string& pem) {
        const UniqueFd fd(open(m_options.output.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644));
        if (fd && ::write(fd.get(), pem.data(), pem.size()) == static_cast<ssize_t>(pem.size())) return true;
        m_exit = m_console.fail(unreadable(m_options.output, std::strerror(errno)));
        return false;
    }

    Console m_console;
    const TokenOptions& m_options;
    std::optional<ControlClient> m_client;
    int m_exit = 0;
};

void print(const Console& console, const json::object& token) {
    console.line("Token \"" + displayed(text_of(token, "label")) + "\" (" + displayed(text_of(token, "manufacturer")) + ", " +
                 displayed(text_of(token, "model")) + "), " + displayed(text_of(token, "serial")));
    console.line("  keadaan  " + text_of(token, "state"), "  state    " + text_of(token, "state"));
    for (const auto& value : token.at("keys").as_array())
        console.line("  kunci    " + displayed(text_of(value.as_object(), "label")) + "  id " + text_of(value.as_object(), "id"),
                     "  key      " + displayed(text_of(value.as_object(), "label")) + "  id " + text_of(value.as_object(), "id"));
    for (const auto& value : token.at("certificates").as_array())
        console.line("  sertifikat " + displayed(text_of(value.as_object(), "subject")) + "  sha256 " + text_of(value.as_object(), "sha256"),
                     "  certificate " + displayed(text_of(value.as_object(), "subject")) + "  sha256 " + text_of(value.as_object(), "sha256"));
    for (const auto& value : token.at("interrupted").as_array()) {
        const auto& error = value.as_object().at("error").as_object();
        console.line("  ! " + displayed(text_of(error, "userMessage"), 400));
    }
    if (!text_of(token, "nextStep").empty())
        console.line("  berikutnya: jurukunci " + text_of(token, "nextStep"), "  next: jurukunci " + text_of(token, "nextStep"));
}

} // namespace

int token_step(const Console& console, const std::string& step, const TokenOptions& options) { return Step(console, options).run(step); }

int token_show(const Console& console) {
    auto client = ControlClient::connect();
    if (!client) return console.fail(client.error());
    int exit_code = 0;
    auto answer = ask(console, *client, {{"call", "token-contents"}}, exit_code);
    if (!answer) return exit_code;
    console.result(answer->body);
    const auto& tokens = answer->body.at("tokens").as_array();
    if (tokens.empty()) console.line("Tidak ada token terpasang.", "No token is present.");
    for (const auto& token : tokens) print(console, token.as_object());
    return tokens.empty() ? 3 : 0;
}

} // namespace jk::cli
