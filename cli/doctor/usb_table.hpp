// The devices of udev/devices.yaml; the table is generated.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

namespace jk::doctor {

struct TokenSoftware {
    std::string_view module;
    std::string_view install;      ///< for a person: a command or a product's name
    std::string_view libraries[3]; ///< beginnings of file names; empty where fewer
};

struct UsbModel {
    std::uint16_t vendor, product;
    std::string_view name;
    const TokenSoftware* software; ///< null for readers
};

std::span<const UsbModel> usb_models();

} // namespace jk::doctor
