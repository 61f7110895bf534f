#include "agent/audit/chain.hpp"

#include <openssl/evp.h>

#include <array>
#include <memory>
#include <stdexcept>

namespace jk::audit {
namespace {

template <std::size_t Count> std::array<std::uint8_t, Count> big_endian(std::uint64_t value) {
    std::array<std::uint8_t, Count> bytes{};
    for (std::size_t i = 0; i < Count; ++i) bytes[Count - 1 - i] = static_cast<std::uint8_t>(value >> (8 * i));
    return bytes;
}

struct Free {
    void operator()(EVP_MD_CTX* p) const { EVP_MD_CTX_free(p); }
    void operator()(EVP_MD* p) const { EVP_MD_free(p); }
};

/// One context for all rows: fetching the algorithm anew costs more than hashing a row.
class Hasher {
public:
    Digest hash(const Digest& previous, const RowContent& content) {
        std::array<std::uint8_t, 32> value{};
        unsigned size = 0;
        bool ok = EVP_DigestInit_ex2(m_context.get(), m_algorithm.get(), nullptr) == 1;
        const auto add = [&](ByteView bytes) { ok = ok && EVP_DigestUpdate(m_context.get(), bytes.data(), bytes.size()) == 1; };
        add(previous.value());
        add(big_endian<8>(static_cast<std::uint64_t>(content.at_ms)));
        for (const auto text : {content.kind, content.operation, content.body}) {
            add(big_endian<4>(text.size()));
            add(bytes_of(text));
        }
        if (!ok || EVP_DigestFinal_ex(m_context.get(), value.data(), &size) != 1) throw std::runtime_error("SHA-256 failed");
        return *Digest::from(HashFunction::sha256, value);
    }

private:
    std::unique_ptr<EVP_MD_CTX, Free> m_context{EVP_MD_CTX_new()};
    std::unique_ptr<EVP_MD, Free> m_algorithm{EVP_MD_fetch(nullptr, "SHA256", nullptr)};
};

} // namespace

Digest row_hash(const Digest& previous, const RowContent& content) {
    thread_local Hasher hasher;
    return hasher.hash(previous, content);
}

Digest genesis() {
    static const Digest first = sha256(bytes_of("jurukunci audit log v1"));
    return first;
}

Bytes checkpoint_message(std::int64_t row, const Digest& hash) {
    Bytes message;
    const auto title = bytes_of("jurukunci checkpoint v1\n");
    message.assign(title.begin(), title.end());
    const auto number = big_endian<8>(static_cast<std::uint64_t>(row));
    message.insert(message.end(), number.begin(), number.end());
    message.insert(message.end(), hash.value().begin(), hash.value().end());
    return message;
}

} // namespace jk::audit
