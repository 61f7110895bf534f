// Does a sentence for an official hold words that only a developer's English has? Names of things, commands and files may be in any language: what
// stands in quotes is not looked at.
#pragma once
#include <algorithm>
#include <cctype>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace jk::test {

/// Small words, of which hardly a sentence in English is free and which Indonesian does not have.
inline std::vector<std::string> english_in(const std::string& indonesian) {
    static const std::set<std::string> words{"is",      "are",      "was",     "be",      "been",    "not",   "no",     "none", "the",  "of",
                                             "by",      "for",      "and",     "or",      "to",      "from",  "with",   "must", "may",  "can",
                                             "cannot",  "could",    "unknown", "missing", "set",     "found", "its",    "it",   "has",  "had",
                                             "belongs", "writable", "refused", "only",    "another", "other", "others", "such", "file", "open"};
    auto plain = std::regex_replace(indonesian, std::regex("\"[^\"]*\"|`[^`]*`|/[^ ]*"), " ");
    std::vector<std::string> found;
    std::string word;
    for (const char c : plain + " ") {
        if (std::isalpha(static_cast<unsigned char>(c)) != 0) {
            word.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
            continue;
        }
        if (words.contains(word)) found.push_back(word);
        word.clear();
    }
    return found;
}

} // namespace jk::test
