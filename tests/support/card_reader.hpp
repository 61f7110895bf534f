// CardReader: two readers with pcscd of their own, for one test, and what a hand does to them. See test_reader.cpp.
#pragma once
#include "tests/support/process.hpp"

#include <filesystem>

namespace jk::test {

class CardReader {
public:
    /// Throws with the reason where namespaces, pcscd or the virtual reader are missing: a failure, not a skip.
    explicit CardReader(const std::filesystem::path& folder);
    ~CardReader();
    CardReader(const CardReader&) = delete;
    CardReader& operator=(const CardReader&) = delete;

    void insert(const std::filesystem::path& card, int reader = 0);
    void remove(int reader = 0);
    void leave_at_signature(int count, int reader = 0);
    void stop_pcscd();
    void start_pcscd();
    /// Value of PCSCLITE_CSOCK_NAME for a client.
    std::string socket() const { return (m_folder / "pcscd/pcscd.comm").string(); }
    int pid() const { return m_process.pid(); }

private:
    void order(const std::string& line);
    std::filesystem::path m_folder;
    Process m_process;
    int m_orders = -1;
};

/// Where Debian puts OpenSC's module; throws where it is missing.
std::string opensc_module();

} // namespace jk::test
