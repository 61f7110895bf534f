// Documents: what is uploaded, how it becomes a digest to sign, and how a signature becomes a document. Implemented by agent/documents.
#pragma once
#include "jurukunci/async.hpp"
#include "jurukunci/certificate.hpp"
#include "jurukunci/consent.hpp"
#include "jurukunci/requests.hpp"
#include "jurukunci/signature.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace jk {

struct DocumentFacts {
    DocumentId id;
    Digest sha256;
    std::uint64_t size = 0;
    std::string mime_type;
    std::optional<int> pages;
    std::string title;
};

/// What a finished item gives back: a document (PAdES) or a signature (CAdES, RAW).
struct SignedItem {
    std::optional<DocumentFacts> document;
    Bytes signature;
};

/// One item whose bytes can no longer change: the digest the token will sign, and what the person is shown about it.
class SealedItem {
public:
    virtual ~SealedItem() = default;
    virtual const Digest& to_sign() const = 0;
    /// The bytes that were hashed, for tokens that do it themselves; empty where nobody here has them.
    virtual ByteView hashed() const { return {}; }
    virtual ConsentItem shown() const = 0;
    /// Once, with a signature that was verified.
    virtual Outcome<SignedItem> finish(const Signature& signature) = 0;
};

/// What holds for all items of a request.
struct SealTerms {
    CallerIdentity caller;
    Format format = Format::pades;
    CertificateRef certificate;
    std::vector<CertificateRef> chain; ///< intermediates to carry along, without the anchor
    Mechanism mechanism;
    WallTime signing_time{};
    std::string signer_name;
    std::string marking;    ///< "TOKEN UJI – TIDAK SAH" or empty
    std::stop_token stop{}; ///< nobody waits for the outcome any more
};

using SealOutcome = Outcome<std::unique_ptr<SealedItem>>;

class Documents {
public:
    virtual ~Documents() = default;
    /// One outcome per item, in order. Several documents are prepared at the same time. A stop ends what runs and starts nothing more.
    virtual Task<std::vector<SealOutcome>> seal(const std::vector<SignItem>& items, const SealTerms& terms) = 0;
};

} // namespace jk
