#include "tests/support/card_reader.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>

namespace jk::test {
namespace {

std::filesystem::path made(const std::filesystem::path& folder) {
    std::filesystem::create_directories(folder);
    return folder;
}

} // namespace

std::string opensc_module() {
    const char* path = "/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so";
    if (!std::filesystem::exists(path)) throw std::runtime_error("OpenSC is not installed; run ./dev setup");
    return path;
}

CardReader::CardReader(const std::filesystem::path& folder)
    : m_folder(made(folder)),
      m_process(Process::start({std::string(JURUKUNCI_BIN_DIR) + "/jurukunci-test-reader", folder.string()}, {}, folder / "reader.log")) {
    if (!m_process.says("ready", 20'000)) throw std::runtime_error("no card reader: " + m_process.output());
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, (m_folder / "orders").c_str(), sizeof address.sun_path - 1);
    m_orders = ::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (connect(m_orders, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) throw std::runtime_error("the card reader takes no orders");
}

CardReader::~CardReader() {
    if (m_orders >= 0) close(m_orders);
}

void CardReader::order(const std::string& line) {
    char said[4096];
    ssize_t size = -1;
    if (send(m_orders, line.data(), line.size(), MSG_NOSIGNAL) > 0) size = recv(m_orders, said, sizeof said, 0);
    const std::string answer(said, size > 0 ? static_cast<std::size_t>(size) : 0);
    if (answer != "ok") throw std::runtime_error("card reader, " + line + ": " + answer + "\n" + m_process.output());
}

void CardReader::insert(const std::filesystem::path& card, int reader) { order("insert " + std::to_string(reader) + " " + card.string()); }
void CardReader::remove(int reader) { order("remove " + std::to_string(reader)); }
void CardReader::leave_at_signature(int count, int reader) { order("leave " + std::to_string(reader) + " " + std::to_string(count)); }
void CardReader::stop_pcscd() { order("stop 0"); }
void CardReader::start_pcscd() { order("start 0"); }

} // namespace jk::test
