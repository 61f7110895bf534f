#include "agent/config/bundle.hpp"

#include "ipc/strict_json.hpp"
#include "x509/signed_message.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <initializer_list>

namespace jk::config {
namespace {

namespace json = boost::json;

constexpr std::size_t most_files = 300, most_records = 20'000, longest_file = 1u << 20;
constexpr std::string_view format_name = "jurukunci-bundle-1";

/// Thrown inside this file only; becomes an Error at the border.
struct Fault {
    std::string why;
};

Error changed(const std::string& why) { return Error{Errc::profile_changed, why}.with("file", "bundle.cms").with("reason", why); }

void only(const json::object& o, const std::string& where, std::initializer_list<std::string_view> known) {
    for (const auto& member : o)
        if (std::ranges::find(known, std::string_view(member.key())) == known.end())
            throw Fault{where + " has an unknown member " + std::string(member.key())};
}

const json::value& member(const json::object& o, const char* name) {
    const auto* value = o.if_contains(name);
    if (value == nullptr) throw Fault{std::string(name) + " is missing"};
    return *value;
}

std::string text(const json::object& o, const char* name, std::size_t longest = 300) {
    const auto& value = member(o, name);
    if (!value.is_string() || value.as_string().size() > longest)
        throw Fault{std::string(name) + " is no text of at most " + std::to_string(longest)};
    return std::string(value.as_string());
}

WallTime time(const json::object& o, const char* name) {
    const auto parsed = parse_rfc3339(text(o, name));
    if (!parsed) throw Fault{std::string(name) + " is no RFC 3339 time"};
    return *parsed;
}

const json::array& list(const json::object& o, const char* name) {
    const auto& value = member(o, name);
    if (!value.is_array() || value.as_array().size() > most_records) throw Fault{std::string(name) + " is no list, or too long"};
    return value.as_array();
}

const json::object& entry_of(const json::value& value, const char* where) {
    if (!value.is_object()) throw Fault{std::string(where) + " must hold objects"};
    return value.as_object();
}

bool is_sha256(const std::string& hex) {
    return hex.size() == 64 && std::ranges::all_of(hex, [](unsigned char c) { return std::isdigit(c) != 0 || (c >= 'a' && c <= 'f'); });
}

/// "profile.yaml", "anchors/bsre.pem": short, plain, and never out of the folder.
bool plain_name(std::string_view name) {
    if (name.empty() || name.size() > 120 || name.front() == '/' || name.back() == '/') return false;
    if (name.find("..") != std::string_view::npos || name.find("//") != std::string_view::npos) return false;
    return std::ranges::all_of(name, [](unsigned char c) { return std::isalnum(c) != 0 || c == '.' || c == '-' || c == '_' || c == '/'; });
}

std::map<std::string, std::string> files_of(const json::object& root) {
    const auto& value = member(root, "files");
    if (!value.is_object() || value.as_object().size() > most_files) throw Fault{"files is no object, or too large"};
    std::map<std::string, std::string> files;
    for (const auto& file : value.as_object()) {
        if (!plain_name(file.key())) throw Fault{"files has a name that is not plain"};
        if (!file.value().is_string() || file.value().as_string().size() > longest_file)
            throw Fault{std::string(file.key()) + " is no text, or too long"};
        files.emplace(file.key(), file.value().as_string());
    }
    if (!files.contains("profile.yaml")) throw Fault{"profile.yaml is missing"};
    return files;
}

policy::Block block_of(const json::object& o) {
    only(o, "blocked", {"by", "value", "cause", "case", "since", "decryptionStays"});
    const auto by = policy::blocked_by_named(text(o, "by"));
    const auto cause = policy::block_cause_named(text(o, "cause"));
    // `everything` and `damaged` are findings of one computer, nothing that an RA writes down for all.
    if (!by || *by == policy::BlockedBy::everything) throw Fault{"blocked.by must be certificate, key, token or holder"};
    if (!cause || *cause == policy::BlockCause::damaged) throw Fault{"blocked.cause must be reported or revoked"};
    policy::Block block;
    block.by = *by;
    block.cause = *cause;
    block.value = text(o, "value");
    block.case_number = o.contains("case") ? text(o, "case") : "";
    block.since = time(o, "since");
    if (const auto* stays = o.if_contains("decryptionStays")) {
        if (!stays->is_bool()) throw Fault{"blocked.decryptionStays must be true or false"};
        block.decryption_stays = stays->as_bool();
    }
    const bool hash = block.by == policy::BlockedBy::certificate || block.by == policy::BlockedBy::key;
    if (block.value.empty() || (hash && !is_sha256(block.value))) throw Fault{"blocked.value is no SHA-256, serial or number"};
    return block;
}

Bundle bundle_of(const json::object& root) {
    only(root, "the bundle", {"format", "version", "issuedAt", "expiresAt", "files", "holders", "blocked"});
    if (text(root, "format") != format_name) throw Fault{"format is not " + std::string(format_name)};
    Bundle bundle;
    const auto& version = member(root, "version");
    if (!version.is_int64() || version.as_int64() < 1 || version.as_int64() > 2'000'000'000) throw Fault{"version must be from 1 to 2000000000"};
    bundle.version = static_cast<std::uint32_t>(version.as_int64());
    bundle.issued = time(root, "issuedAt");
    bundle.expires = time(root, "expiresAt");
    if (bundle.expires <= bundle.issued) throw Fault{"expiresAt is not after issuedAt"};
    bundle.files = files_of(root);
    for (const auto& value : list(root, "holders")) {
        const auto& o = entry_of(value, "holders");
        only(o, "holders", {"certificate", "name", "number", "title", "unit"});
        bundle.holders.push_back({text(o, "certificate"), text(o, "name"), text(o, "number"), text(o, "title"), text(o, "unit")});
        if (!is_sha256(bundle.holders.back().certificate)) throw Fault{"holders.certificate is no SHA-256"};
    }
    for (const auto& value : list(root, "blocked")) bundle.blocks.push_back(block_of(entry_of(value, "blocked")));
    return bundle;
}

} // namespace

Outcome<Bundle> read_bundle_content(std::string_view content) {
    if (content.size() > max_bundle) return changed("is larger than 4 MiB");
    auto value = ipc::parse_json(content);
    if (!value) return changed("is no JSON: " + value.error().detail);
    if (!value->is_object()) return changed("is no JSON object");
    try {
        return bundle_of(value->as_object());
    } catch (const Fault& fault) {
        return changed(fault.why);
    }
}

Outcome<Bundle> open_bundle(ByteView signed_message, const std::vector<CertificateRef>& ra, std::uint32_t minimum, WallTime now) {
    if (ra.empty()) return changed("cannot be checked: no RA certificate is pinned in ra/");
    const auto message = x509::read_signed_message(signed_message, ra, max_bundle);
    if (!message) return changed(message.error().detail);
    auto bundle = read_bundle_content({reinterpret_cast<const char*>(message->content.data()), message->content.size()});
    if (!bundle) return bundle;
    const auto& signer = *message->signer;
    if (bundle->issued < signer.not_before || bundle->issued > signer.not_after) return changed("was issued outside the RA certificate's validity");
    if (bundle->issued > now + std::chrono::hours(24)) return changed("was issued in the future of this computer's clock");
    if (now > bundle->expires) return changed("expired on " + rfc3339(bundle->expires));
    if (bundle->version < minimum)
        return changed("has version " + std::to_string(bundle->version) + ", and " + std::to_string(minimum) + " is the least");
    return bundle;
}

std::string write_bundle_content(const Bundle& bundle) {
    json::object files;
    for (const auto& [name, content] : bundle.files) files[name] = content;
    json::array holders, blocked;
    for (const auto& h : bundle.holders)
        holders.push_back(json::object{{"certificate", h.certificate}, {"name", h.name}, {"number", h.number}, {"title", h.title}, {"unit", h.unit}});
    for (const auto& b : bundle.blocks)
        blocked.push_back(json::object{{"by", policy::name_of(b.by)},
                                       {"value", b.value},
                                       {"cause", policy::name_of(b.cause)},
                                       {"case", b.case_number},
                                       {"since", rfc3339(b.since)},
                                       {"decryptionStays", b.decryption_stays}});
    return json::serialize(json::object{{"format", format_name},
                                        {"version", bundle.version},
                                        {"issuedAt", rfc3339(bundle.issued)},
                                        {"expiresAt", rfc3339(bundle.expires)},
                                        {"files", std::move(files)},
                                        {"holders", std::move(holders)},
                                        {"blocked", std::move(blocked)}});
}

} // namespace jk::config
