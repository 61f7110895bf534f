// Agent: every object of the running agent, built in the order in which they need each other. Owner: main().
#pragma once
#include "agent/agent_facts.hpp"
#include "agent/audit/acknowledgements.hpp"
#include "agent/audit/custody.hpp"
#include "agent/audit/journal.hpp"
#include "agent/audit/pin_tries.hpp"
#include "agent/config/configuration.hpp"
#include "agent/delivery/deliverer.hpp"
#include "agent/documents/document_room.hpp"
#include "agent/doors/control/control_door.hpp"
#include "agent/doors/http/http_door.hpp"
#include "agent/doors/pkcs11/pkcs11_door.hpp"
#include "agent/gate/enrolments.hpp"
#include "agent/gate/local_programs.hpp"
#include "agent/gate/operations.hpp"
#include "agent/gate/provisioning.hpp"
#include "agent/life/certificate_life.hpp"
#include "agent/reports/head_reports.hpp"
#include "agent/reports/report_desk.hpp"
#include "agent/segment_keeping.hpp"
#include "agent/store/used_orders.hpp"
#include "launcher/launcher.hpp"
#include "pkcs11/hotplug/token_watch.hpp"
#include "pkcs11/worker/all_tokens.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <memory>
#include <optional>

namespace jk {

struct AgentOptions {
    std::optional<unsigned short> port; ///< 0: any free one
};

/// The event loop, able to drop what is still suspended while everything that it refers to is alive.
class EventLoop : public net::io_context {
public:
    using net::execution_context::shutdown;
    using net::io_context::io_context;
};

class Agent {
public:
    /// Reads the configuration, takes the state folder and the port. Nothing listens yet. The launcher was forked before any thread.
    static Outcome<std::unique_ptr<Agent>> build(config::Configuration configuration, UniqueFd launcher, const AgentOptions& options);
    ~Agent();

    /// Opens the doors, gives up what is not needed any more, and runs until a signal ends it in order.
    Outcome<void> run();

private:
    Agent(config::Configuration configuration, UniqueFd launcher);
    Outcome<void> open_state();
    Outcome<void> keep_bundle();
    Outcome<void> open_reports();
    Outcome<void> open_life();
    Outcome<void> open_doors(const AgentOptions& options);
    Task<void> warm_up();
    Task<void> tidy();
    Task<void> hand_in_heads();
    void hand_in_head();
    std::string chain_follows() const;
    bool idle() const;
    Task<void> fold_log();
    Task<void> wait_for_end();
    boost::json::object about(Language language) const;

    EventLoop m_io{1};
    SystemClock m_clock;
    config::Configuration m_configuration;
    launcher::Launcher m_launcher;
    std::filesystem::path m_state_folder, m_runtime_folder;
    UniqueFd m_lock, m_runtime_lock;
    std::unique_ptr<audit::Custody> m_custody;
    std::unique_ptr<SegmentKeeping> m_segments;
    std::optional<audit::PinTries> m_tries;
    std::optional<store::UsedOrders> m_used_orders;
    std::unique_ptr<audit::Journal> m_journal;
    std::optional<audit::Acknowledgements> m_acknowledgements;
    std::unique_ptr<reports::Casebook> m_casebook;
    std::optional<reports::Outbox> m_outbox;
    std::optional<reports::ReportDesk> m_reports;
    std::optional<reports::HeadReports> m_heads; ///< where the RA takes them
    std::unique_ptr<delivery::Deliverer> m_deliverer;
    std::unique_ptr<pkcs11::AllTokens> m_tokens;
    std::unique_ptr<hotplug::TokenWatch> m_watch;
    std::unique_ptr<documents::Library> m_library;
    std::unique_ptr<documents::DocumentProcess> m_document_process;
    std::unique_ptr<documents::DocumentRoom> m_documents;
    std::unique_ptr<doors::PrompterHub> m_prompter;
    AgentFacts m_facts{m_configuration.bundle};
    std::unique_ptr<life::StatusKeeper> m_status;
    std::optional<life::Replacements> m_replacements;
    std::unique_ptr<life::CertificateLife> m_life;
    std::unique_ptr<gate::FirstUse> m_first_use;
    std::unique_ptr<gate::Gate> m_gate;
    std::unique_ptr<gate::Attention> m_attention;
    std::unique_ptr<gate::Operations> m_operations;
    std::unique_ptr<gate::Enrolments> m_enrolments;
    std::unique_ptr<gate::LocalPrograms> m_programs;
    std::optional<audit::ProvisioningRows> m_provisioning_rows;
    std::unique_ptr<gate::Provisioning> m_provisioning;
    std::unique_ptr<doors::AgentProof> m_proof;
    std::unique_ptr<doors::SessionBook> m_sessions;
    std::unique_ptr<doors::HttpDoor> m_http;
    std::unique_ptr<doors::ControlDoor> m_control;
    std::unique_ptr<doors::Pkcs11Door> m_pkcs11;
    net::signal_set m_signals{m_io};
};

} // namespace jk
