// JsonFields: reads the fields of one JSON object that came from outside. Every field must be asked for; what nobody asked for is refused
// by end(), which also answers the first fault met. So a handler reads all its fields plainly and checks once.
#pragma once
#include "jurukunci/bytes.hpp"
#include "jurukunci/outcome.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace jk::ipc {

namespace json = boost::json;

class JsonFields {
public:
    /// `where` names the object in messages, such as "items[3]"; empty for the body itself. `value` must outlive this.
    JsonFields(const json::value& value, std::string where);

    std::string text(std::string_view name, std::size_t limit);
    std::optional<std::string> optional_text(std::string_view name, std::size_t limit);
    std::optional<Bytes> optional_base64(std::string_view name, std::size_t limit);
    Bytes base64(std::string_view name, std::size_t least, std::size_t limit);
    std::optional<double> optional_number(std::string_view name);
    std::optional<std::int64_t> optional_integer(std::string_view name, std::int64_t least, std::int64_t most);
    bool flag_or(std::string_view name, bool fallback);
    const json::array* array(std::string_view name, std::size_t limit);
    const json::value* optional_object(std::string_view name);
    bool has(std::string_view name) const;

    /// A fault of meaning, found by the caller in a field it read.
    void refuse(std::string_view name, std::string fault);
    void refuse(Error error);
    Outcome<void> end() const;

private:
    const json::value* find(std::string_view name);
    const json::value* need(std::string_view name);
    std::string path(std::string_view name) const;

    const json::object* m_object = nullptr;
    std::string m_where;
    std::set<std::string, std::less<>> m_asked;
    std::optional<Error> m_fault;
};

/// The refusal of a field nobody asked for. A PIN or a delegation gets its own, because it is no slip but a wrong idea.
Error unknown_field(std::string_view path, std::string_view name);

} // namespace jk::ipc
