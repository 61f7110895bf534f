// StringCipher: encrypts the strings and streams of new objects in an encrypted document (ISO 32000-1 7.6, ISO 32000-2 for AES-256).
#pragma once
#include <qpdf/QPDF.hh>

#include <memory>
#include <string>

namespace jk::documents::child {

class StringCipher {
public:
    /// Null for a document that is not encrypted. Throws Refusal for a scheme we cannot write.
    static std::unique_ptr<StringCipher> for_document(QPDF& qpdf);
    std::string encrypt_string(const std::string& plain, int object, int generation) const { return encrypt(m_strings, plain, object, generation); }
    std::string encrypt_stream(const std::string& plain, int object, int generation) const { return encrypt(m_streams, plain, object, generation); }

private:
    std::string encrypt(QPDF::encryption_method_e method, const std::string& plain, int object, int generation) const;
    std::string m_key;
    int m_v = 0, m_r = 0;
    QPDF::encryption_method_e m_strings = QPDF::e_none, m_streams = QPDF::e_none;
};

} // namespace jk::documents::child
