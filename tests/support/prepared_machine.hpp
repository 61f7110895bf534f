// PreparedMachine: a computer made of a folder tree and of answers that a test chooses.
#pragma once
#include "cli/doctor/machine.hpp"
#include "tests/support/scratch_folder.hpp"

#include <fstream>
#include <set>

namespace jk::test {

class PreparedMachine final : public doctor::Machine {
public:
    explicit PreparedMachine(const ScratchFolder& root) : Machine(root.path()) {}

    void write(const std::filesystem::path& path, const std::string& text) const {
        std::filesystem::create_directories(at(path).parent_path());
        std::ofstream(at(path), std::ios::binary) << text;
    }
    /// As sysfs shows a USB device; `interface_class` in hex.
    void plug_in(const std::string& name, const std::string& vendor, const std::string& product, const std::string& interface_class = "0b") const {
        const std::filesystem::path device = "/sys/bus/usb/devices/" + name;
        write(device / "idVendor", vendor + "\n");
        write(device / "idProduct", product + "\n");
        write(device / "busnum", "1\n");
        write(device / "devnum", "5\n");
        write("/sys/bus/usb/devices/" + name + ":1.0/bInterfaceClass", interface_class + "\n");
    }

    std::map<std::string, std::string> variables;
    std::map<uid_t, std::string> users{{0, "root"}, {1000, "jana"}, {1001, "lain"}};
    uid_t uid = 1000;
    WallTime time = *parse_rfc3339("2026-11-21T08:00:00Z");
    doctor::ClockState clock_state = doctor::ClockState::synchronised;
    std::uint64_t free = 10ull << 30;
    std::set<std::string> closed, listening;

    std::string environment(const std::string& name) const override {
        const auto found = variables.find(name);
        return found == variables.end() ? "" : found->second;
    }
    uid_t user() const override { return uid; }
    std::string user_name(uid_t wanted) const override {
        const auto found = users.find(wanted);
        return found == users.end() ? "uid " + std::to_string(wanted) : found->second;
    }
    WallTime now() const override { return time; }
    doctor::ClockState clock() const override { return clock_state; }
    std::optional<std::uint64_t> free_bytes(const std::filesystem::path&) const override { return free; }
    bool may_open(const std::filesystem::path& path) const override { return !closed.contains(path.string()); }
    bool listens(const std::filesystem::path& socket) const override { return listening.contains(socket.string()); }
};

} // namespace jk::test
