// OwnerNotice: what the owner of a certificate reads before its first use on a computer: duties, prohibitions and the agreement, each sentence with
// the city's article. Texts are data (`naskah_pemilik`); a city that is silent stays silent here.
#pragma once
#include "agent/policy/provision.hpp"
#include "jurukunci/consent.hpp"

#include <optional>
#include <string>
#include <vector>

namespace jk::policy {

struct Profile;

struct NoticeEntry {
    std::string indonesian, english;
    Basis basis;
};

struct OwnerNotice {
    int version = 0;
    std::vector<NoticeEntry> duties, prohibitions;
    std::optional<NoticeEntry> agreement, complaints;
};

inline constexpr std::string_view duties_part = "duties", agreement_part = "agreement";

/// What this profile demands to be read, as text. A part that is demanded and has no text has an empty hash: nobody can acknowledge it.
OwnerNoticeShown notice_of(const Profile& profile);

} // namespace jk::policy
