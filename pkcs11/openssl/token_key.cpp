#include "pkcs11/openssl/token_key.hpp"

namespace jk::openssl {
namespace {

thread_local std::shared_ptr<PrivateOperations> bound;

} // namespace

const char* name_of(KeyType type) {
    switch (type) {
    case KeyType::rsa: return "RSA";
    case KeyType::ec: return "EC";
    case KeyType::ed25519: return "ED25519";
    }
    return nullptr;
}

const char* operation_name(KeyType type) {
    switch (type) {
    case KeyType::rsa: return "JURUKUNCI-RSA";
    case KeyType::ec: return "JURUKUNCI-EC";
    case KeyType::ed25519: return "JURUKUNCI-ED25519";
    }
    return nullptr;
}

Binding::Binding(std::shared_ptr<PrivateOperations> operations) { bound = std::move(operations); }
Binding::~Binding() { bound.reset(); }
std::shared_ptr<PrivateOperations> Binding::current() { return bound; }

} // namespace jk::openssl
