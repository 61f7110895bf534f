// The RA's decisions in the casebook: carried out once, kept as they came, and believed at each start by their signature alone.
#include "agent/reports/casebook.hpp"
#include "agent/reports/ra_decision.hpp"

#include <boost/json/serialize.hpp>
#include <spdlog/spdlog.h>

namespace jk::reports {

void Casebook::believe(ByteView cms) {
    const auto word = read_ra_decision(cms, m_authority.certificates, m_authority.environment);
    const auto* verdict = word ? std::get_if<RaVerdict>(&*word) : nullptr;
    if (verdict != nullptr) m_decisions[verdict->document.hex()] = verdict->case_id;
}

bool Casebook::has_blocks_of(const std::string& case_id) {
    auto& row = m_database->prepared("SELECT 1 FROM blocks WHERE case_id = ? LIMIT 1");
    row.bind(1, case_id);
    const bool some = row.executeStep();
    row.reset();
    return some;
}

Outcome<void> Casebook::decide(const RaVerdict& decision) {
    const auto hex = decision.document.hex();
    auto written = durable([&]() -> Outcome<void> {
        if (!find_by_id(decision.case_id) && !has_blocks_of(decision.case_id)) {
            const std::string unknown = "laporan yang disebut tidak ada di komputer ini";
            return Error{Errc::ra_decision_refused, unknown}.with("reason", unknown);
        }
        auto& known = m_database->prepared("INSERT INTO decisions (sha256, case_id, verdict, body, at, mirrored, cms) VALUES (?, ?, ?, ?, ?, 0, ?) "
                                           "ON CONFLICT (sha256) DO UPDATE SET case_id = excluded.case_id, cms = excluded.cms, mirrored = 0 "
                                           "WHERE case_id <> excluded.case_id OR cms <> excluded.cms");
        known.bind(1, hex);
        known.bind(2, decision.case_id);
        known.bind(3, decision.verdict == Verdict::lift ? "lift" : "revoked");
        known.bind(4, json::serialize(decision.about));
        known.bind(5, static_cast<std::int64_t>(m_clock.now().time_since_epoch().count()));
        known.bind(6, decision.cms.data(), static_cast<int>(decision.cms.size()));
        known.exec();
        if (decision.verdict == Verdict::revoked) {
            auto& last = m_database->prepared("UPDATE blocks SET cause = 'revoked', since = ?, lifted = NULL, mirrored = 0 "
                                              "WHERE case_id = ? AND kind IN ('certificate', 'key') AND cause <> 'revoked'");
            last.bind(1, static_cast<std::int64_t>(decision.date.time_since_epoch().count()));
            last.bind(2, decision.case_id);
            last.exec();
            for (const auto& fingerprint : decision.certificates)
                insert({"b_" + hex.substr(0, 16) + "-" + fingerprint.substr(0, 16),
                        decision.case_id,
                        {policy::BlockedBy::certificate, fingerprint, policy::BlockCause::revoked, true, "", decision.date}},
                       false);
        }
        // A token may get a new certificate once the old one is revoked; what is revoked never comes back.
        auto& lift = m_database->prepared("UPDATE blocks SET lifted = ? WHERE case_id = ? AND cause <> 'revoked' AND lifted IS NULL");
        lift.bind(1, hex);
        lift.bind(2, decision.case_id);
        lift.exec();
        write_state(decision.case_id, CaseState::decided);
        return done();
    });
    if (!written && written.error().code == Errc::ra_decision_refused) return written;
    if (!written) return Error{Errc::report_not_stored, written.error().detail}.with("reason", written.error().detail);
    m_decisions[hex] = decision.case_id;
    if (auto mirrored = mirror(); !mirrored) spdlog::error("the log will be told of a decision later: {}", mirrored.error().log_line());
    return load();
}

} // namespace jk::reports
