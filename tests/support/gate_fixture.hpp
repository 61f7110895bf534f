// GateFixture: the real gate, policy and log around fakes, and a certificate from a demo CA.
#pragma once
#include "agent/audit/verify.hpp"
#include "agent/gate/enrolments.hpp"
#include "agent/gate/operations.hpp"
#include "agent/policy/read_profile.hpp"
#include "tests/support/demo_ca.hpp"
#include "tests/support/fakes.hpp"
#include "tests/support/run_task.hpp"
#include "tests/support/scratch_folder.hpp"
#include "x509/read_certificate.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <fstream>
#include <sstream>

namespace jk::test {

inline policy::Regulation regulation_of(const std::string& file) {
    std::ifstream in(std::string(JURUKUNCI_SOURCE_DIR) + "/policies/" + file);
    std::stringstream text;
    text << in.rdbuf();
    auto regulation = policy::read_regulation(text.str(), file);
    if (!regulation) throw std::runtime_error(regulation.error().log_line());
    return *regulation;
}

/// Lets go of suspended coroutines while what they refer to is alive, as the agent does.
struct FixtureLoop : net::io_context {
    using net::execution_context::shutdown;
};

struct GateFixture {
    ~GateFixture() { io.shutdown(); }
    GateFixture(const GateFixture&) = delete;
    GateFixture& operator=(const GateFixture&) = delete;
    explicit GateFixture(const CertificateWish& wish = {}) {
        key = make_key("p256");
        certificate = *x509::read_certificate(ca.certify(key.get(), wish));
        profile.regulation = regulation_of("pekalongan-98-2018.yaml");
        profile.anchors = {{ca.root(), policy::Environment::uji}};
        profile.intermediates = {ca.issuing()};
        profile.applications = {
            {*policy::Origin::parse("https://eoffice.example"), "e-Office", "Diskominfo", "SK 1/2026", std::nullopt, {"eoffice.example"}}};
        token.info = {{"fake", "1234"}, "Jana K.", "Fake", "One", PinState::ok, false, {{KeyKind::ec, HashFunction::sha256, Padding::none}},
                      {certificate}};
        database = *store::Database::open(folder.path() / "audit.db");
        device_key.emplace(*store::DeviceKey::open_or_create(folder.path() / "device.key"));
        log = *audit::Log::open(*database, *device_key, clock);
        journal = std::make_unique<audit::Journal>(*log, "boot-a");
        tries.emplace(*audit::PinTries::open(*database, clock));
        gate = std::make_unique<gate::Gate>(io.get_executor(), profile, token, consent, documents, *journal, *tries, blocks, clock);
        used_orders.emplace(*store::UsedOrders::open(*database));
        operations = std::make_unique<gate::Operations>(io.get_executor(), *gate, attention, *used_orders, clock, limits);
        enrolments = std::make_unique<gate::Enrolments>(io.get_executor(), profile, consent, attention, *journal, clock);
    }

    SignRequest request(std::vector<std::string> names = {"Undangan.pdf"}, const std::string& origin = "https://eoffice.example") {
        SignRequest r;
        r.caller = {Door::http, origin, origin, "e-Office", "Diskominfo", "Pasal 13 huruf e dan huruf f", {"eoffice.example"}};
        r.request_id = "request-" + std::to_string(++requests);
        r.format = Format::pades;
        r.level = "PAdES_BASELINE_B";
        r.purpose = "tte";
        r.task_kind = "email";
        for (auto& name : names) r.items.push_back({std::move(name), DocumentId{"d_1"}, std::nullopt});
        return r;
    }

    gate::OperationRef submit(SignRequest r) {
        const auto fingerprint = r.request_id;
        auto operation = operations->submit(std::move(r), fingerprint);
        if (!operation) throw std::runtime_error(operation.error().log_line());
        return *operation;
    }

    /// Runs the loop until the operation has ended.
    gate::OperationRef sign(SignRequest r) {
        auto operation = submit(std::move(r));
        io.restart();
        while (!operation->finished()) io.run_one();
        io.poll();
        return operation;
    }
    gate::OperationRef sign() { return sign(request()); }

    std::vector<std::string> row_kinds() {
        std::vector<std::string> kinds;
        SQLite::Statement rows(database->raw(), "SELECT kind FROM log ORDER BY row");
        while (rows.executeStep()) kinds.push_back(rows.getColumn(0).getString());
        return kinds;
    }
    boost::json::object last_row(const std::string& kind) {
        SQLite::Statement rows(database->raw(), "SELECT body FROM log WHERE kind = ? ORDER BY row DESC LIMIT 1");
        rows.bind(1, kind);
        if (!rows.executeStep()) return {};
        return boost::json::parse(rows.getColumn(0).getString()).as_object();
    }

    ScratchFolder folder;
    FixtureLoop io;
    FakeClock clock{SystemClock().now()};
    DemoCa ca = DemoCa::create();
    x509::EvpPkeyPtr key;
    CertificateRef certificate;
    policy::Profile profile;
    FakeToken token;
    FakeConsent consent{io};
    FakeDocuments documents;
    std::unique_ptr<store::Database> database;
    std::optional<store::DeviceKey> device_key;
    std::unique_ptr<audit::Log> log;
    std::unique_ptr<audit::Journal> journal;
    std::optional<audit::PinTries> tries;
    policy::BlockList blocks;
    gate::OperationLimits limits{};
    std::unique_ptr<gate::Gate> gate;
    gate::Attention attention{io.get_executor()};
    std::optional<store::UsedOrders> used_orders;
    std::unique_ptr<gate::Operations> operations;
    std::unique_ptr<gate::Enrolments> enrolments;
    int requests = 0;
};

} // namespace jk::test
