#include "agent/documents/child/object_text.hpp"

#include "agent/documents/child/refusal.hpp"
#include "jurukunci/encoding.hpp"

#include <qpdf/QUtil.hh>

#include <algorithm>
#include <cstdio>

namespace jk::documents::child {
namespace {

constexpr int max_depth = 200;

std::string text_of(QPDFObjectHandle value, const Place& place, int depth) {
    if (depth > max_depth) refuse(Errc::document_not_examined, "nests objects too deep");
    if (depth > 0 && value.isIndirect()) return reference_text(value.getObjGen());
    if (value.isString()) return string_text(value.getStringValue(), place);
    if (value.isArray()) {
        std::string out = "[";
        for (int i = 0; i < value.getArrayNItems(); ++i) out += (i > 0 ? " " : "") + text_of(value.getArrayItem(i), place, depth + 1);
        return out + "]";
    }
    if (value.isDictionary()) {
        std::string out = "<<";
        for (const auto& key : value.getKeys())
            out += " " + QPDFObjectHandle::newName(key).unparse() + " " + text_of(value.getKey(key), place, depth + 1);
        return out + " >>";
    }
    if (value.isStream()) refuse(Errc::document_damaged, "has a stream where a dictionary belongs");
    return value.unparseResolved();
}

} // namespace

std::string object_text(QPDFObjectHandle value, const Place& place) { return text_of(value, place, 0); }

std::string string_text(const std::string& bytes, const Place& place) {
    const auto written = place.cipher != nullptr ? place.cipher->encrypt_string(bytes, place.object, place.generation) : bytes;
    return "<" + to_hex(bytes_of(written)) + ">";
}

std::string text_string(std::string_view utf8, const Place& place) {
    const bool plain = std::ranges::all_of(utf8, [](char c) { return c >= 0x20 && c < 0x7f; });
    return string_text(plain ? std::string(utf8) : QUtil::utf8_to_utf16(std::string(utf8)), place);
}

std::string number_text(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.3f", value);
    std::string out(text);
    out.erase(out.find_last_not_of('0') + 1);
    if (out.back() == '.') out.pop_back();
    return out == "-0" ? "0" : out;
}

std::string reference_text(const QPDFObjGen& object) { return std::to_string(object.getObj()) + " " + std::to_string(object.getGen()) + " R"; }

} // namespace jk::documents::child
