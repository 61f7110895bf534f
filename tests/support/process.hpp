// Process: a program started for a test, with its own environment and its output in files; ended with the object.
#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace jk::test {

class Process {
public:
    /// `environment` is NAME=value, beside PATH, HOME and TZ of the test. Standard output and error go to `output`.
    static Process start(const std::vector<std::string>& arguments, const std::vector<std::string>& environment, const std::filesystem::path& output);
    Process(Process&& other) noexcept;
    Process& operator=(Process&& other) noexcept;
    ~Process(); ///< SIGKILL if it still runs

    int pid() const { return m_pid; }
    void signal(int number) const;
    /// Exit code, or 128 + signal; nothing if it still runs after `milliseconds`.
    std::optional<int> wait(int milliseconds);
    std::string output() const;
    /// Waits until the output holds `text`.
    bool says(const std::string& text, int milliseconds = 20000) const;

private:
    Process() = default;
    int m_pid = -1;
    std::optional<int> m_status;
    std::filesystem::path m_output;
};

/// Runs to its end, at most a minute. Output and exit code.
struct Ran {
    int exit_code = -1;
    std::string output;
};
Ran run_program(const std::vector<std::string>& arguments, const std::vector<std::string>& environment, const std::filesystem::path& scratch);

} // namespace jk::test
