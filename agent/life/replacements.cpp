#include "agent/life/replacements.hpp"

#include "agent/audit/checkpointed_rows.hpp"
#include "agent/audit/nik.hpp"
#include "agent/store/state_folder.hpp"
#include "x509/read_certificate.hpp"

#include <boost/json/serialize.hpp>
#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

namespace jk::life {
namespace {

constexpr const char* kind = "replaced";
constexpr std::size_t most_identities = 500;

std::optional<Bytes> bytes_in(const std::filesystem::path& path) {
    const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    struct stat status {};
    if (!file || fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
    if (status.st_size <= 0 || static_cast<std::size_t>(status.st_size) > x509::max_certificate_size) return std::nullopt;
    Bytes bytes(static_cast<std::size_t>(status.st_size));
    if (::read(file.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) return std::nullopt;
    return bytes;
}

} // namespace

std::string identity_of(const Certificate& certificate) {
    const auto& usage = certificate.key_usage;
    auto purposes = certificate.extended_purposes;
    std::ranges::sort(purposes);
    std::string text = certificate.issuer + '\n' + certificate.subject + '\n';
    for (const bool bit : {usage.present, usage.digital_signature, usage.non_repudiation, usage.key_encipherment, usage.key_agreement,
                           certificate.has_extended_key_usage})
        text += bit ? '1' : '0';
    for (const auto& purpose : purposes) text += '\n' + purpose;
    return sha256(bytes_of(text)).hex();
}

Outcome<Replacements> Replacements::open(Rooms rooms) {
    if (auto ok = store::make_private_folder(rooms.folder); !ok) return ok.error();
    std::size_t left_out = 0;
    auto rows = audit::checkpointed_rows(rooms.log, rooms.device_key, kind, left_out);
    if (!rows) return rows.error();
    Replacements replacements(std::move(rooms));
    for (const auto& row : *rows)
        replacements.m_replaced.emplace(audit::text_in(row.body, "certificateSha256"),
                                        parse_rfc3339(audit::text_in(row.body, "since")).value_or(row.at));
    return replacements;
}

bool Replacements::recognised(const CertificateRef& certificate, const std::vector<CertificateRef>& intermediates) const {
    const auto& profile = m_rooms.profile;
    return profile.paths.find(certificate, intermediates, profile.anchors_of(profile.environment)).has_value();
}

/// The kept one counts only while it is what its name says, and comes from an issuer of the profile.
CertificateRef Replacements::newest(const std::string& identity, const std::vector<CertificateRef>& intermediates) {
    if (const auto place = m_newest.find(identity); place != m_newest.end()) return place->second;
    CertificateRef kept;
    if (const auto der = bytes_in(m_rooms.folder / (identity + ".der")))
        if (auto read = x509::read_certificate(*der); read && identity_of(**read) == identity && recognised(*read, intermediates)) kept = *read;
    m_newest[identity] = kept;
    return kept;
}

void Replacements::keep(const std::string& identity, const CertificateRef& certificate) {
    m_newest[identity] = certificate;
    if (auto ok = store::replace_file_durably(m_rooms.folder / (identity + ".der"), text_of(certificate->der)); !ok)
        spdlog::warn("the newest certificate could not be kept: {}", ok.error().log_line());
}

void Replacements::record(const Certificate& old, const Certificate& successor) {
    // In memory first: a full disk is no reason to sign with the old one.
    if (!m_replaced.emplace(old.id.sha256.hex(), successor.not_before).second) return;
    boost::json::object body;
    body["certificateSha256"] = old.id.sha256.hex();
    body["subject"] = audit::without_nik(old.subject);
    body["successorSha256"] = successor.id.sha256.hex();
    body["since"] = rfc3339(successor.not_before);
    auto written = m_rooms.log.commit(store::Durability::machine, [&] {
        m_rooms.log.append(kind, "", boost::json::serialize(body));
        return done();
    });
    if (!written) spdlog::error("that a certificate was replaced could not be recorded: {}", written.error().log_line());
}

void Replacements::look(const std::vector<TokenInfo>& tokens, const std::function<bool(const Certificate&, const TokenId&)>& unfit) {
    const auto now = m_rooms.clock.now();
    auto intermediates = m_rooms.profile.intermediates;
    for (const auto& token : tokens)
        for (const auto& certificate : token.certificates)
            if (certificate->is_ca) intermediates.push_back(certificate);
    for (const auto& token : tokens)
        for (const auto& certificate : token.certificates) {
            const bool in_its_time = certificate->not_before <= now && now <= certificate->not_after;
            if (certificate->is_ca || !in_its_time || unfit(*certificate, token.id) || !recognised(certificate, intermediates)) continue;
            const auto identity = identity_of(*certificate);
            const auto known = newest(identity, intermediates);
            const bool newer = !known || certificate->not_before > known->not_before;
            if (newer && (known || m_newest.size() < most_identities)) keep(identity, certificate);
        }
    for (const auto& token : tokens)
        for (const auto& certificate : token.certificates) {
            if (certificate->is_ca) continue;
            const auto successor = newest(identity_of(*certificate), intermediates);
            if (successor && successor->id != certificate->id && successor->not_before > certificate->not_before) record(*certificate, *successor);
        }
}

void Replacements::add_facts(policy::State& state, const Certificate& certificate) const {
    if (const auto place = m_replaced.find(certificate.id.sha256.hex()); place != m_replaced.end()) state.replaced = place->second;
}

} // namespace jk::life
