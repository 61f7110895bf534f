// Library: the documents of each origin, uploaded or signed here, until they are released or their time is over.
// Lives on the event loop; owner: main. A document of one origin does not exist for another.
#pragma once
#include "agent/documents/running_hash.hpp"
#include "agent/documents/spool.hpp"
#include "ipc/event.hpp"
#include "jurukunci/documents.hpp"

#include <atomic>
#include <chrono>
#include <map>
#include <optional>
#include <vector>

namespace jk::documents {

/// A digest that is being computed beside the loop, or was.
struct Hashing {
    explicit Hashing(net::any_io_executor executor) : done(std::move(executor)) {}
    std::optional<Outcome<RunningHash>> result;
    ipc::Event done;
};

/// One or more pieces that read as one file: a signed document is the upload followed by what signing appended.
struct StoredDocument {
    DocumentFacts facts;
    PieceRef base;
    PieceRef tail;                                                   ///< null for an upload
    RunningHash hash;                                                ///< over the base; can be continued
    std::map<HashFunction, std::shared_ptr<Hashing>> other_hashes{}; ///< over the base, computed when they are first wanted
    std::optional<Error> ran_out{};                                  ///< a life used up its memory or time on it: no other is spent on it
    std::chrono::steady_clock::time_point kept_until{};
    std::uint64_t size() const { return base->size() + (tail ? tail->size() : 0); }
};
using StoredDocumentRef = std::shared_ptr<StoredDocument>;

/// An upload under way: as many bytes as were announced, no more.
class Upload {
public:
    Upload(PieceRef piece) : m_piece(std::move(piece)) {}
    Outcome<void> write(ByteView bytes);
    bool complete() const { return m_written == m_piece->size(); }

private:
    friend class Library;
    PieceRef m_piece;
    std::uint64_t m_written = 0;
    RunningHash m_hash;
    bool m_pdf = false;
};

struct LibraryLimits {
    std::uint64_t document_bytes = 256ull << 20;
    std::uint64_t bytes_per_owner = 2ull << 30;
    std::size_t documents_per_owner = 20'000;
    std::chrono::steady_clock::duration keep = std::chrono::minutes(15);
};

class Library {
public:
    Library(std::filesystem::path folder, LibraryLimits limits) : m_spool(std::move(folder)), m_limits(limits) {}

    Outcome<Upload> begin(const std::string& owner, std::uint64_t size);
    /// The upload becomes a document. Its pages and title are not known yet.
    Outcome<StoredDocumentRef> finish(const std::string& owner, Upload upload);
    /// A signed document: `base` of another, and a new tail.
    StoredDocumentRef add(const std::string& owner, PieceRef base, PieceRef tail, RunningHash base_hash, const Digest& whole);
    /// Room for what signing appends. It counts for the owner as an upload does.
    Outcome<PieceRef> piece(const std::string& owner, std::uint64_t size);

    Outcome<StoredDocumentRef> find(const std::string& owner, const DocumentId& id);
    bool release(const std::string& owner, const DocumentId& id);
    void expire(std::chrono::steady_clock::time_point now);
    const LibraryLimits& limits() const { return m_limits; }

private:
    struct Shelf {
        std::map<std::string, StoredDocumentRef> documents;
        AccountRef account = std::make_shared<Account>();
    };
    StoredDocumentRef put(const std::string& owner, StoredDocument document);

    Spool m_spool;
    LibraryLimits m_limits;
    std::map<std::string, Shelf> m_shelves; ///< by owner
};

/// Digest of the whole base with another function than the running one; reads it again, and gives up when `ending`. For a thread that has time.
Outcome<RunningHash> rehash(const Piece& base, HashFunction hash, const std::atomic<bool>& ending);

} // namespace jk::documents
