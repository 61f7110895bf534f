// jurukunci doctor, first version: what is wrong, under a stable code, with the next step. Looks at configuration, agent, modules, token,
// certificate, prompter, browser policies; USB, pcscd and clock come with their own rooms.
#include "cli/commands/commands.hpp"

#include "agent/config/configuration.hpp"
#include "jurukunci/displayed_text.hpp"

#include <boost/json/array.hpp>

namespace jk::cli {
namespace {

class Examination {
public:
    explicit Examination(const Console& console) : m_console(console) {}

    int run() {
        const auto configuration = config::read(config::system_folder());
        if (!configuration) {
            found(configuration.error());
        } else {
            good("konfigurasi " + configuration->folder.string(), "configuration " + configuration->folder.string());
            for (const auto& error : configuration->refused_modules) found(error);
            if (configuration->modules.empty() && configuration->refused_modules.empty())
                found(Error{Errc::module_unusable}.with("module", "modules.d").with("reason", "tidak ada modul / no module is configured"));
        }
        if (const auto fault = fault_of_browser_policy()) found(*fault);
        ask_agent();
        m_console.result({{"findings", m_findings}});
        return m_worst;
    }

private:
    void good(const std::string& indonesian, const std::string& english) { m_console.line("✓ " + indonesian, "✓ " + english); }

    void found(const Error& error) {
        add(std::string(error.entry().code), error.sentence(m_console.language), error.remedy(m_console.language), error.entry().exit_code);
    }
    void found(const json::object& error) {
        const auto code = text_of(error, "code");
        add(code, text_of(error, "userMessage"), text_of(error, "remedy"), entry_of(errc_of_code(code)).exit_code);
    }
    void add(const std::string& code, const std::string& sentence, const std::string& remedy, int exit_code) {
        m_findings.push_back(json::object{{"code", code}, {"userMessage", sentence}, {"remedy", remedy}});
        m_console.line("✗ " + displayed(sentence, 400) + " (" + code + ")\n    " + displayed(remedy, 400));
        m_worst = std::max(m_worst, exit_code);
    }

    void ask_agent() {
        auto client = ControlClient::connect();
        if (!client) return found(client.error());
        const auto language = m_console.english() ? "en" : "id";
        auto status = client->call({{"call", "status"}, {"language", language}});
        if (!status) return found(status.error());
        if (status->refusal) return found(*status->refusal);
        const auto& agent = status->body.at("agent").as_object();
        good("agen " + text_of(agent, "version") + " di 127.0.0.1:" + std::to_string(number_of(agent, "port")),
             "agent " + text_of(agent, "version") + " on 127.0.0.1:" + std::to_string(number_of(agent, "port")));
        for (const auto& value : agent.at("modules").as_array()) {
            const auto& module = value.as_object();
            if (module.at("fault").is_object())
                found(module.at("fault").as_object());
            else
                good("modul " + displayed(text_of(module, "name")), "module " + displayed(text_of(module, "name")));
        }
        for (const auto& value : status->body.at("tokens").as_array()) token(value.as_object());
        for (const auto& value : status->body.at("warnings").as_array()) {
            const auto code = errc_of_code(text_of(value.as_object(), "code"));
            add(text_of(value.as_object(), "code"), text_of(value.as_object(), "userMessage"), Error(code).remedy(m_console.language),
                entry_of(code).exit_code);
        }
        certificates(*client, language);
    }

    void token(const json::object& token) {
        const auto label = displayed(text_of(token, "label")), state = text_of(token, "pinState");
        if (state == "locked") return found(Error{Errc::pin_locked}.with("token", label));
        if (state == "to-be-changed" || state == "not-set") return found(Error{Errc::pin_must_change}.with("token", label));
        good("token \"" + label + "\"", "token \"" + label + "\"");
    }

    void certificates(ControlClient& client, const char* language) {
        auto answer = client.call({{"call", "certificates"}, {"language", language}});
        if (!answer || answer->refusal) return; // the token's fault is told already
        bool any = false, usable = false;
        for (const auto& value : answer->body.at("certificates").as_array()) {
            const auto& certificate = value.as_object();
            any = true;
            usable = usable || certificate.at("usable").as_bool();
            if (certificate.at("usable").as_bool())
                good("sertifikat " + displayed(text_of(certificate, "commonName")), "certificate " + displayed(text_of(certificate, "commonName")));
        }
        if (usable) return;
        if (!any) return found(Error(Errc::certificate_absent));
        for (const auto& value : answer->body.at("certificates").as_array())
            for (const auto& refusal : value.as_object().at("refusals").as_array()) found(refusal.as_object());
    }

    const Console& m_console;
    json::array m_findings;
    int m_worst = 0;
};

} // namespace

int doctor(const Console& console) { return Examination(console).run(); }

} // namespace jk::cli
