#include "ipc/wire.hpp"

#include <bit>

namespace jk::ipc {

Writer& Writer::u8(std::uint8_t value) { return m_bytes.push_back(value), *this; }

Writer& Writer::u32(std::uint32_t value) {
    for (int i = 0; i < 4; ++i) u8(static_cast<std::uint8_t>(value >> (8 * i)));
    return *this;
}

Writer& Writer::u64(std::uint64_t value) { return u32(static_cast<std::uint32_t>(value)), u32(static_cast<std::uint32_t>(value >> 32)); }

Writer& Writer::f64(double value) { return u64(std::bit_cast<std::uint64_t>(value)); }

Writer& Writer::bytes(ByteView value) {
    u32(static_cast<std::uint32_t>(value.size()));
    m_bytes.insert(m_bytes.end(), value.begin(), value.end());
    return *this;
}

bool Reader::want(std::size_t count) {
    if (m_left.size() < count) m_failed = true;
    return !m_failed;
}

std::uint8_t Reader::u8() {
    if (!want(1)) return 0;
    const auto value = m_left[0];
    m_left = m_left.subspan(1);
    return value;
}

std::uint32_t Reader::u32() {
    if (!want(4)) return 0;
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i) value |= std::uint32_t(u8()) << (8 * i);
    return value;
}

std::uint64_t Reader::u64() {
    if (!want(8)) return 0;
    const std::uint64_t low = u32();
    return low | std::uint64_t(u32()) << 32;
}

double Reader::f64() { return std::bit_cast<double>(u64()); }

bool Reader::flag() {
    const auto value = u8();
    if (value > 1) m_failed = true;
    return value == 1;
}

ByteView Reader::bytes(std::size_t limit) {
    const std::size_t size = u32();
    if (size > limit) m_failed = true;
    if (!want(size)) return {};
    const auto value = m_left.first(size);
    m_left = m_left.subspan(size);
    return value;
}

std::uint32_t Reader::count(std::size_t least, std::uint32_t most) {
    const auto value = u32();
    if (!m_failed && (value > most || value > m_left.size() / least)) m_failed = true;
    return m_failed ? 0 : value;
}

Outcome<void> Reader::end() const {
    if (m_failed) return Error{Errc::device_failed, "a frame that does not follow its form"};
    if (!m_left.empty()) return Error{Errc::device_failed, "a frame with bytes left over"};
    return done();
}

} // namespace jk::ipc
