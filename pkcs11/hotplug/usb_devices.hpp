// UsbDevices: libusb's arrivals and departures. In jurukunci-watch only; no device is ever opened.
#pragma once
#include "jurukunci/outcome.hpp"
#include "pkcs11/hotplug/device_event.hpp"

#include <functional>
#include <memory>

struct libusb_context;
struct libusb_device;

namespace jk::hotplug {

class UsbDevices {
public:
    using Listener = std::function<void(const DeviceEvent&)>;

    /// An error where the system has no USB, or libusb no way to hear of changes. `listener` is called from handle() only.
    static Outcome<UsbDevices> open(Listener listener);
    UsbDevices(UsbDevices&& other) noexcept;
    UsbDevices& operator=(UsbDevices&&) = delete;
    ~UsbDevices();

    /// Waits for the next change, tells the listener.
    Outcome<void> handle();

private:
    UsbDevices() = default;
    static int happened(libusb_context* context, libusb_device* device, int event, void* self);
    libusb_context* m_context = nullptr;
    std::unique_ptr<Listener> m_listener; ///< where libusb finds it, wherever this object is moved
};

} // namespace jk::hotplug
