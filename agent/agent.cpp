#include "agent/agent.hpp"

#include "agent/archiving.hpp"
#include "agent/reports/head_witness.hpp"
#include "agent/store/state_folder.hpp"
#include "ipc/eager_loop.hpp"
#include "ipc/log_escape.hpp"
#include "jurukunci/version.hpp"
#include "sandbox/filters.hpp"
#include "sandbox/process.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <spdlog/spdlog.h>

#include <csignal>

namespace jk {
namespace {

constexpr std::chrono::seconds grace{2}; ///< for pages to fetch what was signed while the agent was asked to end

} // namespace

Agent::Agent(config::Configuration configuration, UniqueFd launcher)
    : m_configuration(std::move(configuration)), m_launcher(m_io.get_executor(), std::move(launcher)) {}

Agent::~Agent() {
    m_io.shutdown(); // suspended coroutines go first: they hold on to the objects below
    std::error_code ignored;
    std::filesystem::remove(m_runtime_folder / "port", ignored);
}

Outcome<std::unique_ptr<Agent>> Agent::build(config::Configuration configuration, UniqueFd launcher, const AgentOptions& options) {
    std::unique_ptr<Agent> agent(new Agent(std::move(configuration), std::move(launcher)));
    if (auto ok = agent->open_state(); !ok) return ok.error();
    if (auto ok = agent->open_doors(options); !ok) return ok.error();
    return agent;
}

/// The newest good bundle stays, also when somebody spoils the installed one.
Outcome<void> Agent::keep_bundle() {
    const auto& bundle = m_configuration.bundle;
    if (!bundle) return done();
    if (bundle->refused) spdlog::error("{}; version {} is used", bundle->refused->log_line(), bundle->bundle.version);
    if (bundle->kept) return done();
    const std::string environment(policy::name_of(m_configuration.profile.environment));
    return config::keep_bundle(config::kept_bundle_file(), {bundle->signed_message, environment, bundle->bundle.version}, m_custody->key());
}

Outcome<void> Agent::open_state() {
    const auto& profile = m_configuration.profile;
    auto folder = store::state_folder(policy::name_of(profile.environment));
    if (!folder) return folder.error();
    m_state_folder = *folder;
    auto lock = store::lock_folder(m_state_folder);
    if (!lock) return lock.error();
    m_lock = std::move(*lock);
    auto runtime = store::runtime_folder();
    if (!runtime) return runtime.error();
    m_runtime_folder = *runtime;
    // Its own lock: agents of two environments have two states, but one address.
    auto runtime_lock = store::lock_folder(m_runtime_folder);
    if (!runtime_lock) return runtime_lock.error();
    m_runtime_lock = std::move(*runtime_lock);

    auto custody = audit::Custody::open(m_state_folder, m_clock, reports::heads_remembered(m_state_folder));
    if (!custody) return custody.error();
    m_custody = std::move(*custody);
    if (auto ok = keep_bundle(); !ok) return ok;
    m_facts.watch(*m_custody);
    auto tries = audit::PinTries::open(m_custody->database(), m_clock);
    if (!tries) return tries.error();
    m_tries.emplace(std::move(*tries));
    auto acknowledgements = audit::Acknowledgements::open(m_custody->log(), m_custody->key(), m_clock);
    if (!acknowledgements) return acknowledgements.error();
    m_acknowledgements.emplace(std::move(*acknowledgements));
    auto used_orders = store::UsedOrders::open(m_custody->database());
    if (!used_orders) return used_orders.error();
    m_used_orders.emplace(std::move(*used_orders));
    m_journal = std::make_unique<audit::Journal>(m_custody->log(), audit::boot_id());
    if (auto ok = open_reports(); !ok) return ok;
    // On the disk, like the row of a consent: from its first start on, a log that is gone can be told from one that never was.
    auto started = m_custody->log().commit(store::Durability::machine, [&] {
        m_journal->agent_started(version(), profile.regulation.id, policy::name_of(profile.environment));
        const auto& bundle = m_configuration.bundle;
        if (bundle && bundle->refused) m_journal->bundle_refused(*bundle->refused, bundle->bundle.version);
        return done();
    });
    if (!started) return started;
    return reports::remember_head(m_casebook->database(), m_custody->log().durable_head());
}

/// Before any door: a block that was written while no agent ran holds from the first request on.
Outcome<void> Agent::open_reports() {
    const std::string environment(policy::name_of(m_configuration.profile.environment));
    auto casebook = reports::Casebook::open(m_state_folder, &m_custody->log(), m_clock, {m_configuration.ra_certificates, environment});
    if (!casebook) return casebook.error();
    m_casebook = std::move(*casebook);
    auto outbox = reports::Outbox::open(m_casebook->database());
    if (!outbox) return outbox.error();
    m_outbox.emplace(std::move(*outbox));
    const auto& profile = m_configuration.profile;
    m_reports.emplace(reports::DeskRooms{profile.regulation, environment, *m_casebook, *m_outbox, m_custody->key(), m_clock,
                                         m_configuration.ra_certificates, m_custody.get(), m_configuration.delivery.archive.has_value()});
    m_deliverer = std::make_unique<delivery::Deliverer>(
        m_io.get_executor(), delivery::Deliverer::Rooms{m_launcher, *m_outbox, m_custody->key(), m_clock, m_configuration.delivery});
    m_reports->on_parcel([this] { m_deliverer->wake(); });
    if (m_configuration.delivery.checkpoints) {
        auto heads = reports::HeadReports::open(m_casebook->database(), *m_outbox, m_custody->key(), m_clock);
        if (!heads) return heads.error();
        m_heads.emplace(std::move(*heads));
    }
    return m_reports->resume();
}

Outcome<void> Agent::open_life() {
    const auto& profile = m_configuration.profile;
    const life::StatusKeeper::Rooms asking{profile, m_launcher, m_custody->log(), m_custody->key(), m_clock, m_state_folder / "status"};
    auto status = life::StatusKeeper::open(m_io.get_executor(), asking);
    if (!status) return status.error();
    m_status = std::move(*status);
    auto replacements = life::Replacements::open({profile, m_custody->log(), m_custody->key(), m_clock, m_state_folder / "certificates"});
    if (!replacements) return replacements.error();
    m_replacements.emplace(std::move(*replacements));
    m_life = std::make_unique<life::CertificateLife>(*m_status, *m_replacements, m_casebook->blocks());
    return done();
}

Outcome<void> Agent::open_doors(const AgentOptions& options) {
    const auto executor = m_io.get_executor();
    const auto& profile = m_configuration.profile;
    auto listeners = doors::listen_on_loopback(executor, options.port);
    if (!listeners) return listeners.error();
    // Only when nothing can keep us from starting: an operation is closed once, and then its page must be told.
    auto interrupted = audit::recover(*m_journal, audit::boot_id());
    if (!interrupted) return interrupted.error();
    m_segments = std::make_unique<SegmentKeeping>(
        executor, SegmentKeeping::Rooms{*m_custody,
                                        m_clock,
                                        m_state_folder,
                                        {m_configuration.retention.segment_rows, m_configuration.retention.segment_days},
                                        profile.regulation.id,
                                        std::string(policy::name_of(profile.environment))});
    m_segments->at_start();
    for (const auto& left : *interrupted) spdlog::warn("operation {} was interrupted; its items are told as the log knows them", left.operation);

    m_tokens = std::make_unique<pkcs11::AllTokens>(executor, m_launcher, m_configuration.modules);
    m_watch = std::make_unique<hotplug::TokenWatch>(executor, m_launcher, *m_tokens);
    documents::LibraryLimits limits;
    limits.document_bytes = profile.limits.document_bytes;
    limits.keep = profile.limits.keep;
    m_library = std::make_unique<documents::Library>(m_state_folder, limits);
    m_document_process = std::make_unique<documents::DocumentProcess>(executor, m_launcher);
    m_documents = std::make_unique<documents::DocumentRoom>(executor, *m_library, *m_document_process);
    m_prompter = std::make_unique<doors::PrompterHub>(executor, profile, *m_watch);
    m_gate =
        std::make_unique<gate::Gate>(executor, profile, *m_tokens, *m_prompter, *m_documents, *m_journal, *m_tries, m_casebook->blocks(), m_clock);
    m_first_use = std::make_unique<gate::FirstUse>(profile, *m_prompter, *m_acknowledgements);
    if (auto ok = open_life(); !ok) return ok;
    m_facts.learn_from(*m_first_use, *m_life);
    m_gate->consult(m_facts);
    m_gate->introduce(*m_first_use);
    m_gate->inquire_with(*m_life);
    m_attention = std::make_unique<gate::Attention>(executor);
    m_operations = std::make_unique<gate::Operations>(executor, *m_gate, *m_attention, *m_used_orders, m_clock);
    m_enrolments = std::make_unique<gate::Enrolments>(executor, profile, *m_prompter, *m_attention, *m_journal, m_clock);
    m_programs =
        std::make_unique<gate::LocalPrograms>(executor, gate::KeyRooms{profile, *m_tokens, *m_tokens, *m_prompter, *m_attention, *m_journal, *m_tries,
                                                                       m_casebook->blocks(), m_clock, &m_facts, m_life.get(), m_first_use.get()});
    if (m_configuration.delivery.archive && profile.regulation.storage.documents)
        m_operations->on_ended([this](const gate::Operation& operation) { archive_signed_documents(operation, *m_library, *m_reports); });
    m_operations->remember(*interrupted);
    auto rows = audit::ProvisioningRows::open(m_custody->log(), audit::boot_id());
    if (!rows) return rows.error();
    m_provisioning_rows.emplace(std::move(*rows));
    m_provisioning = std::make_unique<gate::Provisioning>(
        executor, gate::Provisioning::Rooms{profile, *m_tokens, *m_prompter, *m_attention, m_custody->log(), *m_provisioning_rows, *m_tries,
                                            m_custody->key(), m_clock, m_state_folder / "destructions", &m_facts});
    for (const auto& open : m_provisioning->interrupted())
        spdlog::warn("the step {} of {} was interrupted; `jurukunci token show` tells more", open.step, open.operation);

    auto peers = doors::PeerUid::open();
    if (!peers) return std::move(peers).error();
    m_proof = std::make_unique<doors::AgentProof>(m_custody->key(), std::string(policy::name_of(profile.environment)));
    m_sessions = std::make_unique<doors::SessionBook>(*m_proof, m_clock);
    m_http = std::make_unique<doors::HttpDoor>(executor,
                                               doors::HttpRooms{*m_gate, *m_operations, *m_enrolments, *m_documents, *m_tokens, *m_watch, *m_prompter,
                                                                *m_sessions, *m_proof, m_clock, *m_provisioning},
                                               std::move(*listeners), std::move(*peers));
    m_control = std::make_unique<doors::ControlDoor>(executor, doors::ControlRooms{*m_gate, *m_operations, *m_documents, *m_tokens, *m_prompter,
                                                                                   m_clock, [this](Language language) { return about(language); },
                                                                                   *m_provisioning, *m_reports, *m_first_use});
    if (auto ok = m_control->open(m_runtime_folder / "control.sock"); !ok) return ok;
    m_pkcs11 = std::make_unique<doors::Pkcs11Door>(executor, doors::ProgramRooms{*m_programs, profile, *m_tokens, m_clock});
    if (auto ok = m_pkcs11->open(m_runtime_folder / "pkcs11.sock"); !ok) return ok;
    return store::replace_file(m_runtime_folder / "port", std::to_string(m_http->port()) + "\n");
}

boost::json::object Agent::about(Language language) const {
    boost::json::array modules;
    for (const auto& state : m_tokens->modules()) {
        boost::json::object module{{"name", state.name}, {"path", state.path}, {"workerPid", state.worker_pid}, {"fault", nullptr}};
        if (state.fault) module["fault"] = doors::error_json(*state.fault, language);
        modules.push_back(std::move(module));
    }
    for (const auto& error : m_configuration.refused_modules)
        modules.push_back(boost::json::object{{"name", "?"}, {"path", "?"}, {"workerPid", 0}, {"fault", doors::error_json(error, language)}});
    boost::json::object log{{"row", m_custody->log().head().row}, {"sha256", m_custody->log().head().hash.hex()}, {"checkpoint", nullptr}};
    if (const auto sent = m_outbox->newest(reports::Destination::log_checkpoint); sent && *sent) {
        boost::json::object checkpoint{{"key", (*sent)->key}, {"tries", (*sent)->tries}, {"lastFault", (*sent)->last_fault}, {"receipt", nullptr}};
        if ((*sent)->receipt) checkpoint["receipt"] = *(*sent)->receipt;
        log["checkpoint"] = std::move(checkpoint);
    }
    return {{"version", version()},
            {"log", std::move(log)},
            {"port", m_http->port()},
            {"configuration", m_configuration.folder.string()},
            {"state", m_state_folder.string()},
            {"modules", std::move(modules)}};
}

/// The first token and the first document should not wait for programs to start.
Task<void> Agent::warm_up() {
    (void)co_await m_tokens->tokens();
    auto ready = co_await m_document_process->warm_up();
    if (!ready) spdlog::error("{}", ready.error().log_line());
}

Task<void> Agent::tidy() {
    for (;;) {
        co_await ipc::sleep_for(std::chrono::minutes(1));
        m_library->expire(std::chrono::steady_clock::now());
    }
}

Task<void> Agent::wait_for_end() {
    boost::system::error_code ignored;
    co_await m_signals.async_wait(net::redirect_error(net::use_awaitable, ignored));
    spdlog::info("ending: no new requests; what is being signed is finished first");
    const bool busy = m_operations->busy();
    m_operations->turn_away(); // from here on nobody is admitted
    m_enrolments->turn_away();
    m_programs->turn_away();
    m_provisioning->turn_away();
    co_await m_operations->stop();
    co_await m_enrolments->stop();
    co_await m_programs->stop();
    co_await m_provisioning->stop();
    if (busy) co_await ipc::sleep_for(grace); // what was signed is in the log; its page should also get it
    m_http->close();
    m_control->close();
    m_pkcs11->close();
    (void)m_custody->log().fold();
    if (m_heads) hand_in_head(); // the end of the day; it goes out with the next start
    m_io.stop();
}

Outcome<void> Agent::run() {
    m_signals.add(SIGTERM);
    m_signals.add(SIGINT);
    m_http->open();
    net::co_spawn(m_io, m_control->accept(), ipc::LogEscape{"agent"});
    net::co_spawn(m_io, m_pkcs11->accept(), ipc::LogEscape{"agent"});
    net::co_spawn(m_io, wait_for_end(), ipc::LogEscape{"agent"});
    net::co_spawn(m_io, warm_up(), ipc::LogEscape{"agent"});
    net::co_spawn(m_io, tidy(), ipc::LogEscape{"agent"});
    net::co_spawn(m_io, m_segments->run([this] { return idle(); }), ipc::LogEscape{"agent"});
    using reports::Destination;
    for (const auto destination : {Destination::registration_authority, Destination::archive, Destination::log_checkpoint})
        net::co_spawn(m_io, m_deliverer->run(destination), ipc::LogEscape{"delivery"});
    net::co_spawn(m_io, m_status->run(*m_tokens, *m_watch), ipc::LogEscape{"revocation status"});
    if (m_heads) net::co_spawn(m_io, hand_in_heads(), ipc::LogEscape{"delivery"});
    m_custody->log().on_waiting([this] { net::co_spawn(m_io, fold_log(), ipc::LogEscape{"agent"}); });
    net::co_spawn(m_io, m_prompter->tell_changes(), ipc::LogEscape{"agent"});
    m_watch->start();
    // From here on this process can neither start a program nor open a connection; the launcher starts the children.
    if (auto ok = sandbox::confine_agent(); !ok) return ok;
    spdlog::info("jurukunci {} listens on 127.0.0.1:{} ({})", version(), m_http->port(), policy::name_of(m_configuration.profile.environment));
    ipc::EagerLoop::run(m_io);
    return done();
}

} // namespace jk
