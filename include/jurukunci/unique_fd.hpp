// UniqueFd: owns one file descriptor.
#pragma once
#include <utility>

namespace jk {

class UniqueFd {
public:
    UniqueFd() = default;
    explicit UniqueFd(int fd) : m_fd(fd) {}
    UniqueFd(UniqueFd&& other) noexcept : m_fd(std::exchange(other.m_fd, -1)) {}
    UniqueFd& operator=(UniqueFd&& other) noexcept {
        if (this != &other) reset(std::exchange(other.m_fd, -1));
        return *this;
    }
    ~UniqueFd() { reset(); }

    int get() const { return m_fd; }
    int release() { return std::exchange(m_fd, -1); }
    void reset(int fd = -1) noexcept;
    explicit operator bool() const { return m_fd >= 0; }

    /// A second descriptor for the same open file, close-on-exec; empty if the process has no more.
    UniqueFd duplicate() const;

private:
    int m_fd = -1;
};

} // namespace jk
