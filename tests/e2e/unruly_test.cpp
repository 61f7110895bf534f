// Every misbehaviour of a vendor's module, as a page sees it: an honest answer for each item, and the next signature works.
#include "jurukunci/encoding.hpp"
#include "tests/support/running_agent.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>

namespace jk::test {
namespace {

std::string text(const json::object& o, std::string_view name) { return o.at(name).is_string() ? std::string(o.at(name).as_string()) : "null"; }

struct Misbehaviour {
    const char *order, *code; ///< code: of the operation, or where it has none of the first item
};
void PrintTo(const Misbehaviour& m, std::ostream* out) { *out << m.order; }

class Unruly : public testing::TestWithParam<Misbehaviour> {};

TEST_P(Unruly, IsToldTruthfullyAndTheNextSignatureWorks) {
    SiteWish wish;
    wish.raw_hashes = true;
    wish.module = JURUKUNCI_UNRULY_MODULE;
    RunningAgent t(wish);
    const auto request = [&] {
        json::array items;
        for (int i = 0; i < 3; ++i) {
            const auto digest = sha256(bytes_of("surat " + std::to_string(i)));
            items.push_back(json::object{{"name", "surat " + std::to_string(i)}, {"hash", to_base64(digest.value())}, {"hashFunction", "SHA-256"}});
        }
        return t.sign_request(items, "RAW");
    };
    ASSERT_EQ(text(t.sign(request()), "state"), "done");
    const auto signed_before = t.module_calls("C_Sign");
    t.order_module(GetParam().order);
    const auto operation = t.sign(request());
    const auto& items = operation.at("items").as_array();
    for (const auto& item : items) EXPECT_NE(text(item.as_object(), "state"), "signed") << json::serialize(operation);
    const auto* error = operation.at("error").if_object();
    if (error == nullptr) error = items.at(0).as_object().at("error").if_object();
    ASSERT_NE(error, nullptr) << json::serialize(operation);
    EXPECT_EQ(text(*error, "code"), GetParam().code) << json::serialize(operation);
    EXPECT_LE(t.module_calls("C_Sign") - signed_before, 3) << "no item is tried twice";
    t.order_module("");
    const auto next = t.sign(request());
    EXPECT_EQ(text(next, "state"), "done") << json::serialize(next);
}

INSTANTIATE_TEST_SUITE_P(All, Unruly,
                         testing::Values(Misbehaviour{"C_Sign crash\n", "E-MODUL-BERHENTI"}, Misbehaviour{"C_Sign hang\n", "E-TOKEN-TIDAK-MENJAWAB"},
                                         Misbehaviour{"C_Sign wrong\n", "E-TANDA-TANGAN-TOKEN-SALAH"},
                                         Misbehaviour{"C_Sign length\n", "E-TOKEN-GAGAL"}, Misbehaviour{"C_Sign removed\n", "E-TOKEN-DICABUT"},
                                         Misbehaviour{"C_Sign gone\n", "E-TOKEN-DICABUT"}, Misbehaviour{"C_Login removed\n", "E-TOKEN-DICABUT"},
                                         Misbehaviour{"C_Login crash\n", "E-MODUL-BERHENTI"},
                                         Misbehaviour{"C_OpenSession crash\n", "E-MODUL-BERHENTI"},
                                         Misbehaviour{"C_GetAttributeValue length\n", "E-SERTIFIKAT-TIDAK-DITEMUKAN"}));

TEST(UnrulyNeighbour, AModuleThatHangsDoesNotHoldUpASignatureOnAnothersToken) {
    const ScratchFolder folder;
    const auto neighbour = SoftToken::create(folder.path() / "token", DemoCa::create("CA Tetangga"));
    const auto control = folder.path() / "control";
    SiteWish wish;
    wish.modules = {{"kasar", JURUKUNCI_UNRULY_MODULE, {{"SOFTHSM2_CONF", neighbour.conf()}, {"UNRULY_CONTROL", control.string()}}, ""}};
    RunningAgent t(wish);
    ASSERT_EQ(t.request("GET", "/v1/status").json().at("tokens").as_array().size(), 2u) << t.agent().output();
    for (const char* order : {"C_GetSlotList hang\n", "C_GetTokenInfo hang\n"}) {
        std::ofstream(control) << order;
        const auto before = std::chrono::steady_clock::now();
        for (int i = 0; i < 3; ++i) {
            const auto operation = t.sign_document(letter("undangan-rapat.pdf"));
            EXPECT_EQ(text(operation, "state"), "done") << json::serialize(operation);
        }
        EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(9)) << "the deadline of the one that hangs is ten seconds";
    }
}

/// Two tokens of two officials, the second behind the module that hangs.
struct WithNeighbour {
    WithNeighbour() : t(wish_of(control.path() / "orders")) {}
    static SiteWish wish_of(const std::filesystem::path& orders) {
        SiteWish wish;
        wish.raw_hashes = true;
        TokenWish token;
        token.label = "Budi S.";
        token.certificate.common_name = "Budi Santoso";
        wish.modules = {{"kasar", JURUKUNCI_UNRULY_MODULE, {{"UNRULY_CONTROL", orders.string()}}, "", token}};
        return wish;
    }
    void order(const std::string& text) const { std::ofstream(control.path() / "orders") << text; }
    json::object request(const SoftToken& token) const {
        json::array items;
        items.push_back(json::object{{"name", "surat"}, {"hash", to_base64(sha256(bytes_of("surat")).value())}, {"hashFunction", "SHA-256"}});
        auto wanted = t.sign_request(items, "RAW");
        wanted["certificate"] = to_base64(token.certificate()->der);
        return wanted;
    }
    const SoftToken& here() const { return t.site().token(); }
    const SoftToken& neighbour() const { return t.site().token_of("kasar"); }
    std::string begin(const json::object& request) {
        const auto answer = t.request("POST", "/v1/signatures", json::serialize(request));
        EXPECT_EQ(answer.status, 202) << answer.body;
        return text(answer.json().at("operation").as_object(), "id");
    }
    std::string state_of(const std::string& operation) { return text(t.request("GET", "/v1/operations/" + operation).json(), "state"); }
    ScratchFolder control;
    RunningAgent t;
};

TEST(UnrulyNeighbour, AModuleThatHangsWithItsPersonsPinDoesNotHoldUpASignatureOnAnothersToken) {
    WithNeighbour w;
    const auto before = w.t.sign(w.request(w.neighbour()));
    ASSERT_EQ(text(before, "state"), "done") << json::serialize(before) << w.t.agent().output();
    for (const char* order : {"C_Sign hang\n", "C_Login hang\n", "C_SignInit hang\n"}) {
        w.order(order);
        const auto hanging = w.begin(w.request(w.neighbour()));
        const auto done = w.t.sign(w.request(w.here()));
        EXPECT_EQ(text(done, "state"), "done") << order << json::serialize(done);
        EXPECT_EQ(w.state_of(hanging), "signing") << order << "it still hangs, and nobody waited for it";
        EXPECT_EQ(text(w.t.wait_for(hanging), "state"), "failed") << order;
        w.order("");
        EXPECT_EQ(text(w.t.sign(w.request(w.neighbour())), "state"), "done") << order;
    }
}

} // namespace
} // namespace jk::test
