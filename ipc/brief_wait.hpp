// BriefWait: is what we wait for so near that looking for it again and again costs less than to sleep and be woken? Waking a processor that went idle
// takes tens of microseconds, on a virtual machine hundreds, and a signature by a fast token less than that. Rule: the wait will be as long as the
// last one of its kind. Where that was brief, look from the start; where it was a few milliseconds, sleep for most of it first; else sleep, as for a
// slow token, or a program that signs now and then. It is never looked for longer than a brief wait lasts. docs/adr/0038 has the figures.
#pragma once
#include <chrono>
#include <optional>
#include <utility>

namespace jk::ipc {

class BriefWait {
public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::microseconds brief{500}; ///< what one wrong guess costs
    static constexpr std::chrono::milliseconds foreseeable{5};

    struct Look {
        Clock::time_point from, until;
    };
    /// A wait begins. When to look; nothing: sleep.
    std::optional<Look> begin(Clock::time_point now) {
        m_begun = now;
        if (m_last > foreseeable) return std::nullopt;
        const auto from = m_last <= brief ? now : now + m_last * 7 / 8;
        return Look{from, from + brief};
    }
    /// It came; a second end without a begin says nothing.
    void end(Clock::time_point now) {
        if (m_begun) m_last = now - *std::exchange(m_begun, std::nullopt);
    }

private:
    std::optional<Clock::time_point> m_begun;
    Clock::duration m_last = Clock::duration::max();
};

} // namespace jk::ipc
