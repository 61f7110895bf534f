#include "tests/support/judges.hpp"

#include <sys/wait.h>

#include <cstdio>
#include <fstream>
#include <stdexcept>

namespace jk::test {

std::string quoted(const std::filesystem::path& path) {
    std::string out = "'";
    for (const char c : path.string()) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

Said run_command(const std::string& command) {
    // A shell of its own below the timeout: a command may begin with "export" or "cd", and all of it is bounded.
    FILE* pipe = popen(("timeout 60 sh -c " + quoted(std::filesystem::path(command)) + " 2>&1").c_str(), "r");
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

Said openssl_cms_of_pdf(const std::filesystem::path& file, const std::filesystem::path& scratch, const std::string& root_pem) {
    std::ofstream(scratch / "judge-root.pem") << root_pem;
    const auto script = scratch / "judge.py";
    std::ofstream(script) << R"py(
import re, sys
file, out = sys.argv[1:3]
with open(file, "rb") as f:
    f.seek(0, 2); size = f.tell(); start = max(0, size - (4 << 20)); f.seek(start); tail = f.read()
    a, b, c, d = map(int, re.findall(rb"/ByteRange \[(\d+) (\d+) (\d+) (\d+)", tail)[-1])
    f.seek(0); left = b
    with open(out + "/judge.data", "wb") as data:
        while left: chunk = f.read(min(left, 1 << 20)); data.write(chunk); left -= len(chunk)
        gap = f.read(c - b); data.write(f.read(d))
    assert c + d == size
open(out + "/judge.p7s", "wb").write(bytes.fromhex(gap[1:-1].decode()))
)py";
    return run_command("sh -c \"/usr/bin/python3 " + quoted(script) + " " + quoted(file) + " " + quoted(scratch) +
                       " && openssl cms -verify -cades -binary -inform DER -in " + quoted(scratch / "judge.p7s") + " -content " +
                       quoted(scratch / "judge.data") + " -CAfile " + quoted(scratch / "judge-root.pem") + " -purpose any -out /dev/null\"");
}

} // namespace jk::test
