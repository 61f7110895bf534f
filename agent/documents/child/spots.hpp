// Where objects are used: which object refers to them, under which key. Two revisions are compared key by key, and a changed object may count as
// compared only where that key is the one place that shows it: the same object may also be a page's content.
#pragma once
#include "agent/documents/child/pdf_file.hpp"

#include <map>
#include <set>
#include <string>

namespace jk::documents::child {

/// A place that can hold a reference: the indirect object around it (0 0: the trailer), and the keys from there: "/Resources/Font/F1", "/Annots[]".
struct Spot {
    QPDFObjGen owner;
    std::string path;
    bool operator<(const Spot& other) const { return owner == other.owner ? path < other.path : owner < other.owner; }
    bool operator==(const Spot& other) const { return owner == other.owner && path == other.path; }
};

/// Where `container`, itself found at `at`, holds `key`.
Spot below(const Spot& at, QPDFObjectHandle container, const std::string& key);

using Spots = std::map<QPDFObjGen, std::set<Spot>>;

/// Every place in the document, as far as the trailer reaches, that refers to one of `wanted`.
Spots spots_of(PdfFile& file, const std::set<QPDFObjGen>& wanted);

} // namespace jk::documents::child
