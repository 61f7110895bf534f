// What every target shares. A target is one function from bytes to "nothing bad happened"; what must hold beyond that it says with require().
#pragma once
#include "jurukunci/bytes.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace jk::fuzz {

/// A property that does not hold ends the run; libFuzzer keeps the input.
inline void require(bool holds, const char* property) {
    if (holds) return;
    std::fprintf(stderr, "property broken: %s\n", property);
    std::abort();
}

} // namespace jk::fuzz
