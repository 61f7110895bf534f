// Machine: the facts of one computer that examinations are made of. Files lie below a root: tests prepare a folder tree instead of /.
// Everything read here has a limit; names and texts are outside words.
#pragma once
#include "jurukunci/bytes.hpp"
#include "jurukunci/clock.hpp"

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace jk::doctor {

enum class ClockState { synchronised, unsynchronised, unknown };

struct FileFacts {
    uid_t owner = 0;
    mode_t mode = 0; ///< type and permissions, of the file itself and not of a link's target
};

class Machine {
public:
    explicit Machine(std::filesystem::path root) : m_root(std::move(root)) {}
    virtual ~Machine() = default;
    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;

    /// Where an absolute path of that machine lies.
    std::filesystem::path at(const std::filesystem::path& path) const { return m_root / path.relative_path(); }
    static constexpr std::size_t max_text = 256u << 10;
    /// At most `limit` bytes from the start; empty if it cannot be read.
    std::optional<std::string> text(const std::filesystem::path& path, std::size_t limit = max_text) const;
    /// The first line without its end.
    std::string line(const std::filesystem::path& path) const;
    /// Sorted, at most 4096; none if there is no such folder.
    std::vector<std::string> names(const std::filesystem::path& folder) const;
    std::optional<FileFacts> facts(const std::filesystem::path& path) const;
    std::string link(const std::filesystem::path& path) const;

    virtual std::string environment(const std::string& name) const = 0;
    virtual uid_t user() const = 0;
    virtual std::string user_name(uid_t uid) const = 0;
    virtual WallTime now() const = 0;
    virtual ClockState clock() const = 0;
    virtual std::optional<std::uint64_t> free_bytes(const std::filesystem::path& path) const = 0;
    /// May this user open the device for reading and writing?
    virtual bool may_open(const std::filesystem::path& path) const = 0;
    /// Does anybody listen on this Unix socket?
    virtual bool listens(const std::filesystem::path& socket) const = 0;

private:
    std::filesystem::path m_root;
};

/// The computer that the program runs on.
class ThisMachine final : public Machine {
public:
    ThisMachine() : Machine("/") {}
    std::string environment(const std::string& name) const override;
    uid_t user() const override;
    std::string user_name(uid_t uid) const override;
    WallTime now() const override;
    ClockState clock() const override;
    std::optional<std::uint64_t> free_bytes(const std::filesystem::path& path) const override;
    bool may_open(const std::filesystem::path& path) const override;
    bool listens(const std::filesystem::path& socket) const override;
};

/// NAME=value lines, as logind and os-release write them; at most 256.
std::map<std::string, std::string> assignments(const std::string& text);

} // namespace jk::doctor
