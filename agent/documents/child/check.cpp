#include "agent/documents/child/check.hpp"

#include "agent/documents/child/object_text.hpp"
#include "agent/documents/child/refusal.hpp"
#include "agent/documents/child/revision_difference.hpp"

#include <qpdf/QPDFXRefEntry.hh>

#include <algorithm>
#include <array>

namespace jk::documents::child {
namespace {

[[noreturn]] void dispute(const std::string& what) { refuse(Errc::document_disputed, what); }

/// Objects stand one behind the other with nothing between them, then the cross-reference, then the end: bytes that our parser does not look
/// at would be room for another parser's truth.
void require_tight(PdfFile& file, std::uint64_t base_size) {
    std::vector<std::uint64_t> starts;
    for (const auto& [id, entry] : file.qpdf().getXRefTable()) {
        if (entry.getType() == 2) continue;
        const auto at = static_cast<std::uint64_t>(entry.getOffset()) + file.header_offset();
        if (at >= base_size) starts.push_back(at);
    }
    if (file.last_section().is_table) starts.push_back(file.last_section().offset + file.header_offset());
    std::ranges::sort(starts);
    if (starts.empty() || starts.front() != base_size + 1) dispute("the update does not start with an object");
    if (file.bytes().read(base_size, 1) != Bytes{'\n'}) dispute("the update does not start on a line of its own");
    const std::string end_of_object = "\nendobj\n";
    for (const auto start : starts) {
        if (start == starts.front()) continue;
        const auto before = file.bytes().read(start - end_of_object.size(), end_of_object.size());
        if (text_of(before) != end_of_object) dispute("something stands between the objects of the update");
    }
    const auto tail = file.bytes().read(starts.back(), static_cast<std::size_t>(file.end() - starts.back()));
    const auto text = text_of(tail);
    const auto where = text.find("startxref\n");
    if (where == std::string_view::npos || text.find("startxref", where + 9) != std::string_view::npos || !text.ends_with("\n%%EOF\n"))
        dispute("the update does not end as it must");
    const auto expected = "startxref\n" + std::to_string(file.last_section().offset) + "\n%%EOF\n";
    if (text.substr(where) != expected) dispute("the update points elsewhere");
    if (file.last_section().is_table && !text.starts_with("xref\n")) dispute("the cross-reference table is not where it should be");
}

void require_signature(PdfFile& file, std::uint64_t base_size, const CheckRequest& request) {
    auto fields = fields_of(file);
    const auto place = std::ranges::find(fields, request.update.field, &Field::name);
    if (place == fields.end() || !place->is_signature) dispute("the signature field is not there");
    auto signature = place->dictionary.getKey("/V");
    if (!signature.isDictionary()) dispute("the field has no signature");
    // A field that locks others: the signature repeats the lock, and only that.
    auto lock = place->dictionary.getKey("/Lock");
    const bool locks = request.existing_field && lock.isDictionary();
    if (locks != signature.hasKey("/Reference")) dispute("the signature's references are not those of its field");
    if (locks) {
        auto parameters = signature.getKey("/Reference").getArrayItem(0).getKey("/TransformParams");
        for (const char* key : {"/Action", "/Fields", "/P"})
            if (object_text(parameters.getKey(key), {}) != object_text(lock.getKey(key), {})) dispute("the signature locks something else than its field says");
    }
    for (const auto& key : signature.getKeys()) {
        if (key == "/Reference") continue;
        static constexpr std::array<std::string_view, 7> allowed{"/Type", "/Filter", "/SubFilter", "/M", "/Reason", "/ByteRange", "/Contents"};
        if (std::ranges::find(allowed, key) == allowed.end()) dispute("the signature has " + key);
    }
    if (!signature.getKey("/SubFilter").isNameAndEquals("/ETSI.CAdES.detached")) dispute("the signature is of another kind");
    const auto gap_start = base_size + request.update.before.size();
    const auto gap_end = gap_start + request.update.gap_size();
    const std::array<std::uint64_t, 4> expected{0, gap_start, gap_end, file.end() - gap_end};
    auto range = signature.getKey("/ByteRange");
    if (!range.isArray() || range.getArrayNItems() != 4) dispute("there is no ByteRange");
    for (int i = 0; i < 4; ++i) {
        auto number = range.getArrayItem(i);
        if (!number.isInteger() || static_cast<std::uint64_t>(number.getIntValue()) != expected[static_cast<std::size_t>(i)])
            dispute("ByteRange does not cover everything but the gap");
    }
    auto contents = signature.getKey("/Contents");
    if (!contents.isString() || contents.getStringValue() != std::string(request.update.cms_room, '\0')) dispute("the gap is not the signature's Contents");
    // The string qpdf read could stand elsewhere and look the same: no other string of this length of zeros can be in the update.
    const auto tail = file.bytes().read(base_size, static_cast<std::size_t>(file.end() - base_size));
    const std::string zeros = "<" + std::string(2 * std::size_t(request.update.cms_room), '0') + ">";
    const auto first = text_of(tail).find(zeros);
    if (first != gap_start - base_size || text_of(tail).find(zeros, first + 1) != std::string_view::npos) dispute("the gap is not where it was said to be");
    const bool visible = !place->dictionary.getKey("/Rect").isArray() || place->dictionary.getKey("/Rect").getArrayItem(2).getNumericValue() != 0;
    if (!request.existing_field && visible != request.visible) dispute("visibility is not as requested");
}

} // namespace

void check(std::shared_ptr<DocumentBytes> bytes, const CheckRequest& request) {
    const auto base_size = bytes->base_size();
    bytes->append(request.update.before);
    Bytes gap(request.update.gap_size(), '0');
    gap.front() = '<';
    gap.back() = '>';
    bytes->append(std::move(gap));
    bytes->append(request.update.after);
    try {
        auto older = PdfFile::open(bytes, base_size);
        auto newer = PdfFile::open(bytes, bytes->size());
        require_tight(newer, base_size);
        require_signature(newer, base_size, request);
        const auto findings = beyond_signatures(older, newer, 1, Strictness::own_update);
        if (!findings.empty()) dispute(findings.front());
    } catch (const Refusal& refusal) {
        if (refusal.error.code == Errc::document_disputed) throw;
        dispute("the prepared document cannot be read back: " + refusal.error.detail);
    }
}

} // namespace jk::documents::child
