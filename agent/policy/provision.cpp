#include "agent/policy/provision.hpp"

#include <algorithm>

namespace jk::policy {

std::string_view name_of(Source source) {
    switch (source) {
    case Source::regulation: return "regulation";
    case Source::agent: return "agent";
    case Source::cp: return "cp";
    case Source::practice: return "practice";
    case Source::unknown: return "unknown";
    }
    return "?";
}

std::string Basis::words() const {
    switch (source) {
    case Source::regulation: return citation;
    case Source::agent: return "kebijakan agen";
    case Source::cp: return "CP/CPS penyelenggara sertifikasi";
    case Source::practice: return "kebiasaan umum, belum dipastikan Dinas";
    case Source::unknown: return "belum diketahui; " + ask;
    }
    return {};
}

const Cited* find(const std::vector<Cited>& list, std::string_view value) {
    const auto place = std::ranges::find(list, value, &Cited::value);
    return place == list.end() ? nullptr : &*place;
}

std::string citations(const std::vector<Cited>& list) {
    std::string all;
    for (const auto& entry : list)
        if (!entry.citation.empty() && all.find(entry.citation) == std::string::npos) all += (all.empty() ? "" : "; ") + entry.citation;
    return all;
}

} // namespace jk::policy
