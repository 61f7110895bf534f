// Database: the agent's SQLite file, and transactions with a stated durability. Lives on the event loop; owner: main.
#pragma once
#include "jurukunci/outcome.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace jk::store {

/// What a commit survives: the death of this process, or also of the machine (one fsync).
enum class Durability { process, machine };

class Database {
public:
    static Outcome<std::unique_ptr<Database>> open(const std::filesystem::path& file);

    /// Runs `work` in one transaction; an exception or an error undoes it all. Full or broken storage is audit_unavailable.
    template <class Work> Outcome<void> transaction(Durability durability, Work&& work) {
        return in_transaction(durability, [&] { return Outcome<void>(work()); });
    }

    /// A prepared statement, kept for the next use; reset and without bindings.
    SQLite::Statement& prepared(const std::string& sql);
    SQLite::Database& raw() { return m_database; }

private:
    class Transaction;
    explicit Database(const std::filesystem::path& file);
    Outcome<void> in_transaction(Durability durability, const std::function<Outcome<void>()>& work);
    void set_durability(Durability durability);

    SQLite::Database m_database;
    std::map<std::string, std::unique_ptr<SQLite::Statement>> m_prepared;
    Durability m_durability = Durability::process;
};

} // namespace jk::store
