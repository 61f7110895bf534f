// Pace: how many digests may be at the worker. A crash leaves all of them unknown, so: no more than a token signs in five milliseconds,
// and one beyond those being signed so that it never waits for us.
#pragma once
#include <algorithm>
#include <chrono>
#include <cstddef>

namespace jk::pkcs11 {

class Pace {
public:
    explicit Pace(std::size_t lanes) : m_lanes(lanes) {}
    void finished(std::size_t items) { m_finished += items; }
    std::size_t most() const {
        using namespace std::chrono;
        if (m_finished == 0) return m_lanes * 2;
        const auto per_item = duration<double>(steady_clock::now() - m_started) / static_cast<double>(m_finished);
        return m_lanes + std::clamp<std::size_t>(static_cast<std::size_t>(duration<double>(5ms) / per_item), 1, 64);
    }

private:
    std::size_t m_lanes, m_finished = 0;
    std::chrono::steady_clock::time_point m_started = std::chrono::steady_clock::now();
};

} // namespace jk::pkcs11
