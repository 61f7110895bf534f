#include "agent/doors/shape/sign_request_json.hpp"

#include "ipc/json_fields.hpp"
#include "jurukunci/displayed_text.hpp"

#include <algorithm>

namespace jk::doors {
namespace {

using ipc::JsonFields;

bool is_request_id(std::string_view id) {
    return id.size() >= 8 && id.size() <= 64 && std::ranges::all_of(id, [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_'; });
}

std::optional<Format> format_named(std::string_view name) {
    for (auto format : {Format::pades, Format::cades, Format::raw})
        if (name_of(format) == name) return format;
    return std::nullopt;
}

Outcome<Appearance> read_appearance(const json::value& value, const std::string& where) {
    JsonFields fields(value, where);
    Appearance a;
    a.field = fields.optional_text("field", 500).value_or("");
    a.page = static_cast<int>(fields.optional_integer("page", -1, 1'000'000).value_or(1));
    a.x = fields.optional_number("x").value_or(0);
    a.y = fields.optional_number("y").value_or(0);
    a.width = fields.optional_number("width").value_or(0);
    a.height = fields.optional_number("height").value_or(0);
    a.link = fields.optional_text("link", 500).value_or("");
    if (a.page == 0) fields.refuse("page", "counts from 1; -1 is the last");
    const bool placed = fields.has("page") || fields.has("x") || fields.has("y") || fields.has("width") || fields.has("height");
    if (!a.field.empty() && placed) fields.refuse("field", "has its own place: leave page, x, y, width and height out");
    if (a.field.empty() && (a.width <= 0 || a.height <= 0)) fields.refuse("width", "and height must be given, or field");
    if (auto ok = fields.end(); !ok) return ok.error();
    return a;
}

Outcome<Mechanism> read_algorithm(const json::value& value) {
    JsonFields fields(value, "signatureAlgorithm");
    const auto mechanism = mechanism_named(fields.text("cryptoAlgorithm", 16), fields.text("hashFunction", 16), fields.text("paddingScheme", 16));
    if (!mechanism) fields.refuse("", "is none of supportedSignatureAlgorithms");
    if (auto ok = fields.end(); !ok) return ok.error();
    return *mechanism;
}

struct ReadItem {
    SignItem item;
    std::optional<Bytes> content;
};

Outcome<ReadItem> read_item(const json::value& value, std::size_t index, Format format) {
    JsonFields fields(value, "items[" + std::to_string(index) + "]");
    ReadItem read;
    read.item.name = fields.text("name", 300);
    const auto document = fields.optional_text("documentId", 64);
    read.content = fields.optional_base64("content", max_inline_content);
    const auto hash = fields.optional_base64("hash", 64);
    const auto function = fields.optional_text("hashFunction", 16);
    if (read.item.name.empty()) fields.refuse("name", "is empty");
    if (int(document.has_value()) + int(read.content.has_value()) + int(hash.has_value()) != 1)
        fields.refuse("", "needs exactly one of documentId, content, hash");
    if (document && document->empty()) fields.refuse("documentId", "is empty");
    if (document) read.item.content = DocumentId{*document};
    if (read.content && read.content->empty()) fields.refuse("content", "is empty");
    if (hash) {
        const auto named = hash_named(function.value_or("SHA-256"));
        const auto digest = named ? Digest::from(*named, *hash) : std::nullopt;
        if (!digest) fields.refuse("hash", "does not have the length of hashFunction");
        read.item.content = digest.value_or(Digest{});
    }
    if (hash && format != Format::raw) fields.refuse("hash", "is for RAW only");
    if (function && !hash) fields.refuse("hashFunction", "belongs to hash");
    if (const auto* appearance = fields.optional_object("appearance")) {
        auto a = read_appearance(*appearance, "items[" + std::to_string(index) + "].appearance");
        if (!a) return a.error();
        read.item.appearance = *a;
    }
    if (auto ok = fields.end(); !ok) return ok.error();
    return read;
}

} // namespace

Outcome<ReadSignRequest> read_sign_request(const json::value& body, CallerIdentity caller, const x509::PublicKey* order_key) {
    JsonFields fields(body, "");
    ReadSignRequest read;
    auto& request = read.request;
    request.caller = std::move(caller);
    request.request_id = fields.text("requestId", 64);
    const auto format = format_named(fields.text("format", 16));
    request.format = format.value_or(Format::pades);
    request.level = fields.optional_text("level", 32).value_or("");
    request.purpose = fields.text("purpose", 64);
    request.task_kind = fields.optional_text("taskKind", 64).value_or("");
    if (const auto der = fields.optional_base64("certificate", 64u << 10)) {
        if (der->empty()) fields.refuse("certificate", "is empty");
        request.certificate = CertificateId{sha256(*der)};
    }
    const auto failure = fields.optional_text("onItemFailure", 16).value_or("continue");
    request.on_item_failure = failure == "stop" ? OnItemFailure::stop : OnItemFailure::carry_on;
    const auto* algorithm = fields.optional_object("signatureAlgorithm");
    const auto order = fields.optional_text("order", max_order);
    const auto* items = fields.array("items", max_items);
    if (!is_request_id(request.request_id)) fields.refuse("requestId", "must be 8 to 64 of A-Z a-z 0-9 - _");
    if (!format) fields.refuse("format", "must be PAdES, CAdES or RAW");
    if (failure != "stop" && failure != "continue") fields.refuse("onItemFailure", "must be continue or stop");
    if (auto ok = fields.end(); !ok) return ok.error();
    if (algorithm != nullptr) {
        auto mechanism = read_algorithm(*algorithm);
        if (!mechanism) return mechanism.error();
        request.mechanism = *mechanism;
    }
    if (order) {
        auto ordered = read_order(*order, order_key);
        if (!ordered) return ordered.error();
        request.order = std::move(*ordered);
    }
    for (std::size_t i = 0; i < items->size(); ++i) {
        auto item = read_item((*items)[i], i, request.format);
        if (!item) return item.error();
        if (item->content) read.inline_content.emplace(i, std::move(*item->content));
        request.items.push_back(std::move(item->item));
    }
    return read;
}

} // namespace jk::doors
