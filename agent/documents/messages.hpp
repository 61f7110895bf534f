// What the agent asks a document process, and what it answers. One question, one answer, one life.
// The document itself comes as descriptor; the agent reads every answer as if an attacker had written it.
#pragma once
#include "ipc/wire.hpp"
#include "jurukunci/clock.hpp"
#include "jurukunci/outcome.hpp"
#include "jurukunci/requests.hpp"

#include <optional>
#include <string>
#include <vector>

namespace jk::documents {

enum class JobKind : std::uint8_t {
    inspect = 1, ///< → Inspection
    prepare,     ///< PrepareRequest → Update
    check,       ///< CheckRequest → nothing, or document_disputed
    verify,      ///< VerifyRequest → JSON report
};

struct Inspection {
    bool is_pdf = false;
    std::optional<int> pages; ///< also absent for a PDF that cannot be opened
    std::string title;        ///< UTF-8
};

struct PrepareRequest {
    std::string name; ///< of the document, for messages
    std::optional<Appearance> appearance;
    std::string signer_name;
    WallTime time{};
    std::string shown_time; ///< the same in the local zone, for the reader
    std::string marking;
    std::string hash = "SHA256"; ///< of the signature, as seed values name it
    std::uint32_t cms_room = 0;  ///< bytes the CMS may take
};

/// Bytes to append to the document: `before`, then '<' 2·room zeros '>' , then `after`.
struct Update {
    Bytes before;
    std::uint32_t cms_room = 0;
    Bytes after;
    std::string field;
    std::size_t gap_size() const { return 2 + 2 * std::size_t(cms_room); }
};

struct CheckRequest {
    PrepareRequest wanted; ///< what the update was to be made from
    Update update;
};

struct VerifyRequest {
    Bytes tail;                    ///< stands after the document's own bytes: a document signed here is kept as two pieces
    std::optional<Bytes> detached; ///< a CAdES signature over the document; without it, the PDF's own signatures
    std::vector<Bytes> anchors;    ///< DER
    std::vector<Bytes> intermediates;
    WallTime at{};
    std::string environment;
};

/// The reason in a life's answer when it came to the end of its memory.
inline constexpr const char* out_of_memory = "needed too much memory";

/// Sizes no honest answer exceeds.
inline constexpr std::size_t max_update = 4u << 20, max_report = 4u << 20, max_detached = 4u << 20;

Bytes encode_inspect();
Bytes encode(const PrepareRequest& request);
Bytes encode(const CheckRequest& request);
Bytes encode(const VerifyRequest& request);

Outcome<JobKind> read_kind(ipc::Reader& reader);
Outcome<PrepareRequest> read_prepare(ipc::Reader& reader);
Outcome<CheckRequest> read_check(ipc::Reader& reader);
Outcome<VerifyRequest> read_verify(ipc::Reader& reader);

Bytes encode_answer(const Inspection& inspection);
Bytes encode_answer(const Update& update);
Bytes encode_answer(const std::string& report);
Bytes encode_done();
Bytes encode_error(const Error& error);

/// Reads the flag that starts every answer; an error is returned as such.
Outcome<void> read_answer(ipc::Reader& reader);
Outcome<Inspection> read_inspection(ipc::Reader& reader);
Outcome<Update> read_update(ipc::Reader& reader);
Outcome<std::string> read_report(ipc::Reader& reader);

} // namespace jk::documents
