#include "agent/audit/loss_mark.hpp"

#include "agent/store/state_folder.hpp"
#include "jurukunci/bytes.hpp"
#include "jurukunci/encoding.hpp"

#include <fstream>

namespace jk::audit {
namespace {

constexpr std::size_t longest = 64u << 10, signature_digits = 128;

std::string message(std::string_view body) { return "jurukunci audit.lost\n" + std::string(body); }

} // namespace

Outcome<void> write_loss_mark(const std::filesystem::path& file, std::string_view body, const store::DeviceKey& key) {
    const auto signature = to_hex(key.sign(bytes_of(message(body))));
    return store::replace_file_durably(file, signature + "\n" + std::string(body));
}

std::optional<std::string> read_loss_mark(const std::filesystem::path& file, const store::DeviceKey& key) {
    std::ifstream in(file, std::ios::binary);
    std::string text(longest, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (text.size() <= signature_digits || text[signature_digits] != '\n') return std::nullopt;
    const auto signature = from_hex(text.substr(0, signature_digits));
    auto body = text.substr(signature_digits + 1);
    if (!signature || !key.verifies(bytes_of(message(body)), *signature)) return std::nullopt;
    return body;
}

} // namespace jk::audit
