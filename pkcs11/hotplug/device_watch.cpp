#include "pkcs11/hotplug/device_watch.hpp"

#include "ipc/blocking_channel.hpp"
#include "ipc/channel.hpp"

#include <spdlog/spdlog.h>

namespace jk::hotplug {
namespace {

constexpr int most_failures = 3;
constexpr std::chrono::seconds before_another_life{2};
constexpr std::size_t max_event = 64;

} // namespace

Task<void> DeviceWatch::run() {
    for (int failures = 0; failures < most_failures;) {
        const bool watched = co_await listen();
        m_pid = 0;
        failures = watched ? 0 : failures + 1;
        co_await ipc::sleep_for(before_another_life);
    }
    spdlog::warn("nobody tells about USB devices here; readers are looked at while somebody waits");
}

Task<bool> DeviceWatch::listen() {
    auto ends = ipc::socket_pair();
    if (!ends) co_return false;
    launcher::Command command;
    command.program = "jurukunci-watch";
    command.fds.push_back(std::move(ends->second));
    auto child = co_await m_launcher.start(std::move(command));
    if (!child) {
        spdlog::warn("jurukunci-watch: {}", child.error().log_line());
        co_return false;
    }
    ipc::Channel channel(m_executor, std::move(ends->first));
    bool watches = false;
    for (;;) {
        auto frame = co_await channel.receive(max_event);
        if (!frame) break;
        const auto event = read_event(frame->body);
        if (!event || !frame->fds.empty()) break; // it is not ours any more
        if (event->what == Happened::watching) {
            watches = true;
            m_pid = child->pid();
        }
        m_listener(*event);
    }
    child->kill();
    co_return watches;
}

} // namespace jk::hotplug
