// SigningWindow: one login on one token, for one sealed list. Lives in the worker; its end logs out, closes and wipes the PIN.
#pragma once
#include "pkcs11/worker/messages.hpp"
#include "pkcs11/wrap/sign.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

namespace jk::pkcs11 {

/// Where the token was seen a moment ago, and what its owner calls it.
struct TokenPlace {
    CK_SLOT_ID slot = 0;
    std::string label;
};

class SigningWindow {
public:
    /// Whether an answer may wait a moment for the next one, so that they travel together.
    enum class Travel { now, with_the_next };
    /// Called from lane threads, one call at a time.
    using Answer = std::function<void(RequestId, Outcome<Bytes>, Travel)>;

    /// Logs in once and shows the key. `pin` is empty for a token with a PIN pad.
    static Outcome<std::unique_ptr<SigningWindow>> open(const Module& module, TokenPlace place, OpenRequest request, std::optional<Secret> pin,
                                                        Answer answer);
    ~SigningWindow();

    const KeyCustody& custody() const { return m_lanes.front().key.custody; }
    /// Signs the sealed digests at `indexes`, each once; the answers carry the numbers from `first` on.
    /// A second time, or an index outside the list, is refused without asking the token.
    void sign(RequestId first, std::span<const std::uint64_t> indexes);

private:
    struct Lane {
        Session session;
        PrivateKey key;
    };
    struct Job {
        RequestId id;
        std::size_t index;
    };

    SigningWindow(const Module& module, TokenPlace place, OpenRequest request, std::optional<Secret> pin, Answer answer)
        : m_module(module), m_place(std::move(place)), m_request(std::move(request)), m_pin(std::move(pin)), m_answer(std::move(answer)),
          m_signed(m_request.sealed.size()) {}
    void work(Lane& lane);
    Outcome<Bytes> sign_one(const Lane& lane, std::size_t index) const;
    Error explained(Error error, int lane);
    Error refusal(Error error, const Lane& lane);
    Outcome<void> log_in();
    Travel travel(std::chrono::steady_clock::time_point begun);

    const Module& m_module;
    const TokenPlace m_place;
    std::atomic<bool> m_looked_for_it = false; ///< once a window: a token that fails need not be slow as well
    OpenRequest m_request;
    std::optional<Secret> m_pin; ///< kept to the last item only where the key is CKA_ALWAYS_AUTHENTICATE
    Answer m_answer;
    std::vector<bool> m_signed;
    std::deque<Lane> m_lanes;
    std::optional<Login> m_login; ///< after m_lanes: logs out before the sessions close
    std::mutex m_mutex, m_answering;
    std::condition_variable m_wake;
    std::deque<Job> m_jobs;
    std::optional<std::chrono::steady_clock::time_point> m_waiting_since; ///< of the oldest answer that waits for the next; under m_answering
    std::optional<Error> m_pin_refused;                                   ///< at a signature, after the login had taken it; under m_mutex
    bool m_ending = false;
    std::vector<std::thread> m_threads;
};

} // namespace jk::pkcs11
