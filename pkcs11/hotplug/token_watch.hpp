// TokenWatch: when to look at the tokens again. A USB device that comes or goes is a reason at once; while somebody waits, and a few seconds
// after a device came (its driver needs time), readers are asked several times a second; otherwise nobody is.
// Owner: Agent. Lives on the event loop.
#pragma once
#include "ipc/event.hpp"
#include "jurukunci/token_changes.hpp"
#include "pkcs11/hotplug/device_watch.hpp"
#include "pkcs11/worker/all_tokens.hpp"

namespace jk::hotplug {

/// How far the time asleep has come: grows by what the machine slept.
std::chrono::nanoseconds time_asleep();

class TokenWatch final : public TokenChanges {
public:
    using Asleep = std::chrono::nanoseconds (*)();
    TokenWatch(net::any_io_executor executor, launcher::Launcher& launcher, pkcs11::AllTokens& tokens, Asleep asleep = time_asleep);

    /// Begins to watch; ends with the loop.
    void start();

    std::uint64_t revision() const override { return m_tokens.revision(); }
    Task<void> changed(std::uint64_t seen, std::chrono::steady_clock::time_point until) override;
    std::vector<TokenInfo> present() const override { return m_tokens.present(); }
    int watcher_pid() const { return m_devices.pid(); }

private:
    void begin_looking() override;
    void end_looking() override { --m_waiting; }
    void happened(const DeviceEvent& event);
    Task<void> look();
    bool wanted() const { return m_waiting > 0 || std::chrono::steady_clock::now() < m_settles_at; }

    net::any_io_executor m_executor;
    pkcs11::AllTokens& m_tokens;
    Asleep m_asleep;
    std::chrono::nanoseconds m_slept;
    DeviceWatch m_devices;
    ipc::Event m_wake;
    int m_waiting = 0;
    bool m_device_changed = false;
    std::chrono::steady_clock::time_point m_quiet_since, m_settles_at;
};

} // namespace jk::hotplug
