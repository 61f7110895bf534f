// What /proc says about a process: its memory, descriptors, children.
#pragma once
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace jk::test {

/// The line of /proc/PID/status that begins with `name`, without it; empty when the process is gone.
inline std::string status_field(int pid, const std::string& name) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/status");
    for (std::string line; std::getline(file, line);)
        if (line.starts_with(name + ":")) return line.substr(line.find_first_not_of(" \t", name.size() + 1));
    return {};
}

/// Resident memory in KiB; 0 when the process is gone.
inline long resident_kib(int pid) {
    const auto text = status_field(pid, "VmRSS");
    return text.empty() ? 0 : std::stol(text);
}

/// The most it ever was, in KiB; 0 when the process is gone.
inline long peak_kib(int pid) {
    const auto text = status_field(pid, "VmHWM");
    return text.empty() ? 0 : std::stol(text);
}

inline int open_descriptors(int pid) {
    int count = 0;
    std::error_code ec;
    for (std::filesystem::directory_iterator entry("/proc/" + std::to_string(pid) + "/fd", ec), end; !ec && entry != end; entry.increment(ec))
        ++count;
    return count;
}

inline std::string name_of_process(int pid) { return status_field(pid, "Name"); }

/// All descendants, parents first.
inline std::vector<int> descendants(int pid) {
    std::vector<int> all;
    std::error_code ec;
    for (std::filesystem::directory_iterator task("/proc/" + std::to_string(pid) + "/task", ec), end; !ec && task != end; task.increment(ec)) {
        std::ifstream children(task->path() / "children");
        for (int child = 0; children >> child;) {
            all.push_back(child);
            for (const int further : descendants(child)) all.push_back(further);
        }
    }
    return all;
}

} // namespace jk::test
