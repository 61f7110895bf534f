#include "agent/life/status_keeper.hpp"

#include "agent/audit/checkpointed_rows.hpp"
#include "agent/audit/nik.hpp"
#include "ipc/log_escape.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/json/serialize.hpp>
#include <spdlog/spdlog.h>

namespace jk::life {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr const char* kind = "certificate-status";
constexpr std::size_t most_known = 200; ///< certificates: more than any desk has tokens for
constexpr std::chrono::seconds between_looks{30}, between_tries{10};

} // namespace

Outcome<std::unique_ptr<StatusKeeper>> StatusKeeper::open(net::any_io_executor executor, Rooms rooms) {
    auto kept = KeptAnswers::open(rooms.folder);
    if (!kept) return kept.error();
    std::size_t left_out = 0;
    auto rows = audit::checkpointed_rows(rooms.log, rooms.device_key, kind, left_out);
    if (!rows) return rows.error();
    if (left_out > 0) spdlog::warn("{} rows about revocation are not shown by a checkpoint of this device", left_out);
    std::unique_ptr<StatusKeeper> keeper(new StatusKeeper(executor, std::move(rooms), std::move(*kept)));
    for (const auto& row : *rows) {
        const auto name = audit::text_in(row.body, "certificateSha256"), state = audit::text_in(row.body, "state");
        if (state == "revoked") keeper->m_revoked.emplace(name, parse_rfc3339(audit::text_in(row.body, "since")).value_or(row.at));
        keeper->m_recorded[name] = {state == "suspended", parse_rfc3339(audit::text_in(row.body, "madeAt")).value_or(row.at)};
    }
    return keeper;
}

void StatusKeeper::add_facts(policy::State& state, const Certificate& certificate) const {
    const auto name = certificate.id.sha256.hex();
    if (const auto revoked = m_revoked.find(name); revoked != m_revoked.end())
        state.revoked = state.revoked ? std::min(*state.revoked, revoked->second) : revoked->second;
    const auto place = m_known.find(name);
    if (place == m_known.end() || !place->second->fact) {
        const auto recorded = m_recorded.find(name);
        state.suspended = state.suspended || (recorded != m_recorded.end() && recorded->second.suspended);
        return;
    }
    const auto& fact = *place->second->fact;
    state.status_at = fact.made_at;
    switch (fact.state) {
    case x509::RevocationState::good: state.status = policy::RevocationAnswer::good; break;
    case x509::RevocationState::revoked: state.status = policy::RevocationAnswer::revoked; break;
    case x509::RevocationState::suspended: state.status = policy::RevocationAnswer::suspended; break;
    }
}

/// Certificates whose issuer the profile recognises; nobody else's answer would mean anything.
void StatusKeeper::learn(const std::vector<TokenInfo>& tokens) {
    const auto& profile = m_rooms.profile;
    for (const auto& token : tokens) {
        auto intermediates = profile.intermediates;
        for (const auto& certificate : token.certificates)
            if (certificate->is_ca) intermediates.push_back(certificate);
        for (const auto& certificate : token.certificates) {
            const auto name = certificate->id.sha256.hex();
            if (certificate->is_ca || m_known.contains(name) || m_known.size() >= most_known) continue;
            const auto chain = profile.paths.find(certificate, intermediates, profile.anchors_of(profile.environment));
            if (chain && chain->size() > 1) m_known.emplace(name, std::make_shared<Known>(m_executor, certificate, (*chain)[1]));
        }
    }
}

bool StatusKeeper::is_revoked(const Known& known) const { return m_revoked.contains(known.certificate->id.sha256.hex()); }

bool StatusKeeper::is_fresh(const Known& known) const {
    if (!known.fact) return false;
    const auto age = m_rooms.clock.now() - known.fact->made_at;
    return age < m_rooms.profile.revocation_status.warn_after && age > -std::chrono::hours(1);
}

bool StatusKeeper::grows_old(const Known& known) const {
    const auto now = m_rooms.clock.now();
    if (!is_fresh(known) || known.fact->state == x509::RevocationState::suspended) return true;
    const bool out_of_date = known.fact->next_update && *known.fact->next_update < now;
    return out_of_date || now - known.fact->made_at >= m_rooms.profile.revocation_status.warn_after / 2;
}

void StatusKeeper::begin(const KnownRef& known) {
    known->asking = true;
    known->tried = SteadyClock::now();
    net::co_spawn(m_executor, ask(known), ipc::LogEscape{"revocation status"});
}

void StatusKeeper::begin_what_is_due() {
    if (m_rooms.profile.revocation_status.source == policy::StatusSource::none) return;
    for (const auto& [name, known] : m_known)
        if (!known->asking && !is_revoked(*known) && grows_old(*known) && SteadyClock::now() >= known->next) begin(known);
}

Task<void> StatusKeeper::refresh(std::vector<TokenInfo> tokens) {
    learn(tokens);
    const auto& terms = m_rooms.profile.revocation_status;
    if (terms.source == policy::StatusSource::none) co_return;
    const auto deadline = SteadyClock::now() + terms.wait;
    std::vector<KnownRef> awaited;
    for (const auto& token : tokens)
        for (const auto& certificate : token.certificates) {
            const auto place = m_known.find(certificate->id.sha256.hex());
            if (place == m_known.end() || is_revoked(*place->second)) continue;
            const auto& known = place->second;
            // A suspension may have been lifted a moment ago; the person who asks again was told so.
            const bool suspended = known->fact && known->fact->state == x509::RevocationState::suspended;
            if (is_fresh(*known) && !suspended) continue;
            if (!known->asking && (known->tried == SteadyTime{} || SteadyClock::now() - known->tried >= between_tries)) begin(known);
            if (known->asking) awaited.push_back(known);
        }
    for (const auto& known : awaited)
        while (known->asking) {
            const bool told = co_await known->answered.wait_until(deadline);
            if (!told) co_return;
        }
}

Task<void> StatusKeeper::run(Token& token, TokenChanges& changes) {
    if (m_rooms.profile.revocation_status.source == policy::StatusSource::none) co_return; // nobody to ask
    for (;;) {
        const auto seen = changes.revision();
        auto tokens = co_await token.recent_tokens();
        if (tokens) learn(*tokens);
        while (changes.revision() == seen) {
            begin_what_is_due();
            const auto until = SteadyClock::now() + between_looks;
            co_await changes.changed(seen, until);
        }
    }
}

Outcome<void> StatusKeeper::write_row(const Known& known, const x509::RevocationFact& fact, std::string_view state) {
    boost::json::object body;
    body["certificateSha256"] = known.certificate->id.sha256.hex();
    body["subject"] = audit::without_nik(known.certificate->subject);
    body["serialNumber"] = known.certificate->serial_hex;
    body["state"] = state;
    body["madeAt"] = rfc3339(fact.made_at);
    if (fact.revoked_at) body["since"] = rfc3339(*fact.revoked_at);
    body["source"] = m_rooms.profile.revocation_status.source == policy::StatusSource::crl ? "crl" : "ocsp";
    // The last row of its commit: the checkpoint is this row's, and the next start believes nothing else.
    return m_rooms.log.commit(store::Durability::machine, [&] {
        m_rooms.log.append(kind, "", boost::json::serialize(body));
        return done();
    });
}

/// An answer that is the issuer's. Older ones than what is known are no news: somebody may have kept one.
Outcome<void> StatusKeeper::take(Known& known, x509::RevocationFact fact) {
    using x509::RevocationState;
    auto& recorded = m_recorded[known.certificate->id.sha256.hex()];
    if (fact.made_at < recorded.made_at || (known.fact && fact.made_at < known.fact->made_at))
        return Error{Errc::status_unknown, "older than what is known"}.with("hours", "-");
    const auto before = recorded.suspended ? RevocationState::suspended : RevocationState::good;
    known.fact = fact;
    Outcome<void> written;
    if (fact.state == RevocationState::revoked && !is_revoked(known)) {
        // In memory first: a full disk is no reason to sign with it.
        m_revoked.emplace(known.certificate->id.sha256.hex(), fact.revoked_at.value_or(fact.made_at));
        written = write_row(known, fact, "revoked");
        spdlog::warn("the certificate {} was revoked by its issuer", known.certificate->serial_hex);
    } else if (fact.state != before && !is_revoked(known)) {
        recorded = {fact.state == RevocationState::suspended, fact.made_at};
        written = write_row(known, fact, recorded.suspended ? "suspended" : "good");
    }
    if (!written) spdlog::error("a certificate's status could not be recorded: {}", written.error().log_line());
    return done();
}

} // namespace jk::life
