// Preparing a signature in a stranger's document: invisible, visible, in its empty field. What was prepared goes before the second look, as in life.
#include "agent/documents/child/check.hpp"
#include "agent/documents/child/pdf_file.hpp"
#include "agent/documents/child/prepare.hpp"
#include "tests/fuzz/pdf.hpp"

#include <algorithm>

using namespace jk;
using namespace jk::documents;

namespace {

constexpr std::uint32_t room = 64;

PrepareRequest request(std::optional<Appearance> appearance) {
    PrepareRequest r;
    r.name = "surat.pdf";
    r.appearance = std::move(appearance);
    r.signer_name = "Jana Kusuma";
    r.time = *parse_rfc3339("2026-11-21T08:00:00Z");
    r.shown_time = "21 November 2026 15:00:00 WIB";
    r.marking = "TOKEN UJI – TIDAK SAH";
    r.cms_room = room;
    return r;
}

void sign(ByteView bytes, std::optional<Appearance> appearance, const child::Font* font) {
    CheckRequest check{request(std::move(appearance)), {}};
    const auto refused = fuzz::refusal_of([&] { check.update = child::prepare(fuzz::document(bytes), check.wanted, font); });
    if (refused) return;
    fuzz::require(check.update.cms_room == room && !check.update.before.empty() && !check.update.after.empty(), "an update has its shape");
    const auto again = child::prepare(fuzz::document(bytes), check.wanted, font);
    fuzz::require(again.before == check.update.before && again.after == check.update.after, "the same request gives the same update");
    (void)fuzz::refusal_of([&] { child::check(fuzz::document(bytes), check, font); });
}

std::string empty_field(ByteView bytes) {
    std::string name;
    (void)fuzz::refusal_of([&] {
        auto file = child::PdfFile::open(fuzz::document(bytes), bytes.size());
        for (auto& field : child::fields_of(file))
            if (field.is_signature && field.dictionary.getKey("/V").isNull()) name = field.name;
    });
    return name;
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto font = child::Font::load();
    const ByteView bytes(data, size);
    sign(bytes, std::nullopt, font.get());
    Appearance box;
    box.x = box.y = 20;
    box.width = 160;
    box.height = 60;
    box.link = "https://eoffice.example/cek/123";
    sign(bytes, box, font.get());
    Appearance field;
    field.field = empty_field(bytes);
    if (!field.field.empty()) sign(bytes, field, font.get());
    return 0;
}
