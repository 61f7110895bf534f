// RaDesk: an RA with a key of its own, for tests: signs decisions as CMS, as `openssl cms -sign -nodetach -binary -outform DER` would.
#pragma once
#include "tests/support/demo_ca.hpp"
#include "x509/read_certificate.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <stdexcept>

namespace jk::test {

class RaDesk {
public:
    explicit RaDesk(const DemoCa& ca, const std::string& name = "RA Kota (UJI)") : m_key(make_key("p256")) {
        CertificateWish wish;
        wish.common_name = name;
        m_certificate = *x509::read_certificate(ca.certify(m_key.get(), wish));
    }
    CertificateRef certificate() const { return m_certificate; }

    Bytes sign(const std::string& text) const {
        const x509::BioPtr content(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
        const auto signer = x509::to_x509(*m_certificate);
        const x509::CmsPtr cms(CMS_sign(signer.get(), m_key.get(), nullptr, content.get(), CMS_BINARY | CMS_NOSMIMECAP));
        unsigned char* der = nullptr;
        const int size = cms ? i2d_CMS_ContentInfo(cms.get(), &der) : -1;
        if (size <= 0) throw std::runtime_error("CMS_sign");
        const x509::OpensslBytes owner(der);
        return Bytes(der, der + size);
    }
    static boost::json::object decision(const std::string& what, const std::string& case_id) {
        return {{"type", "jurukunci-ra-decision"},
                {"decision", what},
                {"case", case_id},
                {"environment", "uji"},
                {"number", "RA/1/2026"},
                {"date", "2026-11-22T03:00:00Z"},
                {"officer", "Petugas RA"},
                {"reason", "token ditemukan kembali"}};
    }
    Bytes decide(const std::string& what, const std::string& case_id, const std::string& certificate = {}) const {
        auto text = decision(what, case_id);
        if (!certificate.empty()) text["certificates"] = boost::json::array{boost::json::value(certificate)};
        return sign(boost::json::serialize(text));
    }

private:
    x509::EvpPkeyPtr m_key;
    CertificateRef m_certificate;
};

} // namespace jk::test
