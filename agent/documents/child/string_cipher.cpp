#include "agent/documents/child/string_cipher.hpp"

#include "agent/documents/child/refusal.hpp"
#include "jurukunci/bytes.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <numeric>

namespace jk::documents::child {
namespace {

/// RC4 by hand: OpenSSL 3 keeps it in the legacy provider, and a document that uses it must still be signable.
std::string rc4(const std::string& key, std::string data) {
    std::array<std::uint8_t, 256> s{};
    std::iota(s.begin(), s.end(), std::uint8_t(0));
    for (std::size_t i = 0, j = 0; i < 256; ++i) {
        j = (j + s[i] + static_cast<std::uint8_t>(key[i % key.size()])) & 255;
        std::swap(s[i], s[j]);
    }
    std::size_t i = 0, j = 0;
    for (auto& c : data) {
        i = (i + 1) & 255;
        j = (j + s[i]) & 255;
        std::swap(s[i], s[j]);
        c = static_cast<char>(static_cast<std::uint8_t>(c) ^ s[(s[i] + s[j]) & 255]);
    }
    return data;
}

constexpr std::size_t iv_size = 16;

/// An IV that nobody can foretell without the key, and yet the same in every life: the one that checks must come to the same bytes. Equal IVs
/// show equal texts in the same object, which is no secret here.
std::string iv_for(const std::string& key, const std::string& text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
    unsigned size = 0;
    if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac.data(),
             &size) == nullptr)
        refuse(Errc::document_not_examined, "could not be encrypted");
    return {mac.begin(), mac.begin() + iv_size};
}

/// IV in front, PKCS#7 padding behind (ISO 32000-1 7.6.2).
std::string aes_cbc(const std::string& key, const std::string& iv, const std::string& plain) {
    std::string out(iv_size + plain.size() + 16, '\0');
    int part = 0, last = 0;
    const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
    auto* target = reinterpret_cast<unsigned char*>(out.data());
    const auto raw = [](const std::string& text) { return reinterpret_cast<const unsigned char*>(text.data()); };
    const bool ok = EVP_EncryptInit_ex2(context.get(), key.size() == 32 ? EVP_aes_256_cbc() : EVP_aes_128_cbc(), raw(key), raw(iv), nullptr) == 1 &&
                    EVP_EncryptUpdate(context.get(), target + iv_size, &part, raw(plain), static_cast<int>(plain.size())) == 1 &&
                    EVP_EncryptFinal_ex(context.get(), target + iv_size + part, &last) == 1;
    if (!ok) refuse(Errc::document_not_examined, "could not be encrypted");
    out.replace(0, iv_size, iv);
    out.resize(iv_size + static_cast<std::size_t>(part + last));
    return out;
}

} // namespace

std::unique_ptr<StringCipher> StringCipher::for_document(QPDF& qpdf) {
    int r = 0, p = 0, v = 0;
    QPDF::encryption_method_e streams{}, strings{}, files{};
    if (!qpdf.isEncrypted(r, p, v, streams, strings, files)) return nullptr;
    if (streams == QPDF::e_unknown || strings == QPDF::e_unknown) refuse(Errc::document_not_examined, "uses an unknown encryption");
    auto cipher = std::make_unique<StringCipher>();
    cipher->m_key = qpdf.getEncryptionKey();
    cipher->m_v = v;
    cipher->m_r = r;
    // Before V4 there are no crypt filters: everything is RC4.
    cipher->m_strings = v < 4 ? QPDF::e_rc4 : strings;
    cipher->m_streams = v < 4 ? QPDF::e_rc4 : streams;
    return cipher;
}

std::string StringCipher::encrypt(QPDF::encryption_method_e method, const std::string& plain, int object, int generation) const {
    const auto aes = [&](const std::string& key) {
        return aes_cbc(key, iv_for(key, std::to_string(object) + " " + std::to_string(generation) + " " + plain), plain);
    };
    switch (method) {
    case QPDF::e_none: return plain;
    case QPDF::e_rc4: return rc4(QPDF::compute_data_key(m_key, object, generation, false, m_v, m_r), plain);
    case QPDF::e_aes: return aes(QPDF::compute_data_key(m_key, object, generation, true, m_v, m_r));
    case QPDF::e_aesv3: return aes(m_key);
    case QPDF::e_unknown: break;
    }
    refuse(Errc::document_not_examined, "uses an unknown encryption");
}

} // namespace jk::documents::child
