// Outbox: what must reach another computer, kept until a receipt for it is here. Weeks if need be. One entry per key: handing in the same thing
// twice changes nothing, here as at the receiver. Owner: as the casebook's.
#pragma once
#include "agent/store/database.hpp"
#include "jurukunci/bytes.hpp"
#include "jurukunci/clock.hpp"
#include "jurukunci/digest.hpp"

#include <optional>
#include <string>
#include <vector>

namespace jk::reports {

enum class Destination { registration_authority, archive, log_checkpoint };
std::string_view name_of(Destination destination);

struct Parcel {
    std::string key; ///< the idempotency key: a case's id, or the SHA-256 of a document
    Destination destination = Destination::registration_authority;
    std::string name; ///< of an archived document; empty for a report
    Bytes body;
    int tries = 0;
    WallTime due{};
};

struct ParcelState {
    std::string key, name;
    Destination destination = Destination::registration_authority;
    int tries = 0;
    WallTime due{};
    std::string last_fault;
    std::optional<std::string> receipt;
};

/// 30 s, doubled with each try up to six hours, and up to half of it more by chance: computers that were cut off together do not come back together.
/// `chance` from 0 to 1.
std::chrono::milliseconds wait_before_try(int tries, double chance);
inline constexpr std::chrono::hours longest_wait{9};

class Outbox {
public:
    static Outcome<Outbox> open(store::Database& database);
    /// In a transaction of the caller's.
    void put(const Parcel& parcel);
    Outcome<void> put_durably(const Parcel& parcel);
    /// In the place of every other one for the same destination that still waits: only the newest is wanted there. In a transaction of the caller's.
    void put_instead(const Parcel& parcel);
    /// The last one that was put in for this destination.
    Outcome<std::optional<ParcelState>> newest(Destination destination) const;
    /// The one for this destination that has waited longest: no destination waits for another. A due time further away than any wait comes from a
    /// clock that was ahead: it is due now.
    Outcome<std::optional<Parcel>> next(WallTime now, Destination destination);
    /// Of what has no receipt yet.
    Outcome<std::uint64_t> waiting_bytes(Destination destination);
    /// On the disk before this returns: a receipt is not asked for twice without need, and never lost.
    Outcome<void> delivered(const Parcel& parcel, const std::string& receipt);
    Outcome<void> failed(const Parcel& parcel, const std::string& fault, WallTime now, double chance);
    /// Somebody asks for it now: the next try does not wait.
    Outcome<void> hurry(const std::string& key, WallTime now);
    Outcome<std::optional<ParcelState>> state_of(const std::string& key);
    Outcome<std::vector<ParcelState>> all();

private:
    explicit Outbox(store::Database& database) : m_database(&database) {}
    store::Database* m_database;
};

} // namespace jk::reports
