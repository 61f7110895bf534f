#include "agent/audit/provisioning_rows.hpp"

#include "agent/audit/body_text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace jk::audit {
namespace {

namespace json = boost::json;

json::object of(const TokenId& token, const std::string& label) { return {{"module", token.module}, {"serial", token.serial}, {"label", label}}; }

json::object of(const Error& error) { return {{"code", error.entry().code}, {"message", error.sentence(Language::english)}}; }

TokenId token_in(const json::object& body) {
    const auto* token = body.if_contains("token");
    if (token == nullptr || !token->is_object()) return {};
    return {text(token->get_object(), "module"), text(token->get_object(), "serial")};
}

std::vector<std::string> texts(const json::object& body, std::string_view name) {
    std::vector<std::string> all;
    const auto* list = body.if_contains(name);
    if (list == nullptr || !list->is_array()) return all;
    for (const auto& value : list->get_array())
        if (value.is_string()) all.emplace_back(value.get_string());
    return all;
}

void who_asks(json::object& body, const ProvisioningRequest& request) {
    body["step"] = name_of(request.kind);
    body["door"] = request.caller.door == Door::http ? "http" : "control";
    body["application"] = request.caller.application;
    body["origin"] = request.caller.origin;
    if (!request.registration) return;
    const auto& c = *request.registration;
    body["case"] =
        json::object{{"id", c.id},
                     {"state", c.state},
                     {"holder", c.holder_name},
                     {"unit", c.holder_unit},
                     {"agreement", {{"version", c.agreement_version}, {"sha256", c.agreement_sha256}, {"acceptedAt", c.agreement_accepted_at}}}};
}

} // namespace

Outcome<ProvisioningRows> ProvisioningRows::open(Log& log, std::string boot_id) {
    try {
        log.database().raw().exec(
            "CREATE INDEX IF NOT EXISTS log_provisioning ON log(kind, operation) WHERE kind IN ('provisioning', 'provisioning-end')");
        ProvisioningRows rows(log, std::move(boot_id));
        (void)rows.open_steps(); // rows that cannot be read stop the start, not a later look
        return rows;
    } catch (const std::exception& e) {
        return Error{Errc::audit_unavailable, e.what()}.with("reason", e.what());
    }
}

AuditRow ProvisioningRows::begun(const ProvisioningOccasion& occasion) {
    json::object body;
    const auto& request = *occasion.request;
    const auto& token = *occasion.token;
    who_asks(body, request);
    body["token"] = of(token.id, token.label.empty() ? request.label : token.label);
    body["before"] = name_of(readiness_of(token));
    json::array certificates, keys;
    for (const auto& there : token.certificates)
        if (there.certificate) certificates.emplace_back(there.certificate->id.sha256.hex());
    for (const auto& key : token.keys)
        if (!key.public_key.empty()) keys.emplace_back(sha256(key.public_key).hex());
    body["certificates"] = std::move(certificates);
    body["keys"] = std::move(keys);
    if (request.destruction) {
        const auto& d = *request.destruction;
        body["destruction"] = json::object{
            {"reason", d.reason}, {"minutes", d.minutes}, {"officer", d.officer}, {"witnesses", json::array(d.witnesses.begin(), d.witnesses.end())}};
    }
    body["profile"] = occasion.profile;
    body["environment"] = occasion.environment;
    body["answer"] = "yes";
    body["prompter"] = occasion.prompter;
    body["boot"] = m_boot_id;
    return m_log->append("provisioning", occasion.operation, json::serialize(body));
}

void ProvisioningRows::ended(const std::string& operation, const TokenId& token, std::string_view step, std::string_view state, json::object facts,
                             const std::optional<Error>& error) {
    facts["step"] = step;
    facts["state"] = state;
    facts["token"] = json::object{{"module", token.module}, {"serial", token.serial}};
    if (error) facts["error"] = of(*error);
    m_log->append("provisioning-end", operation, json::serialize(facts));
}

void ProvisioningRows::refused(const std::string& operation, const ProvisioningRequest& request, const Error& error) {
    json::object body;
    who_asks(body, request);
    body["token"] = json::object{{"module", ""}, {"serial", request.serial}};
    body["error"] = of(error);
    m_log->append("provisioning-refused", operation, json::serialize(body));
}

std::vector<OpenProvisioning> ProvisioningRows::open_steps() const {
    std::vector<OpenProvisioning> all;
    SQLite::Statement query(
        m_log->database().raw(),
        "SELECT row, at, operation, body FROM log INDEXED BY log_provisioning WHERE kind IN ('provisioning', 'provisioning-end') AND "
        "kind = 'provisioning' AND operation NOT IN (SELECT operation FROM log INDEXED BY log_provisioning "
        "WHERE kind IN ('provisioning', 'provisioning-end') AND kind = 'provisioning-end') ORDER BY row");
    while (query.executeStep()) {
        const auto body = json::parse(query.getColumn(3).getString()).as_object();
        OpenProvisioning open;
        open.operation = query.getColumn(2).getString();
        open.begun = WallTime(std::chrono::milliseconds(query.getColumn(1).getInt64()));
        open.step = text(body, "step");
        open.token = token_in(body);
        open.label = text(body.at("token").as_object(), "label");
        open.certificates = texts(body, "certificates");
        open.keys = texts(body, "keys");
        all.push_back(std::move(open));
    }
    return all;
}

bool ProvisioningRows::destroyed(const TokenId& token) const {
    SQLite::Statement query(m_log->database().raw(),
                            "SELECT body FROM log INDEXED BY log_provisioning WHERE kind IN ('provisioning', 'provisioning-end') AND "
                            "kind = 'provisioning-end' ORDER BY row DESC");
    while (query.executeStep()) {
        const auto body = json::parse(query.getColumn(0).getString()).as_object();
        if (token_in(body) == token && text(body, "state") == "done") return text(body, "step") == name_of(ProvisioningKind::destroy);
    }
    return false;
}

} // namespace jk::audit
