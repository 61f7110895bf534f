#include "agent/doors/shape/order_json.hpp"

#include "ipc/json_fields.hpp"
#include "ipc/strict_json.hpp"
#include "jurukunci/encoding.hpp"

#include <algorithm>
#include <array>

namespace jk::doors {
namespace {

using ipc::JsonFields;

constexpr std::string_view order_type = "jurukunci-order+jws";
constexpr std::size_t max_header = 1024, max_documents = 10'000;
constexpr std::int64_t last_second = 253'402'300'799; ///< of the year 9999

Error refused(std::string_view member, std::string fault) {
    return Error{Errc::order_refused}.with("member", std::string(member)).with("fault", std::move(fault));
}

/// The three parts of a compact serialization; nothing if there are more or fewer.
std::optional<std::array<std::string_view, 3>> parts_of(std::string_view jws) {
    const auto first = jws.find('.'), second = first == std::string_view::npos ? first : jws.find('.', first + 1);
    if (second == std::string_view::npos || jws.find('.', second + 1) != std::string_view::npos) return std::nullopt;
    return std::array{jws.substr(0, first), jws.substr(first + 1, second - first - 1), jws.substr(second + 1)};
}

Outcome<ipc::json::value> parse(std::string_view base64url, std::string_view member) {
    const auto bytes = from_base64url(base64url);
    if (!bytes) return refused(member, "is no base64url");
    auto value = ipc::parse_json(text_of(*bytes));
    if (!value) return refused(member, "is no JSON as this protocol wants it");
    return value;
}

bool is_nonce(std::string_view text) {
    return text.size() >= 16 && text.size() <= 64 && std::ranges::all_of(text, [](unsigned char c) {
               return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
           });
}

bool is_hex(std::string_view text) {
    return std::ranges::all_of(text, [](unsigned char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

std::vector<std::string> read_documents(const ipc::json::array* list, JsonFields& fields) {
    std::vector<std::string> documents;
    for (const auto& entry : list != nullptr ? *list : ipc::json::array{}) {
        const std::string_view hex = entry.is_string() ? std::string_view(entry.get_string()) : std::string_view();
        if ((hex.size() != 64 && hex.size() != 96 && hex.size() != 128) || !is_hex(hex))
            fields.refuse(refused("documents[" + std::to_string(documents.size()) + "]", "is no hash in lower-case hexadecimal"));
        documents.emplace_back(hex);
    }
    return documents;
}

/// A fault of shape inside an order is the order's fault; a PIN or a delegation stays what it is anywhere.
Outcome<void> end_of(const JsonFields& fields) {
    auto ok = fields.end();
    if (ok || (ok.error().code != Errc::request_malformed && ok.error().code != Errc::field_unknown)) return ok;
    std::string member = "payload", fault = "is unknown";
    for (const auto& [word, value] : ok.error().words) {
        if (word == "field") member = value;
        if (word == "fault") fault = value;
    }
    return refused(member, fault);
}

WallTime at_second(std::optional<std::int64_t> seconds) { return WallTime(std::chrono::seconds(seconds.value_or(0))); }

Outcome<void> check_header(const ipc::json::value& header, const x509::PublicKey& key) {
    JsonFields fields(header, "order.header");
    const auto algorithm = fields.text("alg", 16);
    const auto type = fields.text("typ", 32);
    // The key decides, not the header: "none", or a public key taken for a secret, is no choice that a sender has.
    if (algorithm != key.algorithm()) fields.refuse(refused("alg", "must be " + std::string(key.algorithm()) + ", as the registered key is"));
    if (type != order_type) fields.refuse(refused("typ", "must be " + std::string(order_type)));
    return end_of(fields);
}

} // namespace

Outcome<Order> read_order(std::string_view jws, const x509::PublicKey* key) {
    if (key == nullptr) return refused("order", "cannot be checked: the registry has no order_key for this origin");
    const auto parts = parts_of(jws);
    if (!parts || (*parts)[0].size() > max_header) return refused("order", "is no compact JWS");
    const auto header = parse((*parts)[0], "header");
    if (!header) return header.error();
    if (auto ok = check_header(*header, *key); !ok) return ok.error();
    const auto signature = from_base64url((*parts)[2]);
    const auto signed_part = jws.substr(0, (*parts)[0].size() + 1 + (*parts)[1].size());
    if (!signature || !key->verifies(bytes_of(signed_part), *signature)) return refused("signature", "is not the registered key's");

    const auto payload = parse((*parts)[1], "payload");
    if (!payload) return payload.error();
    JsonFields fields(*payload, "order");
    Order order;
    order.issuer = fields.text("iss", 300);
    const auto audience = fields.text("aud", 32);
    order.user = fields.text("sub", 200);
    order.issued = at_second(fields.optional_integer("iat", 1, last_second));
    order.expires = at_second(fields.optional_integer("exp", 1, last_second));
    order.nonce = fields.text("jti", 64);
    order.purpose = fields.text("purpose", 64);
    order.task_kind = fields.text("taskKind", 64);
    order.documents = read_documents(fields.array("documents", max_documents), fields);
    const auto certificate = fields.optional_text("certificate", 64);
    if (audience != "jurukunci") fields.refuse(refused("aud", "must be jurukunci"));
    if (!fields.has("iat")) fields.refuse(refused("iat", "is missing"));
    if (!fields.has("exp")) fields.refuse(refused("exp", "is missing"));
    if (!is_nonce(order.nonce)) fields.refuse(refused("jti", "must be 16 to 64 of A-Z a-z 0-9 - _"));
    if (certificate) {
        const auto bytes = is_hex(*certificate) ? from_hex(*certificate) : std::nullopt;
        const auto digest = bytes ? Digest::from(HashFunction::sha256, *bytes) : std::nullopt;
        if (!digest) fields.refuse(refused("certificate", "is no SHA-256 in lower-case hexadecimal"));
        order.certificate = CertificateId{digest.value_or(Digest{})};
    }
    if (auto ok = end_of(fields); !ok) return ok.error();
    return order;
}

} // namespace jk::doors
