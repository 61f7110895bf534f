// Error: an expected fault as a value. A code that says what can be done, words that name the object, and a detail for the log.
#pragma once
#include "jurukunci/catalogue.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace jk {

enum class Language { indonesian, english };

struct Error {
    Errc code = Errc::device_failed;
    std::string detail;                                       ///< for the log and the developer; never a secret
    std::vector<std::pair<std::string, std::string>> words{}; ///< fills the {place holders} of the catalogue
    std::string citation{};                                   ///< the active city's Pasal, where one stands behind it

    Error() = default;
    Error(Errc c) : code(c) {}
    Error(Errc c, std::string d) : code(c), detail(std::move(d)) {}

    Error& with(std::string word, std::string value) & {
        words.emplace_back(std::move(word), std::move(value));
        return *this;
    }
    Error&& with(std::string word, std::string value) && {
        words.emplace_back(std::move(word), std::move(value));
        return std::move(*this);
    }
    Error&& citing(std::string pasal) && {
        citation = std::move(pasal);
        return std::move(*this);
    }

    const CatalogueEntry& entry() const { return entry_of(code); }
    /// The sentence and the next step for the person. Words come from outside and are shown escaped (displayed_text.hpp).
    std::string sentence(Language language) const;
    std::string remedy(Language language) const;
    /// One line for logs: code, English sentence, detail.
    std::string log_line() const;

private:
    std::string fill(std::string_view pattern) const;
};

} // namespace jk
