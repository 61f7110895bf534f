#include "cli/doctor/redaction.hpp"

#include "cli/doctor/usb_table.hpp"

#include <algorithm>

namespace jk::doctor {
namespace {

bool long_number(const std::string& text) {
    std::size_t run = 0;
    for (const unsigned char c : text)
        if ((run = std::isdigit(c) != 0 ? run + 1 : 0) == 10) return true;
    return false;
}

bool is_usb_id(const std::string& text) {
    return text.size() == 9 && text[4] == ':' && std::ranges::all_of(text, [](unsigned char c) { return c == ':' || std::isxdigit(c) != 0; });
}

} // namespace

std::string own_word(const std::string& text) {
    const bool ours = !text.empty() && text.size() <= 40 && text.front() != '-' && text.find("--") == std::string::npos &&
                      std::ranges::all_of(text, [](unsigned char c) { return (c >= 'a' && c <= 'z') || c == '-' || c == '_'; });
    return ours ? text : "?";
}

std::string version_word(const std::string& text) {
    const bool plain = !text.empty() && text.size() <= 60 && !long_number(text) && std::ranges::all_of(text, [](unsigned char c) {
        return std::isalnum(c) != 0 || std::string_view("._+~-").find(c) != std::string_view::npos;
    });
    return plain ? text : "?";
}

std::string known_library(const std::filesystem::path& library) {
    static constexpr std::string_view others[] = {"libsofthsm2.so", "libtpm2_pkcs11.so", "libcastle.so", "p11-kit-proxy.so"};
    const auto file = library.filename().string();
    for (const auto name : others)
        if (file.starts_with(name)) return std::string(name);
    for (const auto& model : usb_models())
        if (model.software != nullptr)
            for (const auto name : model.software->libraries)
                if (!name.empty() && file.starts_with(name)) return std::string(name);
    return "another library";
}

std::vector<std::pair<std::string, std::string>> harmless_words(const Error& error) {
    std::vector<std::pair<std::string, std::string>> kept;
    for (const auto& [word, value] : error.words) {
        if (word == "id" && is_usb_id(value)) kept.emplace_back(word, value);
        if (word == "days" || word == "agent" || word == "command") kept.emplace_back(word, version_word(value));
    }
    return kept;
}

} // namespace jk::doctor
