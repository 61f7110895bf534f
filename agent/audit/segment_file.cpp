#include "agent/audit/segment_file.hpp"

#include "jurukunci/encoding.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <openssl/evp.h>

#include <array>
#include <fstream>

namespace jk::audit {
namespace {

namespace json = boost::json;

Error unreadable(const std::string& why) { return Error{Errc::audit_unreadable, why}.with("reason", why); }

struct Free {
    void operator()(EVP_MD_CTX* p) const { EVP_MD_CTX_free(p); }
};

class FileHash {
public:
    FileHash() { m_good = m_context && EVP_DigestInit_ex(m_context.get(), EVP_sha256(), nullptr) == 1; }
    void add(std::string_view bytes) { m_good = m_good && EVP_DigestUpdate(m_context.get(), bytes.data(), bytes.size()) == 1; }
    std::optional<std::string> hex() {
        std::array<std::uint8_t, 32> value{};
        unsigned size = 0;
        if (!m_good || EVP_DigestFinal_ex(m_context.get(), value.data(), &size) != 1) return std::nullopt;
        return to_hex(value);
    }

private:
    std::unique_ptr<EVP_MD_CTX, Free> m_context{EVP_MD_CTX_new()};
    bool m_good = false;
};

std::optional<std::string> text(const json::object& o, std::string_view name) {
    const auto* value = o.if_contains(name);
    return value != nullptr && value->is_string() ? std::optional(std::string(value->get_string())) : std::nullopt;
}

std::optional<std::int64_t> number(const json::object& o, std::string_view name) {
    const auto* value = o.if_contains(name);
    return value != nullptr && value->is_int64() ? std::optional(value->get_int64()) : std::nullopt;
}

std::optional<Bytes> bytes(const json::object& o, std::string_view name) {
    const auto value = text(o, name);
    return value ? from_hex(*value) : std::nullopt;
}

/// With milliseconds, as export.cpp writes it, or a number where RFC 3339 cannot say it.
std::optional<std::int64_t> time_in(const json::object& o) {
    if (const auto whole = number(o, "at")) return whole;
    auto written = text(o, "at");
    if (!written || written->size() != 24 || (*written)[19] != '.' || written->find_first_not_of("0123456789", 20) != 23) return std::nullopt;
    const auto thousandths = std::stoi(written->substr(20, 3));
    written->erase(19, 4);
    const auto time = parse_rfc3339(*written);
    return time ? std::optional(static_cast<std::int64_t>(time->time_since_epoch().count()) + thousandths) : std::nullopt;
}

std::optional<json::object> object_in(std::string_view line) {
    boost::system::error_code ec;
    auto value = json::parse(line, ec);
    return !ec && value.is_object() ? std::optional(std::move(value.get_object())) : std::nullopt;
}

} // namespace

Outcome<void> read_segment_line(std::string_view line, const SegmentReader& reader) {
    const auto o = object_in(line);
    if (!o) return unreadable("a line is no JSON object");
    if (o->contains("checkpoint")) {
        const auto row = number(*o, "checkpoint");
        auto hash = bytes(*o, "hash"), signature = bytes(*o, "signature");
        if (!row || !hash || !signature) return unreadable("a checkpoint is not whole");
        return reader.checkpoint({*row, std::move(*hash), std::move(*signature)});
    }
    const auto row = number(*o, "row"), at = time_in(*o);
    auto kind = text(*o, "kind"), operation = text(*o, "operation"), body = text(*o, "body");
    auto previous = bytes(*o, "prev"), hash = bytes(*o, "hash");
    if (!row || !at || !kind || !operation || !body || !previous || !hash) return unreadable("a row is not whole");
    return reader.row({*row, *at, std::move(*kind), std::move(*operation), std::move(*body), std::move(*previous), std::move(*hash)});
}

Outcome<std::string> read_segment(const std::filesystem::path& file, const SegmentReader& reader) {
    std::ifstream in(file, std::ios::binary);
    if (!in) return unreadable(file.string() + " cannot be opened");
    FileHash hash;
    bool head = true;
    for (std::string line; std::getline(in, line);) {
        if (line.size() > longest_line || in.eof()) return unreadable(file.string() + ": a line has no end");
        hash.add(line);
        hash.add("\n");
        if (!std::exchange(head, false)) {
            if (auto ok = read_segment_line(line, reader); !ok) return std::move(ok).error();
            continue;
        }
        const auto o = object_in(line);
        const auto first = o ? number(*o, "first") : std::nullopt, last = o ? number(*o, "last") : std::nullopt;
        if (!o || text(*o, "format") != "jurukunci audit export" || !first || !last) return unreadable(file.string() + " is no segment");
        if (auto ok = reader.head(*first, *last); !ok) return std::move(ok).error();
    }
    const auto hex = hash.hex();
    if (head || !hex) return unreadable(file.string() + " is empty");
    return *hex;
}

} // namespace jk::audit
