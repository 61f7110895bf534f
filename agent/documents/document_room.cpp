#include "agent/documents/document_room.hpp"

#include "agent/documents/sealed_items.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <ctime>
#include <set>

namespace jk::documents {
namespace {

/// A request with this many documents that use up their lives is an attack on everybody who waits for the person: its rest is not reached.
constexpr std::size_t most_that_ran_out = 3;

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

PrepareRequest prepare_request(const SignItem& item, const SealTerms& terms) {
    PrepareRequest wanted;
    wanted.name = item.name;
    wanted.appearance = item.appearance;
    wanted.signer_name = terms.signer_name;
    wanted.time = terms.signing_time;
    wanted.shown_time = local_time_text(terms.signing_time);
    wanted.marking = terms.marking;
    wanted.hash = terms.mechanism.hash == HashFunction::sha256 ? "SHA256" : terms.mechanism.hash == HashFunction::sha384 ? "SHA384" : "SHA512";
    wanted.cms_room = static_cast<std::uint32_t>(SignedData::room_for(*terms.certificate, terms.chain));
    return wanted;
}

} // namespace

/// One request's items, taken in order by a few coroutines.
struct DocumentRoom::Sealing {
    const std::vector<SignItem>& items;
    const SealTerms& terms;
    std::vector<SealOutcome> outcomes;
    ipc::Event finished;
    std::size_t next = 0, at_work = 0;
    std::set<std::string> ran_out{}; ///< documents that used up a life
};

Task<std::vector<SealOutcome>> DocumentRoom::seal(const std::vector<SignItem>& items, const SealTerms& terms) {
    auto sealing = std::make_shared<Sealing>(Sealing{items, terms, std::vector<SealOutcome>(items.size()), ipc::Event(m_executor)});
    // One more than lives: while two of them work, a third document is hashed and written here.
    sealing->at_work = std::min(items.size(), DocumentProcess::lives() + 1);
    for (auto left = sealing->at_work; left > 0; --left)
        net::co_spawn(m_executor, seal_some(sealing), [sealing](std::exception_ptr escaped) {
            if (escaped) sealing->next = sealing->items.size(); // the rest stay as they were made: failed
            if (--sealing->at_work == 0) sealing->finished.notify();
        });
    while (sealing->at_work > 0) co_await sealing->finished.wait();
    co_return std::move(sealing->outcomes);
}

Task<void> DocumentRoom::seal_some(std::shared_ptr<Sealing> sealing) {
    while (sealing->next < sealing->items.size()) {
        auto& outcome = sealing->outcomes[sealing->next];
        const auto& item = sealing->items[sealing->next++];
        if (sealing->terms.stop.stop_requested() || sealing->ran_out.size() >= most_that_ran_out) {
            outcome = Error(Errc::item_not_reached);
            continue;
        }
        outcome = co_await seal_one(item, sealing->terms);
        if (!outcome && ran_out(outcome.error())) sealing->ran_out.insert(std::get<DocumentId>(item.content).value);
    }
}

Task<SealOutcome> DocumentRoom::seal_one(SignItem item, const SealTerms& terms) {
    if (const auto* digest = std::get_if<Digest>(&item.content)) {
        if (digest->hash() != terms.mechanism.hash)
            co_return Error{Errc::mechanism_unsupported}.with("mechanism", std::string(name_of(digest->hash())));
        co_return std::make_unique<RawItem>(item.name, *digest);
    }
    if (const auto* challenge = std::get_if<Challenge>(&item.content))
        co_return std::make_unique<LoginItem>(terms.caller.origin, *challenge, terms.mechanism);
    auto document = m_library.find(terms.caller.owner, std::get<DocumentId>(item.content));
    if (!document) co_return document.error();
    if (terms.format == Format::pades) co_return co_await seal_pades(std::move(item), *document, terms);
    co_return co_await seal_whole(std::move(item), *document, terms);
}

/// Nothing is appended: the digest is that of the document, for a container of its own (CAdES) or, on the command line, for none (RAW).
Task<SealOutcome> DocumentRoom::seal_whole(SignItem item, StoredDocumentRef document, const SealTerms& terms) {
    if (document->tail)
        co_return Error{Errc::not_available}.with("what", std::string(name_of(terms.format)) + " over a document signed in this session");
    auto hash = co_await hash_of(document, terms.mechanism.hash);
    if (!hash) co_return hash.error();
    if (terms.format == Format::raw) co_return std::make_unique<RawItem>(item.name, hash->digest());
    co_return std::make_unique<CadesItem>(
        item.name, document->facts, SignedData(Format::cades, terms.certificate, terms.chain, terms.mechanism, hash->digest(), terms.signing_time));
}

Task<SealOutcome> DocumentRoom::seal_pades(SignItem item, StoredDocumentRef document, const SealTerms& terms) {
    if (document->facts.mime_type != "application/pdf") co_return Error{Errc::document_not_pdf}.with("name", item.name);
    if (document->tail) co_return Error{Errc::not_available}.with("what", "a second signature on a document signed in this session; upload it again");
    if (document->ran_out) co_return named(*document->ran_out, item.name);
    const Asker asker{terms.caller.owner, terms.stop};
    auto wanted = prepare_request(item, terms);
    auto update = co_await m_process.prepare(asker, document->base, wanted);
    if (!update) {
        if (ran_out(update.error())) document->ran_out = update.error();
        co_return named(update.error(), item.name);
    }

    // From here on the update is fixed: into the spool, under the hash, and before a second process that never saw the first.
    auto tail = keep(terms.caller.owner, *update);
    if (!tail) co_return tail.error();
    auto hash = co_await hash_of(document, terms.mechanism.hash);
    if (!hash) co_return hash.error();
    hash->update(update->before);
    hash->update(update->after);

    const PadesItem::Place place{update->before.size(), update->cms_room};
    auto shown = document->facts; // pages and title from the inspection: neither of these two lives is asked for words that the person reads
    CheckRequest check{std::move(wanted), std::move(*update)};
    auto checked = co_await m_process.check(asker, document->base, std::move(check));
    if (!checked) {
        if (ran_out(checked.error())) document->ran_out = checked.error();
        co_return named(checked.error(), item.name);
    }
    co_return std::make_unique<PadesItem>(
        item.name, terms.caller.owner, m_library, document, *tail, place, std::move(shown), item.appearance.has_value(),
        SignedData(Format::pades, terms.certificate, terms.chain, terms.mechanism, hash->digest(), terms.signing_time));
}

/// Into the spool, with zeros where the signature will stand.
Outcome<PieceRef> DocumentRoom::keep(const std::string& owner, const Update& update) {
    auto tail = m_library.piece(owner, update.before.size() + update.gap_size() + update.after.size());
    if (!tail) return tail;
    Bytes gap(update.gap_size(), '0');
    gap.front() = '<';
    gap.back() = '>';
    std::uint64_t at = 0;
    for (const auto* bytes : {&update.before, static_cast<const Bytes*>(&gap), &update.after}) {
        if (auto ok = (*tail)->write(at, *bytes); !ok) return ok.error();
        at += bytes->size();
    }
    return tail;
}

Task<Outcome<RunningHash>> DocumentRoom::hash_of(StoredDocumentRef document, HashFunction function) {
    if (function == HashFunction::sha256) co_return document->hash;
    auto& known = document->other_hashes[function];
    if (!known) known = start_hashing(document->base, function);
    const auto hashing = known;
    while (!hashing->result) co_await hashing->done.wait();
    if (!*hashing->result) document->other_hashes.erase(function); // a fault of the disk may pass
    co_return *hashing->result;
}

std::shared_ptr<Hashing> DocumentRoom::start_hashing(PieceRef base, HashFunction function) {
    auto hashing = std::make_shared<Hashing>(m_executor);
    // Piece and Hashing come back to the loop with the result: nothing of the library is let go on another thread.
    net::post(m_hashers, [this, hashing, function, base = std::move(base)]() mutable {
        Outcome<RunningHash> result;
        try {
            result = rehash(*base, function, m_ending);
        } catch (const std::exception& e) {
            result = Error{Errc::device_failed, e.what()}.with("reason", e.what());
        }
        net::post(m_executor, [hashing = std::move(hashing), base = std::move(base), result = std::move(result)]() mutable {
            hashing->result = std::move(result);
            hashing->done.notify();
        });
    });
    return hashing;
}

Task<Outcome<DocumentFacts>> DocumentRoom::receive(std::string owner, Upload upload) {
    auto document = m_library.finish(owner, std::move(upload));
    if (!document) co_return document.error();
    if ((*document)->facts.mime_type == "application/pdf") {
        // A document that cannot be looked at is still kept: it can be verified, and signing it will say what is wrong.
        Asker asker{std::move(owner)};
        auto inspection = co_await m_process.inspect(std::move(asker), (*document)->base);
        if (!inspection && ran_out(inspection.error())) (*document)->ran_out = inspection.error();
        if (inspection && inspection->is_pdf) {
            (*document)->facts.pages = inspection->pages;
            (*document)->facts.title = inspection->title;
        }
    }
    co_return (*document)->facts;
}

Task<Outcome<std::string>> DocumentRoom::verify(std::string owner, StoredDocumentRef document, VerifyRequest request) {
    if (document->tail) {
        request.tail.resize(document->tail->size());
        auto n = document->tail->read(0, request.tail.data(), request.tail.size());
        if (!n) co_return n.error();
    }
    Asker asker{std::move(owner)};
    co_return co_await m_process.verify(std::move(asker), document->base, std::move(request));
}

} // namespace jk::documents
