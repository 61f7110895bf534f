#include "tests/support/process.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <utility>

namespace jk::test {
namespace {

using Clock = std::chrono::steady_clock;

std::string inherited(const char* name) {
    const char* value = std::getenv(name);
    return std::string(name) + "=" + (value != nullptr ? value : "");
}

} // namespace

Process Process::start(const std::vector<std::string>& arguments, const std::vector<std::string>& environment, const std::filesystem::path& output) {
    std::vector<std::string> all_environment{inherited("PATH"), inherited("HOME"), "TZ=Asia/Jakarta"};
    // Sanitizer builds: reports are the point, and an error must not be taken for an ordinary exit.
    for (const char* name : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS"})
        if (std::getenv(name) != nullptr) all_environment.push_back(inherited(name));
    all_environment.insert(all_environment.end(), environment.begin(), environment.end());
    std::vector<char*> argv, envp;
    for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    for (const auto& entry : all_environment) envp.push_back(const_cast<char*>(entry.c_str()));
    argv.push_back(nullptr);
    envp.push_back(nullptr);
    Process process;
    process.m_output = output;
    process.m_pid = fork();
    if (process.m_pid < 0) throw std::runtime_error("fork");
    if (process.m_pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        const int log = open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
        const int none = open("/dev/null", O_RDONLY);
        dup2(none, 0);
        dup2(log, 1);
        dup2(log, 2);
        execvpe(argv[0], argv.data(), envp.data());
        _exit(127);
    }
    return process;
}

Process::Process(Process&& other) noexcept : m_pid(std::exchange(other.m_pid, -1)), m_status(other.m_status), m_output(std::move(other.m_output)) {}

Process& Process::operator=(Process&& other) noexcept {
    std::swap(m_pid, other.m_pid);
    std::swap(m_status, other.m_status);
    std::swap(m_output, other.m_output);
    return *this;
}

Process::~Process() {
    if (m_pid <= 0 || m_status) return;
    kill(m_pid, SIGKILL);
    waitpid(m_pid, nullptr, 0);
}

void Process::signal(int number) const { kill(m_pid, number); }

std::optional<int> Process::wait(int milliseconds) {
    for (const auto until = Clock::now() + std::chrono::milliseconds(milliseconds); !m_status;) {
        int status = 0;
        if (waitpid(m_pid, &status, WNOHANG) == m_pid)
            m_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        else if (Clock::now() > until)
            break;
        else
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return m_status;
}

std::string Process::output() const {
    std::ifstream file(m_output);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

bool Process::says(const std::string& text, int milliseconds) const {
    for (const auto until = Clock::now() + std::chrono::milliseconds(milliseconds); Clock::now() < until;) {
        if (output().find(text) != std::string::npos) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
}

Ran run_program(const std::vector<std::string>& arguments, const std::vector<std::string>& environment, const std::filesystem::path& scratch) {
    static std::atomic<int> count{0};
    const auto output = scratch / ("run-" + std::to_string(++count) + ".log");
    auto process = Process::start(arguments, environment, output);
    const auto code = process.wait(60'000);
    return {code.value_or(-1), process.output()};
}

} // namespace jk::test
