#include "tests/support/crafted_update.hpp"

#include "jurukunci/encoding.hpp"

#include <qpdf/Buffer.hh>
#include <qpdf/QPDF.hh>
#include <qpdf/QPDFXRefEntry.hh>

#include <algorithm>
#include <cstdio>
#include <stdexcept>

namespace jk::test {
namespace {

const std::string header = "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n";
constexpr const char* empty_range = "[0 0000000000 0000000000 0000000000]";

void open(QPDF& pdf, const std::string& bytes) {
    pdf.setSuppressWarnings(true);
    pdf.processMemoryFile("crafted", bytes.data(), bytes.size());
}

} // namespace

CraftedUpdate::CraftedUpdate(std::string before) : m_before(std::move(before)) {
    if (m_before.empty()) {
        m_before = header;
        m_trailer["/Root"] = "1 0 R";
        return;
    }
    QPDF pdf;
    open(pdf, m_before);
    auto trailer = pdf.getTrailer();
    for (const char* key : {"/Root", "/Info", "/ID", "/Encrypt"})
        if (trailer.hasKey(key)) m_trailer[key] = trailer.getKey(key).unparse();
    m_trailer["/Prev"] = std::to_string(std::stoull(m_before.substr(m_before.rfind("startxref") + 9)));
    m_next = trailer.getKey("/Size").getIntValueAsInt();
    m_root = pdf.getRoot().getObjectID();
    m_body = "\n";
}

std::string CraftedUpdate::object(int number) const {
    QPDF pdf;
    open(pdf, m_before);
    return pdf.getObjectByID(number, 0).unparseResolved();
}

std::size_t CraftedUpdate::old_offset(int number) const {
    QPDF pdf;
    open(pdf, m_before);
    return static_cast<std::size_t>(pdf.getXRefTable().at(QPDFObjGen(number, 0)).getOffset());
}

CraftedUpdate::ObjectStream CraftedUpdate::object_stream_with(const std::string& text) const {
    QPDF pdf;
    open(pdf, m_before);
    for (auto& object : pdf.getAllObjects()) {
        if (!object.isStream() || !object.getDict().getKey("/Type").isNameAndEquals("/ObjStm")) continue;
        const auto bytes = object.getStreamData();
        const std::string data(reinterpret_cast<const char*>(bytes->getBuffer()), bytes->getSize());
        const auto entry = [&](const char* key) { return std::string(" ") + key + " " + object.getDict().getKey(key).unparse(); };
        if (data.find(text) != data.npos) return {object.getObjectID(), "/Type /ObjStm" + entry("/N") + entry("/First"), data};
    }
    throw std::runtime_error("no object stream holds " + text);
}

CraftedUpdate& CraftedUpdate::put(int number, const std::string& text, int generation) {
    m_next = std::max(m_next, number + 1);
    m_places[{number, generation}] = offset();
    m_body += std::to_string(number) + " " + std::to_string(generation) + " obj\n" + text + "\nendobj\n";
    return *this;
}

CraftedUpdate& CraftedUpdate::put_stream(int number, const std::string& data, const std::string& entries) {
    return put(number, "<< " + entries + " /Length " + std::to_string(data.size()) + " >>\nstream\n" + data + "\nendstream");
}

CraftedUpdate& CraftedUpdate::put_signature(int number, std::size_t room) {
    m_room = room;
    const std::string start =
        "<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached /ByteRange " + std::string(empty_range) + " /Contents ";
    put(number, start + "<" + std::string(2 * room, '0') + "> >>");
    m_hole = m_before.size() + m_body.rfind(start) + start.size();
    return *this;
}

CraftedUpdate& CraftedUpdate::trailer(const std::string& key, const std::string& value) {
    m_trailer[key] = value;
    return *this;
}

CraftedUpdate& CraftedUpdate::table_lines(const std::string& lines, bool first) {
    (first ? m_lines_first : m_lines_last) += lines;
    return *this;
}

std::string CraftedUpdate::finish() {
    const auto at = offset();
    std::string table = "xref\n" + m_lines_first;
    for (const auto& [id, place] : m_places) {
        char lines[64];
        std::snprintf(lines, sizeof lines, "%d 1\n%010zu %05d n \n", id.first, place, id.second);
        table += lines;
    }
    table += m_lines_last + "trailer\n<< /Size " + std::to_string(m_next);
    for (const auto& [key, value] : m_trailer) table += " " + key + " " + value;
    return m_before + m_body + table + " >>\nstartxref\n" + std::to_string(at) + "\n%%EOF\n";
}

std::string CraftedUpdate::finish_signed(const std::function<Bytes(ByteView before, ByteView after)>& cms) {
    auto file = finish();
    const auto end = m_hole + 2 + 2 * m_room;
    char range[64];
    std::snprintf(range, sizeof range, "[0 %010zu %010zu %010zu]", m_hole, end, file.size() - end);
    file.replace(file.rfind(empty_range, m_hole), std::string(empty_range).size(), range);
    const auto view = bytes_of(file);
    const auto hex = to_hex(cms(view.first(m_hole), view.subspan(end)));
    if (hex.size() > 2 * m_room) throw std::runtime_error("the hole is too small");
    return file.replace(m_hole + 1, hex.size(), hex);
}

std::string with(std::string text, const std::string& more) { return text.insert(text.rfind(">>"), " " + more + " "); }

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    if (at == std::string::npos) throw std::runtime_error("no " + from + " in " + text);
    return text.replace(at, from.size(), to);
}

std::string appended(std::string text, const std::string& key, const std::string& item) {
    const auto at = text.find("]", text.find(key));
    if (at == std::string::npos) throw std::runtime_error("no array " + key + " in " + text);
    return text.insert(at, item + " ");
}

} // namespace jk::test
