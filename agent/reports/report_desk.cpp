#include "agent/reports/report_desk.hpp"

#include "agent/reports/ra_decision.hpp"
#include "agent/reports/report_body.hpp"
#include "jurukunci/config_fault.hpp"

#include <boost/json/array.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace jk::reports {
namespace {

json::value article(const std::string& citation) {
    if (citation.empty()) return "kebijakan agen";
    return json::value(citation);
}

json::array blocks_json(const std::vector<policy::Block>& blocks, const std::string& number) {
    json::array all;
    for (const auto& block : blocks)
        if (number.empty() ? block.cause == policy::BlockCause::damaged : block.case_number == number)
            all.push_back(json::object{{"by", policy::name_of(block.by)},
                                       {"value", block.value},
                                       {"cause", policy::name_of(block.cause)},
                                       {"decryptionStays", block.decryption_stays},
                                       {"case", block.case_number},
                                       {"since", rfc3339(block.since)}});
    return all;
}

/// Collects what names the reported key, and the blocks that follow.
class Naming {
public:
    Naming(ReportCase& report, bool blocks, bool decryption_stays) : m_report(report), m_wanted(blocks), m_decryption_stays(decryption_stays) {}
    void block(policy::BlockedBy by, const std::string& value) {
        if (m_wanted && !value.empty()) m_blocks.push_back({by, value, policy::BlockCause::reported, m_decryption_stays, "", m_report.opened});
    }
    void certificate(const std::string& fingerprint) {
        auto& known = m_report.certificates;
        if (fingerprint.empty() || std::ranges::find(known, fingerprint) != known.end()) return;
        known.push_back(fingerprint);
        block(policy::BlockedBy::certificate, fingerprint);
    }
    void whole(const Certificate& c) {
        certificate(c.id.sha256.hex());
        block(policy::BlockedBy::key, policy::key_fingerprint(c));
        if (m_report.subject.empty()) m_report.subject = c.subject;
    }
    const std::vector<policy::Block>& blocks() const { return m_blocks; }

private:
    ReportCase& m_report;
    bool m_wanted, m_decryption_stays;
    std::vector<policy::Block> m_blocks;
};

} // namespace

json::object ReportDesk::categories() const {
    json::array all;
    for (const auto& category : policy::report_categories(m_rooms.regulation))
        all.push_back(json::object{{"value", category.value},
                                   {"citation", article(category.citation)},
                                   {"incident", category.incident},
                                   {"helpdesk", category.helpdesk},
                                   {"blocks", category.blocks},
                                   {"decryptionStays", category.decryption_stays},
                                   {"lostKey", category.lost_key},
                                   {"asksSignificance", category.asks_significance()},
                                   {"needsDescription", category.needs_description()}});
    return {{"city", m_rooms.regulation.city}, {"categories", std::move(all)}};
}

std::vector<policy::Block> ReportDesk::blocks_for(ReportCase& report, const ReportRequest& request, const policy::ReportCategory& category) {
    Naming naming(report, category.blocks, category.decryption_stays);
    naming.block(policy::BlockedBy::token, request.token_serial);
    if (request.certificate) naming.whole(*request.certificate);
    naming.certificate(request.certificate_sha256);
    if (auto* log = m_rooms.casebook.log(); log != nullptr && !request.token_serial.empty() && log->fold())
        if (const auto seen = audit::certificates_on(log->database().raw(), request.token_serial))
            for (const auto& fingerprint : *seen) naming.certificate(fingerprint);
    // Only where nothing else names the key: the owner's next certificate carries the same NIP.
    if (request.token_serial.empty() && report.certificates.empty()) naming.block(policy::BlockedBy::holder, request.holder.nip);
    return naming.blocks();
}

Outcome<std::string> ReportDesk::open(const json::value& body) {
    const auto now = m_rooms.clock.now();
    auto request = read_report_request(body, now);
    if (!request) return request.error();
    auto category = policy::judge_category(m_rooms.regulation, request->category, request->significant, !request->description.empty());
    if (!category) return category.error();
    ReportCase report;
    report.profile = m_rooms.regulation.id;
    report.city = m_rooms.regulation.city;
    report.environment = m_rooms.environment;
    report.category = category->value;
    report.citation = category->citation;
    report.incident = category->incident;
    report.helpdesk = category->helpdesk;
    report.blocks = category->blocks;
    report.lost_key = category->lost_key;
    report.significant = request->significant;
    report.description = request->description;
    report.opened = now;
    report.known = request->known.value_or(now);
    report.last_safe = request->last_safe;
    report.holder = request->holder;
    report.superior = request->superior;
    report.head_of_unit = request->head_of_unit;
    report.token_serial = request->token_serial;
    auto blocks = blocks_for(report, *request, *category);
    auto added = m_rooms.casebook.add(std::move(report), std::move(blocks));
    if (!added) return added.error();
    return added->id;
}

Outcome<json::object> ReportDesk::complete(const std::string& id, const std::vector<TokenInfo>& present) {
    auto report = m_rooms.casebook.find(id);
    if (!report) return report.error();
    auto categories = policy::report_categories(m_rooms.regulation);
    const auto category = std::ranges::find(categories, report->category, &policy::ReportCategory::value);
    Naming naming(*report, report->blocks, category != categories.end() && category->decryption_stays);
    const auto known = report->certificates;
    for (const auto& token : present)
        for (const auto& c : token.certificates) {
            const bool named = std::ranges::find(known, c->id.sha256.hex()) != known.end();
            if (!c->is_ca && (named || (!report->token_serial.empty() && token.id.serial == report->token_serial))) naming.whole(*c);
        }
    if (!naming.blocks().empty() || report->certificates != known)
        if (auto ok = m_rooms.casebook.widen(*report, naming.blocks()); !ok) return ok.error();
    // The block is on the disk. What follows may fail and be done later.
    if (policy::judge_sending(m_rooms.regulation, category_of(*report), report->number, false)) {
        if (auto queued = queue(*report); queued)
            report->state = CaseState::queued;
        else
            spdlog::error("{} is not queued yet: {}", report->number, queued.error().log_line());
    }
    return full_json(*report);
}

policy::ReportCategory ReportDesk::category_of(const ReportCase& report) const {
    policy::ReportCategory category;
    category.value = report.category;
    category.citation = report.citation;
    category.lost_key = report.lost_key;
    return category;
}

std::optional<std::vector<audit::SignedThing>> ReportDesk::signed_since(const ReportCase& report) const {
    auto* log = m_rooms.casebook.log();
    if (log == nullptr) return std::nullopt;
    if (!log->fold()) return std::nullopt;
    // What was signed before a loss stood in the log that is lost.
    const auto loss = audit::loss_before(log->database().raw());
    if (!loss || (*loss && (!(*loss)->decided || (*loss)->noticed > report.doubtful_since()))) return std::nullopt;
    audit::WhichKeys keys;
    keys.certificates = report.certificates;
    if (!report.token_serial.empty()) keys.serials.push_back(report.token_serial);
    auto things = audit::signed_since(log->database().raw(), report.doubtful_since(), keys);
    if (!things) return std::nullopt;
    return std::move(*things);
}

Outcome<void> ReportDesk::queue(const ReportCase& report) {
    auto attachments = m_rooms.casebook.attachments(report);
    if (!attachments) return attachments.error();
    auto sent = report;
    sent.state = CaseState::queued;
    auto body = report_body(sent, signed_since(report), *attachments, m_rooms.device_key);
    if (!body) return body.error();
    Parcel parcel;
    parcel.key = report.id;
    parcel.body = std::move(*body);
    parcel.due = m_rooms.clock.now();
    auto written = m_rooms.casebook.database().transaction(store::Durability::machine, [&] {
        m_rooms.outbox.put(parcel);
        m_rooms.casebook.write_state(report.id, CaseState::queued);
        return done();
    });
    if (!written) return Error{Errc::report_not_stored, written.error().detail}.with("reason", written.error().detail);
    m_wake();
    return done();
}

Outcome<void> ReportDesk::resume() {
    const auto cases = m_rooms.casebook.cases();
    if (!cases) return cases.error();
    for (const auto& report : *cases)
        if (report.state == CaseState::waiting && policy::judge_sending(m_rooms.regulation, category_of(report), report.number, false))
            if (auto queued = queue(report); !queued) return queued;
    return done();
}

json::object ReportDesk::short_json(const ReportCase& report) {
    auto o = to_json(report);
    const auto hours = report.hours_elapsed(m_rooms.clock.now());
    o["elapsedHours"] = hours;
    o["target"] = json::object{{"hours", policy::target_hours}, {"label", "target kebijakan agen"}, {"missed", hours >= policy::target_hours}};
    json::value delivery = nullptr;
    if (const auto state = m_rooms.outbox.state_of(report.id); state && *state) {
        const auto& parcel = **state;
        json::object d{{"tries", parcel.tries}, {"nextTry", nullptr}, {"lastFault", nullptr}, {"receipt", nullptr}};
        if (parcel.receipt)
            d["receipt"] = *parcel.receipt;
        else
            d["nextTry"] = rfc3339(parcel.due);
        if (!parcel.last_fault.empty()) d["lastFault"] = parcel.last_fault;
        if (parcel.receipt && report.state == CaseState::queued) o["state"] = name_of(CaseState::delivered);
        delivery = std::move(d);
    }
    o["delivery"] = std::move(delivery);
    o["activeBlocks"] = blocks_json(m_rooms.casebook.blocks().all(), report.number);
    return o;
}

json::object ReportDesk::full_json(const ReportCase& report) {
    auto o = short_json(report);
    o["signedSince"] = nullptr; // the log cannot be read
    if (const auto things = signed_since(report)) {
        json::array list;
        for (const auto& thing : *things) list.push_back(to_json(thing));
        o["signedSince"] = std::move(list);
        o["applications"] = applications_of(*things);
    }
    json::array files;
    bool authority = false;
    if (const auto attachments = m_rooms.casebook.attachments(report))
        for (const auto& attachment : *attachments) {
            authority = authority || attachment.kind == authority_report;
            files.push_back(json::object{{"kind", attachment.kind},
                                         {"name", attachment.name},
                                         {"sha256", sha256(attachment.content).hex()},
                                         {"size", attachment.content.size()}});
        }
    o["attachments"] = std::move(files);
    o["missing"] = json::array();
    if (!policy::judge_sending(m_rooms.regulation, category_of(report), report.number, authority))
        o["missing"] = json::array{json::value(authority_report)};
    return {{"report", std::move(o)}};
}

Outcome<json::object> ReportDesk::list() {
    const auto cases = m_rooms.casebook.cases();
    if (!cases) return cases.error();
    json::array all;
    for (const auto& report : *cases) all.push_back(short_json(report));
    return json::object{{"reports", std::move(all)}, {"damage", blocks_json(m_rooms.casebook.blocks().all(), "")}};
}

Outcome<json::object> ReportDesk::show(const std::string& name) {
    const auto report = m_rooms.casebook.find(name);
    if (!report) return report.error();
    return full_json(*report);
}

Outcome<json::object> ReportDesk::attach(const std::string& name, const std::string& kind, const std::string& file_name, Bytes content) {
    const auto report = m_rooms.casebook.find(name);
    if (!report) return report.error();
    if (kind != authority_report && kind != "surat_keterangan" && kind != "lampiran")
        return Error{Errc::request_malformed}.with("field", "kind").with("fault", "must be laporan_pihak_berwenang, surat_keterangan or lampiran");
    if (report->state != CaseState::waiting) return Error{Errc::request_malformed}.with("field", "report").with("fault", "is on its way already");
    if (auto ok = m_rooms.casebook.attach(*report, {kind, file_name, std::move(content)}); !ok) return ok.error();
    return full_json(*report);
}

Outcome<json::object> ReportDesk::send(const std::string& name) {
    auto report = m_rooms.casebook.find(name);
    if (!report) return report.error();
    if (report->state == CaseState::waiting) {
        const auto attachments = m_rooms.casebook.attachments(*report);
        if (!attachments) return attachments.error();
        const bool authority = std::ranges::any_of(*attachments, [](const auto& a) { return a.kind == authority_report; });
        if (auto ok = policy::judge_sending(m_rooms.regulation, category_of(*report), report->number, authority); !ok) return ok.error();
        if (auto queued = queue(*report); !queued) return queued.error();
        report->state = CaseState::queued;
    }
    if (auto ok = m_rooms.outbox.hurry(report->id, m_rooms.clock.now()); !ok) return ok.error();
    m_wake();
    return full_json(*report);
}

Outcome<json::object> ReportDesk::decide(ByteView cms) {
    auto word = read_ra_decision(cms, m_rooms.ra_certificates, m_rooms.environment);
    if (!word) return word.error();
    if (const auto* loss = std::get_if<audit::LossDecision>(&*word)) return decide_loss(*loss);
    const auto* verdict = std::get_if<RaVerdict>(&*word);
    if (auto ok = m_rooms.casebook.decide(*verdict); !ok) return ok.error();
    if (!m_rooms.casebook.find_by_id(verdict->case_id)) return list(); // its case went with a damaged file
    return show(verdict->case_id);
}

Outcome<json::object> ReportDesk::decide_loss(const audit::LossDecision& decision) {
    const std::string unreadable = "catatan di komputer ini tidak dapat dibuka";
    if (m_rooms.custody == nullptr) return Error{Errc::ra_decision_refused, unreadable}.with("reason", unreadable);
    if (auto ok = m_rooms.custody->decide(decision); !ok) return ok.error();
    return json::object{{"log", {{"loss", decision.loss}, {"decided", true}}}};
}

Outcome<void> ReportDesk::takes_deposits() const {
    if (m_rooms.archive) return done();
    return file_fault("delivery.yaml", "tidak menyebut `archive`", "names no `archive`");
}

Outcome<json::object> ReportDesk::deposit(const std::string& file_name, Bytes content) {
    if (auto ok = takes_deposits(); !ok) return ok.error();
    if (content.empty() || content.size() > max_deposit)
        return Error{Errc::request_malformed}.with("field", "file").with("fault", "is empty or larger than 64 MiB");
    Parcel parcel;
    parcel.key = sha256(content).hex();
    parcel.destination = Destination::archive;
    parcel.name = file_name;
    parcel.body = std::move(content);
    parcel.due = m_rooms.clock.now();
    const auto known = m_rooms.outbox.state_of(parcel.key);
    if (!known) return known.error();
    const auto waiting = m_rooms.outbox.waiting_bytes(Destination::archive);
    if (!waiting) return waiting.error();
    if (!*known && *waiting + parcel.body.size() > m_rooms.most_waiting)
        return Error{Errc::too_many, "the store has not taken them yet"}.with("what", "bytes for the data centre");
    if (auto ok = m_rooms.outbox.put_durably(parcel); !ok) return Error{Errc::report_not_stored, ok.error().detail}.with("reason", ok.error().detail);
    if (auto ok = m_rooms.outbox.hurry(parcel.key, m_rooms.clock.now()); !ok) return ok.error();
    m_wake();
    const auto state = m_rooms.outbox.state_of(parcel.key);
    const bool here_already = state && *state && (*state)->receipt.has_value();
    return json::object{{"deposit", {{"sha256", parcel.key}, {"name", parcel.name}, {"delivered", here_already}}}};
}

} // namespace jk::reports
