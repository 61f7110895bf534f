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

} // namespace jk::test
