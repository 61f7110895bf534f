// What jurukunci-watch may tell the agent.
#include "pkcs11/hotplug/device_event.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace jk;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto event = hotplug::read_event({data, size});
    if (event) fuzz::require(hotplug::write(*event) == Bytes(data, data + size), "an event has one spelling");
    return 0;
}
