// The document's title, for the consent: from /Info, else from the XMP packet.
#include "agent/documents/child/pdf_file.hpp"
#include "jurukunci/displayed_text.hpp"

#include <qpdf/Buffer.hh>
#include <qpdf/Pl_Buffer.hh>

#include <array>

namespace jk::documents::child {
namespace {

constexpr std::size_t max_packet = 1u << 20, max_title = 1000;

std::string unescaped(std::string text) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 5> entities{
        {{"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&apos;", "'"}, {"&amp;", "&"}}};
    for (const auto& [entity, character] : entities)
        for (auto at = text.find(entity); at != std::string::npos; at = text.find(entity, at + character.size()))
            text.replace(at, entity.size(), character);
    return text;
}

/// First rdf:li of dc:title. A title is shown, never decided with, so this much XML is enough.
std::string title_in(std::string_view packet) {
    const auto open = packet.find("<dc:title");
    const auto close = open == std::string_view::npos ? open : packet.find("</dc:title>", open);
    if (close == std::string_view::npos) return {};
    const auto inside = packet.substr(open, close - open);
    const auto item = inside.find("<rdf:li");
    const auto start = item == std::string_view::npos ? item : inside.find('>', item);
    const auto end = start == std::string_view::npos ? start : inside.find("</rdf:li>", start);
    if (end == std::string_view::npos) return {};
    return unescaped(std::string(inside.substr(start + 1, end - start - 1)));
}

std::string from_metadata(QPDFObjectHandle metadata) {
    if (!metadata.isStream()) return {};
    auto length = metadata.getDict().getKey("/Length");
    if (!length.isInteger() || length.getIntValue() > static_cast<long long>(max_packet)) return {};
    const auto data = metadata.getStreamData(qpdf_dl_generalized);
    return title_in({reinterpret_cast<const char*>(data->getBuffer()), std::min(data->getSize(), max_packet)});
}

/// A text string may name its language between escapes (ISO 32000-1 7.9.2.2); nobody reads that.
std::string without_language_escapes(std::string text) {
    for (auto open = text.find('\x1b'); open != std::string::npos; open = text.find('\x1b', open)) {
        const auto close = text.find('\x1b', open + 1);
        text.erase(open, close == std::string::npos ? 1 : close - open + 1);
    }
    return text;
}

} // namespace

std::string PdfFile::title() {
    std::string title;
    try {
        auto info = trailer().getKey("/Info");
        if (info.isDictionary() && info.getKey("/Title").isString()) title = info.getKey("/Title").getUTF8Value();
        if (title.empty()) title = from_metadata(root().getKey("/Metadata"));
    } catch (const std::exception&) {
        return {}; // a broken packet is no reason to refuse the document
    }
    title = without_language_escapes(std::move(title));
    title.resize(std::min(title.size(), max_title));
    while (!title.empty() && !is_utf8(title)) title.pop_back(); // cut inside a character
    return title;
}

} // namespace jk::documents::child
