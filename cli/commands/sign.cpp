// jurukunci sign: hands the files to the agent, waits for the person, and puts the results where they were asked for.
#include "cli/commands/commands.hpp"
#include "cli/terminal_prompter.hpp"
#include "jurukunci/displayed_text.hpp"
#include "jurukunci/encoding.hpp"

#include <boost/json/array.hpp>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

namespace jk::cli {
namespace {

namespace fs = std::filesystem;

std::string upper(std::string text) {
    for (auto& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return text;
}

class Signing {
public:
    Signing(const Console& console, const SignOptions& options) : m_console(console), m_options(options) {}

    int run() {
        if (!prepare()) return m_exit;
        auto client = ControlClient::connect();
        if (!client) return m_console.fail(client.error());
        m_client.emplace(std::move(*client));
        if (!upload_all() || !find_task()) return m_exit;
        ask_here_if_nobody_else(); // before there is a question, or it could find nobody
        if (!submit() || !wait()) return m_exit;
        return collect();
    }

private:
    bool usage(const std::string& field, const std::string& fault) {
        m_exit = m_console.fail(Error{Errc::request_malformed}.with("field", field).with("fault", fault));
        return false;
    }

    bool prepare() {
        if (m_options.format != "pades" && m_options.format != "cades" && m_options.format != "raw")
            return usage("--format", "must be pades, cades or raw");
        const bool several = m_options.inputs.size() > 1;
        if (several && !fs::is_directory(m_options.output)) return usage("-o", "must be a folder for several files");
        for (const auto& input : m_options.inputs) {
            const fs::path in(input);
            const auto suffix = m_options.format == "pades"   ? std::string()
                                : m_options.format == "cades" ? in.filename().string() + ".p7s"
                                                              : in.filename().string() + ".sig";
            const auto out = fs::is_directory(m_options.output) ? fs::path(m_options.output) / (suffix.empty() ? in.filename().string() : suffix)
                                                                : fs::path(m_options.output);
            std::error_code ec;
            if (fs::exists(out, ec) && fs::equivalent(in, out, ec)) return usage("-o", "is the input itself; the original is never replaced");
            if (fs::exists(out, ec) && !m_options.replace) return usage("-o", out.string() + " exists; give --replace to write over it");
            m_outputs.push_back(out);
        }
        return true;
    }

    bool upload_all() {
        for (const auto& input : m_options.inputs) {
            const UniqueFd fd(open(input.c_str(), O_RDONLY | O_CLOEXEC));
            if (!fd) return usage(input, std::strerror(errno));
            const int raw = fd.get();
            auto answer = ask(m_console, *m_client, {{"call", "document"}}, m_exit, {&raw, 1});
            if (!answer) return false;
            m_documents.push_back(text_of(answer->body, "id"));
        }
        return true;
    }

    bool find_task() {
        auto answer = ask(m_console, *m_client, {{"call", "status"}}, m_exit);
        if (!answer) return false;
        m_prompter_present = text_of(answer->body, "prompter") == "present";
        m_task = m_options.task_kind;
        const auto& tasks = answer->body.at("taskKinds").as_array();
        // The profile's last task is its widest ("dokumen elektronik lain"); a caller that knows better says so.
        if (m_task.empty() && !tasks.empty()) m_task = tasks.back().as_string();
        return true;
    }

    bool submit() {
        json::array items;
        for (std::size_t i = 0; i < m_documents.size(); ++i) {
            json::object item{{"name", fs::path(m_options.inputs[i]).filename().string()}, {"documentId", m_documents[i]}};
            if (!m_options.field.empty()) item["appearance"] = json::object{{"field", m_options.field}};
            if (!m_options.visible.empty()) {
                double number[5] = {};
                char end = 0;
                if (std::sscanf(m_options.visible.c_str(), "%lf,%lf,%lf,%lf,%lf%c", &number[0], &number[1], &number[2], &number[3], &number[4],
                                &end) != 5)
                    return usage("--visible", "must be PAGE,X,Y,WIDTH,HEIGHT");
                item["appearance"] = json::object{
                    {"page", static_cast<std::int64_t>(number[0])}, {"x", number[1]}, {"y", number[2]}, {"width", number[3]}, {"height", number[4]}};
            }
            items.push_back(std::move(item));
        }
        const auto format = m_options.format == "raw" ? "RAW" : m_options.format == "cades" ? "CAdES" : "PAdES";
        json::object request{{"requestId", random_id(16)}, {"format", format}, {"purpose", "tte"}, {"taskKind", m_task}, {"items", std::move(items)}};
        if (m_options.format != "raw") request["level"] = std::string(format) + "_BASELINE_" + upper(m_options.level);
        if (!m_options.certificate.empty()) {
            std::ifstream file(m_options.certificate, std::ios::binary);
            const std::string der{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
            request["certificate"] = to_base64(bytes_of(der));
        }
        auto answer = ask(m_console, *m_client, {{"call", "sign"}, {"request", std::move(request)}}, m_exit);
        if (!answer) return false;
        m_operation = answer->body.at("operation").as_object();
        return true;
    }

    /// With nobody else to ask the person, this terminal does, where the profile permits it.
    void ask_here_if_nobody_else() {
        if (m_prompter_present || isatty(STDIN_FILENO) == 0) return;
        auto prompter = PrompterClient::open("terminal");
        if (!prompter) return; // the agent's own refusal says it better: nobody could be asked
        std::thread([console = m_console, p = std::move(*prompter)]() mutable { prompt_on_terminal(console, std::move(p), true); }).detach();
    }

    bool wait() {
        m_console.line("Menunggu persetujuan Anda …", "Waiting for your consent …");
        for (;;) {
            const auto state = text_of(m_operation, "state");
            if (state == "done" || state == "refused" || state == "cancelled" || state == "failed") return true;
            auto answer =
                ask(m_console, *m_client,
                    {{"call", "operation"}, {"id", text_of(m_operation, "id")}, {"wait", 30}, {"seen", number_of(m_operation, "revision")}}, m_exit);
            if (!answer) return false;
            m_operation = answer->body.at("operation").as_object();
        }
    }

    int collect() {
        json::array files;
        int worst = 0;
        const auto& items = m_operation.at("items").as_array();
        for (std::size_t i = 0; i < items.size(); ++i) {
            const auto& item = items[i].as_object();
            if (text_of(item, "state") == "signed") {
                if (!write_result(item, m_outputs[i])) return m_exit;
                files.push_back(json::value(m_outputs[i].string()));
                m_console.line("✓ " + m_outputs[i].string());
            } else if (const auto* error = item.if_contains("error"); error != nullptr && error->is_object() && items.size() > 1) {
                m_console.line("✗ " + displayed(text_of(item, "name")) + ": " + displayed(text_of(error->as_object(), "userMessage"), 300));
                worst = std::max(worst, entry_of(errc_of_code(text_of(error->as_object(), "code"))).exit_code);
            }
        }
        if (m_operation.at("error").is_object()) return m_console.fail(m_operation.at("error").as_object());
        if (items.size() == 1 && files.empty() && items[0].as_object().contains("error"))
            return m_console.fail(items[0].as_object().at("error").as_object());
        m_console.result({{"operation", m_operation}, {"files", std::move(files)}});
        if (!text_of(m_operation, "marking").empty()) m_console.line(text_of(m_operation, "marking"));
        return worst;
    }

    bool write_result(const json::object& item, const fs::path& out) {
        const auto part = fs::path(out.string() + ".part");
        UniqueFd fd(open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644));
        if (!fd) return usage(out.string(), std::strerror(errno));
        const bool written = item.contains("signature") ? write_all(fd.get(), *from_base64(text_of(item, "signature")))
                                                        : write_document(fd.get(), text_of(item, "documentId"));
        if (!written || fsync(fd.get()) != 0 || rename(part.c_str(), out.c_str()) != 0) {
            unlink(part.c_str());
            return m_exit != 0 ? false : usage(out.string(), std::strerror(errno));
        }
        return true;
    }

    static bool write_all(int fd, ByteView bytes) {
        while (!bytes.empty()) {
            const auto n = ::write(fd, bytes.data(), bytes.size());
            if (n <= 0) return false;
            bytes = bytes.subspan(static_cast<std::size_t>(n));
        }
        return true;
    }

    bool write_document(int out, const std::string& id) {
        auto answer = ask(m_console, *m_client, {{"call", "content"}, {"id", id}}, m_exit);
        if (!answer || answer->fds.size() != 1) return false;
        struct stat status {};
        if (fstat(answer->fds[0].get(), &status) != 0) return false;
        Bytes buffer(256u << 10);
        for (off_t at = 0; at < status.st_size;) {
            const auto n = pread(answer->fds[0].get(), buffer.data(), buffer.size(), at);
            if (n <= 0 || !write_all(out, {buffer.data(), static_cast<std::size_t>(n)})) return false;
            at += n;
        }
        const auto tail = from_base64(text_of(answer->body, "tail"));
        return tail && write_all(out, *tail);
    }

    Console m_console;
    const SignOptions& m_options;
    std::optional<ControlClient> m_client;
    std::vector<fs::path> m_outputs;
    std::vector<std::string> m_documents;
    json::object m_operation;
    std::string m_task;
    bool m_prompter_present = false;
    int m_exit = 0;
};

} // namespace

int sign(const Console& console, const SignOptions& options) { return Signing(console, options).run(); }

int prompt(const Console& console) {
    auto prompter = PrompterClient::open("terminal");
    if (!prompter) return console.fail(prompter.error());
    console.line("Jurukunci akan bertanya di sini. Ctrl-C untuk berhenti.", "Jurukunci will ask here. Ctrl-C to stop.");
    return prompt_on_terminal(console, std::move(*prompter), false);
}

} // namespace jk::cli
