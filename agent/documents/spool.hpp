// Spool: where uploaded and signed bytes lie while an operation needs them: files without a name, gone with the agent whatever happens.
// Small pieces share one file and large ones get their own, so that ten thousand letters do not need ten thousand descriptors.
// Lives on the event loop; pieces keep the file alive. A piece counts for its owner from the moment it is announced until its bytes are gone,
// whoever holds it: an upload under way, a document, a sealed update, a download.
#pragma once
#include "jurukunci/bytes.hpp"
#include "jurukunci/outcome.hpp"
#include "jurukunci/unique_fd.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>

namespace jk::documents {

/// What an owner's pieces take, announced bytes included.
struct Account {
    std::uint64_t bytes = 0;
    std::size_t pieces = 0;
};
using AccountRef = std::shared_ptr<Account>;

/// A range of a spool file. Its destructor gives the space back to the file system and to its owner's account.
class Piece {
public:
    ~Piece();
    std::uint64_t size() const { return m_size; }
    Outcome<void> write(std::uint64_t at, ByteView bytes);
    /// Bytes read; fewer only at the end.
    Outcome<std::size_t> read(std::uint64_t at, std::uint8_t* to, std::size_t count) const;
    int fd() const { return m_file->get(); }
    std::uint64_t offset() const { return m_offset; } ///< of the piece in its file, for sendfile
    /// A read-only descriptor with exactly these bytes, for a process that may see nothing else.
    Outcome<UniqueFd> export_read_only() const;

private:
    friend class Spool;
    Piece(AccountRef account, std::shared_ptr<UniqueFd> file, std::uint64_t offset, std::uint64_t size, bool shared_file)
        : m_account(std::move(account)), m_file(std::move(file)), m_offset(offset), m_size(size), m_shared_file(shared_file) {
        m_account->bytes += size;
        ++m_account->pieces;
    }
    AccountRef m_account;
    std::shared_ptr<UniqueFd> m_file;
    std::uint64_t m_offset, m_size;
    bool m_shared_file;
};
using PieceRef = std::shared_ptr<Piece>;

class Spool {
public:
    explicit Spool(std::filesystem::path folder) : m_folder(std::move(folder)) {}
    Outcome<PieceRef> make(AccountRef account, std::uint64_t size);
    static constexpr std::uint64_t own_file_from = 1u << 20;

private:
    std::filesystem::path m_folder;
    std::shared_ptr<UniqueFd> m_shared;
    std::uint64_t m_end = 0;
};

} // namespace jk::documents
