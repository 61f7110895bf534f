// LogEscape: what a spawned coroutine ends with. Coroutines answer with outcomes; an exception that escapes one is our own fault and is said.
#pragma once
#include <spdlog/spdlog.h>

#include <exception>

namespace jk::ipc {

struct LogEscape {
    const char* who; ///< a literal, as the log names it

    void operator()(const std::exception_ptr& escaped) const {
        if (!escaped) return;
        try {
            std::rethrow_exception(escaped);
        } catch (const std::exception& e) {
            spdlog::error("{}: {}", who, e.what());
        }
    }
};

} // namespace jk::ipc
