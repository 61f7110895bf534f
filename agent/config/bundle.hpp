// Bundle: everything a machine decides with, in one file that the registration authority signed: profile, regulation, anchors, modules, holder
// records, and blocked and revoked certificates. docs/protocol/bundle.md has the format. Believed only by a certificate that is pinned outside of
// it. Pure; any thread.
#pragma once
#include "agent/policy/blocks.hpp"
#include "jurukunci/bytes.hpp"
#include "jurukunci/certificate.hpp"
#include "jurukunci/outcome.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace jk::config {

/// Who a certificate belongs to, as the RA knows them. A page never says this.
struct HolderRecord {
    std::string certificate; ///< SHA-256 of the DER, in hexadecimal
    std::string name, number, title, unit;
};

struct Bundle {
    std::uint32_t version = 0;
    WallTime issued{}, expires{};
    std::map<std::string, std::string> files; ///< by name below the configuration's folder
    std::vector<HolderRecord> holders;
    std::vector<policy::Block> blocks;
};

inline constexpr std::size_t max_bundle = 4u << 20;

/// The content, once the signature was good. Strict: unknown members, names that leave the folder and sizes beyond the limits are refused.
Outcome<Bundle> read_bundle_content(std::string_view json);

/// `ra`: the pinned certificates; `minimum`: older versions are refused. E-PROFIL-DIUBAH with the reason.
Outcome<Bundle> open_bundle(ByteView signed_message, const std::vector<CertificateRef>& ra, std::uint32_t minimum, WallTime now);

/// The content to be signed, from the files of a folder: what `jurukunci policy bundle make` writes.
std::string write_bundle_content(const Bundle& bundle);

} // namespace jk::config
