// DeviceWatch: the agent's side of jurukunci-watch. Starts it, starts it anew when it ends, and gives up where there is no USB.
// Owner: TokenWatch. Lives on the event loop.
#pragma once
#include "jurukunci/async.hpp"
#include "launcher/launcher.hpp"
#include "pkcs11/hotplug/device_event.hpp"

#include <functional>
#include <memory>

namespace jk::hotplug {

class DeviceWatch {
public:
    using Listener = std::function<void(const DeviceEvent&)>;

    DeviceWatch(net::any_io_executor executor, launcher::Launcher& launcher, Listener listener)
        : m_executor(executor), m_launcher(launcher), m_listener(std::move(listener)) {}

    /// Runs as long as the loop does, or until the program has failed too often in a row.
    Task<void> run();
    int pid() const { return m_pid; } ///< 0 while it does not watch

private:
    /// One life of the program; true if it ever watched.
    Task<bool> listen();

    net::any_io_executor m_executor;
    launcher::Launcher& m_launcher;
    Listener m_listener;
    int m_pid = 0;
};

} // namespace jk::hotplug
