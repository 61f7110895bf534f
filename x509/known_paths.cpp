#include "x509/known_paths.hpp"

namespace jk::x509 {
namespace {

constexpr std::size_t most = 256; ///< a token may bring new certificates without end

} // namespace

Outcome<std::vector<CertificateRef>> KnownPaths::find(const CertificateRef& leaf, const std::vector<CertificateRef>& intermediates,
                                                      const std::vector<CertificateRef>& anchors) {
    std::string name = std::to_string(intermediates.size()) + '|'; // what is an anchor and what is not must not blur
    const auto add = [&](const CertificateRef& certificate) {
        const auto value = certificate->id.sha256.value();
        name.append(reinterpret_cast<const char*>(value.data()), value.size());
    };
    add(leaf);
    for (const auto& intermediate : intermediates) add(intermediate);
    for (const auto& anchor : anchors) add(anchor);

    if (const auto known = m_paths.find(name); known != m_paths.end()) return known->second;
    if (m_paths.size() >= most) m_paths.clear();
    return m_paths.emplace(std::move(name), chain_to_anchor(leaf, intermediates, anchors, std::nullopt)).first->second;
}

} // namespace jk::x509
