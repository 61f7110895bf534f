#include "agent/documents/der.hpp"

#include <algorithm>
#include <cassert>

namespace jk::documents::der {
namespace {

void append(Bytes& to, ByteView part) { to.insert(to.end(), part.begin(), part.end()); }

Bytes joined(std::initializer_list<ByteView> parts) {
    Bytes all;
    for (const auto part : parts) append(all, part);
    return all;
}

} // namespace

Bytes tlv(std::uint8_t tag, ByteView content) {
    Bytes out{tag};
    const auto size = content.size();
    if (size < 0x80) {
        out.push_back(static_cast<std::uint8_t>(size));
    } else {
        Bytes length;
        for (auto left = size; left > 0; left >>= 8) length.insert(length.begin(), static_cast<std::uint8_t>(left));
        out.push_back(static_cast<std::uint8_t>(0x80 | length.size()));
        append(out, length);
    }
    append(out, content);
    return out;
}

Bytes sequence(std::initializer_list<ByteView> parts) { return tlv(0x30, joined(parts)); }

Bytes set_of(std::vector<Bytes> elements) {
    std::ranges::sort(elements);
    Bytes all;
    for (const auto& element : elements) append(all, element);
    return tlv(0x31, all);
}

Bytes context(std::uint8_t number, std::initializer_list<ByteView> parts) { return tlv(static_cast<std::uint8_t>(0xa0 | number), joined(parts)); }
Bytes octet_string(ByteView content) { return tlv(0x04, content); }
Bytes small_integer(std::uint8_t value) { return assert(value < 0x80), tlv(0x02, ByteView(&value, 1)); }
Bytes null() { return {0x05, 0x00}; }
Bytes oid(std::initializer_list<std::uint8_t> content) { return tlv(0x06, Bytes(content)); }

Bytes time(WallTime time) {
    const auto date = pdf_date(time); // D:YYYYMMDDHHMMSSZ
    const std::string_view digits = std::string_view(date).substr(2);
    const bool utc_time = digits < "2050";
    return tlv(utc_time ? 0x17 : 0x18, bytes_of(utc_time ? digits.substr(2) : digits));
}

} // namespace jk::documents::der
