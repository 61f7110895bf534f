// USB devices that come and go: the real jurukunci-watch on a bus that umockdev makes, and what the agent's side does about it.
#include "ipc/blocking_channel.hpp"
#include "pkcs11/hotplug/token_watch.hpp"
#include "tests/support/process_facts.hpp"
#include "tests/support/run_task.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/support/soft_token.hpp"
#include "tests/support/test_launcher.hpp"

#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>
#include <signal.h>
#include <umockdev.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

namespace jk::test {
namespace {

using namespace std::chrono_literals;
using hotplug::DeviceEvent;
using hotplug::Happened;

/// umockdev stands before the C library of whoever sends events as well as of who hears them: this program begins once more with it.
[[gnu::constructor]] void begin_with_umockdev() {
    if (std::getenv("LD_PRELOAD") != nullptr) return;
    std::ifstream file("/proc/self/cmdline", std::ios::binary);
    std::vector<std::string> arguments;
    for (std::string argument; std::getline(file, argument, '\0');) arguments.push_back(argument);
    std::vector<char*> argv;
    for (auto& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    setenv("LD_PRELOAD", "libumockdev-preload.so.0", 1);
    execv("/proc/self/exe", argv.data());
    std::perror("cannot begin with umockdev");
    _exit(1);
}

/// A bus of our own. Programs started after it see it instead of the machine's.
class UsbBus {
public:
    UsbBus() : m_testbed(umockdev_testbed_new()) {
        if (!umockdev_in_mock_environment()) throw std::runtime_error("libumockdev-preload.so.0 is not there; run ./dev setup");
    }
    ~UsbBus() { g_object_unref(m_testbed); }
    UsbBus(const UsbBus&) = delete;
    UsbBus& operator=(const UsbBus&) = delete;

    /// `interface`: class, subclass and protocol in hexadecimal.
    void plug(int port, const std::string& vendor, const std::string& product, const std::string& interface) {
        const auto n = std::to_string(port);
        const auto swapped = [](const std::string& id) { return id.substr(2) + id.substr(0, 2); };
        auto descriptors = "1201000200000040" + swapped(vendor) + swapped(product) + "0001010203010902120001010080320904000000" + interface + "00";
        for (auto& digit : descriptors) digit = static_cast<char>(std::toupper(static_cast<unsigned char>(digit))); // umockdev reads no others
        const auto text = "P: /devices/usb1/1-" + n + "\nN: bus/usb/001/00" + n + "=" + descriptors +
                          "\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_device\nE: DEVNAME=/dev/bus/usb/001/00" + n + "\nE: BUSNUM=001\nE: DEVNUM=00" + n +
                          "\nA: busnum=1\\n\nA: devnum=" + n + "\\n\nA: speed=12\\n\nA: bConfigurationValue=1\\n\nA: idVendor=" + vendor +
                          "\\n\nA: idProduct=" + product + "\\n\nH: descriptors=" + descriptors + "\n";
        GError* fault = nullptr;
        if (!umockdev_testbed_add_from_string(m_testbed, text.c_str(), &fault)) throw std::runtime_error(fault->message);
        umockdev_testbed_uevent(m_testbed, path(port).c_str(), "add");
    }
    void pull(int port) {
        umockdev_testbed_uevent(m_testbed, path(port).c_str(), "remove");
        umockdev_testbed_remove_device(m_testbed, path(port).c_str());
    }

private:
    static std::string path(int port) { return "/sys/devices/usb1/1-" + std::to_string(port); }
    UMockdevTestbed* m_testbed;
};

constexpr const char *reader = "0b0000", *keyboard = "030101", *camera = "0e0100", *plain_hid = "030000", *vendors_own = "ff0000";

void run_until(net::io_context& io, const std::function<bool()>& what, std::chrono::milliseconds most) {
    io.restart();
    for (const auto until = std::chrono::steady_clock::now() + most; !what() && std::chrono::steady_clock::now() < until;) io.run_one_for(20ms);
}

TEST(DeviceWatch, TellsWhatArrivesAndLeavesAndWhatCouldBeAToken) {
    UsbBus bus;
    net::io_context io;
    launcher::Launcher launcher(io.get_executor(), take_launcher());
    std::vector<DeviceEvent> told;
    hotplug::DeviceWatch watch(io.get_executor(), launcher, [&](const DeviceEvent& event) { told.push_back(event); });
    net::co_spawn(io, watch.run(), [](std::exception_ptr e) { EXPECT_FALSE(e); });
    run_until(
        io, [&] { return told.size() == 1; }, 5s);
    ASSERT_EQ(told.size(), 1u);
    EXPECT_EQ(told[0].what, Happened::watching);
    int port = 1;
    for (const auto& [interface, maybe] :
         {std::pair(reader, true), std::pair(keyboard, false), std::pair(camera, false), std::pair(plain_hid, true), std::pair(vendors_own, true)}) {
        told.clear();
        ++port;
        bus.plug(port, "0b0a", "0d0c", interface);
        run_until(
            io, [&] { return told.size() == 1; }, 5s);
        bus.pull(port);
        run_until(
            io, [&] { return told.size() == 2; }, 5s);
        ASSERT_EQ(told.size(), 2u) << interface;
        const auto address = static_cast<std::uint8_t>(port);
        EXPECT_EQ(told[0], (DeviceEvent{Happened::arrived, 1, address, 0x0b0a, 0x0d0c, maybe})) << interface;
        EXPECT_EQ(told[1], (DeviceEvent{Happened::left, 1, address, 0x0b0a, 0x0d0c, maybe})) << interface;
    }
}

TEST(DeviceWatch, AWatcherThatEndsIsStartedAnew) {
    UsbBus bus;
    net::io_context io;
    launcher::Launcher launcher(io.get_executor(), take_launcher());
    int greetings = 0;
    hotplug::DeviceWatch watch(io.get_executor(), launcher, [&](const DeviceEvent& event) { greetings += event.what == Happened::watching; });
    net::co_spawn(io, watch.run(), [](std::exception_ptr e) { EXPECT_FALSE(e); });
    run_until(
        io, [&] { return greetings == 1; }, 5s);
    const int first = watch.pid();
    ASSERT_GT(first, 0);
    kill(first, SIGKILL);
    run_until(
        io, [&] { return greetings == 2; }, 10s);
    EXPECT_EQ(greetings, 2);
    EXPECT_NE(watch.pid(), first);
}

TEST(DeviceWatch, AnEventThatDoesNotFollowItsFormIsNotRead) {
    const DeviceEvent event{Happened::arrived, 1, 2, 0x0b0a, 0x0d0c, true};
    const auto good = hotplug::write(event);
    EXPECT_EQ(hotplug::read_event(good).value(), event);
    auto longer = good;
    longer.push_back(0);
    EXPECT_FALSE(hotplug::read_event(longer));
    EXPECT_FALSE(hotplug::read_event(ByteView(good).first(good.size() - 1)));
    auto unknown = good;
    unknown[0] = 3;
    EXPECT_FALSE(hotplug::read_event(unknown));
    auto large = good;
    large[5] = 1; // vendor 0x10b0a
    EXPECT_FALSE(hotplug::read_event(large));
}

/// SoftHSM behind a module that can hide its slots, on the mocked bus.
struct Desk {
    Desk() : ca(DemoCa::create()), token(SoftToken::create(folder.path(), ca)), launcher(io.get_executor(), take_launcher()) {
        tokens = std::make_unique<pkcs11::AllTokens>(
            io.get_executor(), launcher,
            std::vector{pkcs11::ModuleConfig{"softhsm",
                                             JURUKUNCI_UNRULY_MODULE,
                                             {{"SOFTHSM2_CONF", token.conf()}, {"UNRULY_CONTROL", control()}, {"UNRULY_LOG", log()}},
                                             1,
                                             false}});
        watch = std::make_unique<hotplug::TokenWatch>(io.get_executor(), launcher, *tokens, [] { return slept; });
        watch->start();
        run_until(
            io, [&] { return watch->watcher_pid() != 0; }, 5s);
    }
    std::string control() const { return (folder.path() / "control").string(); }
    std::string log() const { return (folder.path() / "log").string(); }
    void order(const std::string& text) {
        std::ofstream(control() + ".new") << text;
        std::filesystem::rename(control() + ".new", control());
    }
    int worker() const { return tokens->modules()[0].worker_pid; }
    std::size_t list() { return run(io, tokens->tokens())->size(); }
    int lines() const {
        std::ifstream in(log());
        int count = 0;
        for (std::string line; std::getline(in, line);) ++count;
        return count;
    }

    static inline std::chrono::nanoseconds slept{0};
    UsbBus bus;
    ScratchFolder folder;
    DemoCa ca;
    SoftToken token;
    net::io_context io;
    launcher::Launcher launcher;
    std::unique_ptr<pkcs11::AllTokens> tokens;
    std::unique_ptr<hotplug::TokenWatch> watch;
};

TEST(TokenWatch, ATokenOnUsbIsNoticedWithoutAnybodyAsking) {
    Desk desk;
    desk.order("C_GetSlotList removed\n");
    ASSERT_EQ(desk.list(), 0u);
    const auto before = desk.watch->revision();
    desk.order("");
    desk.bus.plug(2, "0b0a", "0d0c", reader);
    run_until(
        desk.io, [&] { return desk.watch->revision() != before; }, 5s);
    ASSERT_EQ(desk.watch->present().size(), 1u);
    EXPECT_EQ(desk.watch->present()[0].label, "Jana K.");
    const auto there = desk.watch->revision();
    desk.order("C_GetSlotList removed\n");
    desk.bus.pull(2);
    run_until(
        desk.io, [&] { return desk.watch->revision() != there; }, 5s);
    EXPECT_TRUE(desk.watch->present().empty());
}

TEST(TokenWatch, AnArrivalStartsTheModuleAnewAndAKeyboardDoesNot) {
    Desk desk;
    ASSERT_EQ(desk.list(), 1u);
    const int first = desk.worker();
    desk.bus.plug(2, "0b0a", "0001", keyboard);
    run_until(
        desk.io, [&] { return desk.worker() != first; }, 1s);
    EXPECT_EQ(desk.worker(), first);
    desk.bus.plug(3, "0b0a", "0d0c", reader);
    run_until(
        desk.io, [&] { return desk.worker() != first && desk.worker() != 0; }, 5s);
    EXPECT_NE(desk.worker(), first);
}

TEST(TokenWatch, LooksOnlyWhileSomebodyWaits) {
    Desk desk;
    ASSERT_EQ(desk.list(), 1u);
    const int idle = desk.lines();
    run_until(
        desk.io, [] { return false; }, 1s);
    EXPECT_EQ(desk.lines(), idle);
    const auto before = desk.watch->revision();
    {
        const Looking looking(*desk.watch);
        desk.order("C_GetSlotList removed\n"); // a reader that tells nothing
        run_until(
            desk.io, [&] { return desk.watch->revision() != before; }, 5s);
        EXPECT_TRUE(desk.watch->present().empty());
        desk.order("");
        const auto gone = desk.watch->revision();
        run_until(
            desk.io, [&] { return desk.watch->revision() != gone; }, 5s);
        EXPECT_EQ(desk.watch->present().size(), 1u);
    }
    run_until(
        desk.io, [] { return false; }, 300ms); // what was on its way
    EXPECT_EQ(desk.list(), 1u);                // and is over, because the worker answers in order
    const int quiet = desk.lines();
    run_until(
        desk.io, [] { return false; }, 1s);
    EXPECT_EQ(desk.lines(), quiet);
}

TEST(TokenWatch, AfterASleepTheModulesStartAnew) {
    Desk desk;
    ASSERT_EQ(desk.list(), 1u);
    const int first = desk.worker();
    Desk::slept = 60s;
    const Looking looking(*desk.watch);
    run_until(
        desk.io, [&] { return desk.worker() != first && desk.worker() != 0; }, 5s);
    EXPECT_NE(desk.worker(), first);
    EXPECT_EQ(desk.list(), 1u);
}

TEST(TokenWatch, APinThatIsWaitedForIsNotLostToAnArrival) {
    Desk desk;
    ASSERT_EQ(desk.list(), 1u);
    const int first = desk.worker();
    const TokenId id{"softhsm", desk.token.serial()};
    auto ends = ipc::socket_pair();
    auto awaited = run(desk.io, desk.tokens->expect_pin(id, std::move(ends->second)));
    ASSERT_TRUE(awaited);
    desk.bus.plug(2, "0b0a", "0d0c", reader);
    run_until(
        desk.io, [] { return false; }, 1s);
    EXPECT_EQ(desk.worker(), first);
    desk.tokens->forget_pin(id, awaited->ticket);
    run_until(
        desk.io, [&] { return desk.worker() != first; }, 5s);
    EXPECT_NE(desk.worker(), first);
}

TEST(TokenWatch, AHundredArrivalsLeaveNothingBehind) {
    Desk desk;
    ASSERT_EQ(desk.list(), 1u);
    const auto cycle = [&] {
        const auto before = desk.worker();
        desk.bus.plug(2, "0b0a", "0d0c", reader);
        run_until(
            desk.io, [&] { return desk.worker() != before && desk.worker() != 0; }, 5s);
        desk.bus.pull(2);
        run_until(
            desk.io, [] { return false; }, 5ms);
    };
    const auto settle = [&] { // the module starts anew after the last pull, too
        run_until(
            desk.io, [] { return false; }, 300ms);
        ASSERT_EQ(desk.list(), 1u);
    };
    for (int i = 0; i < 5; ++i) cycle();
    settle();
    const auto descriptors = open_descriptors(getpid());
    const auto children = descendants(getpid()).size();
    const auto memory = resident_kib(desk.watch->watcher_pid());
    for (int i = 0; i < 100; ++i) cycle();
    settle();
    run_until(
        desk.io, [&] { return open_descriptors(getpid()) <= descriptors && descendants(getpid()).size() <= children; }, 10s);
    EXPECT_LE(open_descriptors(getpid()), descriptors);
    EXPECT_LE(descendants(getpid()).size(), children);
    EXPECT_LT(resident_kib(desk.watch->watcher_pid()), memory + 512);
    EXPECT_EQ(desk.list(), 1u);
}

} // namespace
} // namespace jk::test
