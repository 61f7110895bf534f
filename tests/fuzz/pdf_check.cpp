// The second look at an update that an attacker has written: the first document process may have been taken over. The input is a whole file with
// its gap, as prepare() leaves it; the update is what follows the %%EOF before the gap.
#include "agent/documents/child/check.hpp"
#include "agent/documents/child/pdf_file.hpp"
#include "agent/documents/child/revision_difference.hpp"
#include "jurukunci/encoding.hpp"
#include "tests/fuzz/pdf.hpp"

using namespace jk;
using namespace jk::documents;

namespace {

Bytes bytes(std::string_view text) { return {text.begin(), text.end()}; }

struct Attack {
    std::size_t base_size = 0;
    CheckRequest request;
};

std::optional<Attack> attack_in(std::string_view file) {
    const auto contents = file.rfind("/Contents <");
    const auto eof = file.rfind("%%EOF", contents);
    const auto close = file.find('>', contents);
    if (contents == file.npos || eof == file.npos || close == file.npos) return std::nullopt;
    Attack attack;
    attack.base_size = eof + 5;
    if (file.substr(attack.base_size).starts_with("\n\n")) ++attack.base_size;
    const auto gap = contents + 10;
    auto& update = attack.request.update;
    update.before = bytes(file.substr(attack.base_size, gap - attack.base_size));
    update.cms_room = static_cast<std::uint32_t>((close - gap - 1) / 2);
    update.after = bytes(file.substr(close + 1));
    // The name of the field that the update makes; else of the last one there is, signed by the update.
    const auto added = file.substr(attack.base_size);
    const bool makes_field = added.find("/F 132") != added.npos;
    const auto name = makes_field ? added.find("/T <") : file.rfind("/T (", attack.base_size);
    if (name == file.npos) return std::nullopt;
    const auto text = (makes_field ? added : file).substr(name + 4);
    update.field =
        makes_field ? std::string(text_of(from_hex(text.substr(0, text.find('>'))).value_or(Bytes{}))) : std::string(text.substr(0, text.find(')')));
    if (!makes_field || added.find("/Matrix") != added.npos) attack.request.wanted.appearance.emplace();
    if (!makes_field) attack.request.wanted.appearance->field = update.field;
    return attack;
}

std::string page_text(QPDFObjectHandle page) {
    std::string text;
    for (const auto& key : page.getKeys())
        if (key != "/Annots") text += key + " " + page.getKey(key).unparse() + "\n";
    for (auto& stream : page.getPageContents()) {
        const auto data = stream.getRawStreamData();
        text.append(reinterpret_cast<const char*>(data->getBuffer()), data->getSize());
    }
    return text;
}

/// What nobody may see changed after a yes: the pages, but for their annotations.
void compare_pages(const std::shared_ptr<child::DocumentBytes>& whole, std::uint64_t base_size) {
    (void)fuzz::refusal_of([&] {
        auto older = child::PdfFile::open(whole, base_size), newer = child::PdfFile::open(whole, whole->size());
        const auto before = older.qpdf().getAllPages(), now = newer.qpdf().getAllPages();
        fuzz::require(before.size() == now.size(), "an accepted update leaves the number of pages");
        for (std::size_t i = 0; i < before.size(); ++i)
            fuzz::require(page_text(before[i]) == page_text(now[i]), "an accepted update leaves the pages");
    });
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView file(data, size);
    const auto attack = attack_in(text_of(file));
    if (!attack) return 0;
    // Not check(): no attack passes its comparison with what was asked for. The reading must do without it.
    const auto refused = fuzz::refusal_of([&] {
        const auto whole = fuzz::document(file);
        auto older = child::PdfFile::open(whole, attack->base_size), newer = child::PdfFile::open(whole, size);
        child::read_back(older, newer, attack->request);
    });
    if (!refused) return compare_pages(fuzz::document(file), attack->base_size), 0;
    // Most attacks fail at the first hurdle; the comparison of revisions is to be met all the same.
    (void)fuzz::refusal_of([&] {
        const auto whole = fuzz::document(file);
        auto older = child::PdfFile::open(whole, attack->base_size), newer = child::PdfFile::open(whole, size);
        for (const auto strictness : {child::Strictness::own_update, child::Strictness::any_producer})
            (void)child::beyond_signatures(older, newer, 1, strictness);
    });
    return 0;
}
