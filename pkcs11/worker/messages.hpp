// What agent and worker say to each other. Requests carry a number, replies repeat it; replies may come in another order.
// Both sides read strictly: the agent does not trust a process with a vendor's code in it, the worker does not sign what is unclear.
#pragma once
#include "ipc/wire.hpp"
#include "jurukunci/digest.hpp"
#include "jurukunci/grant.hpp"
#include "jurukunci/signature.hpp"
#include "jurukunci/token.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace jk::pkcs11 {

/// More than any module shows; a worker that claims more is not believed. The agent compares what it gets with what it had, on its one loop.
inline constexpr std::uint32_t most_tokens = 64, most_certificates = 64, most_mechanisms = 64, most_objects = 1024;

enum class RequestKind : std::uint8_t {
    discover = 1,   ///< → DiscoverReply
    expect_pin,     ///< ticket and serial, with one descriptor → PinState, and whether the PIN is to be changed: the token is there and waits
    forget_pin,     ///< ticket → nothing
    open,           ///< OpenRequest → OpenReply: logs in, finds the key, signs nothing
    sign,           ///< indexes → as many replies, numbered from the request's own number on: signature
    close,          ///< → nothing: logs out, closes, wipes
    look,           ///< → tokens as in discover, without mechanisms and certificates: which are there, and what they say of their PIN
    open_use,       ///< OpenUseRequest → OpenUseReply: use_messages.hpp
    use,            ///< u64 window, task → bytes: signature or plaintext
    close_use,      ///< u64 window → nothing
    contents,       ///< → ContentsReply: what every token shows without a login
    expect_secrets, ///< ticket and serial, with up to three descriptors → nothing; forgotten by forget_pin
    administer,     ///< AdministerRequest → AdministrationResult: one step, with a login of its own
};

using RequestId = std::uint32_t;

struct RequestHead {
    RequestId id = 0;
    RequestKind kind{};
};

struct OpenRequest {
    std::string serial;
    CertificateId certificate;
    Bytes public_key; ///< of the certificate: subjectPublicKey
    Mechanism mechanism;
    PinTicket pin;
    std::vector<Digest> sealed;  ///< all of one hash function; the only digests this window will sign
    std::uint32_t lanes = 1;     ///< parallel sessions wanted
    std::vector<Bytes> hashed{}; ///< for a token that hashes: what each of `sealed` is the digest of; else empty
};

/// One token of a discover reply. Certificates are DER and not yet read: the agent does that.
struct ReportedToken {
    std::string label, manufacturer, model, serial;
    std::string firmware; ///< "4.3"
    PinState pin_state = PinState::ok;
    bool pin_pad = false;
    std::vector<Mechanism> mechanisms;
    std::vector<Bytes> certificates;
    bool eddsa = false, ecdh = false;
    std::vector<Mechanism> hashed_there{};
};

ipc::Writer start(RequestId id, RequestKind kind);
Outcome<RequestHead> read_head(ipc::Reader& reader);

void write(ipc::Writer& writer, const OpenRequest& request);
Outcome<OpenRequest> read_open(ipc::Reader& reader);

void write(ipc::Writer& writer, const std::vector<ReportedToken>& tokens);
std::vector<ReportedToken> read_tokens(ipc::Reader& reader);

void write(ipc::Writer& writer, PinState state);
PinState read_pin_state(ipc::Reader& reader); ///< what is no state is `locked`

void write(ipc::Writer& writer, const KeyCustody& custody);
KeyCustody read_custody(ipc::Reader& reader);

/// A reply starts with id and a flag; with false an error follows.
ipc::Writer start_reply(RequestId id);
Bytes error_reply(RequestId id, const Error& error);
/// Error of a reply, if it is one. Codes and words are checked for range, because a worker may say anything.
std::optional<Error> read_error(ipc::Reader& reader);

} // namespace jk::pkcs11
