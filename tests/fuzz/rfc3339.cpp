// Times as text.
#include "jurukunci/clock.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace jk;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = text_of({data, size});
    if (const auto time = parse_rfc3339(text)) fuzz::require(rfc3339(*time) == text, "a time has one spelling");
    return 0;
}
