#include "agent/store/device_key.hpp"

#include "jurukunci/config_fault.hpp"

#include <fcntl.h>
#include <openssl/pem.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace jk::store {
namespace {

Outcome<x509::EvpPkeyPtr> create(const std::filesystem::path& file) {
    x509::EvpPkeyPtr key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    const x509::BioPtr bio(BIO_new(BIO_s_mem()));
    if (!key || PEM_write_bio_PKCS8PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
        return file_fault(file, "kunci tidak dapat dibuat", x509::openssl_fault());
    char* pem = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &pem);
    const auto fresh = file.string() + ".new";
    const UniqueFd fd(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    // Under its name only when it is whole and on the disk: half a key would lock the user out.
    if (!fd || write(fd.get(), pem, static_cast<std::size_t>(size)) != size || fsync(fd.get()) != 0 || rename(fresh.c_str(), file.c_str()) != 0)
        return file_fault(file, errno);
    return key;
}

} // namespace

DeviceKey::DeviceKey(x509::EvpPkeyPtr key) : m_key(std::move(key)) {
    unsigned char* der = nullptr;
    const int size = i2d_PUBKEY(m_key.get(), &der);
    if (size <= 0) throw std::runtime_error("device key: " + x509::openssl_fault());
    const x509::OpensslBytes owner(der);
    m_public.assign(der, der + size);
}

Outcome<DeviceKey> DeviceKey::open_or_create(const std::filesystem::path& file) {
    struct stat status {};
    if (lstat(file.c_str(), &status) == 0 || errno != ENOENT) return open(file);
    auto key = create(file);
    if (!key) return std::move(key).error();
    return DeviceKey(std::move(*key));
}

Outcome<DeviceKey> DeviceKey::open(const std::filesystem::path& file) {
    const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    struct stat status {};
    if (!fd || fstat(fd.get(), &status) != 0) return file_fault(file, errno);
    if (status.st_uid != geteuid() || (status.st_mode & 077) != 0)
        return file_fault(file, "harus milik Anda dan tertutup bagi yang lain (mode 0600)", "must be yours alone (mode 0600)");
    char pem[1024];
    const auto size = read(fd.get(), pem, sizeof pem);
    const x509::BioPtr bio(BIO_new_mem_buf(pem, static_cast<int>(size > 0 ? size : 0)));
    x509::EvpPkeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
    OPENSSL_cleanse(pem, sizeof pem);
    if (!key || EVP_PKEY_get_id(key.get()) != EVP_PKEY_ED25519)
        return file_fault(file, "bukan kunci Ed25519", "is not an Ed25519 key: " + x509::openssl_fault());
    return DeviceKey(std::move(key));
}

Bytes DeviceKey::sign(ByteView message) const {
    const x509::EvpMdCtxPtr context(EVP_MD_CTX_new());
    Bytes signature(64);
    std::size_t size = signature.size();
    if (!context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, m_key.get()) != 1 ||
        EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()) != 1)
        throw std::runtime_error("device key: " + x509::openssl_fault());
    signature.resize(size);
    return signature;
}

bool DeviceKey::verifies(ByteView message, ByteView signature) const {
    const x509::EvpMdCtxPtr context(EVP_MD_CTX_new());
    const bool good = context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, m_key.get()) == 1 &&
                      EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(), message.size()) == 1;
    if (!good) x509::openssl_fault();
    return good;
}

} // namespace jk::store
