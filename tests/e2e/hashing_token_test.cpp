// A token that takes no digest: it hashes what it is given. Letters and logins are signed all the same; where only a digest is known, that is said.
#include "jurukunci/encoding.hpp"
#include "tests/support/running_agent.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

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

json::array one_hash() {
    const auto digest = sha256(bytes_of("surat"));
    json::array items;
    items.push_back(json::object{{"name", "surat"}, {"hash", to_base64(digest.value())}, {"hashFunction", "SHA-256"}});
    return items;
}

} // namespace

TEST(HashingToken, SignsALetterThatVerifies) {
    RunningAgent t(hashing_token());
    t.order_module("C_GetMechanismList hashing\n");
    const auto done = t.sign_document(letter("nota-dinas.pdf"));
    ASSERT_EQ(done.at("state").as_string(), "done") << json::serialize(done);
    EXPECT_EQ(t.module_calls("C_Sign"), 1) << run_program({"/bin/cat", t.site().unruly_log().string()}, {}, t.folder()).output;
}

TEST(HashingToken, RefusesABareDigestBeforeAnybodyIsAsked) {
    RunningAgent t(hashing_token());
    t.order_module("C_GetMechanismList hashing\n");
    const auto refused = t.sign(t.sign_request(one_hash(), "RAW"));
    EXPECT_EQ(refused.at("state").as_string(), "failed");
    EXPECT_EQ(refused.at("error").as_object().at("code").as_string(), "E-ALGORITMA-TIDAK-DIDUKUNG") << json::serialize(refused);
    EXPECT_TRUE(t.shown().empty());
    EXPECT_EQ(t.module_calls("C_Login"), 0);
}
