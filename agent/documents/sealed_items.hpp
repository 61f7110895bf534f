// The kinds of SealedItem: a bare hash, a login, a detached CAdES signature, a PAdES signature inside its document.
#pragma once
#include "agent/documents/library.hpp"
#include "agent/documents/messages.hpp"
#include "agent/documents/signed_data.hpp"
#include "jurukunci/documents.hpp"

namespace jk::documents {

class RawItem final : public SealedItem {
public:
    RawItem(std::string name, Digest digest) : m_name(std::move(name)), m_digest(digest) {}
    const Digest& to_sign() const override { return m_digest; }
    ConsentItem shown() const override;
    Outcome<SignedItem> finish(const Signature& signature) override { return SignedItem{std::nullopt, signature.value}; }

private:
    std::string m_name;
    Digest m_digest;
};

/// Web eID's authentication: hash(origin) and hash(nonce) under the hash of the mechanism. The person sees the application, no document.
class LoginItem final : public SealedItem {
public:
    LoginItem(std::string_view origin, const Challenge& challenge, const Mechanism& mechanism);
    const Digest& to_sign() const override { return m_digest; }
    ByteView hashed() const override { return m_both; }
    ConsentItem shown() const override;
    /// The signature in JWS's form.
    Outcome<SignedItem> finish(const Signature& signature) override;

private:
    Mechanism m_mechanism;
    Bytes m_both; ///< hash(origin)‖hash(nonce)
    Digest m_digest;
};

class CadesItem final : public SealedItem {
public:
    CadesItem(std::string name, DocumentFacts facts, SignedData container)
        : m_name(std::move(name)), m_facts(std::move(facts)), m_container(std::move(container)) {}
    const Digest& to_sign() const override { return m_container.to_sign(); }
    ByteView hashed() const override { return m_container.hashed(); }
    ConsentItem shown() const override;
    Outcome<SignedItem> finish(const Signature& signature) override { return SignedItem{std::nullopt, m_container.with(signature.value)}; }

private:
    std::string m_name;
    DocumentFacts m_facts;
    SignedData m_container;
};

/// The update lies in the spool already, with zeros in its gap: what the consent shows and the token signs cannot change any more.
class PadesItem final : public SealedItem {
public:
    struct Place {
        std::uint64_t gap_at = 0; ///< of the '<' in the tail
        std::uint32_t room = 0;   ///< bytes of CMS
    };
    PadesItem(std::string name, std::string owner, Library& library, StoredDocumentRef document, PieceRef tail, Place place, DocumentFacts shown,
              bool visible, SignedData container)
        : m_name(std::move(name)), m_owner(std::move(owner)), m_library(library), m_document(std::move(document)), m_tail(std::move(tail)),
          m_place(place), m_shown(std::move(shown)), m_visible(visible), m_container(std::move(container)) {}
    const Digest& to_sign() const override { return m_container.to_sign(); }
    ByteView hashed() const override { return m_container.hashed(); }
    ConsentItem shown() const override;
    Outcome<SignedItem> finish(const Signature& signature) override;

private:
    std::string m_name, m_owner;
    Library& m_library;
    StoredDocumentRef m_document;
    PieceRef m_tail;
    Place m_place;
    DocumentFacts m_shown;
    bool m_visible;
    SignedData m_container;
};

} // namespace jk::documents
