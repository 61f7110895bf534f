#include "jurukunci/secret.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <cstring>

namespace jk {
namespace {

std::size_t page_size() {
    static const auto size = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    return size;
}

} // namespace

Outcome<Secret> Secret::create() {
    void* page = mmap(nullptr, page_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) return Error{Errc::device_failed, std::string("no memory for a PIN: ") + std::strerror(errno)};
    // Never in swap, in a core file or in a child. Locking must work: a PIN that could reach the disk is not accepted.
    if (mlock(page, page_size()) != 0 || madvise(page, page_size(), MADV_DONTDUMP) != 0 || madvise(page, page_size(), MADV_WIPEONFORK) != 0) {
        const Error error{Errc::device_failed, std::string("memory for a PIN cannot be locked: ") + std::strerror(errno)};
        munmap(page, page_size());
        return error;
    }
    return Secret(static_cast<std::uint8_t*>(page));
}

Secret::Secret(Secret&& other) noexcept : m_page(std::exchange(other.m_page, nullptr)), m_size(std::exchange(other.m_size, 0)) {}

Secret& Secret::operator=(Secret&& other) noexcept {
    if (this != &other) {
        release();
        m_page = std::exchange(other.m_page, nullptr);
        m_size = std::exchange(other.m_size, 0);
    }
    return *this;
}

Secret::~Secret() { release(); }

void Secret::grow(std::size_t count) {
    assert(m_size + count <= capacity);
    m_size += count;
}

void Secret::shrink() {
    if (m_size == 0) return;
    --m_size;
    explicit_bzero(m_page + m_size, 1);
}

void Secret::wipe() {
    if (m_page != nullptr) explicit_bzero(m_page, page_size());
    m_size = 0;
}

void Secret::release() noexcept {
    if (m_page == nullptr) return;
    wipe();
    munlock(m_page, page_size());
    munmap(m_page, page_size());
    m_page = nullptr;
}

} // namespace jk
