#include "agent/archiving.hpp"

#include "jurukunci/encoding.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <spdlog/spdlog.h>

namespace jk {
namespace {

Outcome<Bytes> bytes_of_document(const documents::StoredDocument& document) {
    if (document.size() > reports::max_deposit) return Error{Errc::too_many, "larger than what is archived by itself"}.with("what", "bytes");
    Bytes content(document.size());
    std::size_t at = 0;
    for (const auto* piece : {document.base.get(), document.tail.get()}) {
        if (piece == nullptr) continue;
        auto read = piece->read(0, content.data() + at, piece->size());
        if (!read) return read.error();
        at += *read;
    }
    if (at != content.size()) return Error{Errc::device_failed, "the document became shorter"};
    return content;
}

class Archiving {
public:
    Archiving(const gate::Operation& operation, documents::Library& library, reports::ReportDesk& desk)
        : m_operation(operation), m_library(library), m_desk(desk) {}

    Outcome<void> item(std::size_t place) {
        const auto& item = m_operation.items[place];
        const auto& result = *item.result;
        if (result.document) return document(item.name, result.document->id); // PAdES: one file that has everything
        if (place >= m_operation.request.items.size()) return Error{Errc::device_failed, "the request's items are gone"};
        const auto& content = m_operation.request.items[place].content;
        if (const auto* id = std::get_if<DocumentId>(&content)) { // CAdES: the signature names the document by its hash
            if (auto ok = document(item.name, *id); !ok) return ok;
            return deposit(item.name + ".p7s", result.signature);
        }
        if (const auto* digest = std::get_if<Digest>(&content))
            return deposit(item.name + ".tandatangan.json", record(item.name, *digest, result.signature));
        return done(); // a login: nothing was signed that is kept
    }

private:
    Outcome<void> document(const std::string& name, const DocumentId& id) {
        const auto found = m_library.find(m_operation.request.caller.owner, id);
        if (!found) return found.error();
        auto content = bytes_of_document(**found);
        if (!content) return content.error();
        return deposit(name, std::move(*content));
    }
    Outcome<void> deposit(const std::string& name, Bytes content) {
        auto queued = m_desk.deposit(name, std::move(content));
        if (!queued) return queued.error();
        return done();
    }
    /// Of a bare hash nobody here has the document: what can be kept says which hash, by which key, how.
    Bytes record(const std::string& name, const Digest& digest, const Bytes& signature) const {
        boost::json::object o{{"type", "jurukunci-raw-signature"},
                              {"name", name},
                              {"digest", digest.hex()},
                              {"hashFunction", name_of(digest.hash())},
                              {"mechanism", m_operation.mechanism ? m_operation.mechanism->name() : std::string()},
                              {"signature", to_base64(signature)},
                              {"certificate", m_operation.certificate ? to_base64(m_operation.certificate->der) : std::string()}};
        const auto text = boost::json::serialize(o);
        return Bytes(text.begin(), text.end());
    }

    const gate::Operation& m_operation;
    documents::Library& m_library;
    reports::ReportDesk& m_desk;
};

} // namespace

void archive_signed_documents(const gate::Operation& operation, documents::Library& library, reports::ReportDesk& desk) {
    Archiving archiving(operation, library, desk);
    for (std::size_t place = 0; place < operation.items.size(); ++place) {
        if (!operation.items[place].result) continue;
        if (const auto queued = archiving.item(place); !queued)
            spdlog::error("a signed document of {} is not on its way to the data centre ({}); `jurukunci archive` brings it", operation.id,
                          queued.error().log_line());
    }
}

} // namespace jk
