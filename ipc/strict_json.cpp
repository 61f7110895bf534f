#include "ipc/strict_json.hpp"

#include "jurukunci/displayed_text.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/parser.hpp>
#include <boost/json/value_stack.hpp>

namespace jk::ipc {
namespace {

/// Builds the value as boost::json::parser would, and counts members, because the finished object has lost duplicates.
struct Builder {
    static constexpr std::size_t max_object_size = 10'000;
    static constexpr std::size_t max_array_size = 200'000;
    static constexpr std::size_t max_key_size = 256;
    static constexpr std::size_t max_string_size = 16u << 20;
    using error_code = json::error_code;

    json::value_stack stack;
    std::size_t members = 0;

    bool on_document_begin(error_code&) { return stack.reset(), true; }
    bool on_document_end(error_code&) { return true; }
    bool on_object_begin(error_code&) { return true; }
    bool on_object_end(std::size_t n, error_code&) { return stack.push_object(n), members += n, true; }
    bool on_array_begin(error_code&) { return true; }
    bool on_array_end(std::size_t n, error_code&) { return stack.push_array(n), true; }
    bool on_key_part(json::string_view s, std::size_t, error_code&) { return stack.push_chars(s), true; }
    bool on_key(json::string_view s, std::size_t, error_code&) { return stack.push_key(s), true; }
    bool on_string_part(json::string_view s, std::size_t, error_code&) { return stack.push_chars(s), true; }
    bool on_string(json::string_view s, std::size_t, error_code&) { return stack.push_string(s), true; }
    bool on_number_part(json::string_view, error_code&) { return true; }
    bool on_int64(std::int64_t i, json::string_view, error_code&) { return stack.push_int64(i), true; }
    bool on_uint64(std::uint64_t u, json::string_view, error_code&) { return stack.push_uint64(u), true; }
    bool on_double(double d, json::string_view, error_code&) { return stack.push_double(d), true; }
    bool on_bool(bool b, error_code&) { return stack.push_bool(b), true; }
    bool on_null(error_code&) { return stack.push_null(), true; }
    bool on_comment_part(json::string_view, error_code&) { return true; }
    bool on_comment(json::string_view, error_code&) { return true; }
};

std::size_t members_of(const json::value& value) {
    std::size_t count = 0;
    if (const auto* object = value.if_object()) {
        count = object->size();
        for (const auto& member : *object) count += members_of(member.value());
    } else if (const auto* array = value.if_array()) {
        for (const auto& element : *array) count += members_of(element);
    }
    return count;
}

Error malformed(std::string fault) { return Error{Errc::request_malformed, fault}.with("field", "JSON").with("fault", fault); }

} // namespace

Outcome<json::value> parse_json(std::string_view text) {
    // Boost.JSON checks UTF-8 in strings; a NUL and what stands outside strings is ours to refuse.
    if (!is_utf8(text)) return malformed("the body is not UTF-8");
    json::parse_options options;
    options.max_depth = max_json_depth;
    json::basic_parser<Builder> parser(options);
    boost::system::error_code ec;
    const auto used = parser.write_some(false, text.data(), text.size(), ec);
    if (ec) return malformed(ec.message() + " at byte " + std::to_string(used));
    if (used != text.size()) return malformed("something follows the value");
    if (!parser.done()) return malformed("incomplete");
    auto value = parser.handler().stack.release();
    if (members_of(value) != parser.handler().members) return malformed("a field occurs twice in one object");
    return value;
}

} // namespace jk::ipc
