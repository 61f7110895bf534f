// A token that takes no digest: it hashes what it is given. Letters and logins are signed all the same; where only a digest is known, that is said.
#include "jurukunci/encoding.hpp"
#include "tests/support/running_agent.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <csignal>

using namespace jk;
using namespace jk::test;

namespace {

SiteWish hashing_token() {
    SiteWish wish;
    wish.token.key = "rsa2048";
    wish.module = JURUKUNCI_UNRULY_MODULE;
    wish.raw_hashes = true;
    return wish;
}

/// What a token can do is read when the agent starts.
void hash_on_the_token(RunningAgent& t) {
    t.agent().signal(SIGTERM);
    ASSERT_TRUE(t.agent().wait(5'000).has_value());
    t.order_module("C_GetMechanismList hashing\n");
    t.start_agent();
    t.start_prompter({"yes"});
}

json::array one_hash() {
    const auto digest = sha256(bytes_of("surat"));
    json::array items;
    items.push_back(json::object{{"name", "surat"}, {"hash", to_base64(digest.value())}, {"hashFunction", "SHA-256"}});
    return items;
}

} // namespace

TEST(HashingToken, SignsALetterThatVerifies) {
    RunningAgent t(hashing_token());
    hash_on_the_token(t);
    const auto done = t.sign_document(letter("nota-dinas.pdf"));
    ASSERT_EQ(done.at("state").as_string(), "done") << json::serialize(done);
    EXPECT_EQ(done.at("items").as_array().at(0).as_object().at("state").as_string(), "signed") << json::serialize(done);
    EXPECT_EQ(t.module_calls("C_Sign"), 1);
}

TEST(HashingToken, RefusesABareDigestBeforeAnybodyIsAsked) {
    RunningAgent t(hashing_token());
    hash_on_the_token(t);
    const auto refused = t.sign(t.sign_request(one_hash(), "RAW"));
    EXPECT_EQ(refused.at("state").as_string(), "failed");
    EXPECT_EQ(refused.at("error").as_object().at("code").as_string(), "E-ALGORITMA-TIDAK-DIDUKUNG") << json::serialize(refused);
    EXPECT_TRUE(t.shown().empty());
    EXPECT_EQ(t.module_calls("C_Login"), 0);
}
