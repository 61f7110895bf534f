// Secret: a PIN in memory that is locked, left out of dumps and children, and wiped.
// Owner: whoever holds it; move-only. It has no conversion to a string and nothing prints it.
#pragma once
#include "jurukunci/bytes.hpp"
#include "jurukunci/outcome.hpp"

#include <cstddef>

namespace jk {

class Secret {
public:
    static constexpr std::size_t capacity = 255; ///< bytes; the longest PIN that SoftHSM takes

    /// Empty. The page behind it is mapped now, so that no error can come between typing and keeping.
    static Outcome<Secret> create();

    Secret(Secret&& other) noexcept;
    Secret& operator=(Secret&& other) noexcept;
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;
    ~Secret();

    /// Where to write: read(2) and terminal input go directly here, never through a buffer of their own.
    std::span<std::uint8_t> room() { return {m_page + m_size, capacity - m_size}; }
    /// `count` bytes were written to room().
    void grow(std::size_t count);
    /// Take one byte back (the person pressed Backspace).
    void shrink();
    void wipe();

    ByteView expose() const { return {m_page, m_size}; } ///< named so that every use can be found
    std::size_t size() const { return m_size; }
    bool empty() const { return m_size == 0; }

private:
    explicit Secret(std::uint8_t* page) : m_page(page) {}
    void release() noexcept;

    std::uint8_t* m_page = nullptr; ///< one mapped page of its own
    std::size_t m_size = 0;
};

} // namespace jk
