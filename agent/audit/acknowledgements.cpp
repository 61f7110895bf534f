#include "agent/audit/acknowledgements.hpp"

#include "agent/audit/checkpointed_rows.hpp"
#include "agent/audit/nik.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace jk::audit {
namespace {

namespace json = boost::json;

constexpr const char* kind = "acknowledged";

json::object body_of(const Acknowledging& what) {
    json::array parts;
    for (const auto& part : what.notice.parts) {
        json::object text;
        text["id"] = part.indonesian;
        text["en"] = part.english;
        json::object o;
        o["part"] = part.name;
        o["sha256"] = part.sha256;
        o["text"] = std::move(text);
        parts.push_back(std::move(o));
    }
    return {{"certificateSha256", what.certificate->id.sha256.hex()},
            {"subject", without_nik(what.certificate->subject)},
            {"token", {{"module", what.token.module}, {"serial", what.token.serial}, {"label", what.token_label}}},
            {"application", what.caller.application},
            {"origin", what.caller.origin},
            {"profile", what.notice.profile},
            {"version", what.notice.version},
            {"environment", what.environment},
            {"parts", std::move(parts)},
            {"answer", "yes"},
            {"prompter", what.prompter}};
}

void add(std::vector<Acknowledged>& all, const json::object& body, std::int64_t row, WallTime at) {
    const auto* parts = body.if_contains("parts");
    const auto* version = body.if_contains("version");
    if (parts == nullptr || !parts->is_array()) return;
    for (const auto& value : parts->get_array()) {
        const auto* part = value.if_object();
        if (part == nullptr) continue;
        const int number = version != nullptr && version->is_int64() ? static_cast<int>(version->get_int64()) : 0;
        all.push_back({text_in(body, "certificateSha256"), text_in(body, "subject"), text_in(*part, "part"), text_in(*part, "sha256"),
                       text_in(body, "profile"), number, at, row});
    }
}

} // namespace

Outcome<Acknowledgements> Acknowledgements::open(Log& log, const store::DeviceKey& key, const Clock& clock) {
    Acknowledgements record(log, clock);
    std::size_t left_out = 0;
    auto rows = checkpointed_rows(log, key, kind, left_out);
    if (!rows) return rows.error();
    for (const auto& row : *rows) add(record.m_all, row.body, row.row, row.at);
    return record;
}

Outcome<void> Acknowledgements::record(const Acknowledging& what) {
    const auto body = body_of(what);
    AuditRow row;
    auto committed = m_log->commit(store::Durability::machine, [&] {
        row = m_log->append(kind, what.operation, json::serialize(body)); // the last one: the commit's checkpoint is this row's
        return done();
    });
    if (committed) add(m_all, body, row.number, m_clock->now());
    return committed;
}

const Acknowledged* Acknowledgements::find(const CertificateId& certificate, std::string_view text_sha256) const {
    if (text_sha256.empty()) return nullptr;
    const auto hex = certificate.sha256.hex();
    const auto place = std::ranges::find_if(m_all, [&](const auto& a) { return a.certificate == hex && a.text_sha256 == text_sha256; });
    return place == m_all.end() ? nullptr : &*place;
}

} // namespace jk::audit
