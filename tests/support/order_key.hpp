// OrderKey: the key of an application's server, and orders made with it.
#pragma once
#include "jurukunci/encoding.hpp"
#include "x509/openssl_ptr.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <openssl/pem.h>

#include <string>

namespace jk::test {

class OrderKey {
public:
    static OrderKey create() { return OrderKey(std::shared_ptr<EVP_PKEY>(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), EVP_PKEY_free)); }

    std::string public_pem() const {
        const x509::BioPtr out(BIO_new(BIO_s_mem()));
        PEM_write_bio_PUBKEY(out.get(), m_key.get());
        char* text = nullptr;
        const auto size = BIO_get_mem_data(out.get(), &text);
        return {text, static_cast<std::size_t>(size)};
    }

    static constexpr const char* usual_header = R"({"alg":"EdDSA","typ":"jurukunci-order+jws"})";

    /// A compact JWS.
    std::string sign(const boost::json::object& payload, const std::string& header = usual_header) const {
        return sign_text(boost::json::serialize(payload), header);
    }
    /// With a payload that need not be JSON.
    std::string sign_text(const std::string& payload, const std::string& header = usual_header) const {
        const auto text = to_base64url(bytes_of(header)) + "." + to_base64url(bytes_of(payload));
        const x509::EvpMdCtxPtr context(EVP_MD_CTX_new());
        Bytes signature(64);
        std::size_t size = signature.size();
        EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, m_key.get());
        EVP_DigestSign(context.get(), signature.data(), &size, bytes_of(text).data(), text.size());
        return text + "." + to_base64url(signature);
    }

private:
    explicit OrderKey(std::shared_ptr<EVP_PKEY> key) : m_key(std::move(key)) {}
    std::shared_ptr<EVP_PKEY> m_key;
};

} // namespace jk::test
