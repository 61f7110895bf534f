#include "agent/documents/document_room.hpp"

#include "agent/documents/sealed_items.hpp"

#include <boost/asio/co_spawn.hpp>

#include <ctime>

namespace jk::documents {
namespace {

/// What a person reads on the page: the computer's own zone, with its name ("WIB").
std::string local_time_text(WallTime time) {
    const auto seconds = std::chrono::system_clock::to_time_t(std::chrono::time_point_cast<std::chrono::system_clock::duration>(time));
    std::tm local{};
    localtime_r(&seconds, &local);
    char clock[32];
    std::strftime(clock, sizeof clock, "%H:%M:%S %Z", &local);
    return indonesian_date(time + std::chrono::seconds(local.tm_gmtoff)) + " " + clock;
}

Error named(Error error, const std::string& name) { return std::move(error).with("name", name); }

} // namespace

Task<std::vector<SealOutcome>> DocumentRoom::seal(const std::vector<SignItem>& items, const SealTerms& terms) {
    // All at once: DocumentProcess lets as many live as there are processors.
    struct Shared {
        std::vector<SealOutcome> outcomes;
        std::size_t left;
        ipc::Event finished;
    };
    auto shared = std::make_shared<Shared>(Shared{std::vector<SealOutcome>(items.size()), items.size(), ipc::Event(m_executor)});
    for (std::size_t i = 0; i < items.size(); ++i)
        net::co_spawn(m_executor, seal_one(items[i], terms), [shared, i](std::exception_ptr escaped, SealOutcome outcome) {
            shared->outcomes[i] = escaped ? SealOutcome(Error{Errc::device_failed, "sealing threw"}) : std::move(outcome);
            if (--shared->left == 0) shared->finished.notify();
        });
    while (shared->left > 0) co_await shared->finished.wait();
    co_return std::move(shared->outcomes);
}

Task<SealOutcome> DocumentRoom::seal_one(SignItem item, const SealTerms& terms) {
    if (const auto* digest = std::get_if<Digest>(&item.content)) {
        if (digest->hash() != terms.mechanism.hash) co_return Error{Errc::mechanism_unsupported}.with("mechanism", std::string(name_of(digest->hash())));
        co_return std::make_unique<RawItem>(item.name, *digest);
    }
    auto document = m_library.find(terms.caller.owner, std::get<DocumentId>(item.content));
    if (!document) co_return document.error();
    if (terms.format == Format::pades) co_return co_await seal_pades(std::move(item), *document, terms);
    if (terms.format == Format::raw) { // the command line: the document is here, only its container is not wanted
        auto hash = rehash(*(*document)->base, terms.mechanism.hash);
        if (!hash) co_return hash.error();
        co_return std::make_unique<RawItem>(item.name, hash->digest());
    }
    co_return seal_cades(item, *document, terms);
}

SealOutcome DocumentRoom::seal_cades(const SignItem& item, const StoredDocumentRef& document, const SealTerms& terms) {
    if (document->tail) return Error{Errc::not_available}.with("what", "CAdES over a document signed in this session");
    auto digest = Outcome<Digest>(document->facts.sha256);
    if (terms.mechanism.hash != HashFunction::sha256) {
        auto hash = rehash(*document->base, terms.mechanism.hash);
        digest = hash ? Outcome<Digest>(hash->digest()) : Outcome<Digest>(hash.error());
    }
    if (!digest) return digest.error();
    return std::make_unique<CadesItem>(item.name, document->facts, SignedData(Format::cades, terms.certificate, terms.chain, terms.mechanism, *digest, terms.signing_time));
}

Task<SealOutcome> DocumentRoom::seal_pades(SignItem item, StoredDocumentRef document, const SealTerms& terms) {
    if (document->facts.mime_type != "application/pdf") co_return Error{Errc::document_not_pdf}.with("name", item.name);
    if (document->tail) co_return Error{Errc::not_available}.with("what", "a second signature on a document signed in this session; upload it again");
    PrepareRequest wanted;
    wanted.name = item.name;
    wanted.appearance = item.appearance;
    wanted.signer_name = terms.signer_name;
    wanted.time = terms.signing_time;
    wanted.shown_time = local_time_text(terms.signing_time);
    wanted.marking = terms.marking;
    wanted.hash = terms.mechanism.hash == HashFunction::sha256 ? "SHA256" : terms.mechanism.hash == HashFunction::sha384 ? "SHA384" : "SHA512";
    wanted.cms_room = static_cast<std::uint32_t>(SignedData::room_for(*terms.certificate, terms.chain));
    auto update = co_await m_process.prepare(document->base, wanted);
    if (!update) co_return named(update.error(), item.name);

    // From here on the update is fixed: into the spool, under the hash, and before a second process that never saw the first.
    auto tail = m_library.piece(update->before.size() + update->gap_size() + update->after.size());
    if (!tail) co_return tail.error();
    Bytes gap(update->gap_size(), '0');
    gap.front() = '<';
    gap.back() = '>';
    const auto gap_at = update->before.size();
    for (const auto& [at, bytes] : {std::pair<std::uint64_t, const Bytes*>{0, &update->before}, {gap_at, &gap}, {gap_at + gap.size(), &update->after}})
        if (auto ok = (*tail)->write(at, *bytes); !ok) co_return ok.error();
    auto hash = terms.mechanism.hash == HashFunction::sha256 ? Outcome<RunningHash>(document->hash) : rehash(*document->base, terms.mechanism.hash);
    if (!hash) co_return hash.error();
    hash->update(update->before);
    hash->update(update->after);

    const auto room = update->cms_room;
    auto shown = document->facts; // pages and title from the inspection: neither of these two lives is asked for words that the person reads
    CheckRequest check{std::move(wanted), std::move(*update)};
    auto checked = co_await m_process.check(document->base, std::move(check));
    if (!checked) co_return named(checked.error(), item.name);
    co_return std::make_unique<PadesItem>(item.name, terms.caller.owner, m_library, document, *tail, PadesItem::Place{gap_at, room}, std::move(shown),
                                          item.appearance.has_value(), SignedData(Format::pades, terms.certificate, terms.chain, terms.mechanism, hash->digest(), terms.signing_time));
}

Task<Outcome<DocumentFacts>> DocumentRoom::receive(std::string owner, Upload upload) {
    auto document = m_library.finish(owner, std::move(upload));
    if (!document) co_return document.error();
    if ((*document)->facts.mime_type == "application/pdf") {
        // A document that cannot be looked at is still kept: it can be verified, and signing it will say what is wrong.
        auto inspection = co_await m_process.inspect((*document)->base);
        if (inspection && inspection->is_pdf) {
            (*document)->facts.pages = inspection->pages;
            (*document)->facts.title = inspection->title;
        }
    }
    co_return (*document)->facts;
}

Task<Outcome<std::string>> DocumentRoom::verify(StoredDocumentRef document, VerifyRequest request) {
    if (document->tail) {
        request.tail.resize(document->tail->size());
        auto n = document->tail->read(0, request.tail.data(), request.tail.size());
        if (!n) co_return n.error();
    }
    co_return co_await m_process.verify(document->base, std::move(request));
}

} // namespace jk::documents
