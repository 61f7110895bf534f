#include "tests/support/typed_program.hpp"

#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

namespace jk::test {

TypedProgram::TypedProgram(const std::vector<std::string>& arguments, const std::vector<std::string>& environment) {
    m_pid = forkpty(&m_terminal, nullptr, nullptr, nullptr);
    if (m_pid < 0) throw std::runtime_error("no terminal");
    if (m_pid > 0) return;
    for (const auto& entry : environment) putenv(strdup(entry.c_str()));
    std::vector<char*> argv;
    for (const auto& argument : arguments) argv.push_back(strdup(argument.c_str()));
    argv.push_back(nullptr);
    execv(argv[0], argv.data());
    _exit(127);
}

TypedProgram::~TypedProgram() {
    if (m_pid > 0) {
        kill(m_pid, SIGKILL);
        waitpid(m_pid, nullptr, 0);
    }
    close(m_terminal);
}

void TypedProgram::type(const std::string& text) { (void)!write(m_terminal, text.data(), text.size()); }

bool TypedProgram::shows(const std::string& text) {
    for (int i = 0; i < 400 && m_screen.find(text) == std::string::npos; ++i) {
        pollfd readable{m_terminal, POLLIN, 0};
        if (poll(&readable, 1, 50) != 1) continue;
        char buffer[4096];
        const auto n = read(m_terminal, buffer, sizeof buffer);
        if (n <= 0) break; // it has ended
        m_screen.append(buffer, static_cast<std::size_t>(n));
    }
    return m_screen.find(text) != std::string::npos;
}

int TypedProgram::exit_code() {
    int status = 0;
    waitpid(m_pid, &status, 0);
    m_pid = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

} // namespace jk::test
