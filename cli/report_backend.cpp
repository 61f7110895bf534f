#include "cli/report_backend.hpp"

#include "agent/config/configuration.hpp"
#include "agent/reports/head_witness.hpp"
#include "agent/reports/report_desk.hpp"
#include "agent/store/state_folder.hpp"
#include "ipc/strict_json.hpp"
#include "jurukunci/encoding.hpp"

#include <boost/json/serialize.hpp>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

namespace jk::cli {
namespace {

class AtTheAgent final : public ReportBackend {
public:
    explicit AtTheAgent(ControlClient client) : m_client(std::move(client)) {}
    std::optional<json::object> call(const Console& console, json::object request, int& exit_code, int fd) override {
        std::optional<ControlClient::Answer> answer;
        if (fd >= 0)
            answer = ask(console, m_client, std::move(request), exit_code, {&fd, 1});
        else
            answer = ask(console, m_client, std::move(request), exit_code);
        if (!answer) return std::nullopt;
        return std::move(answer->body);
    }
    bool agent_runs() const override { return true; }

private:
    ControlClient m_client;
};

Outcome<Bytes> content_of(int fd) {
    struct stat status {};
    if (fstat(fd, &status) != 0 || status.st_size <= 0 || status.st_size > (64 << 20))
        return Error{Errc::request_malformed}.with("field", "file").with("fault", "is empty or too large");
    Bytes content(static_cast<std::size_t>(status.st_size));
    if (pread(fd, content.data(), content.size(), 0) != status.st_size)
        return Error{Errc::request_malformed}.with("field", "file").with("fault", "could not be read whole");
    return content;
}

class OnTheFiles final : public ReportBackend {
public:
    static Outcome<std::unique_ptr<ReportBackend>> open() {
        spdlog::set_default_logger(spdlog::stderr_logger_st("jurukunci")); // what the casebook warns of is no part of the answer
        std::unique_ptr<OnTheFiles> self(new OnTheFiles);
        auto configuration = config::read(config::system_folder());
        if (!configuration) return std::move(configuration).error();
        self->m_configuration = std::move(*configuration);
        const auto& profile = self->m_configuration.profile;
        auto folder = store::state_folder(policy::name_of(profile.environment));
        if (!folder) return folder.error();
        auto lock = store::lock_folder(*folder);
        if (!lock) return lock.error();
        self->m_lock = std::move(*lock);
        // A log that cannot be opened must not keep a report out; the casebook tells it later.
        if (auto custody = audit::Custody::open(*folder, self->m_clock, reports::heads_remembered(*folder))) {
            self->m_custody = std::move(*custody);
        } else {
            auto key = audit::Custody::device_key(*folder);
            if (!key) return key.error();
            self->m_key.emplace(std::move(*key));
        }
        auto* log = self->m_custody ? &self->m_custody->log() : nullptr;
        const auto& device_key = self->m_custody ? self->m_custody->key() : *self->m_key;
        const std::string environment(policy::name_of(profile.environment));
        auto casebook = reports::Casebook::open(*folder, log, self->m_clock, {self->m_configuration.ra_certificates, environment});
        if (!casebook) return casebook.error();
        self->m_casebook = std::move(*casebook);
        auto outbox = reports::Outbox::open(self->m_casebook->database());
        if (!outbox) return outbox.error();
        self->m_outbox.emplace(std::move(*outbox));
        self->m_desk.emplace(reports::DeskRooms{profile.regulation, environment, *self->m_casebook, *self->m_outbox, device_key, self->m_clock,
                                                self->m_configuration.ra_certificates, self->m_custody.get(),
                                                self->m_configuration.delivery.archive.has_value()});
        return std::unique_ptr<ReportBackend>(std::move(self));
    }

    std::optional<json::object> call(const Console& console, json::object request, int& exit_code, int fd) override {
        auto answer = carry_out(request, fd);
        if (answer) return std::move(*answer);
        exit_code = console.fail(answer.error());
        return std::nullopt;
    }
    bool agent_runs() const override { return false; }

private:
    Outcome<json::object> carry_out(const json::object& request, int fd) {
        const auto name = text_of(request, "call"), id = text_of(request, "id");
        if (name == "report-categories") return m_desk->categories();
        if (name == "report-list") return m_desk->list();
        if (name == "report-show") return m_desk->show(id);
        if (name == "report-send") return m_desk->send(id);
        if (name == "report-open") {
            auto opened = m_desk->open(request.at("request"));
            if (!opened) return opened.error();
            return m_desk->complete(*opened, {});
        }
        auto content = content_of(fd);
        if (!content) return content.error();
        if (name == "report-decision") return m_desk->decide(*content);
        const auto& about = request.at("request").as_object();
        if (name == "report-attach") return m_desk->attach(id, text_of(about, "kind"), text_of(about, "name"), std::move(*content));
        return m_desk->deposit(text_of(about, "name"), std::move(*content));
    }

    config::Configuration m_configuration;
    SystemClock m_clock;
    UniqueFd m_lock;
    std::unique_ptr<audit::Custody> m_custody;
    std::optional<store::DeviceKey> m_key; ///< while the log cannot be opened
    std::unique_ptr<reports::Casebook> m_casebook;
    std::optional<reports::Outbox> m_outbox;
    std::optional<reports::ReportDesk> m_desk;
};

} // namespace

Outcome<std::unique_ptr<ReportBackend>> ReportBackend::open() {
    if (auto client = ControlClient::connect()) return std::unique_ptr<ReportBackend>(new AtTheAgent(std::move(*client)));
    return OnTheFiles::open();
}

} // namespace jk::cli
