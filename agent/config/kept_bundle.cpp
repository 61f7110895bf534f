#include "agent/config/kept_bundle.hpp"

#include "agent/config/bundle.hpp"
#include "agent/store/state_folder.hpp"
#include "jurukunci/digest.hpp"
#include "jurukunci/encoding.hpp"

#include <charconv>
#include <cstdlib>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace jk::config {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view first_word = "jurukunci-kept-1 ";
constexpr std::size_t longest_line = 256;

/// What the device key signs.
std::string statement(const std::string& environment, std::uint32_t version, ByteView message) {
    return "jurukunci bundle installed\n" + environment + "\n" + std::to_string(version) + "\n" + sha256(message).hex();
}

std::string content_of(const fs::path& path) {
    const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    struct stat status {};
    const bool fits = fd && fstat(fd.get(), &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0 &&
                      status.st_size <= static_cast<off_t>(max_bundle + longest_line);
    if (!fits) return {};
    std::string text(static_cast<std::size_t>(status.st_size), '\0');
    if (read(fd.get(), text.data(), text.size()) != status.st_size) return {};
    return text;
}

/// The next word of the line, which ends at a blank.
std::string_view word(std::string_view& line) {
    const auto end = line.find(' ');
    const auto found = line.substr(0, end);
    line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
    return found;
}

} // namespace

fs::path kept_bundle_file() {
    const char* state = std::getenv("XDG_STATE_HOME");
    const char* home = std::getenv("HOME");
    if (state != nullptr && state[0] == '/') return fs::path(state) / "jurukunci/bundle.kept";
    return home != nullptr && home[0] == '/' ? fs::path(home) / ".local/state/jurukunci/bundle.kept" : fs::path();
}

Outcome<void> keep_bundle(const fs::path& file, const KeptBundle& bundle, const store::DeviceKey& key) {
    const auto signature = key.sign(bytes_of(statement(bundle.environment, bundle.version, bundle.signed_message)));
    auto text = std::string(first_word) + bundle.environment + " " + std::to_string(bundle.version) + " " + to_hex(signature) + "\n";
    text.append(reinterpret_cast<const char*>(bundle.signed_message.data()), bundle.signed_message.size());
    return store::replace_file_durably(file, text);
}

std::optional<KeptText> read_kept_text(std::string_view text) {
    const auto end = text.find('\n');
    if (!text.starts_with(first_word) || end == std::string_view::npos || end >= longest_line) return std::nullopt;
    auto line = text.substr(first_word.size(), end - first_word.size());
    KeptText kept;
    auto& bundle = kept.bundle;
    bundle.environment = word(line);
    const auto version = word(line);
    const auto signature = from_hex(std::string(word(line)));
    const auto read = std::from_chars(version.data(), version.data() + version.size(), bundle.version);
    const bool known = bundle.environment == "uji" || bundle.environment == "produksi"; // it becomes the name of a folder
    if (!known || !signature || !line.empty() || read.ec != std::errc() || read.ptr != version.data() + version.size()) return std::nullopt;
    const auto message = bytes_of(text.substr(end + 1));
    bundle.signed_message.assign(message.begin(), message.end());
    kept.signature = *signature;
    return kept;
}

std::optional<KeptBundle> read_kept_bundle(const fs::path& file) {
    auto kept = read_kept_text(file.empty() ? std::string() : content_of(file));
    if (!kept) return std::nullopt;
    auto& bundle = kept->bundle;
    const auto key = store::DeviceKey::open(file.parent_path() / bundle.environment / "device.key");
    const auto said = statement(bundle.environment, bundle.version, bundle.signed_message);
    if (!key || !key->verifies(bytes_of(said), kept->signature)) return std::nullopt;
    return std::move(bundle);
}

} // namespace jk::config
