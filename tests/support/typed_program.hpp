// TypedProgram: a program in a terminal of its own, with somebody who reads its screen and types.
#pragma once
#include <string>
#include <vector>

namespace jk::test {

class TypedProgram {
public:
    TypedProgram(const std::vector<std::string>& arguments, const std::vector<std::string>& environment);
    ~TypedProgram(); ///< SIGKILL if it still runs
    TypedProgram(const TypedProgram&) = delete;
    TypedProgram& operator=(const TypedProgram&) = delete;

    void type(const std::string& text);
    /// Waits at most twenty seconds for `text` on the screen, wherever.
    bool shows(const std::string& text);
    const std::string& screen() const { return m_screen; } ///< all that was ever on it
    int exit_code();
    int pid() const { return m_pid; }

private:
    int m_pid = -1, m_terminal = -1;
    std::string m_screen;
};

} // namespace jk::test
