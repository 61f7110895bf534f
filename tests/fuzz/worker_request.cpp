// What the agent may ask a worker.
#include "pkcs11/worker/messages.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace jk;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    ipc::Reader reader({data, size});
    const auto head = pkcs11::read_head(reader);
    if (!head || head->kind != pkcs11::RequestKind::open) return 0;
    const auto request = pkcs11::read_open(reader);
    if (!request) return 0;
    for (const auto& digest : request->sealed)
        fuzz::require(digest.hash() == request->mechanism.hash, "all sealed digests are of the mechanism's hash");
    auto writer = pkcs11::start(head->id, head->kind);
    write(writer, *request);
    fuzz::require(writer.take() == Bytes(data, data + size), "a request has one spelling");
    return 0;
}
