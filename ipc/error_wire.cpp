#include "ipc/error_wire.hpp"

namespace jk::ipc {
namespace {

constexpr std::size_t max_text = 4096;
constexpr std::uint32_t max_words = 64;

} // namespace

void write(Writer& writer, const Error& error) {
    const auto text = [](std::string_view s) { return s.substr(0, max_text); };
    writer.u32(static_cast<std::uint32_t>(error.code)).text(text(error.detail)).u32(static_cast<std::uint32_t>(error.words.size()));
    for (const auto& [word, value] : error.words) writer.text(text(word)).text(text(value));
}

Error read_error(Reader& reader, Errc otherwise) {
    Error error;
    const auto code = reader.u32();
    error.code = code >= 1 && code <= static_cast<std::uint32_t>(errc_count) ? static_cast<Errc>(code) : otherwise;
    error.detail = reader.text(max_text);
    for (auto left = reader.count(8, max_words); left > 0 && !reader.failed(); --left) {
        auto word = reader.text(max_text);
        error.words.emplace_back(std::move(word), reader.text(max_text));
    }
    return error;
}

} // namespace jk::ipc
