#include "agent/documents/child/revision_difference.hpp"

#include "agent/documents/child/object_text.hpp"

#include <qpdf/QPDFXRefEntry.hh>

#include <algorithm>
#include <functional>

namespace jk::documents::child {
namespace {

constexpr std::size_t most_findings = 20;
constexpr int max_walk = 2000;

bool same_entry(const QPDFXRefEntry& a, const QPDFXRefEntry& b) {
    if (a.getType() != b.getType()) return false;
    if (a.getType() == 1) return a.getOffset() == b.getOffset();
    if (a.getType() == 2) return a.getObjStreamNumber() == b.getObjStreamNumber() && a.getObjStreamIndex() == b.getObjStreamIndex();
    return true;
}

std::string text(QPDFObjectHandle value) {
    if (value.isIndirect()) return reference_text(value.getObjGen());
    return value.isStream() ? "stream" : object_text(value, {});
}

/// `resolved` follows one reference: two objects at the same place.
std::string content(QPDFObjectHandle value) { return value.isStream() ? "stream " + object_text(value.getDict(), {}) : object_text(value, {}); }

class Judge {
public:
    Judge(PdfFile& older, PdfFile& newer, int expected, Strictness strictness)
        : m_older(older), m_newer(newer), m_expected(expected), m_strict(strictness == Strictness::own_update) {}

    std::vector<std::string> run() {
        const auto d = difference(m_older, m_newer);
        for (const auto& id : d.lost) find("object " + reference_text(id) + " was removed");
        m_added.insert(d.added.begin(), d.added.end());
        for (const auto& id : d.changed) m_changed.insert(id);
        trailer();
        const int signatures = new_signatures();
        if (signatures != m_expected) find(std::to_string(signatures) + " signatures were added");
        catalog();
        for (const auto& id : d.changed)
            if (!m_explained.contains(id)) changed_object(id);
        for (const auto& id : d.added)
            if (!m_explained.contains(id) && m_strict && !is_cross_reference(id)) find("object " + reference_text(id) + " was added and belongs to nothing known");
        return std::move(m_findings);
    }

private:
    void find(std::string what) {
        if (m_findings.size() < most_findings) m_findings.push_back(std::move(what));
    }

    QPDFObjectHandle old_object(const QPDFObjGen& id) { return m_older.qpdf().getObjectByID(id.getObj(), id.getGen()); }
    QPDFObjectHandle new_object(const QPDFObjGen& id) { return m_newer.qpdf().getObjectByID(id.getObj(), id.getGen()); }

    void trailer() {
        for (const char* key : {"/Root", "/Encrypt"})
            if (text(m_older.trailer().getKey(key)) != text(m_newer.trailer().getKey(key))) find(std::string("the trailer's ") + key + " changed");
        if (m_strict && text(m_older.trailer().getKey("/Info")) != text(m_newer.trailer().getKey("/Info"))) find("the trailer's /Info changed");
        if (auto info = m_newer.trailer().getKey("/Info"); !m_strict && info.isIndirect()) explain(info);
    }

    void explain(QPDFObjectHandle value) {
        if (value.isIndirect()) m_explained.insert(value.getObjGen());
    }

    /// Marks everything below `value` that was added: parts of an appearance, certificates of a DSS. Old objects are not followed.
    void explain_added_below(QPDFObjectHandle value) {
        std::vector<QPDFObjectHandle> open{value};
        for (int steps = 0; !open.empty() && steps < max_walk; ++steps) {
            auto v = open.back();
            open.pop_back();
            if (v.isIndirect()) {
                if (!m_added.contains(v.getObjGen()) || !m_explained.insert(v.getObjGen()).second) continue;
            }
            if (v.isStream()) v = v.getDict();
            if (v.isArray())
                for (int i = 0; i < v.getArrayNItems(); ++i) open.push_back(v.getArrayItem(i));
            if (v.isDictionary())
                for (const auto& key : v.getKeys())
                    if (key != "/P" && key != "/Parent") open.push_back(v.getKey(key));
        }
    }

    /// Fields whose /V is a signature now and was none before. Each is checked for what a signature field may hold.
    int new_signatures() {
        int count = 0;
        std::set<std::string> before;
        for (auto& field : fields_of(m_older))
            if (field.is_signature && field.dictionary.getKey("/V").isDictionary()) before.insert(field.name);
        for (auto& field : fields_of(m_newer)) {
            if (!field.is_signature || !field.dictionary.getKey("/V").isDictionary()) continue;
            if (before.contains(field.name)) continue;
            ++count;
            signature_field(field);
        }
        return count;
    }

    void signature_field(Field& field) {
        auto dictionary = field.dictionary;
        auto kids = dictionary.getKey("/Kids");
        auto widget = kids.isArray() && kids.getArrayNItems() == 1 ? kids.getArrayItem(0) : dictionary;
        m_fields.insert(dictionary.getObjGen());
        m_fields.insert(widget.getObjGen());
        for (auto node : {dictionary, widget}) {
            const bool is_new = node.isIndirect() && m_added.contains(node.getObjGen());
            static const std::set<std::string> allowed{"/Type", "/Subtype", "/FT", "/T", "/F", "/P", "/Rect", "/V", "/AP"};
            static const std::set<std::string> tolerated{"/Ff", "/DA", "/DR", "/MK", "/BS", "/M", "/Kids", "/Parent", "/Lock", "/TU", "/TM", "/H", "/NM", "/Border", "/SV"};
            for (const auto& key : node.getKeys())
                if (is_new && !allowed.contains(key) && (m_strict || !tolerated.contains(key))) find("the signature field \"" + field.name + "\" has " + key);
            if (!is_new) filled_field(field.name, node);
            explain(node);
            explain_added_below(node.getKey("/AP"));
        }
        explain_added_below(dictionary.getKey("/V"));
    }

    /// An existing field that got its signature: value and appearance may change, its place and name not.
    void filled_field(const std::string& name, QPDFObjectHandle now) {
        if (!now.isIndirect() || !m_changed.contains(now.getObjGen())) return;
        auto before = old_object(now.getObjGen());
        const auto keys = both_keys(before, now);
        for (const auto& key : keys)
            if (key != "/V" && key != "/AP" && !(key == "/M" && !m_strict) && text(before.getKey(key)) != text(now.getKey(key)))
                find("field \"" + name + "\": " + key + " changed");
    }

    static std::set<std::string> both_keys(QPDFObjectHandle a, QPDFObjectHandle b) {
        std::set<std::string> keys;
        if (a.isDictionary()) keys.merge(a.getKeys());
        if (b.isDictionary()) keys.merge(b.getKeys());
        return keys;
    }

    void catalog() {
        auto before = m_older.root(), now = m_newer.root();
        explain(now);
        for (const auto& key : both_keys(before, now)) {
            if (key == "/AcroForm") continue;
            if (text(before.getKey(key)) == text(now.getKey(key))) {
                // The same reference may show a changed object: metadata rewritten in place.
                if (!m_strict && key == "/Metadata") explain(now.getKey(key));
                continue;
            }
            const bool beside_signing = key == "/DSS" || key == "/Extensions" || key == "/Metadata" || key == "/Version" || (key == "/Perms" && before.getKey(key).isNull());
            if (m_strict || !beside_signing) find("the catalog's " + key + " changed");
            explain_added_below(now.getKey(key));
            explain(now.getKey(key));
        }
        form(before.getKey("/AcroForm"), now.getKey("/AcroForm"));
    }

    void form(QPDFObjectHandle before, QPDFObjectHandle now) {
        if (!now.isDictionary()) return;
        explain(now);
        explain(now.getKey("/Fields"));
        for (const auto& key : both_keys(before, now)) {
            if (key == "/Fields" || key == "/SigFlags") continue;
            if (!m_strict && (key == "/DR" || key == "/DA") && (!before.isDictionary() || !before.hasKey(key))) continue;
            if (text(before.isDictionary() ? before.getKey(key) : QPDFObjectHandle::newNull()) != text(now.getKey(key))) find("the form's " + key + " changed");
        }
        list("the form's fields", before.isDictionary() ? before.getKey("/Fields") : QPDFObjectHandle::newNull(), now.getKey("/Fields"));
    }

    /// The old list, and behind it at most references to the fields that were signed.
    void list(const std::string& what, QPDFObjectHandle before, QPDFObjectHandle now) {
        const int old_count = before.isArray() ? before.getArrayNItems() : 0, count = now.isArray() ? now.getArrayNItems() : 0;
        for (int i = 0; i < std::min(old_count, count); ++i)
            if (text(before.getArrayItem(i)) != text(now.getArrayItem(i))) return find(what + " changed");
        if (count < old_count) return find(what + " became fewer");
        for (int i = old_count; i < count; ++i)
            if (!now.getArrayItem(i).isIndirect() || !m_fields.contains(now.getArrayItem(i).getObjGen())) find(what + " got something that is not the signature");
    }

    void changed_object(const QPDFObjGen& id) {
        auto before = old_object(id), now = new_object(id);
        const auto name = "object " + reference_text(id);
        if (now.isArray() && before.isArray()) return list(name, before, now); // a page's annotations, as an object of their own
        if (!before.isDictionary() || !now.isDictionary() || !before.getKey("/Type").isNameAndEquals("/Page")) {
            if (content(before) != content(now) || now.isStream()) find(name + " changed");
            return;
        }
        for (const auto& key : both_keys(before, now)) {
            if (key == "/Annots")
                list("the annotations of a page", before.getKey(key), now.getKey(key));
            else if (text(before.getKey(key)) != text(now.getKey(key)))
                find("a page's " + key + " changed");
        }
    }

    bool is_cross_reference(const QPDFObjGen& id) {
        auto object = new_object(id);
        return object.isStream() && object.getDict().getKey("/Type").isNameAndEquals("/XRef");
    }

    PdfFile& m_older;
    PdfFile& m_newer;
    int m_expected;
    bool m_strict;
    std::set<QPDFObjGen> m_added, m_changed, m_explained, m_fields;
    std::vector<std::string> m_findings;
};

} // namespace

Difference difference(PdfFile& older, PdfFile& newer) {
    const auto before = older.qpdf().getXRefTable(), now = newer.qpdf().getXRefTable();
    Difference d;
    for (const auto& [id, entry] : now) {
        const auto place = before.find(id);
        if (place == before.end())
            d.added.push_back(id);
        else if (!same_entry(place->second, entry))
            d.changed.push_back(id);
    }
    for (const auto& [id, entry] : before)
        if (!now.contains(id)) d.lost.push_back(id);
    return d;
}

std::vector<std::string> beyond_signatures(PdfFile& older, PdfFile& newer, int signatures, Strictness strictness) {
    return Judge(older, newer, signatures, strictness).run();
}

} // namespace jk::documents::child
