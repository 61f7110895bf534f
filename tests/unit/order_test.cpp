// Orders against the vectors of docs/protocol/vectors/order.json, which the server's side checks itself with, too; and their single use.
#include "agent/doors/shape/order_json.hpp"
#include "agent/policy/rules.hpp"
#include "agent/store/used_orders.hpp"
#include "jurukunci/encoding.hpp"
#include "tests/support/scratch_folder.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace jk::test {
namespace {

namespace json = boost::json;

json::object vectors(const std::string& name) {
    std::ifstream in(std::string(JURUKUNCI_SOURCE_DIR) + "/docs/protocol/vectors/" + name);
    std::stringstream text;
    text << in.rdbuf();
    return json::parse(text.str()).as_object();
}

x509::PublicKey key_of(const json::object& all, const json::value& name) {
    const std::string spki(all.at("keys").as_object().at(name.as_string()).as_string());
    std::string lines;
    for (std::size_t at = 0; at < spki.size(); at += 64) lines += spki.substr(at, 64) + "\n";
    auto key = x509::PublicKey::from_pem("-----BEGIN PUBLIC KEY-----\n" + lines + "-----END PUBLIC KEY-----\n");
    if (!key) throw std::runtime_error(key.error().log_line());
    return *key;
}

/// What the agent says to this request with this order, as the door and the gate together say it.
Outcome<void> judge(const json::object& wanted, std::string_view jws, const x509::PublicKey& key, WallTime now) {
    SignRequest request;
    request.caller.origin = wanted.at("origin").as_string();
    request.caller.needs_order = true;
    request.purpose = wanted.at("purpose").as_string();
    request.task_kind = wanted.at("taskKind").as_string();
    for (std::size_t i = 0; i < wanted.at("documents").as_array().size(); ++i) request.items.push_back({"surat", DocumentId{"d"}, std::nullopt});
    if (wanted.at("certificate").is_string())
        request.certificate = CertificateId{*Digest::from(HashFunction::sha256, *from_hex(wanted.at("certificate").as_string()))};
    auto order = doors::read_order(jws, &key);
    if (!order) return order.error();
    request.order = *order;
    static const policy::Profile profile;
    if (auto ok = policy::judge_order(profile, request).outcome(); !ok) return ok;
    for (std::size_t i = 0; i < request.items.size(); ++i)
        if (auto ok = policy::judge_ordered_item(request, i, wanted.at("documents").as_array()[i].as_string()); !ok) return ok;
    return policy::judge_order_age(*request.order, now);
}

TEST(Orders, AreWhatTheVectorsSay) {
    const auto all = vectors("order.json");
    int cases = 0;
    for (const auto& value : all.at("cases").as_array()) {
        const auto& one = value.as_object();
        const auto& request = (one.contains("request") ? one : all).at("request").as_object();
        const WallTime now(std::chrono::seconds(one.at("now").to_number<std::int64_t>()));
        const auto judged = judge(request, one.at("jws").as_string(), key_of(all, one.at("key")), now);
        const std::string sentence(one.at("sentence").as_string());
        ++cases;
        if (one.at("code").is_null()) {
            EXPECT_TRUE(judged) << sentence << ": " << judged.error().log_line();
            continue;
        }
        ASSERT_FALSE(judged) << sentence;
        EXPECT_EQ(judged.error().entry().code, one.at("code").as_string()) << sentence << ": " << judged.error().log_line();
        const auto* member = one.if_contains("member");
        const std::string named(member != nullptr && member->is_string() ? std::string_view(member->as_string()) : "");
        EXPECT_NE(judged.error().log_line().find(named), std::string::npos) << sentence << ": " << judged.error().log_line();
    }
    EXPECT_GT(cases, 40);
}

TEST(Orders, NobodyTakesOneWithoutAKeyInTheRegistry) {
    const auto all = vectors("order.json");
    const auto& good = all.at("cases").as_array()[0].as_object();
    const auto order = doors::read_order(good.at("jws").as_string(), nullptr);
    ASSERT_FALSE(order);
    EXPECT_EQ(order.error().code, Errc::order_refused);
}

TEST(Orders, OnlyKeysOfTheTwoAlgorithmsStandInTheRegistry) {
    EXPECT_FALSE(x509::PublicKey::from_pem(""));
    EXPECT_FALSE(x509::PublicKey::from_pem("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"));
    const auto p384 = "-----BEGIN PUBLIC KEY-----\n"
                      "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEqofKIr6LBTeOscce8yCtdG4dO2KLp5uY\n"
                      "WfdB4IJUKjhVAvJdv1UpbDpUXjhydgq3NhfeSpYmLG9dnpi/kpLcKfj0Hb0omhR8\n"
                      "6doxE7XwuMAKYLHOHX6BnXpDHXyQ6g5f\n-----END PUBLIC KEY-----\n";
    EXPECT_FALSE(x509::PublicKey::from_pem(p384));
}

TEST(Orders, AreUsedOnceAlsoAcrossARestart) {
    ScratchFolder folder;
    const auto now = SystemClock().now();
    const auto later = now + std::chrono::minutes(5);
    const auto use = [&](const std::string& origin, const std::string& nonce, WallTime at) {
        auto database = *store::Database::open(folder.path() / "audit.db"); // a new life each time
        auto used = *store::UsedOrders::open(*database);
        const auto outcome = used.use(origin, nonce, later, at);
        return outcome ? Errc{} : outcome.error().code;
    };
    EXPECT_EQ(use("https://a.example", "nonce-0123456789", now), Errc{});
    EXPECT_EQ(use("https://a.example", "nonce-0123456789", now), Errc::nonce_used);
    EXPECT_EQ(use("https://a.example", "nonce-0123456789", later), Errc::nonce_used) << "as long as the order itself would still be taken";
    EXPECT_EQ(use("https://b.example", "nonce-0123456789", now), Errc{}) << "another origin's nonces are its own";
    EXPECT_EQ(use("https://a.example", "nonce-9876543210", later + std::chrono::minutes(1)), Errc{});
    auto database = *store::Database::open(folder.path() / "audit.db");
    EXPECT_EQ(database->raw().execAndGet("SELECT count(*) FROM used_orders").getInt(), 1) << "expired ones go";
}

} // namespace
} // namespace jk::test
