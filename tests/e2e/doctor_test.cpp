// jurukunci doctor beside the real agent and a real token.
#include "tests/support/running_agent.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <sstream>

namespace jk::test {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

struct Examined {
    std::vector<std::string> faults, notices;
    int exit_code = 0;
    std::string output;
};

Examined examine(RunningAgent& agent, std::vector<std::string> options = {}) {
    std::vector<std::string> arguments{"doctor", "--json"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    const auto ran = agent.cli(arguments);
    Examined seen{{}, {}, ran.exit_code, ran.output};
    boost::system::error_code ec;
    const auto body = json::parse(ran.output, ec);
    if (ec || !body.is_object() || !body.as_object().contains("findings")) return seen;
    for (const auto& finding : body.at("findings").as_array())
        (finding.at("weight").as_string() == "fault" ? seen.faults : seen.notices).emplace_back(finding.at("code").as_string());
    return seen;
}

std::string content(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

TEST(DoctorCommand, AWellSiteHasNoFaultAndAStoppedAgentIsOne) {
    RunningAgent t;
    const auto well = examine(t);
    EXPECT_EQ(well.exit_code, 0) << well.output;
    EXPECT_TRUE(well.faults.empty()) << well.output;
    t.stop_prompter();
    t.agent().signal(SIGTERM);
    t.agent().wait(5000);
    const auto stopped = examine(t);
    EXPECT_EQ(stopped.exit_code, 5);
    EXPECT_THAT(stopped.faults, Contains("E-AGEN-TIDAK-JALAN"));
    EXPECT_THAT(stopped.output, HasSubstr("\"en\":{\"sentence\":\"No agent answers at"));
}

TEST(DoctorCommand, ACertificateThatEndsSoonIsANotice) {
    SiteWish wish;
    wish.token.certificate.not_after = SystemClock().now() + std::chrono::hours(24 * 10 + 1);
    RunningAgent t(wish);
    const auto seen = examine(t);
    EXPECT_EQ(seen.exit_code, 0) << seen.output;
    EXPECT_THAT(seen.notices, Contains("E-SERTIFIKAT-SEGERA-HABIS"));
}

TEST(DoctorCommand, AnExpiredCertificateIsAFault) {
    SiteWish wish;
    wish.token.certificate.not_before = SystemClock().now() - std::chrono::hours(48);
    wish.token.certificate.not_after = SystemClock().now() - std::chrono::hours(24);
    RunningAgent t(wish);
    const auto seen = examine(t);
    EXPECT_THAT(seen.faults, Contains("E-MASA-BERLAKU-HABIS")) << seen.output;
    EXPECT_NE(seen.exit_code, 0);
}

TEST(DoctorCommand, TheBundleOfSomebodyWhoHasSignedNamesNeitherThePersonNorTheDocument) {
    SiteWish wish;
    wish.token.label = "Siti 3375014107850002";
    wish.token.pin = "rahasia-9876";
    wish.token.certificate.common_name = "Siti Rahayu 3375014107850002";
    RunningAgent t(wish);
    const auto document = t.folder() / "mutasi Siti Rahayu 3375014107850002.pdf";
    fs::copy_file(letter("undangan-rapat.pdf"), document);
    t.sign_document(document);
    const auto file = t.folder() / "bantuan.tar";
    const auto seen = examine(t, {"--bundle", file.string()});
    EXPECT_EQ(seen.exit_code, 0) << seen.output;
    struct stat made {};
    ASSERT_EQ(::stat(file.c_str(), &made), 0);
    EXPECT_EQ(made.st_mode & 0777, 0600u);
    const auto text = content(file);
    for (const auto& word :
         std::vector<std::string>{"Siti", "Rahayu", "3375014107850002", "rahasia-9876", "mutasi", "eoffice.example", t.folder().string()})
        EXPECT_THAT(text, Not(HasSubstr(word)));
    EXPECT_THAT(text, Not(HasSubstr(t.site().token().serial())));
    EXPECT_THAT(text, HasSubstr("\"consent\":1")) << "and the log was counted";
    EXPECT_THAT(text, HasSubstr("libsofthsm2.so"));
    EXPECT_EQ(examine(t, {"--bundle", file.string()}).exit_code, 5) << "never over a file that is there";
    EXPECT_EQ(content(file), text);
}

} // namespace
} // namespace jk::test
