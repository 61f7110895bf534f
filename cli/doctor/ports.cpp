#include "cli/doctor/examinations.hpp"

#include <algorithm>
#include <charconv>
#include <sstream>

namespace jk::doctor {
namespace {

constexpr unsigned first_port = 17845, last_port = 17849;
constexpr std::size_t most_lines = 10'000;

struct Listener {
    unsigned port = 0;
    uid_t user = 0;
    std::string inode;
};

/// proc(5), /proc/net/tcp: the local address is field 2, the state (0A: listening) 4, the user 8, the inode 10.
std::optional<Listener> listener_in(const std::string& line) {
    std::istringstream fields(line);
    std::string place, local, remote, state, queues, timer, retransmits, user, timeout, inode;
    fields >> place >> local >> remote >> state >> queues >> timer >> retransmits >> user >> timeout >> inode;
    const auto colon = local.rfind(':');
    if (state != "0A" || colon == std::string::npos || inode.empty()) return std::nullopt;
    Listener found;
    const auto digits = local.substr(colon + 1);
    if (std::from_chars(digits.data(), digits.data() + digits.size(), found.port, 16).ec != std::errc{}) return std::nullopt;
    if (std::from_chars(user.data(), user.data() + user.size(), found.user).ec != std::errc{}) return std::nullopt;
    found.inode = inode;
    return found;
}

std::vector<Listener> listeners(const Machine& machine) {
    std::vector<Listener> all;
    for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
        std::istringstream lines(machine.text(table, 4u << 20).value_or(""));
        std::size_t count = 0;
        for (std::string line; ++count < most_lines && std::getline(lines, line);)
            if (auto found = listener_in(line); found && found->port >= first_port && found->port <= last_port) all.push_back(std::move(*found));
    }
    return all;
}

bool has_socket(const Machine& machine, const std::filesystem::path& process, const std::string& inode) {
    const auto wanted = "socket:[" + inode + "]";
    return std::ranges::any_of(machine.names(process / "fd"), [&](const auto& fd) { return machine.link(process / "fd" / fd) == wanted; });
}

/// Another user's processes do not show their descriptors: then the user's name has to do.
std::string holder_of(const Machine& machine, const Listener& listener) {
    for (const auto& name : machine.names("/proc")) {
        if (!std::ranges::all_of(name, [](unsigned char c) { return std::isdigit(c) != 0; })) continue;
        const auto process = std::filesystem::path("/proc") / name;
        if (has_socket(machine, process, listener.inode)) return machine.line(process / "comm") + " (pid " + name + ")";
    }
    return machine.user_name(listener.user);
}

} // namespace

Findings examine_ports(const Machine& machine, bool agent_runs) {
    if (agent_runs) return {};
    const auto all = listeners(machine);
    std::string holders;
    for (unsigned port = first_port; port <= last_port; ++port) {
        const auto found = std::ranges::find(all, port, &Listener::port);
        if (found == all.end()) return {}; // one free port is enough
        const auto holder = holder_of(machine, *found);
        if (holders.find(holder) == std::string::npos) holders += (holders.empty() ? "" : ", ") + holder;
    }
    return {{Error(Errc::port_taken).with("ports", std::to_string(first_port) + "–" + std::to_string(last_port)).with("holder", holders)}};
}

} // namespace jk::doctor
