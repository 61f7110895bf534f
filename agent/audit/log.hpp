// Log: appends rows to the chain. Lives on the event loop; owner: main. A row that cannot be written is an error, never skipped.
#pragma once
#include "agent/audit/head_file.hpp"
#include "agent/audit/tail.hpp"
#include "agent/store/database.hpp"
#include "agent/store/device_key.hpp"
#include "jurukunci/clock.hpp"
#include "jurukunci/grant.hpp"

#include <functional>
#include <string>

namespace jk::audit {

class Log {
public:
    static Outcome<std::unique_ptr<Log>> open(store::Database& database, const store::DeviceKey& key, const Clock& clock);

    /// Runs `work`, which appends rows and may change other tables, as one commit. A commit that survives the machine carries a signed checkpoint.
    template <class Work> Outcome<void> commit(store::Durability durability, Work&& work) {
        const Head before = m_head;
        // Exceptions come back as outcomes, too: a head ahead of the rows would break the chain for good.
        auto outcome = m_database.transaction(durability, [&]() -> Outcome<void> {
            for (const auto& row : m_waiting) insert(row);
            if (auto ok = Outcome<void>(work()); !ok) return ok;
            if (durability == store::Durability::machine) write_checkpoint();
            return done();
        });
        if (!outcome) m_head = before;
        if (outcome) took_the_waiting();
        if (outcome && durability == store::Durability::machine) keep_head();
        return outcome;
    }

    /// Runs `work`, which only appends rows. They survive the death of this process and reach the database with the next commit, fold() at the
    /// latest: what reads the database meanwhile does not see them yet.
    template <class Work> Outcome<void> note(Work&& work) { return noted(std::function<void()>(std::forward<Work>(work))); }
    /// Brings into the database what is noted.
    Outcome<void> fold() {
        return m_waiting.empty() ? done() : commit(store::Durability::process, [] { return done(); });
    }
    /// Called when the first row waits: fold() is due soon.
    void on_waiting(std::function<void()> call) { m_on_waiting = std::move(call); }

    /// From now on each checkpoint is written there, too.
    void keep_head_in(HeadFile file) { m_head_file.emplace(std::move(file)); }

    /// Only inside commit() and note().
    AuditRow append(std::string_view kind, std::string_view operation, std::string_view body);

    const Head& head() const { return m_head; }
    /// Of the last checkpoint that this object wrote: a power cut does not take it back.
    const Head& durable_head() const { return m_durable_head; }
    store::Database& database() { return m_database; }

private:
    Log(store::Database& database, const store::DeviceKey& key, const Clock& clock, Tail tail)
        : m_database(database), m_key(key), m_clock(clock), m_tail(std::move(tail)) {}
    Outcome<void> noted(const std::function<void()>& work);
    Outcome<void> read_head();
    Outcome<void> read_tail();
    void insert(const TailRow& row);
    void took_the_waiting();
    void write_checkpoint();
    void keep_head();

    store::Database& m_database;
    const store::DeviceKey& m_key;
    const Clock& m_clock;
    Head m_head;
    Head m_durable_head;
    Bytes m_signature; ///< of the last checkpoint
    std::optional<HeadFile> m_head_file;
    Tail m_tail;
    std::vector<TailRow> m_waiting; ///< in the tail, not in the database
    std::vector<TailRow>* m_noting = nullptr;
    std::function<void()> m_on_waiting;
};

} // namespace jk::audit
