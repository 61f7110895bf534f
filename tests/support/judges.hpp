// Judges: other people's programs say what they think of a document. A missing judge is a failure, not a skip.
#pragma once
#include <filesystem>
#include <string>

namespace jk::test {

struct Said {
    int exit_code = -1;
    std::string text; ///< standard output and error
};

/// Runs a shell command, bounded to a minute.
Said run_command(const std::string& command);
std::string quoted(const std::filesystem::path& path);

Said pdfsig(const std::filesystem::path& file);
Said qpdf_check(const std::filesystem::path& file);
Said mutool_sign(const std::filesystem::path& file);
/// Cuts the last signature out of a PDF by its ByteRange and gives both parts to `openssl cms -verify -cades`.
Said openssl_cms_of_pdf(const std::filesystem::path& file, const std::filesystem::path& scratch, const std::string& root_pem);

} // namespace jk::test
