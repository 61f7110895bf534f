// PtyProgram: a program on a terminal of its own; a test reads its screen and types.
#pragma once
#include <pty.h>
#include <sys/select.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

namespace jk::test {

class PtyProgram {
public:
    PtyProgram(const std::vector<std::string>& arguments, const std::vector<std::string>& environment) {
        m_pid = forkpty(&m_master, nullptr, nullptr, nullptr);
        if (m_pid < 0) throw std::runtime_error("forkpty");
        if (m_pid != 0) return;
        for (const auto& entry : environment) putenv(strdup(entry.c_str()));
        std::vector<char*> argv;
        for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
        argv.push_back(nullptr);
        execv(argv[0], argv.data());
        _exit(127);
    }
    PtyProgram(const PtyProgram&) = delete;
    PtyProgram& operator=(const PtyProgram&) = delete;
    ~PtyProgram() {
        close(m_master);
        if (m_pid <= 0) return;
        kill(m_pid, SIGKILL);
        waitpid(m_pid, nullptr, 0);
    }

    /// Waits until the screen has shown `text`.
    bool shows(const std::string& text) {
        for (int i = 0; i < 400 && screen.find(text) == std::string::npos; ++i) {
            fd_set set;
            FD_ZERO(&set);
            FD_SET(m_master, &set);
            timeval wait{0, 50'000};
            char buffer[4096];
            if (select(m_master + 1, &set, nullptr, nullptr, &wait) != 1) continue;
            const auto n = read(m_master, buffer, sizeof buffer);
            if (n <= 0) break;
            screen.append(buffer, static_cast<std::size_t>(n));
        }
        return screen.find(text) != std::string::npos;
    }
    void type(const std::string& text) { (void)!write(m_master, text.data(), text.size()); }
    int end() {
        int status = 0;
        waitpid(m_pid, &status, 0);
        m_pid = -1;
        return WEXITSTATUS(status);
    }
    std::string screen;

private:
    int m_master = -1;
    pid_t m_pid = -1;
};

} // namespace jk::test
