#include "agent/doors/shape/operation_json.hpp"

#include "jurukunci/encoding.hpp"

namespace jk::doors {
namespace {

json::value text_or_null(const std::string& text) { return text.empty() ? json::value(nullptr) : json::value(text); }

json::object item_json(const gate::OperationItem& item, Language language) {
    json::object o{{"name", item.name}, {"state", gate::name_of(item.state)}};
    if (item.result && item.result->document) {
        o["documentId"] = item.result->document->id.value;
        o["sha256"] = item.result->document->sha256.hex();
    }
    if (item.result && !item.result->signature.empty()) o["signature"] = to_base64(item.result->signature);
    if (item.error) o["error"] = error_json(*item.error, language);
    return o;
}

} // namespace

json::object document_json(const DocumentFacts& facts) {
    json::object o{{"id", facts.id.value}, {"sha256", facts.sha256.hex()},      {"size", facts.size}, {"mimeType", facts.mime_type},
                   {"pages", nullptr},     {"title", text_or_null(facts.title)}};
    if (facts.pages) o["pages"] = *facts.pages;
    return o;
}

json::object operation_json(const gate::Operation& operation, Language language) {
    const auto& request = operation.request;
    json::array items;
    for (const auto& item : operation.items) items.push_back(item_json(item, language));
    json::object o{{"id", operation.id},
                   {"requestId", request.request_id},
                   {"revision", operation.revision()},
                   {"state", gate::name_of(operation.state)},
                   {"done", operation.signed_count()},
                   {"total", operation.items.size()},
                   {"format", name_of(request.format)},
                   {"level", text_or_null(request.level)},
                   {"createdAt", rfc3339(operation.created)},
                   {"keptUntil", nullptr},
                   {"certificate", nullptr},
                   {"items", std::move(items)},
                   {"error", nullptr},
                   {"auditHead", nullptr},
                   {"marking", text_or_null(operation.marking)}};
    if (operation.kept_until_wall) o["keptUntil"] = rfc3339(*operation.kept_until_wall);
    if (operation.certificate) o["certificate"] = to_base64(operation.certificate->der);
    if (operation.error) o["error"] = error_json(*operation.error, language);
    if (operation.audit_head) o["auditHead"] = json::object{{"row", operation.audit_head->row}, {"sha256", operation.audit_head->hash.hex()}};
    return o;
}

} // namespace jk::doors
