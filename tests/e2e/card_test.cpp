// A card in a reader: stock pcscd, stock OpenSC and a PIV card in software, through the whole agent. Fits: PIV cards.
#include "tests/support/card_reader.hpp"
#include "tests/support/hand_prompter.hpp"
#include "tests/support/judges.hpp"
#include "tests/support/piv_card.hpp"
#include "tests/support/running_agent.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <fstream>
#include <thread>

namespace jk::test {
namespace {

std::string text(const json::object& o, std::string_view name) { return o.at(name).is_string() ? std::string(o.at(name).as_string()) : "null"; }
const json::object& item(const json::object& operation, std::size_t i = 0) { return operation.at("items").as_array().at(i).as_object(); }
std::string error_of(const json::object& o) {
    return o.contains("error") && o.at("error").is_object() ? text(o.at("error").as_object(), "code") : "";
}

/// An agent with OpenSC alone, on a reader of this test.
class CardDesk {
public:
    explicit CardDesk(const std::vector<std::string>& steps = {"yes"}) : m_reader(m_folder.path()), t(wish(), {}) {
        std::ofstream(t.site().pin_file()) << piv_pin;
        if (!steps.empty()) t.start_prompter(steps);
    }
    std::filesystem::path card(const std::string& name, const PivWish& wish = {}) {
        const auto folder = m_folder.path() / name;
        make_piv_card(folder, t.site().ca(), wish);
        return folder;
    }
    json::object status() { return t.request("GET", "/v1/status").json(); }
    /// Once pcscd has noticed what the hand did. The number that is there at last.
    std::size_t tokens(std::size_t wanted) {
        std::size_t count = 0;
        for (int i = 0; i < 400; ++i) {
            count = status().at("tokens").as_array().size();
            if (count == wanted) break;
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
        return count;
    }
    void insert(const std::filesystem::path& card) {
        m_reader.insert(card);
        if (tokens(1) != 1) throw std::runtime_error("the card does not appear");
    }
    json::object sign_letter() { return t.sign_document(letter("undangan-rapat.pdf")); }
    CardReader& reader() { return m_reader; }

private:
    SiteWish wish() const {
        SiteWish wish;
        wish.raw_hashes = true;
        wish.softhsm = false;
        wish.modules = {{"opensc", opensc_module(), {{"PCSCLITE_CSOCK_NAME", m_reader.socket()}}, ""}};
        return wish;
    }
    ScratchFolder m_folder;
    CardReader m_reader;

public:
    RunningAgent t;
};

TEST(Card, SignsADocumentThatOthersFindValidWithAKeyThatWantsThePinEachTime) {
    CardDesk desk;
    desk.insert(desk.card("kartu")); // OpenSC 0.23 offers no ECDSA on a card that it knows as PIV only
    const auto operation = desk.sign_letter();
    ASSERT_EQ(text(operation, "state"), "done") << json::serialize(operation);
    const auto content = desk.t.request("GET", "/v1/documents/" + text(item(operation), "documentId") + "/content");
    const auto file = desk.t.folder() / "signed.pdf";
    std::ofstream(file, std::ios::binary) << content.body;
    EXPECT_NE(pdfsig(file).text.find("Signature is Valid"), std::string::npos) << pdfsig(file).text;
}

TEST(Card, PulledOutInTheMiddleOfABatchIsSaidTruthfullyAndTheNextBatchWorks) {
    CardDesk desk;
    const auto card = desk.card("kartu");
    desk.reader().insert(card);
    ASSERT_EQ(desk.tokens(1), 1u);
    desk.reader().leave_at_signature(3);
    json::array items;
    for (int i = 0; i < 8; ++i)
        items.push_back(json::object{{"name", "surat " + std::to_string(i)}, {"documentId", desk.t.upload(letter("undangan-rapat.pdf"))}});
    const auto operation = desk.t.sign(desk.t.sign_request(items));
    EXPECT_EQ(text(operation, "state"), "failed") << json::serialize(operation);
    EXPECT_EQ(error_of(operation), "E-TOKEN-DICABUT") << json::serialize(operation);
    int is_signed = 0, failed = 0, untouched = 0;
    for (std::size_t i = 0; i < 8; ++i) {
        const auto state = text(item(operation, i), "state");
        is_signed += state == "signed";
        failed += state == "failed";
        untouched += state == "sealed";
    }
    EXPECT_EQ(is_signed, 2) << json::serialize(operation);
    EXPECT_GE(failed, 1);
    EXPECT_EQ(is_signed + failed + untouched, 8);
    desk.insert(card);
    EXPECT_EQ(text(desk.sign_letter(), "state"), "done");
}

TEST(Card, ComesAndGoesWithoutARestartOfAnything) {
    CardDesk desk;
    const auto first = desk.card("satu"), second = desk.card("dua");
    EXPECT_EQ(desk.tokens(0), 0u);
    for (int i = 0; i < 5; ++i) {
        desk.reader().insert(first);
        EXPECT_EQ(desk.tokens(1), 1u);
        desk.reader().insert(second, 1);
        EXPECT_EQ(desk.tokens(2), 2u);
        desk.reader().remove();
        EXPECT_EQ(desk.tokens(1), 1u);
        desk.reader().remove(1);
        EXPECT_EQ(desk.tokens(0), 0u);
    }
}

TEST(Card, AWaitingPageIsToldWhenACardComesAndWhenItGoes) {
    CardDesk desk;
    const auto card = desk.card("kartu");
    auto before = desk.status();
    ASSERT_EQ(before.at("tokens").as_array().size(), 0u);
    const auto next = [&] {
        const auto seen = std::to_string(before.at("revision").to_number<std::uint64_t>());
        before = desk.t.request("GET", "/v1/status?wait=20&seen=" + seen).json();
        return before.at("tokens").as_array().size();
    };
    std::thread hand([&] { desk.reader().insert(card); });
    EXPECT_EQ(next(), 1u);
    hand.join();
    std::thread other_hand([&] { desk.reader().remove(); });
    EXPECT_EQ(next(), 0u);
    other_hand.join();
    const auto nothing = desk.t.request("GET", "/v1/status?wait=1&seen=" + std::to_string(before.at("revision").to_number<std::uint64_t>()));
    EXPECT_EQ(nothing.json().at("revision"), before.at("revision"));
    EXPECT_EQ(desk.t.request("GET", "/v1/status?wait=31").status, 400);
    EXPECT_EQ(desk.t.request("GET", "/v1/status?seen=x").status, 400);
    EXPECT_EQ(desk.t.request("GET", "/v1/status?other=1").status, 400);
}

TEST(Card, AnotherCardInTheReaderIsNotTheOneThatWasAgreedTo) {
    CardDesk desk(std::vector<std::string>{});
    HandPrompter hand(desk.t);
    const auto right = desk.card("benar"), wrong = desk.card("lain");
    desk.insert(right);
    json::array items;
    items.push_back(json::object{{"name", "surat"}, {"documentId", desk.t.upload(letter("undangan-rapat.pdf"))}});
    const auto accepted = desk.t.request("POST", "/v1/signatures", json::serialize(desk.t.sign_request(items)));
    ASSERT_EQ(accepted.status, 202) << accepted.body;
    const auto question = hand.question();
    ASSERT_TRUE(question);
    const auto label = text(*question, "tokenLabel");
    desk.reader().remove();
    const auto is_told_of = [&](std::size_t tokens) {
        for (auto frame = hand.frame(20'000); frame; frame = hand.frame(20'000))
            if (frame->contains("tokensChanged") && frame->at("tokensChanged").as_object().at("tokens").as_array().size() == tokens) return true;
        return false;
    };
    ASSERT_TRUE(is_told_of(0)) << "the dialog knows that its token is gone";
    desk.reader().insert(wrong);
    ASSERT_TRUE(is_told_of(1));
    hand.type_pin(piv_pin);
    hand.agree(*question);
    const auto operation = desk.t.wait_for(text(accepted.json().at("operation").as_object(), "id"));
    EXPECT_EQ(text(operation, "state"), "failed");
    EXPECT_EQ(error_of(operation), "E-TOKEN-BERGANTI") << json::serialize(operation);
    EXPECT_EQ(text(item(operation), "state"), "sealed");
}

TEST(Card, WrongPinsAreCountedByTheCardAndTheLastTryIsSaid) {
    CardDesk desk(std::vector<std::string>{});
    std::ofstream(desk.t.site().pin_file()) << "654321"; // OpenSC itself refuses one that is too long for the card
    desk.insert(desk.card("kartu"));
    const auto try_once = [&](const std::string& step = "yes") {
        desk.t.start_prompter({step, "no"});
        return error_of(desk.sign_letter());
    };
    EXPECT_EQ(try_once(), "E-PASSPHRASE-SALAH");
    EXPECT_EQ(try_once(), "E-PASSPHRASE-SALAH");
    const auto shown = desk.t.shown(4);
    ASSERT_GE(shown.size(), 4u);
    EXPECT_FALSE(shown[0].at("finalTry").as_bool());
    EXPECT_TRUE(shown[3].at("finalTry").as_bool()) << json::serialize(shown[3]);
    EXPECT_EQ(try_once(), "E-PASSPHRASE-TINGGAL-SATU"); // nothing reached the card
    EXPECT_EQ(try_once("final"), "E-PASSPHRASE-SALAH"); // the card says no to this one, and to nothing after it
    EXPECT_EQ(try_once(), "E-PASSPHRASE-TERKUNCI");
    EXPECT_EQ(text(desk.status().at("tokens").as_array().at(0).as_object(), "pinState"), "locked");
}

TEST(Token, AnEd25519CertificateIsListedAndRefusedByItsName) {
    SiteWish wish;
    wish.token.beside_ed25519 = true;
    RunningAgent t(wish);
    const auto answer = t.request("GET", "/v1/certificates");
    ASSERT_EQ(answer.status, 200);
    const auto list = json::parse(answer.body).as_array();
    ASSERT_EQ(list.size(), 2u);
    for (const auto& value : list) {
        const auto& certificate = value.as_object();
        const bool ed25519 = text(certificate, "commonName").ends_with("Ed25519");
        EXPECT_EQ(certificate.at("usable").as_bool(), !ed25519) << json::serialize(certificate);
        if (!ed25519) continue;
        EXPECT_TRUE(certificate.at("supportedSignatureAlgorithms").as_array().empty());
        const auto& refusal = certificate.at("refusals").as_array().at(0).as_object();
        EXPECT_EQ(text(refusal, "code"), "E-ALGORITMA-TIDAK-DIDUKUNG");
        EXPECT_NE(text(refusal, "userMessage").find("Ed25519"), std::string::npos);
    }
    EXPECT_EQ(text(t.sign_document(letter("undangan-rapat.pdf")), "state"), "done"); // with the other key
}

TEST(Card, WorksAgainAfterPcscdWasStartedAnew) {
    CardDesk desk;
    const auto card = desk.card("kartu");
    desk.reader().insert(card);
    ASSERT_EQ(desk.tokens(1), 1u);
    desk.reader().stop_pcscd();
    EXPECT_EQ(desk.tokens(0), 0u);
    desk.reader().start_pcscd();
    desk.reader().insert(card);
    EXPECT_EQ(desk.tokens(1), 1u);
    EXPECT_EQ(text(desk.sign_letter(), "state"), "done");
}

} // namespace
} // namespace jk::test
