// JudgedRoot: files of the system below `/` or below the folder of an image: read, replaced and removed only through folders that nobody but
// their owner can change, one name at a time, no symlink followed. One thread.
#pragma once
#include "jurukunci/outcome.hpp"
#include "jurukunci/unique_fd.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace jk::browser_policy {

/// Errors are browser_policy_refused with {file} and {reason}. Paths are relative to the root, with `/` between names.
class JudgedRoot {
public:
    /// Below `/` everything must belong to root; below another folder it may be ours instead.
    static Outcome<JudgedRoot> open(const std::filesystem::path& folder);

    /// Nothing: no such file, or no such folder.
    Outcome<std::optional<std::string>> read(const std::string& path, std::size_t most) const;
    /// The other files of the folder in which `path` lies.
    Outcome<std::vector<std::string>> beside(const std::string& path) const;
    /// Whole or not at all, also across a power cut. A file that is replaced keeps its mode and group; a new one has 0644. Folders that had to be
    /// made are added to `made`.
    Outcome<void> write(const std::string& path, const std::string& text, std::vector<std::string>& made) const;
    Outcome<void> remove(const std::string& path) const;
    /// If it is empty; otherwise it stays, and that is no error.
    Outcome<void> remove_empty_folder(const std::string& path) const;
    /// Makes the folder of `path` and holds it against other writers until the descriptor is closed.
    Outcome<UniqueFd> lock_folder_of(const std::string& path, std::vector<std::string>& made) const;
    /// A plain look, also through symlinks: for the files of others that are only mentioned.
    bool exists(const std::string& path) const;

    std::string shown(const std::string& path) const { return (m_folder / path).string(); }

private:
    JudgedRoot(std::filesystem::path folder, UniqueFd fd) : m_folder(std::move(folder)), m_fd(std::move(fd)) {}
    Error refuse(const std::string& path, const std::string& reason) const;
    /// The open folder of `path`; nothing if it does not exist and `made` is null.
    Outcome<UniqueFd> folder_of(const std::string& path, std::vector<std::string>* made) const;
    std::string fault_of(int fd) const;

    std::filesystem::path m_folder;
    UniqueFd m_fd;
};

} // namespace jk::browser_policy
