// jurukunci-watch: tells the agent which USB devices come and go. Started by the agent's launcher only; descriptor 3 is the agent.
#include "ipc/blocking_channel.hpp"
#include "pkcs11/hotplug/usb_devices.hpp"
#include "sandbox/filters.hpp"
#include "sandbox/process.hpp"

#include <unistd.h>

#include <cstdio>

int main(int argc, char**) {
    using namespace jk;
    if (argc > 1) {
        std::fputs("jurukunci-watch is started by jurukuncid; it has no use of its own\n", stderr);
        return 2;
    }
    sandbox::harden();
    if (!sandbox::die_with_parent()) return 0;
    ipc::BlockingChannel agent(UniqueFd(3));
    const auto tell = [&](const hotplug::DeviceEvent& event) {
        if (!agent.send(hotplug::write(event))) _exit(0); // the agent is gone
    };
    auto devices = hotplug::UsbDevices::open(tell);
    if (!devices) {
        std::fprintf(stderr, "jurukunci-watch: %s\n", devices.error().log_line().c_str());
        return 5;
    }
    // libusb has its sockets and threads by now; from here on it only hears of devices and reads what the system says of them.
    if (!sandbox::confine_watch()) return 5;
    tell({});
    while (devices->handle()) {
    }
    return 5;
}
