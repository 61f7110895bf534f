// DeviceEvent: what jurukunci-watch tells the agent. Fixed length, read strictly: the program speaks with the kernel about foreign devices.
#pragma once
#include "jurukunci/bytes.hpp"
#include "jurukunci/outcome.hpp"

#include <cstdint>

namespace jk::hotplug {

enum class Happened : std::uint8_t { watching = 0, arrived = 1, left = 2 };

struct DeviceEvent {
    Happened what = Happened::watching; ///< `watching` is the greeting: from now on nothing is missed
    std::uint8_t bus = 0, address = 0;
    std::uint16_t vendor = 0, product = 0;
    bool maybe_token = false; ///< its interfaces are a card reader's, a vendor's own, or some other that tokens have been made with
    friend bool operator==(const DeviceEvent&, const DeviceEvent&) = default;
};

Bytes write(const DeviceEvent& event);
Outcome<DeviceEvent> read_event(ByteView body);

} // namespace jk::hotplug
