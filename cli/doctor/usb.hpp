// What is plugged in, from sysfs: tokens and readers that we know by their ids, and whatever offers the smart-card class.
#pragma once
#include "cli/doctor/machine.hpp"
#include "cli/doctor/usb_table.hpp"

namespace jk::doctor {

struct UsbDevice {
    std::uint16_t vendor = 0, product = 0;
    const UsbModel* model = nullptr; ///< null: in no list
    bool smart_card_class = false;   ///< an interface of class 0x0b (CCID)
    std::string node;                ///< below /dev/bus/usb
    std::string id() const;          ///< "0529:0620"
    std::string name() const { return model != nullptr ? std::string(model->name) : id(); }
};

/// Only devices that have to do with keys. Product strings and serial numbers are not read: they name people.
std::vector<UsbDevice> usb_devices(const Machine& machine);

} // namespace jk::doctor
