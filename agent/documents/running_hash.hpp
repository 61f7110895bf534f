// RunningHash: a SHA-256 that can be copied and gone on with. The hash of an upload is continued over the bytes that signing appends,
// so a document of 200 MB is hashed once.
#pragma once
#include "jurukunci/digest.hpp"
#include "x509/openssl_ptr.hpp"

#include <stdexcept>

namespace jk::documents {

class RunningHash {
public:
    explicit RunningHash(HashFunction hash = HashFunction::sha256) : m_hash(hash), m_context(EVP_MD_CTX_new()) {
        const EVP_MD* md = hash == HashFunction::sha256 ? EVP_sha256() : hash == HashFunction::sha384 ? EVP_sha384() : EVP_sha512();
        if (!m_context || EVP_DigestInit_ex(m_context.get(), md, nullptr) != 1) throw std::runtime_error("hash: " + x509::openssl_fault());
    }
    RunningHash(const RunningHash& other) : m_hash(other.m_hash), m_context(EVP_MD_CTX_new()) {
        if (!m_context || EVP_MD_CTX_copy_ex(m_context.get(), other.m_context.get()) != 1) throw std::runtime_error("hash: " + x509::openssl_fault());
    }
    RunningHash(RunningHash&&) noexcept = default;
    RunningHash& operator=(RunningHash&&) noexcept = default;

    void update(ByteView bytes) {
        if (EVP_DigestUpdate(m_context.get(), bytes.data(), bytes.size()) != 1) throw std::runtime_error("hash: " + x509::openssl_fault());
    }
    /// Ends a copy; this one can go on.
    Digest digest() const {
        const RunningHash copy(*this);
        std::uint8_t value[64];
        unsigned size = 0;
        if (EVP_DigestFinal_ex(copy.m_context.get(), value, &size) != 1) throw std::runtime_error("hash: " + x509::openssl_fault());
        return *Digest::from(m_hash, {value, size});
    }

private:
    HashFunction m_hash;
    x509::EvpMdCtxPtr m_context;
};

} // namespace jk::documents
