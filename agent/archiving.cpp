#include "agent/archiving.hpp"

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

} // namespace

void archive_signed_documents(const gate::Operation& operation, documents::Library& library, reports::ReportDesk& desk) {
    for (const auto& item : operation.items) {
        if (!item.result || !item.result->document) continue;
        const auto document = library.find(operation.request.caller.owner, item.result->document->id);
        auto content = document ? bytes_of_document(**document) : Outcome<Bytes>(document.error());
        if (content)
            if (auto queued = desk.deposit(item.name, std::move(*content)); queued) continue;
        spdlog::error("a signed document of {} is not on its way to the data centre; `jurukunci archive` brings it", operation.id);
    }
}

} // namespace jk
