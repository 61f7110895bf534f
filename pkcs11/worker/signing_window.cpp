#include "pkcs11/worker/signing_window.hpp"

#include "pkcs11/wrap/removal.hpp"

namespace jk::pkcs11 {

Outcome<std::unique_ptr<SigningWindow>> SigningWindow::open(const Module& module, TokenPlace place, OpenRequest request, std::optional<Secret> pin,
                                                            Answer answer) {
    std::unique_ptr<SigningWindow> window(new SigningWindow(module, std::move(place), std::move(request), std::move(pin), std::move(answer)));
    if (auto ok = window->log_in(); !ok) return window->explained(std::move(ok).error(), 1);
    for (auto& lane : window->m_lanes) window->m_threads.emplace_back([w = window.get(), &lane] { w->work(lane); });
    return window;
}

Outcome<void> SigningWindow::log_in() {
    auto first = Session::open(m_module, m_place.slot, 1);
    if (!first) return std::move(first).error();
    m_lanes.push_back({std::move(*first), {}});
    auto login = m_pin ? Login::with_pin(m_lanes[0].session, *m_pin) : Login::on_pin_pad(m_lanes[0].session);
    if (!login) return std::move(login).error();
    m_login.emplace(std::move(*login));

    auto key = find_key(m_lanes[0].session, m_request.certificate, m_request.public_key);
    if (!key) return std::move(key).error();
    m_lanes[0].key = *key;
    if (key->custody.always_authenticate) return done();
    m_pin.reset();
    // A token that gives no second session still signs, on one lane.
    for (std::uint32_t lane = 2; lane <= m_request.lanes && lane < CallBoard::lanes; ++lane) {
        auto another = Session::open(m_module, m_place.slot, static_cast<int>(lane));
        if (!another) break;
        m_lanes.push_back({std::move(*another), *key});
    }
    return done();
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

/// One lane looks for all of them.
Error SigningWindow::explained(Error error, int lane) {
    if (error.code == Errc::token_failed && m_looked_for_it.exchange(true)) return error;
    error = pkcs11::explained(std::move(error), m_module, {m_place.slot, m_request.serial, m_place.label}, lane);
    if (went_away(error)) m_looked_for_it = true;
    return error;
}

Outcome<Bytes> SigningWindow::sign_one(const Lane& lane, std::size_t index) const {
    const Secret* pin = m_pin ? &*m_pin : nullptr;
    if (!m_request.hashed.empty()) return sign_hashing(lane.session, lane.key, m_request.mechanism, m_request.hashed[index], pin);
    return jk::pkcs11::sign(lane.session, lane.key, m_request.mechanism, m_request.sealed[index], pin);
}

/// After a PIN that the token refused for one signature nothing else is tried: the same PIN, or the person's finger on the reader once more, would
/// use up its tries one by one.
Error SigningWindow::refusal(Error error, const Lane& lane) {
    error = explained(std::move(error), lane.session.lane());
    if (error.code != Errc::pin_incorrect && error.code != Errc::pin_locked) return error;
    const std::lock_guard lock(m_mutex);
    m_pin_refused = error;
    return error;
}

void SigningWindow::work(Lane& lane) {
    for (;;) {
        Job job{};
        std::optional<Error> refused;
        {
            std::unique_lock lock(m_mutex);
            m_wake.wait(lock, [&] { return m_ending || !m_jobs.empty(); });
            if (m_ending) return;
            job = m_jobs.front();
            m_jobs.pop_front();
            refused = m_pin_refused;
        }
        const auto begun = std::chrono::steady_clock::now();
        auto signature = refused ? Outcome<Bytes>(*refused) : sign_one(lane, job.index);
        if (!signature && !refused) signature = refusal(std::move(signature).error(), lane);
        const std::lock_guard one(m_answering);
        const auto how = signature ? travel(begun) : Travel::now; // what ends a batch does not wait for what comes after it
        m_answer(job.id, std::move(signature), how);
    }
}

} // namespace jk::pkcs11
