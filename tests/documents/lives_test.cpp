// Lives that do not answer: how long others wait for them, and how they end. A stopped process stands for one that burns its time or was
// taken over: like that, it reacts to nothing but the end.
#include "tests/bench/account.hpp"
#include "tests/support/document_desk.hpp"

#include <boost/asio/steady_timer.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <fstream>
#include <set>
#include <thread>

namespace jk::test {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

const std::filesystem::path letter = std::filesystem::path(JURUKUNCI_SOURCE_DIR) / "web/demo/letters/nota-dinas.pdf";

std::set<int> lives() {
    std::set<int> all;
    for (const int pid : bench::family(getpid()))
        if (bench::name_of(pid) == "jurukunci-doc") all.insert(pid);
    return all;
}

bool gone(int pid) {
#ifdef JURUKUNCI_SANITIZED
    // ThreadSanitizer holds signals back while a process waits in the kernel, so its parent does not hear of a death: dead is enough here.
    for (int i = 0; i < 500; ++i, std::this_thread::sleep_for(10ms)) {
        std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
        std::string line;
        if (!std::getline(stat, line) || line.substr(line.rfind(')') + 2, 1) == "Z") return true;
    }
#endif
    for (int i = 0; i < 500 && ::kill(pid, 0) == 0; ++i) std::this_thread::sleep_for(10ms);
    return ::kill(pid, 0) != 0;
}

struct Lives : testing::Test {
    /// Starts the program and stops the lives that wait.
    std::set<int> stopped_lives(DocumentDesk& desk) {
        EXPECT_TRUE(run(desk.io, desk.process.warm_up()));
        const auto wanted = documents::DocumentProcess::lives();
        for (int i = 0; i < 1000 && lives().size() < wanted; ++i) std::this_thread::sleep_for(10ms);
        const auto all = lives();
        EXPECT_EQ(all.size(), wanted);
        for (const int pid : all) ::kill(pid, SIGSTOP);
        return all;
    }
    /// A document in the library that nobody has looked at.
    DocumentId put(DocumentDesk& desk) {
        std::ifstream in(letter, std::ios::binary);
        const std::string bytes((std::istreambuf_iterator<char>(in)), {});
        auto upload = desk.library.begin("https://eoffice.example", bytes.size());
        EXPECT_TRUE(upload->write(bytes_of(bytes)));
        return (*desk.library.finish("https://eoffice.example", std::move(*upload)))->facts.id;
    }
    static std::size_t count(const std::vector<SealOutcome>& outcomes, Errc code) {
        return static_cast<std::size_t>(std::ranges::count_if(outcomes, [code](const auto& o) { return !o && o.error().code == code; }));
    }
};

/// Stops every life as soon as it is born.
class Stopper {
public:
    Stopper()
        : m_thread([this] {
              while (!m_end) {
                  for (const int pid : lives()) ::kill(pid, SIGSTOP);
                  std::this_thread::sleep_for(2ms);
              }
          }) {}
    ~Stopper() {
        m_end = true;
        m_thread.join();
    }

private:
    std::atomic<bool> m_end{false};
    std::thread m_thread;
};

TEST_F(Lives, AreKilledAtTheirAgeWhateverTheyDo) {
    DocumentDesk desk("p256", {KeyKind::ec, HashFunction::sha256, Padding::none}, 1s); // an honest look must end within it
    const auto document = *desk.library.find("https://eoffice.example", put(desk));
    const auto stopped = stopped_lives(desk);
    for (std::size_t i = 0; i < stopped.size(); ++i) {
        documents::Asker asker{"https://eoffice.example"};
        const auto inspection = run(desk.io, desk.process.inspect(std::move(asker), document->base));
        ASSERT_FALSE(inspection);
        EXPECT_TRUE(documents::ran_out(inspection.error()));
    }
    for (const int pid : stopped) EXPECT_TRUE(gone(pid)) << pid;
    documents::Asker asker{"https://eoffice.example"};
    EXPECT_TRUE(run(desk.io, desk.process.inspect(std::move(asker), document->base))) << "the next life works";
}

TEST_F(Lives, EndWithTheOperationThatWantedThem) {
    DocumentDesk desk;
    const std::vector<SignItem> items(10, {"surat.pdf", put(desk), std::nullopt});
    const auto stopped = stopped_lives(desk);
    std::stop_source cancelled;
    auto terms = desk.terms();
    terms.stop = cancelled.get_token();
    net::steady_timer timer(desk.io, 200ms);
    timer.async_wait([&](const boost::system::error_code&) { cancelled.request_stop(); });
    const auto start = Clock::now();
    const auto outcomes = run(desk.io, desk.room.seal(items, terms));
    EXPECT_LT(Clock::now() - start, 5s);
    EXPECT_EQ(count(outcomes, Errc::item_not_reached), 10u);
    for (const int pid : stopped) EXPECT_TRUE(gone(pid)) << pid;
}

TEST_F(Lives, OfOneOwnerDoNotKeepAnothersUploadWaiting) {
    DocumentDesk desk;
    const std::vector<SignItem> items(4, {"surat.pdf", put(desk), std::nullopt});
    const auto stopped = stopped_lives(desk);
    std::stop_source cancelled;
    auto terms = desk.terms();
    terms.stop = cancelled.get_token();
    bool ended = false;
    net::co_spawn(desk.io, desk.room.seal(items, terms), [&](std::exception_ptr, std::vector<SealOutcome>) { ended = true; });
    desk.io.run_for(100ms);
    ASSERT_FALSE(ended);

    auto upload = desk.library.begin("https://other.example", std::filesystem::file_size(letter));
    std::ifstream in(letter, std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(in)), {});
    ASSERT_TRUE(upload->write(bytes_of(bytes)));
    const auto start = Clock::now();
    const auto facts = run(desk.io, desk.room.receive("https://other.example", std::move(*upload)));
    EXPECT_LT(Clock::now() - start, 5s);
    ASSERT_TRUE(facts);
    EXPECT_TRUE(facts->pages) << "it was looked at";
    EXPECT_FALSE(ended);
    cancelled.request_stop();
    desk.io.restart();
    while (!ended) desk.io.run_one();
}

TEST_F(Lives, AreNotSpentAgainOnADocumentThatUsedOneUp) {
    DocumentDesk desk("p256", {KeyKind::ec, HashFunction::sha256, Padding::none}, 300ms);
    const std::vector<SignItem> items(50, {"surat.pdf", put(desk), std::nullopt});
    stopped_lives(desk);
    const Stopper stopper;
    const auto terms = desk.terms();
    const auto start = Clock::now();
    const auto outcomes = run(desk.io, desk.room.seal(items, terms));
    EXPECT_LT(Clock::now() - start, 5s) << "fifty lives of 300 ms on two places take 7.5 s";
    EXPECT_EQ(count(outcomes, Errc::document_not_examined), 50u);
    const auto again = run(desk.io, desk.room.seal(items, terms));
    EXPECT_EQ(count(again, Errc::document_not_examined), 50u) << "nor by the next request";
}

TEST_F(Lives, OfARequestEndAfterAFewDocumentsThatUsedThemUp) {
    DocumentDesk desk("p256", {KeyKind::ec, HashFunction::sha256, Padding::none}, 300ms);
    std::vector<SignItem> items;
    for (int i = 0; i < 20; ++i) items.push_back({"surat.pdf", put(desk), std::nullopt});
    stopped_lives(desk);
    const Stopper stopper;
    const auto terms = desk.terms();
    const auto outcomes = run(desk.io, desk.room.seal(items, terms));
    EXPECT_GE(count(outcomes, Errc::document_not_examined), 3u);
    EXPECT_LE(count(outcomes, Errc::document_not_examined), 3u + documents::DocumentProcess::lives());
    EXPECT_EQ(count(outcomes, Errc::document_not_examined) + count(outcomes, Errc::item_not_reached), 20u);
}

} // namespace
} // namespace jk::test
