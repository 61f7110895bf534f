#include "cli/doctor/usb.hpp"

#include <charconv>
#include <cstdio>

namespace jk::doctor {
namespace {

const std::filesystem::path devices = "/sys/bus/usb/devices";

template <class Number> std::optional<Number> number(const std::string& text, int base) {
    Number value = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (fault != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

const UsbModel* model_of(std::uint16_t vendor, std::uint16_t product) {
    for (const auto& model : usb_models())
        if (model.vendor == vendor && model.product == product) return &model;
    return nullptr;
}

bool offers_cards(const Machine& machine, const std::vector<std::string>& names, const std::string& device) {
    for (const auto& name : names)
        if (name.starts_with(device + ":") && machine.line(devices / name / "bInterfaceClass") == "0b") return true;
    return false;
}

std::string node_of(const Machine& machine, const std::string& name) {
    const auto bus = number<unsigned>(machine.line(devices / name / "busnum"), 10),
               device = number<unsigned>(machine.line(devices / name / "devnum"), 10);
    if (!bus || !device || *bus > 999 || *device > 999) return "";
    char path[40];
    std::snprintf(path, sizeof path, "/dev/bus/usb/%03u/%03u", *bus, *device);
    return path;
}

} // namespace

std::string UsbDevice::id() const {
    char text[12];
    std::snprintf(text, sizeof text, "%04x:%04x", vendor, product);
    return text;
}

std::vector<UsbDevice> usb_devices(const Machine& machine) {
    std::vector<UsbDevice> found;
    const auto names = machine.names(devices);
    for (const auto& name : names) {
        if (name.find(':') != std::string::npos) continue;
        const auto vendor = number<std::uint16_t>(machine.line(devices / name / "idVendor"), 16);
        const auto product = number<std::uint16_t>(machine.line(devices / name / "idProduct"), 16);
        if (!vendor || !product) continue;
        UsbDevice device{*vendor, *product, model_of(*vendor, *product), offers_cards(machine, names, name), node_of(machine, name)};
        if (device.model != nullptr || device.smart_card_class) found.push_back(std::move(device));
    }
    return found;
}

} // namespace jk::doctor
