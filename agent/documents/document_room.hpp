// DocumentRoom: implements Documents for the gate, and uploads and verification for the doors. Owner: main.
#pragma once
#include "agent/documents/document_process.hpp"
#include "agent/documents/library.hpp"
#include "jurukunci/documents.hpp"

namespace jk::documents {

class DocumentRoom final : public Documents {
public:
    DocumentRoom(net::any_io_executor executor, Library& library, DocumentProcess& process) : m_executor(executor), m_library(library), m_process(process) {}

    Task<std::vector<SealOutcome>> seal(const std::vector<SignItem>& items, const SealTerms& terms) override;

    /// Ends an upload: the document gets an id, and its pages and title where it is a PDF.
    Task<Outcome<DocumentFacts>> receive(std::string owner, Upload upload);
    Task<Outcome<std::string>> verify(StoredDocumentRef document, VerifyRequest request);
    Library& library() { return m_library; }
    DocumentProcess& process() { return m_process; }

private:
    Task<SealOutcome> seal_one(SignItem item, const SealTerms& terms);
    Task<SealOutcome> seal_pades(SignItem item, StoredDocumentRef document, const SealTerms& terms);
    SealOutcome seal_cades(const SignItem& item, const StoredDocumentRef& document, const SealTerms& terms);

    net::any_io_executor m_executor;
    Library& m_library;
    DocumentProcess& m_process;
};

} // namespace jk::documents
