// Runs one coroutine of the event loop to its end, as main would, and gives back its result.
#pragma once
#include "jurukunci/async.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <optional>

namespace jk::test {

template <class T> T run(net::io_context& context, Task<T> task) {
    std::optional<T> result;
    std::exception_ptr escaped;
    net::co_spawn(context, std::move(task), [&](std::exception_ptr e, T value) {
        escaped = e;
        result.emplace(std::move(value));
    });
    context.restart();
    while (!result) context.run_one();
    if (escaped) std::rethrow_exception(escaped);
    return std::move(*result);
}

} // namespace jk::test
