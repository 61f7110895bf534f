#include "agent/doors/http/listener.hpp"

#include <boost/asio/ip/v6_only.hpp>
#include <pwd.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace jk::doors {
namespace {

namespace fs = std::filesystem;

bool bind(tcp::acceptor& acceptor, const tcp::endpoint& endpoint, boost::system::error_code& ec) {
    acceptor.open(endpoint.protocol(), ec);
    if (!ec && endpoint.address().is_v6()) acceptor.set_option(net::ip::v6_only(true), ec);
    if (!ec) acceptor.set_option(tcp::acceptor::reuse_address(true), ec); // past TIME_WAIT only: Linux lets no second listener in
    if (!ec) acceptor.bind(endpoint, ec);
    if (!ec) acceptor.listen(64, ec);
    return !ec;
}

bool no_ipv6(const boost::system::error_code& ec) { return ec == net::error::address_family_not_supported || ec.value() == EADDRNOTAVAIL; }

std::optional<Listeners> try_port(net::any_io_executor executor, unsigned short port) {
    Listeners listeners;
    boost::system::error_code ec;
    tcp::acceptor v4(executor);
    if (!bind(v4, {net::ip::address_v4::loopback(), port}, ec)) return std::nullopt;
    listeners.port = v4.local_endpoint().port();
    tcp::acceptor v6(executor);
    const bool both = bind(v6, {net::ip::address_v6::loopback(), listeners.port}, ec);
    if (!both && !no_ipv6(ec)) return std::nullopt;
    listeners.acceptors.push_back(std::move(v4));
    if (both) listeners.acceptors.push_back(std::move(v6));
    return listeners;
}

/// The user that listens on `port`, and the program if it is one of ours to look at.
std::string holder_of(unsigned short port) {
    char wanted[8];
    std::snprintf(wanted, sizeof wanted, ":%04X", port);
    for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
        std::ifstream file(table);
        std::string line;
        std::getline(file, line);
        while (std::getline(file, line)) {
            std::istringstream fields(line);
            std::string place, local, remote, state, queues, timer, retransmits, uid, timeout, inode;
            fields >> place >> local >> remote >> state >> queues >> timer >> retransmits >> uid >> timeout >> inode;
            if (state != "0A" || !local.ends_with(wanted)) continue;
            const passwd* user = getpwuid(static_cast<uid_t>(std::stoul(uid)));
            std::string holder = user != nullptr ? std::string("user ") + user->pw_name : "uid " + uid;
            std::error_code ec;
            for (const auto& process : fs::directory_iterator("/proc", ec)) {
                std::error_code hidden;
                for (const auto& fd : fs::directory_iterator(process.path() / "fd", hidden)) {
                    std::error_code gone;
                    if (fs::read_symlink(fd.path(), gone).string() != "socket:[" + inode + "]") continue;
                    std::ifstream name(process.path() / "comm");
                    std::string program;
                    std::getline(name, program);
                    return std::string(program).append(" (pid ").append(process.path().filename().string()).append(", ").append(holder).append(")");
                }
            }
            return holder;
        }
    }
    return "another program";
}

} // namespace

Outcome<Listeners> listen_on_loopback(net::any_io_executor executor, std::optional<unsigned short> wanted) {
    const unsigned short from = wanted.value_or(first_port), to = wanted.value_or(last_port);
    for (unsigned port = from; port <= to; ++port)
        if (auto listeners = try_port(executor, static_cast<unsigned short>(port))) return std::move(*listeners);
    const std::string ports = from == to ? std::to_string(from) : std::to_string(from) + "–" + std::to_string(to);
    return Error{Errc::port_taken}.with("ports", ports).with("holder", holder_of(from));
}

} // namespace jk::doors
