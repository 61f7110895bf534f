// PinScan: where a PIN must not be, during an operation and after it: memories, the agent's output, files of the user's folders, cores, process
// listings. Each place is also searched for something that is there, so that an empty answer means something. Reads other processes' memory: as root.
#pragma once
#include "tests/support/judges.hpp"
#include "tests/support/process_facts.hpp"
#include "tests/support/running_agent.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <mutex>
#include <set>
#include <thread>

namespace jk::test {

/// Reads command lines and environments of everything below this test, again and again, while the scene goes on: a PIN that stands there for the life
/// of one short command is seen by whoever looks at that moment.
class ListingWatch {
public:
    explicit ListingWatch(std::vector<std::string> secrets) : m_secrets(std::move(secrets)), m_thread([this] { look(); }) {}
    ~ListingWatch() { end(); }
    ListingWatch(const ListingWatch&) = delete;
    ListingWatch& operator=(const ListingWatch&) = delete;

    void end() {
        m_ended = true;
        if (m_thread.joinable()) m_thread.join();
    }
    int looks() const { return m_looks; }
    std::set<std::string> processes() const {
        const std::lock_guard one(m_access);
        return m_processes;
    }
    /// Processes in whose listing a secret stood.
    std::set<std::string> found() const {
        const std::lock_guard one(m_access);
        return m_found;
    }

private:
    void look() {
        while (!m_ended) {
            for (const int pid : descendants(getpid())) {
                const auto name = name_of_process(pid);
                const auto listing = listing_of_one(pid);
                const std::lock_guard one(m_access);
                m_processes.insert(name);
                for (const auto& secret : m_secrets)
                    if (listing.find(secret) != std::string::npos) m_found.insert(name);
            }
            ++m_looks;
            usleep(1000);
        }
    }

    std::vector<std::string> m_secrets;
    mutable std::mutex m_access;
    std::set<std::string> m_processes, m_found;
    std::atomic<int> m_looks = 0;
    std::atomic<bool> m_ended = false;
    std::thread m_thread; ///< last: it begins when all else is there
};

class PinScan : public testing::Test {
protected:
    void SetUp() override {
#ifdef JURUKUNCI_SANITIZED
        GTEST_SKIP() << "the sanitizer's own copies are not ours";
#endif
        if (geteuid() != 0) GTEST_FAIL() << "this test reads another process's memory and must run as root";
        const rlimit all{RLIM_INFINITY, RLIM_INFINITY};
        setrlimit(RLIMIT_CORE, &all); // as a shell of somebody who wants cores
    }

    /// After an operation. `others`: processes that are not the agent's, and hold no PIN any more either.
    static void expect_nowhere(RunningAgent& agent, ListingWatch& watch, const std::vector<std::string>& secrets, std::vector<int> others = {}) {
        watch.end();
        EXPECT_GT(watch.looks(), 3) << "the listing was looked at while things happened";
        EXPECT_TRUE(watch.processes().contains("jurukuncid") && watch.processes().contains("jurukunci-worke")) << "and the look sees our processes";
        EXPECT_EQ(watch.found(), std::set<std::string>());
        others.push_back(agent.agent().pid());
        for (const int child : descendants(agent.agent().pid())) others.push_back(child);
        for (const auto& secret : secrets) {
            // The scripted person keeps what it types: it stands for a human being.
            for (const int pid : others) {
                const auto name = name_of_process(pid);
                if (name.empty()) continue; // a life that has ended meanwhile
                const int by_name = found_in_memory(pid, name);
                if (by_name == 0 && has_ended(pid)) continue; // while we looked
                EXPECT_GT(by_name, 0) << "what a process is called stands in its memory: " << name;
                EXPECT_EQ(found_in_memory(pid, secret), 0) << secret << " in the memory of " << name;
            }
            EXPECT_EQ(agent.agent().output().find(secret), std::string::npos) << secret;
            expect_in_no_file(agent, secret);
        }
    }

private:
    static void expect_in_no_file(RunningAgent& agent, const std::string& secret) {
        const auto control = agent.folder() / "secret-control";
        std::ofstream(control) << secret;
        // Cores lie in the folder that a process works in, which is this test's.
        const auto search = [&](const std::string& without) {
            return run_command("grep -rlF " + without + " -e " + secret + " " + quoted(agent.folder()) +
                               "; find . -maxdepth 1 -type f -name 'core*' -exec grep -lF -e " + secret + " {} +");
        };
        EXPECT_NE(search("").text.find(control.string()), std::string::npos) << "the search finds what is there";
        EXPECT_EQ(search("--exclude=pin --exclude='secret-*'").text, "") << secret;
        std::filesystem::remove(control);
    }
};

} // namespace jk::test
