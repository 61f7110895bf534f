#include "tests/support/judges.hpp"

#include <sys/wait.h>

#include <cstdio>
#include <stdexcept>

namespace jk::test {

std::string quoted(const std::filesystem::path& path) {
    std::string out = "'";
    for (const char c : path.string()) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

Said run_command(const std::string& command) {
    FILE* pipe = popen(("timeout 60 " + command + " 2>&1").c_str(), "r");
    if (pipe == nullptr) throw std::runtime_error("popen");
    Said said;
    char buffer[4096];
    for (std::size_t n; (n = fread(buffer, 1, sizeof buffer, pipe)) > 0;) said.text.append(buffer, n);
    const int status = pclose(pipe);
    said.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
    if (said.exit_code == 127) throw std::runtime_error("a judge is not installed; run ./dev setup: " + command);
    return said;
}

Said pdfsig(const std::filesystem::path& file) { return run_command("pdfsig " + quoted(file)); }
Said qpdf_check(const std::filesystem::path& file) { return run_command("qpdf --check " + quoted(file)); }
Said mutool_sign(const std::filesystem::path& file) { return run_command("mutool sign -v " + quoted(file)); }

} // namespace jk::test
