// Every document of tests/data/pdf/manifest.yaml: uploaded, inspected, signed invisibly, visibly and in its empty field, with exactly the
// outcome the manifest gives; and what came out judged by pdfsig, qpdf and mutool.
#include "tests/support/document_desk.hpp"
#include "tests/support/judges.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <fstream>
#include <set>

namespace jk::test {
namespace {

namespace fs = std::filesystem;

const fs::path corpus = fs::path(JURUKUNCI_SOURCE_DIR) / "tests/data/pdf";

struct Entry {
    std::string file, generate, sign, visible, empty_field, sign_field;
    std::optional<int> pages;
    std::string title;
    bool checks_title = false;
    std::set<std::string> also, judges_skip, field_judges_skip, original_warns;
};

std::set<std::string> keys(const YAML::Node& map) {
    std::set<std::string> all;
    for (const auto& entry : map) all.insert(entry.first.as<std::string>());
    return all;
}

std::vector<Entry> manifest() {
    std::vector<Entry> all;
    for (const auto& node : YAML::LoadFile((corpus / "manifest.yaml").string())) {
        Entry e;
        const auto text = [&](const char* key) { return node[key] && !node[key].IsNull() ? node[key].as<std::string>() : std::string(); };
        e.file = text("file");
        e.generate = text("generate");
        e.sign = text("sign");
        e.visible = text("visible");
        e.empty_field = text("empty_field");
        e.sign_field = e.empty_field.empty() ? "" : node["sign_field"] ? text("sign_field") : "ok";
        e.title = text("title");
        if (node["pages"] && !node["pages"].IsNull()) e.pages = node["pages"].as<int>();
        if (node["also"] && node["also"].IsSequence())
            for (const auto& code : node["also"]) e.also.insert(code.as<std::string>());
        else if (node["also"])
            e.also.insert(node["also"].as<std::string>());
        if (node["judges_skip"]) e.judges_skip = keys(node["judges_skip"]);
        if (node["field_judges_skip"]) e.field_judges_skip = keys(node["field_judges_skip"]);
        if (node["original_warns"]) e.original_warns = keys(node["original_warns"]);
        all.push_back(std::move(e));
    }
    return all;
}

void PrintTo(const Entry& entry, std::ostream* out) { *out << entry.file; }

bool same_prefix(const fs::path& original, const fs::path& result) {
    return run_command("cmp -n " + std::to_string(fs::file_size(original)) + " " + quoted(original) + " " + quoted(result)).exit_code == 0;
}

class Corpus : public testing::TestWithParam<Entry> {
protected:
    fs::path document() {
        const auto& e = GetParam();
        if (e.generate.empty()) return corpus / e.file;
        const auto path = desk.folder.path() / e.file;
        auto command = e.generate;
        for (const std::string place : {"OUT"})
            if (const auto at = command.find(place); at != std::string::npos) command.replace(at, place.size(), quoted(path));
        const auto made = run_command("/usr/bin/python3 " + quoted(corpus) + "/" + command);
        EXPECT_EQ(made.exit_code, 0) << made.text;
        return path;
    }

    /// The outcome's code, or "ok" once the result satisfied everybody.
    void expect(const std::string& expected, const fs::path& original, std::optional<Appearance> appearance) {
        const auto& e = GetParam();
        auto facts = desk.upload(original);
        std::string got;
        if (!facts) {
            got = facts.error().entry().code;
            if (facts.error().code == Errc::request_malformed && fs::file_size(original) == 0)
                got = "E-BUKAN-PDF"; // an empty upload is refused at the door
            EXPECT_TRUE(got == expected || e.also.contains(got)) << got;
            return;
        }
        auto sealed = desk.seal(facts->id, Format::pades, appearance);
        got = sealed ? "ok" : std::string(sealed.error().entry().code);
        EXPECT_TRUE(got == expected || e.also.contains(got)) << "expected " << expected << ", got " << (sealed ? got : sealed.error().log_line());
        if (!sealed) return;
        const auto result = desk.sign(**sealed);
        ASSERT_TRUE(result) << result.error().log_line();
        const auto file = desk.folder.path() / "signed.pdf";
        desk.write(result->document->id, file);
        EXPECT_TRUE(same_prefix(original, file));
        judge(file, appearance && !appearance->field.empty());
        const auto report = boost::json::parse(desk.verify(result->document->id)).as_object();
        ASSERT_TRUE(report.at("signatures").is_array());
        const auto& signatures = report.at("signatures").as_array();
        ASSERT_FALSE(signatures.empty()) << boost::json::serialize(report);
        const auto& ours = signatures.back().as_object();
        EXPECT_EQ(ours.at("integrity").as_string(), "intact") << boost::json::serialize(report);
        EXPECT_EQ(ours.at("indication").as_string(), "TOTAL-PASSED");
        EXPECT_TRUE(ours.at("coverage").as_object().at("wholeDocument").as_bool());
    }

    void judge(const fs::path& file, bool in_field) {
        const auto& e = GetParam();
        const auto cms = openssl_cms_of_pdf(file, desk.folder.path(), pem_of(*desk.ca.root())); // needs no PDF parser, so it judges every one
        EXPECT_NE(cms.text.find("CAdES Verification successful"), std::string::npos) << cms.text;
        if (!e.judges_skip.contains("pdfsig") && !(in_field && e.field_judges_skip.contains("pdfsig"))) {
            const auto said = pdfsig(file);
            // Ours is the one that covers the whole file.
            const auto whole = said.text.find("Total document signed");
            const auto valid = whole == std::string::npos ? whole : said.text.find("Signature is Valid", whole);
            EXPECT_TRUE(valid != std::string::npos && valid < said.text.find("Signature #", whole)) << said.text;
        }
        if (!e.judges_skip.contains("qpdf")) {
            const auto said = qpdf_check(file);
            EXPECT_TRUE(said.exit_code == 0 || (said.exit_code == 3 && e.original_warns.contains("qpdf"))) << said.text;
        }
        if (!e.judges_skip.contains("mutool") && !(in_field && e.field_judges_skip.contains("mutool"))) {
            const auto said = mutool_sign(file);
            EXPECT_NE(said.text.find("The document is unchanged since signing"), std::string::npos) << said.text;
        }
    }

    DocumentDesk desk;
};

TEST_P(Corpus, IsInspectedAsTheManifestSays) {
    const auto& e = GetParam();
    if (e.sign != "ok") return; // what cannot be signed need not tell its title
    const auto path = document();
    const auto facts = desk.upload(path);
    ASSERT_TRUE(facts);
    if (e.pages) {
        EXPECT_EQ(facts->pages, e.pages);
    }
    EXPECT_EQ(facts->title, e.title);
}

TEST_P(Corpus, InvisibleSignature) { expect(GetParam().sign, document(), std::nullopt); }

TEST_P(Corpus, VisibleSignature) {
    Appearance box;
    box.x = box.y = 20;
    box.width = 120;
    box.height = 50;
    expect(GetParam().visible, document(), box);
}

TEST_P(Corpus, SignatureInItsEmptyField) {
    if (GetParam().empty_field.empty()) return;
    Appearance field;
    field.field = GetParam().empty_field;
    expect(GetParam().sign_field, document(), field);
}

INSTANTIATE_TEST_SUITE_P(Manifest, Corpus, testing::ValuesIn(manifest()), [](const auto& entry) {
    std::string name = entry.param.file;
    for (auto& c : name)
        if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
    return name;
});

} // namespace
} // namespace jk::test
