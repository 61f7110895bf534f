#include "jurukunci/error.hpp"

#include "jurukunci/displayed_text.hpp"

namespace jk {

std::string Error::fill(std::string_view pattern) const {
    std::string out;
    for (std::size_t at = 0; at < pattern.size();) {
        const auto open = pattern.find('{', at);
        const auto close = open == std::string_view::npos ? open : pattern.find('}', open);
        if (close == std::string_view::npos) return out.append(pattern.substr(at));
        out.append(pattern.substr(at, open - at));
        auto word = pattern.substr(open + 1, close - open - 1);
        const bool may_lack = word.starts_with('?');
        if (may_lack) word.remove_prefix(1);
        std::string value = may_lack ? "" : "?";
        for (const auto& [name, text] : words)
            if (name == word) value = displayed(text);
        if (value == "?" && (word == "reason" || word == "fault") && !detail.empty()) value = displayed(detail);
        out.append(value);
        at = close + 1;
    }
    return out;
}

std::string Error::sentence(Language language) const { return fill(language == Language::indonesian ? entry().sentence_id : entry().sentence_en); }

std::string Error::remedy(Language language) const { return fill(language == Language::indonesian ? entry().remedy_id : entry().remedy_en); }

std::string Error::log_line() const {
    std::string line(entry().code);
    line += ": " + sentence(Language::english);
    if (!detail.empty() && line.find(displayed(detail)) == std::string::npos) line += " (" + displayed(detail) + ")";
    return line;
}

} // namespace jk
