#include "pkcs11/worker/signing_window.hpp"

namespace jk::pkcs11 {

Outcome<std::unique_ptr<SigningWindow>> SigningWindow::open(const Module& module, CK_SLOT_ID slot, OpenRequest request, std::optional<Secret> pin,
                                                            Answer answer) {
    std::unique_ptr<SigningWindow> window(new SigningWindow(std::move(request), std::move(pin), std::move(answer)));
    auto first = Session::open(module, slot, 1);
    if (!first) return std::move(first).error();
    window->m_lanes.push_back({std::move(*first), {}});
    auto login = window->m_pin ? Login::with_pin(window->m_lanes[0].session, *window->m_pin) : Login::on_pin_pad(window->m_lanes[0].session);
    if (!login) return std::move(login).error();
    window->m_login.emplace(std::move(*login));

    auto key = find_key(window->m_lanes[0].session, window->m_request.certificate, window->m_request.public_key);
    if (!key) return std::move(key).error();
    window->m_lanes[0].key = *key;
    if (!key->custody.always_authenticate) {
        window->m_pin.reset();
        // A token that gives no second session still signs, on one lane.
        for (std::uint32_t lane = 2; lane <= window->m_request.lanes && lane < CallBoard::lanes; ++lane) {
            auto another = Session::open(module, slot, static_cast<int>(lane));
            if (!another) break;
            window->m_lanes.push_back({std::move(*another), *key});
        }
    }
    for (auto& lane : window->m_lanes) window->m_threads.emplace_back([w = window.get(), &lane] { w->work(lane); });
    return window;
}

SigningWindow::~SigningWindow() {
    {
        const std::lock_guard lock(m_mutex);
        m_ending = true;
        m_jobs.clear();
    }
    m_wake.notify_all();
    for (auto& thread : m_threads) thread.join();
}

void SigningWindow::sign(RequestId first, std::span<const std::uint64_t> indexes) {
    std::vector<std::pair<RequestId, const char*>> refused;
    {
        const std::lock_guard lock(m_mutex);
        for (std::size_t i = 0; i < indexes.size(); ++i) {
            const auto id = first + static_cast<RequestId>(i);
            if (indexes[i] >= m_signed.size()) {
                refused.emplace_back(id, "not on the list");
            } else if (m_signed[indexes[i]]) {
                refused.emplace_back(id, "asked twice");
            } else {
                m_signed[indexes[i]] = true; // marked before the token is asked: whatever happens then, never again
                m_jobs.push_back({id, static_cast<std::size_t>(indexes[i])});
            }
        }
    }
    m_wake.notify_all();
    const std::lock_guard one(m_answering);
    for (const auto& [id, why] : refused) m_answer(id, Error{Errc::digest_not_granted, why}, Travel::now);
}

/// On a fast token a system call and a turn of the agent's loop for each signature cost half as much as the signature. An answer waits only for
/// work that is there, for a millisecond at most, and never behind a token that takes its time.
SigningWindow::Travel SigningWindow::travel(std::chrono::steady_clock::time_point begun) {
    using namespace std::chrono_literals;
    const auto now = std::chrono::steady_clock::now();
    if (!m_waiting_since) m_waiting_since = now;
    const std::lock_guard lock(m_mutex);
    if (!m_jobs.empty() && now - begun < 500us && now - *m_waiting_since < 1ms) return Travel::with_the_next;
    m_waiting_since.reset();
    return Travel::now;
}

void SigningWindow::work(Lane& lane) {
    for (;;) {
        Job job{};
        {
            std::unique_lock lock(m_mutex);
            m_wake.wait(lock, [&] { return m_ending || !m_jobs.empty(); });
            if (m_ending) return;
            job = m_jobs.front();
            m_jobs.pop_front();
        }
        const auto begun = std::chrono::steady_clock::now();
        auto signature = jk::pkcs11::sign(lane.session, lane.key, m_request.mechanism, m_request.sealed[job.index], m_pin ? &*m_pin : nullptr);
        const std::lock_guard one(m_answering);
        m_answer(job.id, std::move(signature), travel(begun));
    }
}

} // namespace jk::pkcs11
