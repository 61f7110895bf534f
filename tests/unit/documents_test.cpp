// The documents' room without documents: whose turn it is, what counts for an owner, and hashing beside the loop.
#include "agent/documents/document_room.hpp"
#include "tests/support/run_task.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/support/test_launcher.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

#include <thread>

namespace jk::documents {
namespace {

using Turn = LifeTurns::Turn;

struct Turns : testing::Test {
    net::io_context io;
    LifeTurns turns{io.get_executor(), 2};
    std::vector<std::string> order; ///< who got a turn
    std::map<std::string, std::vector<Turn>> held;

    Task<void> wait_for_turn(std::string owner, Errand errand, std::stop_token stop) {
        auto turn = co_await turns.take(owner, errand, stop);
        order.push_back(turn ? owner : owner + " stopped");
        if (turn) held[owner].push_back(std::move(*turn));
    }
    void ask(const std::string& owner, Errand errand, std::stop_token stop = {}) {
        net::co_spawn(io, wait_for_turn(owner, errand, stop), [](std::exception_ptr) {});
        settle();
    }
    void give_back(const std::string& owner) {
        held[owner].pop_back();
        settle();
    }
    void settle() {
        io.restart();
        io.poll();
    }
};

using Order = std::vector<std::string>;

TEST_F(Turns, OneOwnerAloneHasAllLives) {
    ask("a", Errand::work);
    ask("a", Errand::work);
    ask("a", Errand::work);
    EXPECT_EQ(order, (Order{"a", "a"}));
    give_back("a");
    EXPECT_EQ(order, (Order{"a", "a", "a"}));
}

TEST_F(Turns, WhoHasFewestRunningLivesIsNext) {
    for (int i = 0; i < 4; ++i) ask("a", Errand::work);
    ask("b", Errand::work);
    ask("b", Errand::work);
    give_back("a");
    EXPECT_EQ(order, (Order{"a", "a", "b"}));
    give_back("b"); // a's other life goes on, so b is next again: a document that takes its time costs its own owner
    EXPECT_EQ(order, (Order{"a", "a", "b", "b"}));
    give_back("b");
    EXPECT_EQ(order.back(), "a");
}

TEST_F(Turns, ALookAtAnUploadOfSomebodyElseNeverWaitsForAnOwnersLives) {
    for (int i = 0; i < 4; ++i) ask("a", Errand::work);
    ask("a", Errand::look);
    EXPECT_EQ(order, (Order{"a", "a"})) << "the life kept for others is not a's";
    ask("b", Errand::work);
    EXPECT_EQ(order, (Order{"a", "a"})) << "nor for work";
    ask("c", Errand::look);
    EXPECT_EQ(order, (Order{"a", "a", "c"}));
    ask("d", Errand::look);
    EXPECT_EQ(order, (Order{"a", "a", "c"}));
    give_back("c");
    EXPECT_EQ(order, (Order{"a", "a", "c", "d"}));
}

TEST_F(Turns, AStopEndsTheWaiting) {
    std::stop_source stop;
    for (int i = 0; i < 2; ++i) ask("a", Errand::work);
    ask("a", Errand::work, stop.get_token());
    stop.request_stop();
    settle();
    EXPECT_EQ(order, (Order{"a", "a", "a stopped"}));
    give_back("a");
    EXPECT_EQ(order.size(), 3u);
}

struct Quota : testing::Test {
    test::ScratchFolder folder;
    static LibraryLimits limits() {
        LibraryLimits limits;
        limits.document_bytes = 800;
        limits.bytes_per_owner = 1000;
        limits.documents_per_owner = 3;
        return limits;
    }
    Library library{folder.path(), limits()};

    StoredDocumentRef upload(std::size_t size) {
        auto upload = library.begin("a", size);
        EXPECT_TRUE(upload);
        EXPECT_TRUE(upload->write(Bytes(size, 'x')));
        return *library.finish("a", std::move(*upload));
    }
};

TEST_F(Quota, ParallelUploadsCountFromTheirFirstByte) {
    std::vector<Upload> under_way;
    for (int i = 0; i < 32; ++i)
        if (auto upload = library.begin("a", 400)) under_way.push_back(std::move(*upload));
    EXPECT_EQ(under_way.size(), 2u);
    EXPECT_EQ(library.begin("a", 400).error().code, Errc::too_large);
    EXPECT_TRUE(library.begin("b", 400)) << "another owner's";
    under_way.pop_back(); // broken off
    EXPECT_TRUE(library.begin("a", 400));
}

TEST_F(Quota, SignedTailsCountAndTheirBaseCountsOnce) {
    const auto document = upload(600);
    EXPECT_EQ(library.piece("a", 500).error().code, Errc::too_large);
    {
        auto tail = library.piece("a", 300);
        ASSERT_TRUE(tail);
        EXPECT_EQ(library.begin("a", 200).error().code, Errc::too_large);
        library.add("a", document->base, *tail, document->hash, document->facts.sha256);
        EXPECT_TRUE(library.begin("a", 100)) << "the base is the upload's own bytes";
    }
    EXPECT_EQ(library.begin("a", 200).error().code, Errc::too_large);
}

TEST_F(Quota, BytesCountUntilTheyAreGone) {
    auto document = upload(600);
    library.release("a", document->facts.id);
    EXPECT_EQ(library.begin("a", 500).error().code, Errc::too_large) << "a download still reads them";
    document.reset();
    EXPECT_TRUE(library.begin("a", 500));
}

TEST_F(Quota, SoDoNumbers) {
    std::vector<Upload> under_way;
    for (int i = 0; i < 3; ++i) under_way.push_back(*library.begin("a", 1));
    EXPECT_EQ(library.begin("a", 1).error().code, Errc::too_many);
}

struct HashingRoom : testing::Test {
    test::ScratchFolder folder;
    net::io_context io;
    launcher::Launcher launcher{io.get_executor(), test::take_launcher()};
    Library library{folder.path(), {}};
    DocumentProcess process{io.get_executor(), launcher};
    std::optional<DocumentRoom> room{std::in_place, io.get_executor(), library, process};
    Bytes content = Bytes(32u << 20, 'x');

    StoredDocumentRef upload() {
        auto upload = library.begin("a", content.size());
        EXPECT_TRUE(upload->write(content));
        return *library.finish("a", std::move(*upload));
    }
    static SealTerms terms() {
        SealTerms terms;
        terms.caller.owner = "a";
        terms.format = Format::raw;
        terms.mechanism = {KeyKind::rsa, HashFunction::sha512, Padding::none};
        return terms;
    }
};

Task<void> count_turns(const bool& ended, int& turns) {
    for (; !ended; ++turns) co_await net::post(net::use_awaitable);
}

Task<std::vector<SealOutcome>> seal_beside(DocumentRoom& room, const std::vector<SignItem>& items, const SealTerms& terms, bool& ended) {
    auto outcomes = co_await room.seal(items, terms);
    ended = true;
    co_return outcomes;
}

TEST_F(HashingRoom, TheLoopTurnsWhileADocumentIsHashedAndItIsHashedOnce) {
    const auto document = upload();
    const std::vector<SignItem> items(20, {"x", document->facts.id, std::nullopt});
    int turns = 0;
    bool ended = false;
    net::co_spawn(io, count_turns(ended, turns), [](std::exception_ptr) {});
    const auto t = terms();
    const auto outcomes = test::run(io, seal_beside(*room, items, t, ended));
    EXPECT_GT(turns, 500) << "hashed on the loop, it turns once or twice per item";
    RunningHash expected(HashFunction::sha512);
    expected.update(content);
    for (const auto& outcome : outcomes) {
        ASSERT_TRUE(outcome);
        EXPECT_EQ((*outcome)->to_sign().hex(), expected.digest().hex());
    }
    EXPECT_EQ(document->other_hashes.size(), 1u);
}

TEST_F(HashingRoom, EndsInTheMiddleOfAHash) {
    const auto document = upload();
    const std::vector<SignItem> items(1, {"x", document->facts.id, std::nullopt});
    const auto t = terms();
    auto seal = room->seal(items, t);
    net::co_spawn(io, std::move(seal), [](std::exception_ptr, std::vector<SealOutcome>) {});
    while (document->other_hashes.empty()) io.run_one();
    room.reset(); // joins its thread; the loop still has the coroutine, and drops it
    SUCCEED();
}

} // namespace
} // namespace jk::documents
