// Writer and Reader: the binary notation inside frames between our own processes. Integers are little-endian, byte strings carry their length.
// A Reader never throws and never reads past its bytes: the first fault makes every later answer empty, and end() says so once.
#pragma once
#include "jurukunci/bytes.hpp"
#include "jurukunci/outcome.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace jk::ipc {

class Writer {
public:
    Writer& u8(std::uint8_t value);
    Writer& u32(std::uint32_t value);
    Writer& u64(std::uint64_t value);
    Writer& i64(std::int64_t value) { return u64(static_cast<std::uint64_t>(value)); }
    Writer& f64(double value);
    Writer& flag(bool value) { return u8(value ? 1 : 0); }
    Writer& bytes(ByteView value);
    Writer& text(std::string_view value) { return bytes(bytes_of(value)); }
    Bytes take() { return std::move(m_bytes); }

private:
    Bytes m_bytes;
};

class Reader {
public:
    explicit Reader(ByteView bytes) : m_left(bytes) {}
    std::uint8_t u8();
    std::uint32_t u32();
    std::uint64_t u64();
    std::int64_t i64() { return static_cast<std::int64_t>(u64()); }
    double f64();
    bool flag();
    ByteView bytes(std::size_t limit);
    std::string text(std::size_t limit) { return std::string(text_of(bytes(limit))); }
    /// A count of things that each take at least `least` bytes, so that it cannot promise more than is there.
    /// More than `most` is a fault.
    std::uint32_t count(std::size_t least, std::uint32_t most = ~std::uint32_t{});
    bool failed() const { return m_failed; }
    /// Everything was read, nothing was wrong.
    Outcome<void> end() const;

private:
    bool want(std::size_t count);
    ByteView m_left;
    bool m_failed = false;
};

} // namespace jk::ipc
