// jurukunci policy bundle: the content that the RA signs, made of a folder, and a signed bundle read as the agent would. Signing itself is openssl's,
// with the officer's token (docs/protocol/bundle.md): this command never sees a private key.
#include "cli/commands/commands.hpp"

#include "agent/config/configuration.hpp"
#include "ipc/strict_json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>

namespace jk::cli {
namespace {

namespace fs = std::filesystem;

Error malformed(const std::string& field, const std::string& fault) {
    return Error{Errc::request_malformed, field + " " + fault}.with("field", field).with("fault", fault);
}

Outcome<std::string> content_of(const fs::path& path) {
    std::error_code ec;
    if (fs::file_size(path, ec) > config::max_bundle || ec) return malformed(path.string(), "cannot be read, or is too large");
    std::ifstream in(path, std::ios::binary);
    if (!in) return malformed(path.string(), "cannot be read");
    return std::string(std::istreambuf_iterator<char>(in), {});
}

/// Everything below the folder but the pins and older bundles: those never travel in a bundle.
Outcome<json::object> files_below(const fs::path& folder) {
    json::object files;
    std::error_code ec;
    for (const auto& entry : fs::recursive_directory_iterator(folder, ec)) {
        const auto name = fs::relative(entry.path(), folder, ec).string();
        if (!entry.is_regular_file() || name.starts_with("ra/") || name.starts_with("bundle")) continue;
        auto text = content_of(entry.path());
        if (!text) return text.error();
        files[name] = *text;
    }
    if (ec) return malformed(folder.string(), ec.message());
    return files;
}

Outcome<json::value> list_of(const std::string& file) {
    if (file.empty()) return json::value(json::array());
    const auto text = content_of(file);
    if (!text) return text.error();
    return ipc::parse_json(*text);
}

Outcome<std::string> content_from(const BundleOptions& options) {
    auto files = files_below(options.folder);
    if (!files) return files.error();
    auto holders = list_of(options.holders), blocked = list_of(options.blocked);
    if (!holders) return holders.error();
    if (!blocked) return blocked.error();
    const auto content = json::serialize(json::object{{"format", "jurukunci-bundle-1"},
                                                      {"version", options.version},
                                                      {"issuedAt", rfc3339(SystemClock().now())},
                                                      {"expiresAt", options.expires + "T23:59:59Z"},
                                                      {"files", std::move(*files)},
                                                      {"holders", std::move(*holders)},
                                                      {"blocked", std::move(*blocked)}});
    // What the agent would refuse is not offered for signature.
    const auto bundle = config::read_bundle_content(content);
    if (!bundle) return bundle.error();
    return config::write_bundle_content(*bundle);
}

} // namespace

int policy_bundle_make(const Console& console, const BundleOptions& options) {
    const auto content = content_from(options);
    if (!content) return console.fail(content.error());
    std::ofstream out(options.output, std::ios::binary | std::ios::trunc);
    out << *content;
    out.close();
    if (!out) return console.fail(malformed(options.output, "cannot be written"));
    console.result({{"content", options.output}, {"version", options.version}});
    console.line("Isi bundel versi " + std::to_string(options.version) + ": " + options.output + ". Tanda tangani dengan token petugas RA:",
                 "Content of bundle version " + std::to_string(options.version) + ": " + options.output + ". Sign it with the RA officer's token:");
    console.line("  openssl cms -sign -binary -nodetach -nosmimecap -md sha256 -outform DER -signer ra.pem -inkey KUNCI -in " + options.output +
                 " -out bundle.cms");
    return 0;
}

int policy_bundle_show(const Console& console, const std::string& file, const std::string& pinned_file) {
    const auto bytes = content_of(file);
    if (!bytes) return console.fail(bytes.error());
    const auto pinned = config::pinned_by(pinned_file.empty() ? config::system_folder() : fs::path(pinned_file));
    if (!pinned) return console.fail(pinned.error());
    const auto bundle = config::open_bundle(bytes_of(*bytes), *pinned, 1, SystemClock().now());
    if (!bundle) return console.fail(bundle.error());
    json::array files;
    for (const auto& [name, text] : bundle->files) files.push_back(json::object{{"name", name}, {"bytes", text.size()}});
    console.result({{"version", bundle->version},
                    {"issuedAt", rfc3339(bundle->issued)},
                    {"expiresAt", rfc3339(bundle->expires)},
                    {"files", std::move(files)},
                    {"holders", bundle->holders.size()},
                    {"blocked", bundle->blocks.size()}});
    console.line("✓ versi " + std::to_string(bundle->version) + ", terbit " + rfc3339(bundle->issued) + ", sampai " + rfc3339(bundle->expires),
                 "✓ version " + std::to_string(bundle->version) + ", issued " + rfc3339(bundle->issued) + ", until " + rfc3339(bundle->expires));
    for (const auto& [name, text] : bundle->files) console.line("  " + name + " (" + std::to_string(text.size()) + ")");
    console.line(std::to_string(bundle->holders.size()) + " pemilik, " + std::to_string(bundle->blocks.size()) + " blokir",
                 std::to_string(bundle->holders.size()) + " holders, " + std::to_string(bundle->blocks.size()) + " blocks");
    return 0;
}

} // namespace jk::cli
