#include "cli/doctor/examinations.hpp"

#include <algorithm>

namespace jk::doctor {
namespace {

bool served(const TokenSoftware& software, const std::vector<ConfiguredModule>& modules) {
    return std::ranges::any_of(modules, [&](const auto& module) {
        const auto file = module.library.filename().string();
        return std::ranges::any_of(software.libraries, [&](auto beginning) { return !beginning.empty() && file.starts_with(beginning); });
    });
}

} // namespace

Findings examine_usb(const Machine& machine, const std::vector<UsbDevice>& devices, const std::vector<ConfiguredModule>& modules) {
    Findings found;
    for (const auto& device : devices) {
        if (device.model == nullptr) {
            found.push_back({Error(Errc::usb_device_unknown).with("id", device.id()), Weight::notice});
            continue;
        }
        const auto* software = device.model->software;
        if (software == nullptr) continue;
        if (!served(*software, modules))
            found.push_back({Error(Errc::usb_token_without_module)
                                 .with("device", device.name())
                                 .with("id", device.id())
                                 .with("install", std::string(software->install))});
        if (!device.node.empty() && !machine.may_open(device.node))
            found.push_back({Error(Errc::usb_device_closed).with("device", device.name()).with("id", device.id()), Weight::notice});
    }
    if (devices.empty()) found.push_back({Error(Errc::usb_reader_absent), Weight::notice});
    return found;
}

} // namespace jk::doctor
