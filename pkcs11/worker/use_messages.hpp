// What agent and worker say about key use by local programs: messages.hpp has the rest. docs/protocol/worker.md.
#pragma once
#include "jurukunci/key_use.hpp"
#include "pkcs11/frames/task.hpp"
#include "pkcs11/worker/messages.hpp"

namespace jk::pkcs11 {

struct OpenUseRequest {
    std::string serial;
    PinTicket pin;
    struct Key {
        CertificateId certificate;
        Bytes public_key; ///< of the certificate: subjectPublicKey
        bool may_sign = false, may_decrypt = false;
    };
    std::vector<Key> keys;
    std::uint32_t operations = 0, seconds = 0;
    std::optional<Digest> only;
};

struct OpenUseReply {
    std::uint64_t window = 0; ///< names it in later requests
    std::vector<KeyCustody> custody;
};

void write(ipc::Writer& writer, const OpenUseRequest& request);
Outcome<OpenUseRequest> read_open_use(ipc::Reader& reader);
void write(ipc::Writer& writer, const OpenUseReply& reply);
Outcome<OpenUseReply> read_open_use_reply(ipc::Reader& reader);

} // namespace jk::pkcs11
