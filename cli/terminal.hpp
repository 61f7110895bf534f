// The person's terminal, as prompters use it.
#pragma once
#include "jurukunci/unique_fd.hpp"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <string>

namespace jk::cli {

/// The person's terminal itself, whatever stdin and stdout are.
class Terminal {
public:
    Terminal() : m_fd(open("/dev/tty", O_RDWR | O_CLOEXEC)) {}
    bool present() const { return static_cast<bool>(m_fd); }
    void print(const std::string& text) const { (void)!::write(m_fd.get(), text.data(), text.size()); }
    int fd() const { return m_fd.get(); }

    /// Throws away what was typed before the question was there: nobody has agreed to what they had not seen.
    void forget_typed() const { tcflush(m_fd.get(), TCIFLUSH); }

private:
    UniqueFd m_fd;
};

/// No echo and no line editing while it lives: each byte of a PIN goes straight into locked memory.
class RawInput {
public:
    explicit RawInput(int fd) : m_fd(fd) {
        tcgetattr(fd, &m_before);
        termios raw = m_before;
        raw.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON);
        raw.c_cc[VMIN] = 1;
        raw.c_cc[VTIME] = 0;
        tcsetattr(fd, TCSAFLUSH, &raw);
    }
    ~RawInput() { tcsetattr(m_fd, TCSAFLUSH, &m_before); }
    RawInput(const RawInput&) = delete;
    RawInput& operator=(const RawInput&) = delete;

private:
    int m_fd;
    termios m_before{};
};

} // namespace jk::cli
