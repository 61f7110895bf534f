// ReportFixture: the real desk, casebook and outbox beside the gate's fixture, in one folder; can be closed and opened again like an agent.
#pragma once
#include "agent/reports/report_desk.hpp"
#include "jurukunci/encoding.hpp"
#include "tests/support/gate_fixture.hpp"
#include "tests/support/ra_desk.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

namespace jk::test {

namespace json = boost::json;

struct ReportFixture : GateFixture {
    explicit ReportFixture(const std::string& regulation = "pekalongan-98-2018.yaml") {
        profile.regulation = regulation_of(regulation);
        open();
    }
    void close() {
        desk.reset();
        outbox.reset();
        casebook.reset();
    }
    void open(bool with_log = true) {
        close();
        casebook = *reports::Casebook::open(folder.path(), with_log ? log.get() : nullptr, clock, reports::Authority{{ra.certificate()}, "uji"});
        outbox.emplace(*reports::Outbox::open(casebook->database()));
        desk.emplace(reports::DeskRooms{
            profile.regulation, "uji", *casebook, *outbox, *device_key, clock, {ra.certificate()}, nullptr, archive, most_waiting});
        (void)desk->resume();
        blocks = casebook->blocks();
    }
    /// As the door does it, with the token that is there.
    Outcome<json::object> report(json::object request) {
        auto opened = desk->open(request);
        if (!opened) return opened.error();
        auto answer = desk->complete(*opened, {token.info});
        blocks = casebook->blocks();
        return answer;
    }
    json::object stolen() const { return {{"category", "kebocoran_kunci_privat"}, {"tokenSerial", "1234"}}; }
    json::object lost() const { return {{"category", "kehilangan_kunci_privat"}, {"tokenSerial", "1234"}}; }
    Outcome<void> may(policy::KeyAction action) const {
        return policy::judge_blocks(casebook->blocks(), *certificate, token.info.id, action,
                                    profile.regulation.revocation.irreversible.basis.citation);
    }
    Errc why_not(policy::KeyAction action = policy::KeyAction::sign) const {
        const auto verdict = may(action);
        return verdict ? Errc{} : verdict.error().code;
    }
    std::filesystem::path file() const { return folder.path() / "reports.db"; }

    RaDesk ra{ca};
    bool archive = true;
    std::uint64_t most_waiting = reports::max_waiting;
    std::unique_ptr<reports::Casebook> casebook;
    std::optional<reports::Outbox> outbox;
    std::optional<reports::ReportDesk> desk;
};

} // namespace jk::test
