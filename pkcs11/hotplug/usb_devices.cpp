#include "pkcs11/hotplug/usb_devices.hpp"

#include <libusb-1.0/libusb.h>

#include <utility>

namespace jk::hotplug {
namespace {

Error usb_error(const char* function, int code) {
    return Error{Errc::device_failed, std::string(function) + ": " + libusb_error_name(code)}.with("reason", libusb_error_name(code));
}

/// Keyboards, mice, cameras, printers and hubs come and go all day; nobody makes tokens of them. What is unclear may be one.
bool no_token(const libusb_interface_descriptor& interface) {
    switch (interface.bInterfaceClass) {
    case LIBUSB_CLASS_HID: return interface.bInterfaceProtocol != 0; // a boot keyboard or mouse; plain HID is how some tokens avoid a driver
    case LIBUSB_CLASS_AUDIO:
    case LIBUSB_CLASS_VIDEO:
    case LIBUSB_CLASS_PRINTER:
    case LIBUSB_CLASS_HUB:
    case LIBUSB_CLASS_WIRELESS: return true;
    default: return false;
    }
}

bool maybe_token(libusb_device* device, const libusb_device_descriptor& descriptor) {
    if (descriptor.bDeviceClass == LIBUSB_CLASS_HUB) return false;
    libusb_config_descriptor* config = nullptr; // as libusb kept it: the device may be gone already
    if (libusb_get_config_descriptor(device, 0, &config) != 0) return true;
    bool found = config->bNumInterfaces == 0;
    for (int i = 0; i < config->bNumInterfaces; ++i)
        for (int j = 0; j < config->interface[i].num_altsetting; ++j) found = found || !no_token(config->interface[i].altsetting[j]);
    libusb_free_config_descriptor(config);
    return found;
}

} // namespace

int UsbDevices::happened(libusb_context*, libusb_device* device, int what, void* listener) {
    libusb_device_descriptor descriptor{};
    if (libusb_get_device_descriptor(device, &descriptor) != 0) return 0;
    DeviceEvent event;
    event.what = what == LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED ? Happened::arrived : Happened::left;
    event.bus = libusb_get_bus_number(device);
    event.address = libusb_get_device_address(device);
    event.vendor = descriptor.idVendor;
    event.product = descriptor.idProduct;
    event.maybe_token = maybe_token(device, descriptor);
    (*static_cast<Listener*>(listener))(event);
    return 0; // go on
}

Outcome<UsbDevices> UsbDevices::open(Listener listener) {
    UsbDevices devices;
    if (const int code = libusb_init(&devices.m_context); code != 0) return usb_error("libusb_init", code);
    if (libusb_has_capability(LIBUSB_CAP_HAS_HOTPLUG) == 0) return Error{Errc::device_failed, "libusb hears of no changes here"};
    devices.m_listener = std::make_unique<Listener>(std::move(listener));
    const auto callback = [](libusb_context* context, libusb_device* device, libusb_hotplug_event event, void* self) -> int {
        return happened(context, device, static_cast<int>(event), self);
    };
    const int code = libusb_hotplug_register_callback(devices.m_context, LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED | LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT, 0,
                                                      LIBUSB_HOTPLUG_MATCH_ANY, LIBUSB_HOTPLUG_MATCH_ANY, LIBUSB_HOTPLUG_MATCH_ANY, callback,
                                                      devices.m_listener.get(), nullptr);
    if (code != 0) return usb_error("libusb_hotplug_register_callback", code);
    return devices;
}

UsbDevices::UsbDevices(UsbDevices&& other) noexcept : m_context(std::exchange(other.m_context, nullptr)), m_listener(std::move(other.m_listener)) {}

UsbDevices::~UsbDevices() {
    if (m_context != nullptr) libusb_exit(m_context);
}

Outcome<void> UsbDevices::handle() {
    if (const int code = libusb_handle_events(m_context); code != 0 && code != LIBUSB_ERROR_INTERRUPTED)
        return usb_error("libusb_handle_events", code);
    return done();
}

} // namespace jk::hotplug
