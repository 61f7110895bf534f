#include "agent/audit/what_is_there.hpp"

#include "agent/audit/head_file.hpp"
#include "agent/audit/segments.hpp"
#include "agent/audit/tail.hpp"

#include <algorithm>

namespace jk::audit {
namespace {

namespace fs = std::filesystem;

constexpr int corrupt = 11, not_a_database = 26, short_read = 10 | (2 << 8); // SQLite's result codes

std::optional<Digest> digest_in(const SQLite::Column& column) {
    const auto* bytes = static_cast<const std::uint8_t*>(column.getBlob());
    if (bytes == nullptr) return std::nullopt;
    return Digest::from(HashFunction::sha256, {bytes, static_cast<std::size_t>(column.getBytes())});
}

bool has_table(SQLite::Database& database, const char* name) {
    SQLite::Statement table(database, "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?");
    table.bind(1, name);
    return table.executeStep();
}

class Look {
public:
    Look(SQLite::Database& database, const store::DeviceKey& key, WhatIsThere& there) : m_database(database), m_key(key), m_there(there) {}

    std::string fault() {
        if (!has_table(m_database, "log") || !has_table(m_database, "checkpoint")) return "empty";
        SQLite::Statement newest(m_database, "SELECT row, hash FROM log ORDER BY row DESC LIMIT 1");
        const bool some = newest.executeStep();
        if (some) {
            const auto hash = digest_in(newest.getColumn(1));
            if (!hash) return "damaged";
            m_there.head = {newest.getColumn(0).getInt64(), *hash};
        }
        if (const auto fault = checkpoint_fault(); !fault.empty()) return fault;
        if (!some) return "empty";
        for (const auto& witness : m_there.witnesses)
            if (const auto fault = told_by(witness); !fault.empty()) return fault;
        return {};
    }

private:
    std::string checkpoint_fault() {
        SQLite::Statement last(m_database, "SELECT row, hash, signature FROM checkpoint ORDER BY row DESC LIMIT 1");
        if (!last.executeStep()) return {};
        const auto row = last.getColumn(0).getInt64();
        const auto hash = digest_in(last.getColumn(1));
        const auto signature = last.getColumn(2);
        const ByteView bytes(static_cast<const std::uint8_t*>(signature.getBlob()), static_cast<std::size_t>(signature.getBytes()));
        if (!hash || !m_key.verifies(checkpoint_message(row, *hash), bytes)) return "of another key";
        if (row > m_there.head.row) {
            m_there.witnesses.push_back({"checkpoint", {row, *hash}});
            return m_there.head.row == 0 ? "empty" : "shorter";
        }
        return hash_at(row) == hash ? std::string() : "replaced";
    }

    std::string told_by(const Witness& witness) {
        if (witness.head.row == 0 || is_in_the_loss(witness)) return {};
        if (witness.head.row > m_there.head.row) return "shorter";
        const auto hash = hash_at(witness.head.row);
        if (!hash) return witness.head.row <= base_row() ? std::string() : "replaced";
        return *hash == witness.head.hash ? std::string() : "replaced";
    }

    /// A witness of the log before this one, that this one has named: it has said what it had to say.
    bool is_in_the_loss(const Witness& witness) {
        SQLite::Statement named(m_database, "SELECT 1 FROM log WHERE row = 1 AND kind = 'log-lost' AND instr(body, ?) > 0");
        named.bind(1, witness.head.hash.hex());
        return named.executeStep();
    }

    std::int64_t base_row() {
        const auto base = base_of(m_database);
        return base ? base->row : 0;
    }

    /// No value where the row is in a segment of its own by now.
    std::optional<Digest> hash_at(std::int64_t row) {
        SQLite::Statement at(m_database, "SELECT hash FROM log WHERE row = ?");
        at.bind(1, row);
        return at.executeStep() ? digest_in(at.getColumn(0)) : std::nullopt;
    }

    SQLite::Database& m_database;
    const store::DeviceKey& m_key;
    WhatIsThere& m_there;
};

/// What the database itself shows. A full disk or a lock is no damage, and nothing follows from it.
Outcome<std::string> fault_of_database(const fs::path& file, const store::DeviceKey& key, WhatIsThere& there) {
    std::error_code ec;
    if (!fs::exists(file, ec) && !ec) return std::string("absent");
    try {
        SQLite::Database database(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_NOFOLLOW, 2000);
        return Look(database, key, there).fault();
    } catch (const SQLite::Exception& e) {
        if (e.getErrorCode() == corrupt || e.getErrorCode() == not_a_database || e.getExtendedErrorCode() == short_read)
            return std::string("damaged");
        return Error{Errc::audit_unavailable, e.what()}.with("reason", e.what());
    }
}

} // namespace

Head WhatIsThere::known() const {
    Head furthest = head;
    for (const auto& witness : witnesses)
        if (witness.head.row > furthest.row) furthest = witness.head;
    return furthest;
}

Outcome<WhatIsThere> look_at_log(const fs::path& folder, const store::DeviceKey& key, bool born, std::vector<Witness> others) {
    WhatIsThere there;
    there.witnesses = std::move(others);
    const auto record = HeadFile::read(folder / "audit.head");
    if (!record) return record.error();
    // A record that a power cut tore is none; one that another key signed tells of a log all the same.
    if (*record && (*record)->head.row > 0) there.witnesses.push_back({"audit.head", (*record)->head});
    const bool torn = *record && (*record)->head.row > 0 && !(*record)->signed_by(key);
    if (torn && std::filesystem::exists(folder / "audit.db")) there.witnesses.pop_back();
    const auto tail = Tail::rows_in(folder / "audit.tail");
    if (!tail) return tail.error();
    there.tail_rows = tail->size();
    auto fault = fault_of_database(folder / "audit.db", key, there);
    if (!fault) return fault.error();
    there.fault = std::move(*fault);
    const bool nothing_ever = born || (*record && (*record)->head.row == 0);
    const bool nobody_knows = std::ranges::none_of(there.witnesses, [](const Witness& w) { return w.head.row > 0; }) && there.tail_rows == 0;
    if ((there.fault == "absent" || there.fault == "empty") && nothing_ever && nobody_knows) there.fault.clear();
    return there;
}

} // namespace jk::audit
