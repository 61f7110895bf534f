// A card, the provider, and a token key, for the tests of pkcs11/openssl. Every test runs with a context of its own and with OpenSSL's default one.
#pragma once
#include "pkcs11/openssl/token_provider.hpp"
#include "tests/support/demo_ca.hpp"
#include "tests/support/soft_card.hpp"

#include <gtest/gtest.h>

namespace jk::test {

enum class Home { own, default_context };

struct OpensslDesk {
    explicit OpensslDesk(Home home) {
        auto made = home == Home::own ? openssl::TokenProvider::create() : openssl::TokenProvider::create_in_default_context();
        if (!made) throw std::runtime_error(made.error().log_line());
        provider = *made;
    }

    struct Pair {
        std::shared_ptr<SoftKey> soft;
        std::shared_ptr<EVP_PKEY> key;
        operator EVP_PKEY*() const { return key.get(); }
    };
    Pair key(const std::string& kind) {
        auto soft = std::make_shared<SoftKey>(card, kind);
        auto key = provider->token_key(soft->public_half(), soft);
        if (!key) throw std::runtime_error(key.error().log_line());
        return {std::move(soft), std::move(*key)};
    }
    x509::X509Ptr certificate(const Pair& pair, const std::string& usage = "critical,digitalSignature,keyEncipherment,keyAgreement") const {
        const auto der = ca.certify(pair.soft->public_half(), {.key_usage = usage});
        x509::X509Ptr made(X509_new_ex(provider->context(), nullptr));
        X509* into = made.get();
        const unsigned char* at = der.data();
        if (d2i_X509(&into, &at, static_cast<long>(der.size())) == nullptr) throw std::runtime_error(x509::openssl_fault());
        return made;
    }
    OSSL_LIB_CTX* context() const { return provider->context(); }

    SoftCard card;
    DemoCa ca = DemoCa::create();
    std::shared_ptr<openssl::TokenProvider> provider;
};

class InEveryHome : public testing::TestWithParam<Home> {
protected:
    OpensslDesk desk{GetParam()};
};

inline std::string name_of_home(const testing::TestParamInfo<Home>& info) { return info.param == Home::own ? "OwnContext" : "DefaultContext"; }

} // namespace jk::test
