// What processes cost: processor time and memory, from /proc.
#pragma once
#include <atomic>
#include <map>
#include <string>
#include <thread>
#include <vector>

namespace jk::bench {

/// The agent and everything below it.
std::vector<int> family(int agent_pid);
/// Seconds of processor time of the whole family, ended children included.
double processor_seconds(int agent_pid);
/// The same, by process: "agent 0.10 ms, worker 0.11 ms …" of each of `count` items, since `before`.
std::map<std::string, double> processor_seconds_by_name(int agent_pid);
std::string per_item(const std::map<std::string, double>& before, const std::map<std::string, double>& after, std::size_t count);
/// MiB.
double resident(int pid);
double peak_resident(int pid);
std::string name_of(int pid);
int children_named(int agent_pid, const std::string& name); ///< pid of one, or 0

/// Looks every millisecond, so that short lives are seen too. Peak MiB by process name.
class PeakWatch {
public:
    explicit PeakWatch(int agent_pid);
    ~PeakWatch();
    std::map<std::string, double> stop();

private:
    std::atomic<bool> m_stop{false};
    std::map<std::string, double> m_peaks;
    std::thread m_thread;
};

} // namespace jk::bench
