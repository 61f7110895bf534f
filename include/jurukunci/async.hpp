// Names for Asio that every asynchronous interface uses.
#pragma once
#include <utility> // before Asio: g++ 12

#include <boost/asio/awaitable.hpp>

namespace jk {

namespace net = boost::asio;

/// A coroutine of the agent's one event loop. It takes values, or references to things that outlive it.
template <class T> using Task = net::awaitable<T>;

} // namespace jk
