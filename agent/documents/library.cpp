#include "agent/documents/library.hpp"

#include "jurukunci/encoding.hpp"

#include <algorithm>

namespace jk::documents {
namespace {

Error too_large(std::string what, std::uint64_t limit) {
    return Error{Errc::too_large}.with("what", std::move(what)).with("limit", std::to_string(limit >> 20) + " MiB");
}

} // namespace

Outcome<void> Upload::write(ByteView bytes) {
    if (m_written == 0) {
        // ISO 32000-1 annex H, note 13: viewers look for the header in the first 1024 bytes.
        const auto start = text_of(bytes.first(std::min<std::size_t>(bytes.size(), 1024)));
        m_pdf = start.find("%PDF-") != std::string_view::npos;
    }
    if (auto ok = m_piece->write(m_written, bytes); !ok) return ok;
    m_hash.update(bytes);
    m_written += bytes.size();
    return done();
}

Outcome<Upload> Library::begin(const std::string& owner, std::uint64_t size) {
    if (size == 0) return Error{Errc::request_malformed, "empty body"}.with("field", "body").with("fault", "is empty");
    if (size > m_limits.document_bytes) return too_large("document", m_limits.document_bytes);
    auto announced = piece(owner, size);
    if (!announced) return std::move(announced).error();
    return Upload(std::move(*announced));
}

Outcome<PieceRef> Library::piece(const std::string& owner, std::uint64_t size) {
    const auto& account = m_shelves[owner].account;
    if (account->bytes + size > m_limits.bytes_per_owner) return too_large("all documents together", m_limits.bytes_per_owner);
    if (account->pieces >= m_limits.documents_per_owner) return Error{Errc::too_many}.with("what", "documents");
    return m_spool.make(account, size);
}

StoredDocumentRef Library::put(const std::string& owner, StoredDocument document) {
    document.facts.id = {"d_" + random_id(16)};
    document.kept_until = std::chrono::steady_clock::now() + m_limits.keep;
    auto stored = std::make_shared<StoredDocument>(std::move(document));
    m_shelves[owner].documents[stored->facts.id.value] = stored;
    return stored;
}

Outcome<StoredDocumentRef> Library::finish(const std::string& owner, Upload upload) {
    if (!upload.complete())
        return Error{Errc::request_malformed, "upload ended early"}.with("field", "body").with("fault", "is shorter than Content-Length");
    DocumentFacts facts;
    facts.sha256 = upload.m_hash.digest();
    facts.size = upload.m_piece->size();
    facts.mime_type = upload.m_pdf ? "application/pdf" : "application/octet-stream";
    return put(owner, {std::move(facts), std::move(upload.m_piece), nullptr, std::move(upload.m_hash)});
}

StoredDocumentRef Library::add(const std::string& owner, PieceRef base, PieceRef tail, RunningHash base_hash, const Digest& whole) {
    DocumentFacts facts;
    facts.sha256 = whole;
    facts.size = base->size() + tail->size();
    facts.mime_type = "application/pdf";
    return put(owner, {std::move(facts), std::move(base), std::move(tail), std::move(base_hash)});
}

Outcome<StoredDocumentRef> Library::find(const std::string& owner, const DocumentId& id) {
    const auto shelf = m_shelves.find(owner);
    if (shelf != m_shelves.end())
        if (const auto place = shelf->second.documents.find(id.value); place != shelf->second.documents.end()) return place->second;
    return Error{Errc::not_found}.with("what", "document " + id.value);
}

bool Library::release(const std::string& owner, const DocumentId& id) {
    const auto shelf = m_shelves.find(owner);
    if (shelf == m_shelves.end()) return false;
    return shelf->second.documents.erase(id.value) > 0;
}

void Library::expire(std::chrono::steady_clock::time_point now) {
    for (auto& [owner, shelf] : m_shelves) std::erase_if(shelf.documents, [&](const auto& entry) { return entry.second->kept_until <= now; });
    std::erase_if(m_shelves, [](const auto& entry) { return entry.second.documents.empty() && entry.second.account->pieces == 0; });
}

Outcome<RunningHash> rehash(const Piece& base, HashFunction hash, const std::atomic<bool>& ending) {
    RunningHash running(hash);
    Bytes buffer(256u << 10);
    for (std::uint64_t at = 0; at < base.size();) {
        if (ending) return Errc::agent_stopping;
        const auto n = base.read(at, buffer.data(), buffer.size());
        if (!n) return n.error();
        if (*n == 0) return Error{Errc::storage_full, "the document became shorter"};
        running.update({buffer.data(), *n});
        at += *n;
    }
    return running;
}

} // namespace jk::documents
