// Tail: the newest rows of the log, in a file of their own until the database takes them. A row there costs one write; a transaction of SQLite costs
// eight, and some rows are written between two uses of a key. What is in the file survives the death of the process, as a commit with
// Durability::process does. Owner: Log; lives on the event loop. docs/protocol/audit.md has the layout.
#pragma once
#include "agent/audit/chain.hpp"
#include "jurukunci/outcome.hpp"
#include "jurukunci/unique_fd.hpp"

#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace jk::audit {

struct TailRow {
    std::int64_t row = 0;
    std::int64_t at_ms = 0;
    std::string kind, operation, body;
    Digest previous, hash;

    RowContent content() const { return {at_ms, kind, operation, body}; }
};

class Tail {
public:
    static constexpr std::size_t max_file = 16u << 20; ///< bytes; what is beyond is not read

    static Outcome<Tail> open(const std::filesystem::path& file);

    /// What read() gives of a file that another process may be writing; nothing where there is no file. Never changes it.
    static Outcome<std::vector<TailRow>> rows_in(const std::filesystem::path& file);

    /// Every whole row from the start on whose hash is right. A power cut may leave the last ones torn: those are no rows.
    Outcome<std::vector<TailRow>> read() const;
    /// All or none. audit_unavailable on a full disk.
    Outcome<void> add(std::span<const TailRow> rows);
    /// What is in the file now, once more under a name of its own (`audit.tail.left-…`).
    Outcome<void> keep_copy() const;
    /// The database has them now.
    Outcome<void> clear();

private:
    Tail(std::filesystem::path path, UniqueFd file, std::uint64_t size) : m_path(std::move(path)), m_file(std::move(file)), m_size(size) {}
    std::filesystem::path m_path;
    UniqueFd m_file;
    std::uint64_t m_size; ///< of the whole rows
};

} // namespace jk::audit
