// What /proc says about a process: its memory, descriptors, children.
#pragma once
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
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

/// Gone, or only waiting for its parent to notice.
inline bool has_ended(int pid) {
    const auto state = status_field(pid, "State");
    return state.empty() || state.starts_with('Z') || state.starts_with('X');
}

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

/// How often `needle` stands in the readable memory of a process. Needs root.
inline int found_in_memory(int pid, const std::string& needle) {
    std::ifstream maps("/proc/" + std::to_string(pid) + "/maps");
    std::ifstream memory("/proc/" + std::to_string(pid) + "/mem", std::ios::binary);
    int count = 0;
    for (std::string line; std::getline(maps, line);) {
        unsigned long start = 0, end = 0;
        char permissions[5] = {};
        if (std::sscanf(line.c_str(), "%lx-%lx %4s", &start, &end, permissions) != 3 || permissions[0] != 'r' || end - start > (1ul << 30)) continue;
        std::string bytes(end - start, '\0');
        memory.clear();
        memory.seekg(static_cast<std::streamoff>(start));
        memory.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        bytes.resize(static_cast<std::size_t>(std::max<std::streamsize>(0, memory.gcount())));
        for (std::size_t at = 0; (at = bytes.find(needle, at)) != std::string::npos; ++at) ++count;
    }
    return count;
}

/// Of this process and all below it: its name, and how often the text stands in memory it can read.
inline std::vector<std::pair<std::string, int>> found_in_memories(int pid, const std::string& needle) {
    std::vector<std::pair<std::string, int>> all{{name_of_process(pid), found_in_memory(pid, needle)}};
    for (const int child : descendants(pid)) all.emplace_back(name_of_process(child), found_in_memory(child, needle));
    return all;
}

/// Command line and environment of a process, as `ps` and root can see them.
inline std::string listing_of_one(int pid) {
    std::string text;
    for (const char* name : {"cmdline", "environ", "comm"}) {
        std::ifstream file("/proc/" + std::to_string(pid) + "/" + name, std::ios::binary);
        std::stringstream bytes;
        bytes << file.rdbuf();
        text += bytes.str() + "\n";
    }
    return text;
}

} // namespace jk::test
