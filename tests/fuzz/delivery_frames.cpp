// What jurukunci-deliver and the agent say to each other: an answer is a server's word, through a process that spoke with it.
#include "agent/delivery/errand.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace jk;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input(data, size);
    if (const auto answer = delivery::read_errand_answer(input)) {
        fuzz::require(answer->status >= 0 && answer->status <= 999, "a status is a status");
        const auto again = delivery::read_errand_answer(delivery::write(*answer));
        fuzz::require(again && again->body == answer->body && again->fault == answer->fault, "written and read again it is the same");
    }
    if (const auto errand = delivery::read_errand(input)) {
        const auto again = delivery::read_errand(delivery::write(*errand));
        fuzz::require(again && again->headers == errand->headers && again->target == errand->target, "written and read again it is the same");
    }
    return 0;
}
