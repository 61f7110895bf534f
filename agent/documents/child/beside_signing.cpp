#include "agent/documents/child/beside_signing.hpp"

#include <algorithm>

namespace jk::documents::child {
namespace {

QPDFObjectHandle entry(QPDFObjectHandle dictionary, const std::string& key) {
    return dictionary.isDictionary() ? dictionary.getKey(key) : QPDFObjectHandle::newNull();
}

bool is_dictionary_of(QPDFObjectHandle value, const std::set<std::string>& allowed) {
    if (!value.isDictionary()) return false;
    const auto keys = value.getKeys();
    return std::ranges::all_of(keys, [&](const auto& key) { return allowed.contains(key); });
}

bool is_flat(QPDFObjectHandle value) { return value.isScalar(); }

/// A stream that nothing could draw: no XObject, no font program, no image, and its data in the file itself.
bool is_data(QPDFObjectHandle value, std::set<std::string> besides = {}) {
    besides.insert({"/Length", "/Filter", "/DecodeParms", "/DL"});
    return value.isStream() && is_dictionary_of(value.getDict(), besides);
}

} // namespace

bool Beside::information(QPDFObjectHandle before, QPDFObjectHandle now, const Spot& at) {
    if (now.isNull()) return true;
    if (!now.isDictionary()) return false;
    for (const auto& key : now.getKeys())
        if (auto value = now.getKey(key); !is_flat(value)) return false;
    m_compared(before, now, at);
    return true;
}

bool Beside::metadata(QPDFObjectHandle before, QPDFObjectHandle now, const Spot& at) {
    if (!is_data(now, {"/Type", "/Subtype"})) return false;
    if (!now.getDict().getKey("/Type").isNameAndEquals("/Metadata") || !now.getDict().getKey("/Subtype").isNameAndEquals("/XML")) return false;
    m_compared(before, now, at);
    return true;
}

bool Beside::extensions(QPDFObjectHandle before, QPDFObjectHandle now, const Spot& at) {
    static const std::set<std::string> allowed{"/Type", "/BaseVersion", "/ExtensionLevel", "/ExtensionRevision", "/URL"};
    if (!now.isDictionary()) return false;
    m_compared(before, now, at);
    const auto is_extension = [&](QPDFObjectHandle value) {
        if (!is_dictionary_of(value, allowed)) return false;
        const auto keys = value.getKeys();
        return std::ranges::all_of(keys, [&](const auto& key) { return is_flat(value.getKey(key)); });
    };
    for (const auto& key : now.getKeys()) {
        auto value = now.getKey(key);
        if (key == "/Type" && value.isNameAndEquals("/Extensions")) continue;
        m_compared(entry(before, key), value, below(at, now, key));
        if (!value.isArray() && !is_extension(value)) return false;
        for (int i = 0; value.isArray() && i < value.getArrayNItems(); ++i)
            if (!is_extension(value.getArrayItem(i))) return false;
    }
    return true;
}

bool Beside::streams(QPDFObjectHandle before, QPDFObjectHandle now, const Spot& at) {
    if (now.isNull()) return true;
    if (!now.isArray()) return false;
    m_compared(before, now, at);
    for (int i = 0; i < now.getArrayNItems(); ++i)
        if (!is_data(now.getArrayItem(i))) return false;
    return true;
}

bool Beside::validation_of_one_signature(QPDFObjectHandle before, QPDFObjectHandle now, const Spot& at) {
    if (!is_dictionary_of(now, {"/Type", "/Cert", "/OCSP", "/CRL", "/TU", "/TS"})) return false;
    m_compared(before, now, at);
    if (!is_flat(now.getKey("/Type")) || !is_flat(now.getKey("/TU"))) return false;
    if (now.hasKey("/TS") && !is_data(now.getKey("/TS"))) return false;
    for (const char* key : {"/Cert", "/OCSP", "/CRL"})
        if (!streams(entry(before, key), now.getKey(key), below(at, now, key))) return false;
    return true;
}

bool Beside::validation_data(QPDFObjectHandle before, QPDFObjectHandle now, const Spot& at) {
    if (!is_dictionary_of(now, {"/Type", "/VRI", "/Certs", "/OCSPs", "/CRLs"}) || !is_flat(now.getKey("/Type"))) return false;
    m_compared(before, now, at);
    for (const char* key : {"/Certs", "/OCSPs", "/CRLs"})
        if (!streams(entry(before, key), now.getKey(key), below(at, now, key))) return false;
    auto signatures = now.getKey("/VRI");
    if (signatures.isNull()) return true;
    if (!signatures.isDictionary()) return false;
    const auto there = below(at, now, "/VRI");
    m_compared(entry(before, "/VRI"), signatures, there);
    for (const auto& key : signatures.getKeys()) {
        if (key == "/Type" && is_flat(signatures.getKey(key))) continue;
        if (!validation_of_one_signature(entry(entry(before, "/VRI"), key), signatures.getKey(key), below(there, signatures, key))) return false;
    }
    return true;
}

} // namespace jk::documents::child
