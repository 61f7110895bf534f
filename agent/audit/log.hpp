// Log: appends rows to the chain. Lives on the event loop; owner: main. A row that cannot be written is an error, never skipped.
#pragma once
#include "agent/audit/chain.hpp"
#include "agent/store/database.hpp"
#include "agent/store/device_key.hpp"
#include "jurukunci/clock.hpp"
#include "jurukunci/grant.hpp"

#include <string>

namespace jk::audit {

struct Head {
    std::int64_t row = 0; ///< 0: the log is empty
    Digest hash = genesis();
};

class Log {
public:
    static Outcome<std::unique_ptr<Log>> open(store::Database& database, const store::DeviceKey& key, const Clock& clock);

    /// Runs `work`, which appends rows and may change other tables, as one commit. A commit that survives the machine carries a signed checkpoint.
    template <class Work> Outcome<void> commit(store::Durability durability, Work&& work) {
        const Head before = m_head;
        // Exceptions come back as outcomes, too: a head ahead of the rows would break the chain for good.
        auto outcome = m_database.transaction(durability, [&]() -> Outcome<void> {
            if (auto ok = Outcome<void>(work()); !ok) return ok;
            if (durability == store::Durability::machine) write_checkpoint();
            return done();
        });
        if (!outcome) m_head = before;
        return outcome;
    }

    /// Only inside commit().
    AuditRow append(std::string_view kind, std::string_view operation, std::string_view body);

    const Head& head() const { return m_head; }
    store::Database& database() { return m_database; }

private:
    Log(store::Database& database, const store::DeviceKey& key, const Clock& clock) : m_database(database), m_key(key), m_clock(clock) {}
    void write_checkpoint();

    store::Database& m_database;
    const store::DeviceKey& m_key;
    const Clock& m_clock;
    Head m_head;
};

} // namespace jk::audit
