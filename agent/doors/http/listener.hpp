// Owning a port: the same number on 127.0.0.1 and on ::1, or not at all. A squatter on ::1 would otherwise get what a page sends to "localhost".
#pragma once
#include "jurukunci/async.hpp"
#include "jurukunci/outcome.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <optional>
#include <vector>

namespace jk::doors {

using tcp = net::ip::tcp;

struct Listeners {
    std::vector<tcp::acceptor> acceptors; ///< one or two: without IPv6 in the kernel there is no ::1 to own
    unsigned short port = 0;
};

inline constexpr unsigned short first_port = 17845, last_port = 17849;

/// `wanted`: exactly that port, 0 for any free one; without it the first of 17845–17849. The error names who holds them.
Outcome<Listeners> listen_on_loopback(net::any_io_executor executor, std::optional<unsigned short> wanted);

} // namespace jk::doors
