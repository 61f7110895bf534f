// KnownPaths: chain_to_anchor without times, remembered. A path depends on nothing but the certificates, so that finding it twice is only waste:
// it costs more than a signature of a fast token. One thread at a time.
#pragma once
#include "x509/chain.hpp"

#include <map>
#include <string>

namespace jk::x509 {

class KnownPaths {
public:
    /// As chain_to_anchor without a time: the caller looks at the validity of what is returned.
    Outcome<std::vector<CertificateRef>> find(const CertificateRef& leaf, const std::vector<CertificateRef>& intermediates,
                                              const std::vector<CertificateRef>& anchors);

private:
    std::map<std::string, Outcome<std::vector<CertificateRef>>> m_paths; ///< by the SHA-256 of all that went in, in order
};

} // namespace jk::x509
