#include "agent/audit/nik.hpp"

#include <algorithm>

namespace jk::audit {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Region (6), day of birth (2; of women 40 more), month (2), year (2), number (4).
bool may_be_nik(std::string_view digits) {
    if (digits.size() != 16) return false;
    const auto two = [&](std::size_t at) { return (digits[at] - '0') * 10 + (digits[at + 1] - '0'); };
    const int day = two(6) > 40 ? two(6) - 40 : two(6), month = two(8);
    return day >= 1 && day <= 31 && month >= 1 && month <= 12;
}

} // namespace

std::string without_nik(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto first = std::find_if(text.begin(), text.end(), is_digit);
        const auto last = std::find_if_not(first, text.end(), is_digit);
        out.append(text.begin(), first);
        const auto digits = text.substr(static_cast<std::size_t>(first - text.begin()), static_cast<std::size_t>(last - first));
        out += may_be_nik(digits) ? "[NIK]" : digits;
        text.remove_prefix(static_cast<std::size_t>(last - text.begin()));
    }
    return out;
}

} // namespace jk::audit
