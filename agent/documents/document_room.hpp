// DocumentRoom: implements Documents for the gate, and uploads and verification for the doors. Owner: main.
#pragma once
#include "agent/documents/document_process.hpp"
#include "agent/documents/library.hpp"
#include "jurukunci/documents.hpp"

#include <boost/asio/thread_pool.hpp>

#include <atomic>

namespace jk::documents {

class DocumentRoom final : public Documents {
public:
    DocumentRoom(net::any_io_executor executor, Library& library, DocumentProcess& process)
        : m_executor(executor), m_library(library), m_process(process) {}

    ~DocumentRoom() override { m_ending = true; }

    Task<std::vector<SealOutcome>> seal(const std::vector<SignItem>& items, const SealTerms& terms) override;

    /// Ends an upload: the document gets an id, and its pages and title where it is a PDF.
    Task<Outcome<DocumentFacts>> receive(std::string owner, Upload upload);
    Task<Outcome<std::string>> verify(std::string owner, StoredDocumentRef document, VerifyRequest request);
    Library& library() { return m_library; }
    DocumentProcess& process() { return m_process; }

private:
    struct Sealing;
    Task<void> seal_some(std::shared_ptr<Sealing> sealing);
    Task<SealOutcome> seal_one(SignItem item, const SealTerms& terms);
    Task<SealOutcome> seal_pades(SignItem item, StoredDocumentRef document, const SealTerms& terms);
    Task<SealOutcome> seal_whole(SignItem item, StoredDocumentRef document, const SealTerms& terms);
    Outcome<PieceRef> keep(const std::string& owner, const Update& update);
    /// Of the base, with any function; a document of 250 MB takes most of a second, so that others than the upload's own are computed
    /// on a thread, and once.
    Task<Outcome<RunningHash>> hash_of(StoredDocumentRef document, HashFunction function);
    std::shared_ptr<Hashing> start_hashing(PieceRef base, HashFunction function);

    net::any_io_executor m_executor;
    Library& m_library;
    DocumentProcess& m_process;
    std::atomic<bool> m_ending{false};
    net::thread_pool m_hashers{1}; ///< last: joined before anything it uses goes
};

} // namespace jk::documents
