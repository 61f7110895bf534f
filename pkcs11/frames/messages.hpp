// What libjurukunci-pkcs11.so and the agent's door say to each other. Requests carry a number, answers repeat it and may come in another
// order. Both sides read strictly: the agent lets any program of its user in, the module lives in programs that must not crash.
#pragma once
#include "ipc/wire.hpp"
#include "jurukunci/grant.hpp"
#include "pkcs11/frames/task.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace jk::pkcs11::frames {

inline constexpr std::uint32_t protocol_version = 1;
inline constexpr std::size_t max_request = 16u << 10, max_answer = 8u << 20; ///< bytes of one frame
inline constexpr std::size_t max_text = 256, max_value = 64u << 10;

enum class Ask : std::uint8_t {
    hello = 1, ///< u32 version → u32 version; the first request
    tokens,    ///< → tokens
    objects,   ///< token → objects that the program may see now
    login,     ///< token → nothing, after consent and PIN where they are needed
    logout,    ///< token → nothing
    use,       ///< token, task → bytes: a signature as C_Sign gives it, or a plaintext
};

struct RequestHead {
    std::uint32_t id = 0;
    Ask ask{};
};

struct Token {
    TokenId id;
    std::string label, manufacturer, model;
    std::uint64_t flags = 0; ///< CKF_* of CK_TOKEN_INFO
    struct Mechanism {
        std::uint64_t type = 0, least_bits = 0, most_bits = 0, flags = 0; ///< CKM_*, CK_MECHANISM_INFO
    };
    std::vector<Mechanism> mechanisms;
};

/// Attributes by CKA_*; numbers are eight bytes, little-endian.
using Attributes = std::vector<std::pair<std::uint64_t, Bytes>>;

struct Object {
    CertificateId certificate; ///< that it is, or belongs to
    Attributes attributes;
};

ipc::Writer start(std::uint32_t id, Ask ask);
Outcome<RequestHead> read_head(ipc::Reader& reader);

void write(ipc::Writer& writer, const TokenId& token);
TokenId read_token(ipc::Reader& reader);

void write(ipc::Writer& writer, const std::vector<Token>& tokens);
std::vector<Token> read_tokens(ipc::Reader& reader);
void write(ipc::Writer& writer, const std::vector<Object>& objects);
std::vector<Object> read_objects(ipc::Reader& reader);

/// An answer begins with the number and a CKR_*; what the request's kind says follows after CKR_OK only.
ipc::Writer start_answer(std::uint32_t id, std::uint64_t result);

} // namespace jk::pkcs11::frames
