// Errand: one exchange, as the agent orders it and as jurukunci-deliver answers. The answer is bytes from outside.
#pragma once
#include "jurukunci/bytes.hpp"
#include "jurukunci/outcome.hpp"

#include <string>
#include <utility>
#include <vector>

namespace jk::delivery {

inline constexpr std::size_t max_body = 64u << 20, max_answer_body = 64u << 20;
inline constexpr std::uint32_t longest = 120; ///< seconds: the age of an exchange, whatever the server does
inline constexpr std::size_t max_frame = max_answer_body + (64u << 10);

struct Errand {
    std::string method; ///< POST, PUT, GET
    std::string host, port, target;
    std::vector<std::pair<std::string, std::string>> headers;
    Bytes body;
    std::string ca;                       ///< PEM: the only anchors that count for this endpoint
    std::string chain, key;               ///< PEM: our side of mutual TLS
    bool plain = false;                   ///< http, for answers that prove themselves by a signature; then nothing of ours goes along
    std::uint32_t most = max_answer_body; ///< bytes of the answer's body
    std::uint32_t seconds = longest;
};

struct ErrandAnswer {
    int status = 0;
    Bytes body;
    std::string fault; ///< empty when there was an answer
};

Bytes write(const Errand& errand);
Outcome<Errand> read_errand(ByteView frame);
Bytes write(const ErrandAnswer& answer);
Outcome<ErrandAnswer> read_errand_answer(ByteView frame);

} // namespace jk::delivery
