// The life that checks, before updates that a life which was taken over might give: each is well formed, so only what it says is wrong.
#include "tests/support/document_desk.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>

namespace jk::test {
namespace {

constexpr std::uint32_t room = 2000;

void replace_in(std::string& text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    if (at == std::string::npos) throw std::runtime_error("no " + from + " in " + text.substr(0, 300));
    text.replace(at, from.size(), to);
}

/// An update taken apart, and put together again with its own offsets.
struct Retold {
    std::vector<std::pair<int, std::string>> objects;
    std::string trailer, more_lines;
    std::uint64_t base_size;

    Retold(const documents::Update& update, std::uint64_t base) : base_size(base) {
        const std::string text = std::string(text_of(update.before)) + hole() + std::string(text_of(update.after));
        const auto table = text.find("xref\n"), tail = text.find("trailer\n");
        for (std::size_t at = 1; at < table;) {
            const auto end = text.find("\nendobj\n", at) + 8;
            objects.emplace_back(std::stoi(text.substr(at)), text.substr(at, end - at));
            at = end;
        }
        trailer = text.substr(tail, text.find("startxref", tail) - tail);
    }

    static std::string hole() { return "<" + std::string(2 * room, '0') + ">"; }

    std::string& object_with(const std::string& text) {
        const auto place = std::ranges::find_if(objects, [&](const auto& object) { return object.second.find(text) != std::string::npos; });
        if (place == objects.end()) throw std::runtime_error("no object with " + text);
        return place->second;
    }

    void exchange_stream(const std::string& mark, const std::string& entries, const std::string& data) {
        auto& object = object_with(mark);
        object = object.substr(0, object.find("<<")) + "<< " + entries + " /Length " + std::to_string(data.size()) + " >>\nstream\n" + data +
                 "\nendstream\nendobj\n";
    }

    documents::Update put_together(documents::Update update) const {
        std::string body = "\n", lines;
        for (const auto& [number, text] : objects) {
            char line[64];
            std::snprintf(line, sizeof line, "%d 1\n%010zu 00000 n \n", number, static_cast<std::size_t>(base_size) + body.size());
            lines += line;
            body += text;
        }
        const auto table = base_size + body.size();
        body += "xref\n" + more_lines + lines + trailer + "startxref\n" + std::to_string(table) + "\n%%EOF\n";
        const auto gap = body.find(hole()), end = gap + hole().size();
        char range[64];
        std::snprintf(range, sizeof range, "[0 %zu %zu %zu]", static_cast<std::size_t>(base_size) + gap, static_cast<std::size_t>(base_size) + end,
                      body.size() - end);
        const auto from = body.find("/ByteRange ") + 11, to = body.find(" /Contents", from);
        body.replace(from, to - from, range + std::string(to - from - std::string(range).size(), ' '));
        update.before.assign(body.begin(), body.begin() + static_cast<std::ptrdiff_t>(gap));
        update.after.assign(body.begin() + static_cast<std::ptrdiff_t>(end), body.end());
        return update;
    }
};

class CheckDesk : public testing::Test {
protected:
    documents::PrepareRequest request(std::optional<Appearance> appearance = std::nullopt) {
        documents::PrepareRequest r;
        r.name = "surat.pdf";
        r.appearance = std::move(appearance);
        r.signer_name = "Jana Kusuma";
        r.time = SystemClock().now();
        r.shown_time = "21 November 2026 15:00:00 WIB";
        r.marking = "TOKEN UJI";
        r.cms_room = room;
        return r;
    }

    static Appearance box() {
        Appearance a;
        a.x = a.y = 40;
        a.width = 160;
        a.height = 60;
        a.link = "https://eoffice.example/cek/123";
        return a;
    }

    documents::PieceRef piece(const std::string& name) {
        const auto facts = desk.upload(std::filesystem::path(JURUKUNCI_SOURCE_DIR) / "tests/data/pdf" / name);
        return (*desk.library.find("https://eoffice.example", facts->id))->base;
    }

    documents::Update prepared(const documents::PieceRef& document, const documents::PrepareRequest& wanted) {
        auto update = run(desk.io, desk.process.prepare(documents::Asker{"https://eoffice.example"}, document, wanted));
        if (!update) throw std::runtime_error(update.error().log_line());
        return *update;
    }

    Outcome<void> check(const documents::PieceRef& document, const documents::PrepareRequest& wanted, const documents::Update& update) {
        return run(desk.io, desk.process.check(documents::Asker{"https://eoffice.example"}, document, {wanted, update}));
    }

    DocumentDesk desk;
};

class HonestUpdate : public CheckDesk, public testing::WithParamInterface<const char*> {};

/// Also where strings and streams are encrypted: the same bytes must come out of two lives.
TEST_P(HonestUpdate, PassesTheCheck) {
    const auto document = piece(GetParam());
    for (const auto& wanted : {request(), request(box())}) {
        const auto ok = check(document, wanted, prepared(document, wanted));
        EXPECT_TRUE(ok) << ok.error().log_line();
    }
}

INSTANTIATE_TEST_SUITE_P(Of, HonestUpdate,
                         testing::Values("qpdf-plain.pdf", "qpdf-object-streams.pdf", "encrypted-aes-256.pdf", "encrypted-aes-128.pdf",
                                         "encrypted-rc4-128.pdf"),
                         [](const auto& entry) {
                             std::string name = entry.param;
                             std::ranges::replace_if(
                                 name, [](unsigned char c) { return !std::isalnum(c); }, '_');
                             return name;
                         });

struct Forgery {
    std::string name;
    enum { invisible, visible } asked;
    std::function<void(Retold&)> forge;
};

void PrintTo(const Forgery& forgery, std::ostream* out) { *out << forgery.name; }

class ForgedUpdate : public CheckDesk, public testing::WithParamInterface<Forgery> {};

TEST_P(ForgedUpdate, IsDisputed) {
    const auto document = piece("qpdf-plain.pdf");
    const auto wanted = request(GetParam().asked == Forgery::visible ? std::optional(box()) : std::nullopt);
    const auto honest = prepared(document, wanted);
    Retold retold(honest, document->size());
    GetParam().forge(retold);
    const auto checked = check(document, wanted, retold.put_together(honest));
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().code, Errc::document_disputed) << checked.error().log_line();
    EXPECT_EQ(checked.error().entry().code, "E-PEMBARUAN-TIDAK-COCOK");
}

const std::string cover = "1 1 1 rg 0 0 612 1008 re f";
const std::string cover_entries = "/Type /XObject /Subtype /Form /BBox [0 0 612 1008]";

void move_to(Retold& r, const std::string& rect) {
    auto& field = r.object_with("/Rect [");
    const auto at = field.find("/Rect ["), end = field.find("]", at);
    field.replace(at, end + 1 - at, "/Rect [" + rect + "]");
}

const std::vector<Forgery> forgeries{
    {"CoversThePage", Forgery::invisible, [](auto& r) { r.exchange_stream("/Subtype /Form", cover_entries, cover), move_to(r, "612 1008 0 0"); }},
    {"CoversThePagePlainly", Forgery::invisible,
     [](auto& r) { r.exchange_stream("/Subtype /Form", cover_entries, cover), move_to(r, "0 0 612 1008"); }},
    {"AppearanceWithoutAPlace", Forgery::invisible, [](auto& r) { r.exchange_stream("/Subtype /Form", cover_entries, cover); }},
    {"AnotherPlace", Forgery::visible, [](auto& r) { move_to(r, "0 0 612 1008"); }},
    {"NoPlace", Forgery::visible, [](auto& r) { move_to(r, "0 0 0 0"); }},
    {"AnotherAppearance", Forgery::visible, [](auto& r) { r.exchange_stream("/Matrix", cover_entries, cover); }},
    {"AnotherReason", Forgery::invisible, [](auto& r) { replace_in(r.object_with("/Reason <"), "/Reason <", "/Reason <20"); }},
    {"AnotherTime", Forgery::invisible, [](auto& r) { replace_in(r.object_with("/M <"), "/M <443a32", "/M <443a31"); }},
    {"NotLocked", Forgery::invisible, [](auto& r) { replace_in(r.object_with("/F 132"), "/F 132", "/F 4"); }},
    {"ObjectListedTwice", Forgery::invisible, [](auto& r) { r.more_lines = "4 1\n0000000015 00000 n \n"; }},
    {"HybridStream", Forgery::invisible, [](auto& r) { replace_in(r.trailer, "/Size ", "/XRefStm 15 /Size "); }},
    {"AnotherInformation", Forgery::invisible, [](auto& r) { replace_in(r.trailer, "/Size ", "/Title (x) /Size "); }},
    {"CommentBetweenObjects", Forgery::invisible, [](auto& r) { r.objects.front().second += "%\n"; }},
};

INSTANTIATE_TEST_SUITE_P(Each, ForgedUpdate, testing::ValuesIn(forgeries), [](const auto& entry) { return entry.param.name; });

TEST_F(CheckDesk, AnUpdateForAnotherRequestIsDisputed) {
    const auto document = piece("qpdf-plain.pdf");
    const auto update = prepared(document, request(box()));
    auto other_place = request(box()), other_name = request(box()), other_text = request(box());
    other_place.appearance->page = -1;
    other_place.appearance->x = 41;
    other_name.signer_name = "Budi Santoso";
    other_text.appearance->link.clear();
    for (const auto& wanted : {request(), other_place, other_name, other_text}) {
        const auto checked = check(document, wanted, update);
        ASSERT_FALSE(checked);
        EXPECT_EQ(checked.error().code, Errc::document_disputed);
    }
}

} // namespace
} // namespace jk::test
