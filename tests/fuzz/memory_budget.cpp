// The document process has 512 MB, and std::bad_alloc is one of its answers. AddressSanitizer would rather end the run, so the targets that read
// PDF get this operator new, which throws when the C++ side holds more than that.
#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

constexpr std::size_t budget = 400u << 20; ///< what is left of it beside the program and its libraries
std::atomic<std::size_t> held{0};

void* take(std::size_t size) noexcept {
    if (size > budget || held + size > budget) return nullptr;
    void* p = std::malloc(size == 0 ? 1 : size);
    held += ::malloc_usable_size(p);
    return p;
}

void* take_or_throw(std::size_t size) {
    if (void* p = take(size)) return p;
    throw std::bad_alloc();
}

void give(void* p) noexcept {
    held -= ::malloc_usable_size(p);
    std::free(p);
}

} // namespace

void* operator new(std::size_t size) { return take_or_throw(size); }
void* operator new[](std::size_t size) { return take_or_throw(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return take(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return take(size); }
void operator delete(void* p) noexcept { give(p); }
void operator delete[](void* p) noexcept { give(p); }
void operator delete(void* p, std::size_t) noexcept { give(p); }
void operator delete[](void* p, std::size_t) noexcept { give(p); }
