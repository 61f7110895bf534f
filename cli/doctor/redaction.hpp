// What may stand in a support bundle: words that we know, and numbers. A file of secrets that were taken out again is never safe, so nothing is
// copied in; each text passes one of these.
#pragma once
#include "jurukunci/error.hpp"

#include <filesystem>
#include <string>

namespace jk::doctor {

/// Lower-case letters and single hyphens, at most 40: a word of our own protocols. Anything else is "?".
std::string own_word(const std::string& text);
/// Letters, digits and . _ + ~ - as versions have them, at most 60, and no ten digits in a row (a NIK, a serial number). Anything else is "?".
std::string version_word(const std::string& text);
/// A PKCS#11 library that is known by its file name; "another library" else: a folder or a file may be called after a person.
std::string known_library(const std::filesystem::path& library);
/// The words of an error that name no person, document or path.
std::vector<std::pair<std::string, std::string>> harmless_words(const Error& error);

} // namespace jk::doctor
