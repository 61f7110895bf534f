#include "agent/audit/journal.hpp"

#include "agent/audit/nik.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <fstream>

namespace jk::audit {
namespace {

namespace json = boost::json;

json::object of(const Occasion& occasion) {
    json::object o;
    o["requestId"] = occasion.request_id;
    if (!occasion.fingerprint.empty()) o["requestSha256"] = occasion.fingerprint;
    o["door"] = occasion.caller.door == Door::http ? "http" : occasion.caller.door == Door::control ? "control" : "pkcs11";
    o["application"] = occasion.caller.application;
    o["origin"] = occasion.caller.origin;
    o["format"] = occasion.format;
    o["level"] = occasion.level;
    o["purpose"] = occasion.purpose;
    o["taskKind"] = occasion.task_kind;
    if (!occasion.order.empty()) o["order"] = occasion.order;
    o["profile"] = occasion.profile;
    o["environment"] = occasion.environment;
    if (occasion.certificate) {
        o["certificateSha256"] = occasion.certificate->id.sha256.hex();
        o["subject"] = without_nik(occasion.certificate->subject);
        o["token"] = {{"module", occasion.token.module}, {"serial", occasion.token.serial}, {"label", occasion.token_label}};
    }
    if (occasion.use) {
        json::array keys;
        for (const auto& key : occasion.use->keys) keys.emplace_back(key.sha256.hex());
        o["use"] = {{"operations", occasion.use->operations}, {"seconds", occasion.use->lasting.count()}, {"keys", std::move(keys)}};
    }
    return o;
}

json::object of(const ConsentItem& item) {
    json::object o{{"name", without_nik(item.name)}, {"digest", item.digest}, {"hashFunction", item.hash_function}, {"size", item.size}};
    if (item.pages) o["pages"] = *item.pages;
    if (!item.content_visible) o["contentVisible"] = false;
    return o;
}

json::object of(const Error& error) {
    json::object o{{"code", error.entry().code}, {"message", error.sentence(Language::english)}};
    if (!error.citation.empty()) o["citation"] = error.citation;
    return o;
}

template <class Numbers> json::array indexes(const Numbers& numbers) {
    json::array all;
    for (const auto n : numbers) all.emplace_back(n);
    return all;
}

} // namespace

std::string boot_id() {
    std::ifstream file("/proc/sys/kernel/random/boot_id");
    std::string id;
    file >> id;
    return id;
}

void Journal::agent_started(std::string_view version, std::string_view profile, std::string_view environment) {
    m_log.append("agent", "",
                 json::serialize(json::object{{"version", version}, {"profile", profile}, {"environment", environment}, {"boot", m_boot_id}}));
}

void Journal::bundle_refused(const Error& error, std::uint32_t in_use) {
    m_log.append("bundle", "",
                 json::serialize(json::object{{"state", "refused"}, {"code", error.entry().code}, {"reason", error.detail}, {"inUse", in_use}}));
}

AuditRow Journal::consent(const Occasion& occasion, std::span<const SealedEvidence> sealed, const ConsentAnswer& answer) {
    auto body = of(occasion);
    json::array items;
    for (const auto& evidence : sealed) {
        auto item = of(evidence.shown);
        item["sealed"] = evidence.to_sign.hex();
        items.push_back(std::move(item));
    }
    body["items"] = std::move(items);
    body["rejected"] = indexes(answer.rejected);
    body["answer"] = "yes";
    body["prompter"] = answer.prompter;
    body["boot"] = m_boot_id;
    return m_log.append("consent", occasion.operation, json::serialize(body));
}

AuditRow Journal::consent_again(const std::string& operation, std::span<const ItemIndex> rejected) {
    return m_log.append("consent-again", operation, json::serialize(json::object{{"rejected", indexes(rejected)}}));
}

AuditRow Journal::refused(const Occasion& occasion, std::span<const ConsentItem> items, const Error& error) {
    auto body = of(occasion);
    json::array list;
    for (const auto& item : items) list.push_back(of(item));
    body["items"] = std::move(list);
    body["error"] = of(error);
    return m_log.append("refused", occasion.operation, json::serialize(body));
}

void Journal::login_refused(const std::string& operation, const Error& error) {
    m_log.append("login-refused", operation, json::serialize(json::object{{"error", of(error)}}));
}

void Journal::window_opened(const std::string& operation, const KeyCustody& custody) {
    m_log.append("window", operation,
                 json::serialize(json::object{{"sensitive", custody.sensitive},
                                              {"extractable", custody.extractable},
                                              {"alwaysSensitive", custody.always_sensitive},
                                              {"neverExtractable", custody.never_extractable},
                                              {"local", custody.local},
                                              {"alwaysAuthenticate", custody.always_authenticate},
                                              {"keyCompared", custody.known_to_match_certificate}}));
}

void Journal::started(const std::string& operation, std::span<const ItemIndex> items) {
    m_log.append("started", operation, json::serialize(json::object{{"items", indexes(items)}}));
}

void Journal::item_signed(const std::string& operation, ItemIndex item, ByteView signature) {
    m_log.append("signed", operation, R"({"item":)" + std::to_string(item) + R"(,"signatureSha256":")" + sha256(signature).hex() + "\"}");
}

void Journal::item_failed(const std::string& operation, ItemIndex item, const Error& error) {
    m_log.append("item-failed", operation, json::serialize(json::object{{"item", item}, {"error", of(error)}}));
}

void Journal::used(const std::string& operation, std::uint32_t number, const KeyTask& task) {
    // Put together by hand: it is written between two uses of a key.
    m_log.append("use", operation,
                 R"({"number":)" + std::to_string(number) + R"(,"certificateSha256":")" + task.certificate.sha256.hex() + R"(","what":")" +
                     (task.decrypts() ? "decrypt" : "sign") + R"(","mechanism":")" + task.mechanism_name() + R"(","digest":")" + task.shown().hex() +
                     "\"}");
}

void Journal::use_failed(const std::string& operation, std::uint32_t number, const Error& error) {
    m_log.append("use-failed", operation, json::serialize(json::object{{"number", number}, {"error", of(error)}}));
}

void Journal::end(const std::string& operation, std::string_view state, std::size_t signed_items, std::size_t total,
                  const std::optional<Error>& error) {
    json::object body{{"state", state}, {"signed", signed_items}, {"total", total}};
    if (error) body["error"] = of(*error);
    m_log.append("end", operation, json::serialize(body));
}

void Journal::enrolment(const std::string& id, const CallerIdentity& caller, const Outcome<ConsentAnswer>& answer) {
    json::object body{{"application", caller.application}, {"origin", caller.origin}, {"answer", answer ? "yes" : "no"}};
    if (answer)
        body["prompter"] = answer->prompter;
    else
        body["error"] = of(answer.error());
    m_log.append("enrolment", id, json::serialize(body));
}

void Journal::recovered(const std::string& operation, std::span<const ItemIndex> unknown, std::span<const ItemIndex> not_reached) {
    m_log.append("end", operation,
                 json::serialize(json::object{{"state", "interrupted"}, {"unknown", indexes(unknown)}, {"notReached", indexes(not_reached)}}));
}

} // namespace jk::audit
