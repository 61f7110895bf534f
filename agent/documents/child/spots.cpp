#include "agent/documents/child/spots.hpp"

#include <vector>

namespace jk::documents::child {
namespace {

class Walk {
public:
    explicit Walk(const std::set<QPDFObjGen>& wanted) : m_wanted(wanted) {}

    Spots run(QPDFObjectHandle trailer) {
        enter(trailer, {QPDFObjGen(), ""});
        while (!m_open.empty()) {
            auto [value, at] = std::move(m_open.back());
            m_open.pop_back();
            meet(value, at);
        }
        return std::move(m_found);
    }

private:
    void meet(QPDFObjectHandle value, const Spot& at) {
        if (!value.isIndirect()) return enter(value, at);
        const auto id = value.getObjGen();
        if (m_wanted.contains(id)) m_found[id].insert(at);
        if (m_seen.insert(id).second) enter(value, {id, ""});
    }

    void enter(QPDFObjectHandle value, const Spot& at) {
        if (value.isStream()) value = value.getDict();
        if (value.isArray())
            for (int i = 0; i < value.getArrayNItems(); ++i) later(value.getArrayItem(i), at, "[]");
        if (value.isDictionary())
            for (auto& [key, entry] : value.getDictAsMap()) later(entry, at, key);
    }

    void later(QPDFObjectHandle value, const Spot& at, const std::string& key) {
        if (value.isIndirect() || value.isArray() || value.isDictionary()) m_open.emplace_back(value, Spot{at.owner, at.path + key});
    }

    const std::set<QPDFObjGen>& m_wanted;
    std::set<QPDFObjGen> m_seen;
    std::vector<std::pair<QPDFObjectHandle, Spot>> m_open;
    Spots m_found;
};

} // namespace

Spot below(const Spot& at, QPDFObjectHandle container, const std::string& key) {
    return container.isIndirect() ? Spot{container.getObjGen(), key} : Spot{at.owner, at.path + key};
}

Spots spots_of(PdfFile& file, const std::set<QPDFObjGen>& wanted) { return Walk(wanted).run(file.trailer()); }

} // namespace jk::documents::child
