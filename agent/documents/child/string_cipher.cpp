#include "agent/documents/child/string_cipher.hpp"

#include "agent/documents/child/refusal.hpp"
#include "jurukunci/bytes.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>

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

/// Random IV in front, PKCS#7 padding behind (ISO 32000-1 7.6.2).
std::string aes_cbc(const std::string& key, const std::string& plain) {
    unsigned char iv[16];
    std::string out(sizeof iv + plain.size() + 16, '\0');
    int part = 0, last = 0;
    const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
    auto* target = reinterpret_cast<unsigned char*>(out.data());
    const bool ok = RAND_bytes(iv, sizeof iv) == 1 &&
                    EVP_EncryptInit_ex2(context.get(), key.size() == 32 ? EVP_aes_256_cbc() : EVP_aes_128_cbc(),
                                        reinterpret_cast<const unsigned char*>(key.data()), iv, nullptr) == 1 &&
                    EVP_EncryptUpdate(context.get(), target + sizeof iv, &part, reinterpret_cast<const unsigned char*>(plain.data()),
                                      static_cast<int>(plain.size())) == 1 &&
                    EVP_EncryptFinal_ex(context.get(), target + sizeof iv + part, &last) == 1;
    if (!ok) refuse(Errc::document_not_examined, "could not be encrypted");
    std::copy(iv, iv + sizeof iv, target);
    out.resize(sizeof iv + static_cast<std::size_t>(part + last));
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
    switch (method) {
    case QPDF::e_none: return plain;
    case QPDF::e_rc4: return rc4(QPDF::compute_data_key(m_key, object, generation, false, m_v, m_r), plain);
    case QPDF::e_aes: return aes_cbc(QPDF::compute_data_key(m_key, object, generation, true, m_v, m_r), plain);
    case QPDF::e_aesv3: return aes_cbc(m_key, plain);
    case QPDF::e_unknown: break;
    }
    refuse(Errc::document_not_examined, "uses an unknown encryption");
}

} // namespace jk::documents::child
