#include "agent/documents/sealed_items.hpp"

#include "jurukunci/encoding.hpp"
#include "x509/signature_check.hpp"

namespace jk::documents {
namespace {

ConsentItem shown_document(const std::string& name, const DocumentFacts& facts) {
    ConsentItem item;
    item.name = name;
    item.size = facts.size;
    item.pages = facts.pages;
    item.title = facts.title;
    item.digest = facts.sha256.hex();
    item.hash_function = name_of(HashFunction::sha256);
    return item;
}

} // namespace

ConsentItem RawItem::shown() const {
    ConsentItem item;
    item.name = m_name;
    item.digest = m_digest.hex();
    item.hash_function = name_of(m_digest.hash());
    item.content_visible = false;
    return item;
}

LoginItem::LoginItem(std::string_view origin, const Challenge& challenge, const Mechanism& mechanism) : m_mechanism(mechanism) {
    for (const auto text : {origin, std::string_view(challenge.nonce)}) {
        const auto digest = jk::hash_of(mechanism.hash, bytes_of(text));
        m_both.insert(m_both.end(), digest.value().begin(), digest.value().end());
    }
    m_digest = jk::hash_of(mechanism.hash, m_both);
}

ConsentItem LoginItem::shown() const {
    ConsentItem item;
    item.name = "login";
    item.digest = m_digest.hex();
    item.hash_function = name_of(m_digest.hash());
    item.content_visible = false;
    return item;
}

Outcome<SignedItem> LoginItem::finish(const Signature& signature) {
    if (m_mechanism.key == KeyKind::rsa) return SignedItem{std::nullopt, signature.value};
    // RFC 7518 3.4: the halves have the size of the curve's order, which goes with the hash.
    const std::size_t half = m_mechanism.hash == HashFunction::sha256 ? 32 : m_mechanism.hash == HashFunction::sha384 ? 48 : 66;
    auto both = x509::ecdsa_from_der(signature.value, half);
    if (!both) return Error{Errc::signature_wrong, "its halves are too long for JWS"};
    return SignedItem{std::nullopt, std::move(*both)};
}

ConsentItem CadesItem::shown() const { return shown_document(m_name, m_facts); }

ConsentItem PadesItem::shown() const {
    auto item = shown_document(m_name, m_shown);
    item.visible_signature = m_visible;
    return item;
}

Outcome<SignedItem> PadesItem::finish(const Signature& signature) {
    const auto cms = m_container.with(signature.value);
    if (cms.size() > m_place.room)
        return Error{Errc::signature_too_large}.with("size", std::to_string(cms.size())).with("room", std::to_string(m_place.room));
    const auto hex = to_hex(cms);
    if (auto ok = m_tail->write(m_place.gap_at + 1, bytes_of(hex)); !ok) return ok.error();
    RunningHash whole = m_document->hash;
    Bytes tail(m_tail->size());
    if (auto n = m_tail->read(0, tail.data(), tail.size()); !n || *n != tail.size())
        return Error{Errc::storage_full, "the signed part cannot be read back"};
    whole.update(tail);
    const auto stored = m_library.add(m_owner, m_document->base, m_tail, m_document->hash, whole.digest());
    stored->facts.pages = m_shown.pages;
    stored->facts.title = m_shown.title;
    return SignedItem{stored->facts, {}};
}

} // namespace jk::documents
