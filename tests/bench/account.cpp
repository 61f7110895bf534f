#include "tests/bench/account.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <sstream>

namespace jk::bench {
namespace {

struct Stat {
    int parent = 0;
    double seconds = 0;
};

Stat stat_of(int pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string line;
    std::getline(file, line);
    const auto close = line.rfind(')');
    if (close == std::string::npos) return {};
    std::istringstream rest(line.substr(close + 2));
    std::string state;
    long long field[16] = {};
    Stat stat;
    rest >> state >> stat.parent;
    for (auto& value : field) rest >> value;
    // After ppid: pgrp session tty tpgid flags minflt cminflt majflt cmajflt utime stime cutime cstime
    stat.seconds = static_cast<double>(field[9] + field[10] + field[11] + field[12]) / static_cast<double>(sysconf(_SC_CLK_TCK));
    return stat;
}

double kib_field(int pid, const std::string& name) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/status");
    for (std::string line; std::getline(file, line);)
        if (line.starts_with(name)) return std::stod(line.substr(name.size() + 1)) / 1024.0;
    return 0;
}

std::vector<int> direct_children(int pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/task/" + std::to_string(pid) + "/children");
    std::vector<int> all;
    for (int child = 0; file >> child;) all.push_back(child);
    return all;
}

} // namespace

std::vector<int> family(int agent_pid) {
    std::vector<int> all{agent_pid};
    for (std::size_t i = 0; i < all.size(); ++i)
        for (const int child : direct_children(all[i])) all.push_back(child);
    return all;
}

double processor_seconds(int agent_pid) {
    double sum = 0;
    for (const int pid : family(agent_pid)) sum += stat_of(pid).seconds;
    return sum;
}

std::map<std::string, double> processor_seconds_by_name(int agent_pid) {
    std::map<std::string, double> sums;
    for (const int pid : family(agent_pid)) sums[name_of(pid)] += stat_of(pid).seconds;
    return sums;
}

std::string per_item(const std::map<std::string, double>& before, const std::map<std::string, double>& after, std::size_t count) {
    std::string text;
    for (const auto& [name, seconds] : after) {
        const auto known = before.find(name);
        const double more = seconds - (known == before.end() ? 0 : known->second);
        char one[64];
        std::snprintf(one, sizeof one, "%s%s %.3f ms", text.empty() ? "" : ", ", name.c_str(), more * 1000 / static_cast<double>(count));
        if (more > 0) text += one;
    }
    return text;
}

double resident(int pid) { return kib_field(pid, "VmRSS:"); }
double peak_resident(int pid) { return kib_field(pid, "VmHWM:"); }

std::string name_of(int pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/comm");
    std::string name;
    std::getline(file, name);
    return name;
}

int children_named(int agent_pid, const std::string& name) {
    for (const int pid : family(agent_pid))
        if (name_of(pid) == name) return pid;
    return 0;
}

PeakWatch::PeakWatch(int agent_pid)
    : m_thread([this, agent_pid] {
          while (!m_stop) {
              for (const int pid : family(agent_pid)) {
                  auto& peak = m_peaks[name_of(pid)];
                  peak = std::max(peak, peak_resident(pid));
              }
              std::this_thread::sleep_for(std::chrono::milliseconds(1));
          }
      }) {}

PeakWatch::~PeakWatch() { stop(); }

std::map<std::string, double> PeakWatch::stop() {
    m_stop = true;
    if (m_thread.joinable()) m_thread.join();
    m_peaks.erase("");
    return m_peaks;
}

} // namespace jk::bench
