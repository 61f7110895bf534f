#include "pkcs11/hotplug/token_watch.hpp"

#include "ipc/log_escape.hpp"

#include <boost/asio/co_spawn.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <ctime>

namespace jk::hotplug {
namespace {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

constexpr auto between_looks = 150ms;
constexpr auto bounce = 60ms; ///< a device that comes with three interfaces is told three times
constexpr auto settling = 4s; ///< pcscd starts a reader's driver, a card answers its reset

} // namespace

std::chrono::nanoseconds time_asleep() {
    timespec awake{}, all{};
    clock_gettime(CLOCK_MONOTONIC, &awake);
    clock_gettime(CLOCK_BOOTTIME, &all);
    return std::chrono::seconds(all.tv_sec - awake.tv_sec) + std::chrono::nanoseconds(all.tv_nsec - awake.tv_nsec);
}

TokenWatch::TokenWatch(net::any_io_executor executor, launcher::Launcher& launcher, pkcs11::AllTokens& tokens, Asleep asleep)
    : m_executor(executor), m_tokens(tokens), m_asleep(asleep), m_slept(asleep()),
      m_devices(executor, launcher, [this](const DeviceEvent& event) { happened(event); }), m_wake(executor) {}

void TokenWatch::start() {
    net::co_spawn(m_executor, m_devices.run(), ipc::LogEscape{"device watch"});
    net::co_spawn(m_executor, look(), ipc::LogEscape{"token watch"});
}

Task<void> TokenWatch::changed(std::uint64_t seen, SteadyClock::time_point until) { return m_tokens.changed(seen, until); }

void TokenWatch::begin_looking() {
    ++m_waiting;
    // Cards and readers that were asleep are not what they were.
    if (const auto slept = m_asleep(); slept > m_slept + 1s) {
        m_slept = slept;
        spdlog::info("the machine was asleep; the token modules start anew");
        m_tokens.start_anew();
    }
    m_wake.notify();
}

void TokenWatch::happened(const DeviceEvent& event) {
    if (event.what == Happened::watching) return;
    spdlog::info("USB device {:04x}:{:04x} {} ({}-{})", event.vendor, event.product, event.what == Happened::arrived ? "arrived" : "left", event.bus,
                 event.address);
    if (!event.maybe_token) return;
    m_device_changed = true;
    m_quiet_since = SteadyClock::now();
    m_settles_at = m_quiet_since + settling;
    m_wake.notify();
}

Task<void> TokenWatch::look() {
    for (;;) {
        if (!wanted()) {
            co_await m_wake.wait();
            continue;
        }
        if (m_device_changed) {
            const auto quiet = m_quiet_since + bounce;
            if (SteadyClock::now() < quiet) {
                (void)co_await m_wake.wait_until(quiet);
                continue;
            }
            m_device_changed = false;
            // Some modules see a new reader, or miss one that left, only after C_Finalize: a new worker costs 30 ms and always knows.
            m_tokens.start_anew();
        }
        m_tokens.look();
        (void)co_await m_wake.wait_until(SteadyClock::now() + between_looks);
    }
}

} // namespace jk::hotplug
