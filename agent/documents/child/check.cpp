#include "agent/documents/child/check.hpp"

#include "agent/documents/child/appearance.hpp"
#include "agent/documents/child/object_text.hpp"
#include "agent/documents/child/prepare.hpp"
#include "agent/documents/child/refusal.hpp"
#include "agent/documents/child/revision_difference.hpp"

#include <algorithm>
#include <array>

namespace jk::documents::child {
namespace {

[[noreturn]] void dispute(const std::string& what) { refuse(Errc::document_disputed, what); }

/// Nothing is left to judge where nothing may differ: place, page, appearance, time, reason, marking, cross-reference and trailer are all in
/// these bytes, and so is room for another parser's truth.
void require_same(const Update& expected, const Update& update) {
    if (update.field != expected.field) dispute("the update is for another field");
    if (update.cms_room != expected.cms_room) dispute("the update leaves another room for the signature");
    for (const auto part : {&Update::before, &Update::after}) {
        const auto [here, there] = std::ranges::mismatch(expected.*part, update.*part);
        if (here != (expected.*part).end() || there != (update.*part).end())
            dispute("the update is not what the request asks for, from byte " + std::to_string(there - (update.*part).begin()) +
                    (part == &Update::before ? " on" : " behind the gap on"));
    }
}

/// A field that locks others: the signature repeats the lock, and only that.
void require_lock(QPDFObjectHandle field, QPDFObjectHandle signature, bool existing_field) {
    auto lock = field.getKey("/Lock");
    const bool locks = existing_field && lock.isDictionary();
    if (locks != signature.hasKey("/Reference")) dispute("the signature's references are not those of its field");
    if (!locks) return;
    auto parameters = signature.getKey("/Reference").getArrayItem(0).getKey("/TransformParams");
    for (const char* key : {"/Action", "/Fields", "/P"})
        if (object_text(parameters.getKey(key), {}) != object_text(lock.getKey(key), {}))
            dispute("the signature locks something else than its field says");
}

void require_coverage(PdfFile& file, QPDFObjectHandle signature, std::uint64_t base_size, const Update& update) {
    const auto gap_start = base_size + update.before.size();
    const auto gap_end = gap_start + update.gap_size();
    const std::array<std::uint64_t, 4> expected{0, gap_start, gap_end, file.end() - gap_end};
    auto range = signature.getKey("/ByteRange");
    if (!range.isArray() || range.getArrayNItems() != 4) dispute("there is no ByteRange");
    for (int i = 0; i < 4; ++i) {
        auto number = range.getArrayItem(i);
        if (!number.isInteger() || static_cast<std::uint64_t>(number.getIntValue()) != expected[static_cast<std::size_t>(i)])
            dispute("ByteRange does not cover everything but the gap");
    }
    auto contents = signature.getKey("/Contents");
    if (!contents.isString() || contents.getStringValue() != std::string(update.cms_room, '\0')) dispute("the gap is not the signature's Contents");
    if (static_cast<std::uint64_t>(contents.getParsedOffset()) + file.header_offset() != gap_start) dispute("the gap is not where it was said to be");
}

void require_signature(PdfFile& file, std::uint64_t base_size, const CheckRequest& request) {
    const auto& appearance = request.wanted.appearance;
    const bool existing_field = appearance && !appearance->field.empty();
    auto fields = fields_of(file);
    const auto place = std::ranges::find(fields, request.update.field, &Field::name);
    if (place == fields.end() || !place->is_signature) dispute("the signature field is not there");
    auto signature = place->dictionary.getKey("/V");
    if (!signature.isDictionary()) dispute("the field has no signature");
    for (const auto& key : signature.getKeys()) {
        static constexpr std::array<std::string_view, 8> allowed{"/Type",   "/Filter",    "/SubFilter", "/M",
                                                                 "/Reason", "/ByteRange", "/Contents",  "/Reference"};
        if (std::ranges::find(allowed, key) == allowed.end()) dispute("the signature has " + key);
    }
    if (!signature.getKey("/SubFilter").isNameAndEquals("/ETSI.CAdES.detached")) dispute("the signature is of another kind");
    require_lock(place->dictionary, signature, existing_field);
    require_coverage(file, signature, base_size, request.update);
    if (existing_field) return; // its place is the document's
    const auto box = box_of_widget(place->dictionary);
    const bool nowhere = box.x0 == 0 && box.y0 == 0 && box.x1 == 0 && box.y1 == 0;
    if (nowhere == appearance.has_value()) dispute("visibility is not as requested");
}

void append(DocumentBytes& bytes, const Update& update) {
    bytes.append(update.before);
    Bytes gap(update.gap_size(), '0');
    gap.front() = '<';
    gap.back() = '>';
    bytes.append(std::move(gap));
    bytes.append(update.after);
}

} // namespace

void read_back(PdfFile& older, PdfFile& newer, const CheckRequest& request) {
    require_signature(newer, older.end(), request);
    const auto findings = beyond_signatures(older, newer, 1, Strictness::own_update);
    if (!findings.empty()) dispute(findings.front());
}

void check(std::shared_ptr<DocumentBytes> bytes, const CheckRequest& request, const Font* font) {
    append(*bytes, request.update);
    try {
        auto older = PdfFile::open(bytes, bytes->base_size()), newer = PdfFile::open(bytes, bytes->size());
        read_back(older, newer, request);
        require_same(prepare(older, request.wanted, font), request.update);
    } catch (const Refusal& refusal) {
        if (refusal.error.code == Errc::document_disputed) throw;
        dispute("the prepared document cannot be read back or made again: " + refusal.error.detail);
    }
}

} // namespace jk::documents::child
