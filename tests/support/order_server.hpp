// OrderServer: the application's server with the key that the city has registered, which signs orders, and wrong ones on demand.
#pragma once
#include "jurukunci/bytes.hpp"
#include "jurukunci/encoding.hpp"
#include "x509/openssl_ptr.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <stdexcept>
#include <string>

namespace jk::test {

class OrderServer {
public:
    OrderServer() : m_key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")) {}

    std::string pem() const {
        const x509::BioPtr out(BIO_new(BIO_s_mem()));
        PEM_write_bio_PUBKEY(out.get(), m_key.get());
        char* text = nullptr;
        const long size = BIO_get_mem_data(out.get(), &text);
        return {text, static_cast<std::size_t>(size)};
    }
    std::string jws(const boost::json::object& payload) const {
        return jws_of(R"({"alg":"EdDSA","typ":"jurukunci-order+jws"})", boost::json::serialize(payload));
    }
    /// With any header and payload, signed all the same.
    std::string jws_of(const std::string& header, const std::string& payload) const {
        const auto message = to_base64url(bytes_of(header)) + "." + to_base64url(bytes_of(payload));
        return message + "." + to_base64url(sign(message));
    }
    Bytes sign(const std::string& message) const {
        const x509::EvpMdCtxPtr context(EVP_MD_CTX_new());
        Bytes signature(64);
        std::size_t size = signature.size();
        const auto bytes = bytes_of(message);
        if (EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, m_key.get()) != 1 ||
            EVP_DigestSign(context.get(), signature.data(), &size, bytes.data(), bytes.size()) != 1)
            throw std::runtime_error("Ed25519");
        return signature;
    }

private:
    x509::EvpPkeyPtr m_key;
};

} // namespace jk::test
