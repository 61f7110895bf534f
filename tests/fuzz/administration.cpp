// What agent and worker say to each other about administration: a step, a token's contents, a result.
#include "pkcs11/worker/administration_messages.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace jk;

namespace {

void request_of(ByteView bytes) {
    ipc::Reader reader(bytes);
    const auto head = pkcs11::read_head(reader);
    if (!head || head->kind != pkcs11::RequestKind::administer) return;
    const auto request = pkcs11::read_administer(reader);
    if (!request) return;
    const auto roles = secrets_of(request->step);
    fuzz::require(!roles.empty() && roles.size() <= 2, "every step has a secret that opens the token");
    if (const auto* sign = std::get_if<step::SignRequestInfo>(&request->step)) {
        fuzz::require(sign->digest.hash() == sign->mechanism.hash, "the digest is of the mechanism's hash");
        fuzz::require((sign->mechanism.key == KeyKind::rsa) == (sign->mechanism.padding != Padding::none), "the mechanism exists");
    }
}

void answers(ByteView bytes) {
    ipc::Reader contents(bytes);
    const auto tokens = pkcs11::read_contents(contents);
    if (contents.end())
        for (const auto& token : tokens) fuzz::require(token.contents.label.size() <= 1024, "texts are bounded");
    ipc::Reader result(bytes);
    const auto read = pkcs11::read_result(result);
    if (!result.end()) return;
    fuzz::require(read.signature.size() <= 1024 && read.public_key.size() <= 4096, "sizes are bounded");
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    request_of({data, size});
    answers({data, size});
    return 0;
}
