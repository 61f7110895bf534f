// Operation: one signing request from its arrival to the end of its results' keeping, as the doors show it.
// Owner: Operations and the coroutine that carries it out, by shared_ptr. Lives on the event loop.
#pragma once
#include "agent/audit/log.hpp"
#include "ipc/event.hpp"
#include "jurukunci/documents.hpp"
#include "jurukunci/requests.hpp"

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace jk::gate {

enum class OperationState { preparing, waiting_consent, signing, done, refused, cancelled, failed };
enum class ItemState { sealed, started, signed_, rejected, failed, unknown };

std::string_view name_of(OperationState state);
std::string_view name_of(ItemState state);

struct OperationItem {
    std::string name;
    ItemState state = ItemState::sealed;
    std::optional<SignedItem> result;
    std::optional<Error> error;
};

class Operation {
public:
    Operation(net::any_io_executor executor, std::string operation_id, SignRequest operation_request);

    const std::string id;
    SignRequest request;     ///< its items only until the end: results are in `items`
    std::string fingerprint; ///< of the request as it came, to tell a repeated request from another with the same id
    WallTime created{};
    OperationState state = OperationState::preparing;
    std::vector<OperationItem> items;
    std::optional<Error> error;
    CertificateRef certificate;
    std::optional<Mechanism> mechanism; ///< once one is chosen
    std::string marking;
    std::optional<audit::Head> audit_head;
    std::chrono::steady_clock::time_point last_seen; ///< when its caller last asked for it
    std::optional<std::chrono::steady_clock::time_point> kept_until;
    std::optional<WallTime> kept_until_wall;
    std::optional<Errc> cancelled; ///< somebody wants it to end before consent
    std::stop_source sealing;      ///< stopped with it, so that no document is worked on for nobody
    ConsentId consent;
    bool in_log = false; ///< its consent is a row of the log, so that its end must become one, too

    bool finished() const {
        return state == OperationState::done || state == OperationState::refused || state == OperationState::cancelled ||
               state == OperationState::failed;
    }
    bool before_consent() const { return state == OperationState::preparing || state == OperationState::waiting_consent; }
    std::size_t signed_count() const;

    /// Every change the caller should see: counts revisions and wakes long polls.
    void changed();
    std::uint64_t revision() const { return m_revision; }
    ipc::Event& event() { return m_event; }
    ipc::Event& ended() { return m_ended; } ///< for callers who want the end and not every step

private:
    std::uint64_t m_revision = 1;
    ipc::Event m_event, m_ended;
};
using OperationRef = std::shared_ptr<Operation>;

} // namespace jk::gate
