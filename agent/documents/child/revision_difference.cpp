#include "agent/documents/child/revision_difference.hpp"

#include "agent/documents/child/appearance.hpp"
#include "agent/documents/child/beside_signing.hpp"
#include "agent/documents/child/cross_reference.hpp"
#include "agent/documents/child/object_text.hpp"
#include "agent/documents/child/refusal.hpp"

#include <qpdf/QPDFExc.hh>
#include <qpdf/QPDFXRefEntry.hh>

#include <algorithm>
#include <functional>

namespace jk::documents::child {
namespace {

constexpr std::size_t most_findings = 20;
constexpr int max_walk = 2000;
constexpr int max_depth = 200;

using Table = std::map<QPDFObjGen, QPDFXRefEntry>;

bool same_entry(const QPDFXRefEntry& a, const QPDFXRefEntry& b) {
    if (a.getType() != b.getType()) return false;
    if (a.getType() == 1) return a.getOffset() == b.getOffset();
    if (a.getType() == 2) return a.getObjStreamNumber() == b.getObjStreamNumber() && a.getObjStreamIndex() == b.getObjStreamIndex();
    return true;
}

/// Everything the newer revision added or changed.
struct Difference {
    std::vector<QPDFObjGen> added, changed;
    std::vector<QPDFObjGen> lost; ///< objects the newer cross-reference no longer has
};

Difference difference(const Table& before, const Table& now) {
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

/// One revision as text that can be compared. A reference to an object that this revision does not have is null, as every reader takes it:
/// else an update could put something there.
class Revision {
public:
    explicit Revision(PdfFile& file) : m_file(file), m_table(file.qpdf().getXRefTable()) {}

    const Table& table() const { return m_table; }
    PdfFile& file() { return m_file; }
    QPDFObjectHandle object(const QPDFObjGen& id) { return m_file.qpdf().getObjectByID(id.getObj(), id.getGen()); }

    /// What stands in this place: a reference, or the value itself.
    std::string text(QPDFObjectHandle value) const { return written(value, 0); }
    /// The object's own content, with references below.
    std::string content(QPDFObjectHandle object) const { return object.isStream() ? "stream " + inside(object.getDict(), 0) : inside(object, 0); }

private:
    std::string written(QPDFObjectHandle value, int depth) const {
        if (value.isIndirect()) return m_table.contains(value.getObjGen()) ? reference_text(value.getObjGen()) : "null";
        return inside(value, depth);
    }

    std::string inside(QPDFObjectHandle value, int depth) const {
        if (depth > max_depth) refuse(Errc::document_not_examined, "nests objects too deep");
        if (value.isStream()) return "stream";
        if (!value.isArray() && !value.isDictionary()) return object_text(value, {});
        std::string out = value.isArray() ? "[" : "<<";
        if (value.isArray())
            for (int i = 0; i < value.getArrayNItems(); ++i) out += " " + written(value.getArrayItem(i), depth + 1);
        else
            for (const auto& key : value.getKeys())
                out += " " + QPDFObjectHandle::newName(key).unparse() + " " + written(value.getKey(key), depth + 1);
        return out + (value.isArray() ? "]" : ">>");
    }

    PdfFile& m_file;
    Table m_table;
};

std::set<std::string> both_keys(QPDFObjectHandle a, QPDFObjectHandle b) {
    std::set<std::string> keys;
    if (a.isDictionary()) keys.merge(a.getKeys());
    if (b.isDictionary()) keys.merge(b.getKeys());
    return keys;
}

QPDFObjectHandle entry(QPDFObjectHandle dictionary, const std::string& key) {
    return dictionary.isDictionary() ? dictionary.getKey(key) : QPDFObjectHandle::newNull();
}

/// What archives add (EN 319 142-1 5.4.3). Not checked by this version, so it may not be seen either.
bool is_document_timestamp(QPDFObjectHandle field) { return field.getKey("/V").getKey("/Type").isNameAndEquals("/DocTimeStamp"); }

bool is_empty(const Box& box) { return box.x0 == box.x1 || box.y0 == box.y1; }

bool is_signed(QPDFObjectHandle field) { return field.getKey("/V").isDictionary(); }

/// The field itself, or its only kid. Null for a field with several places: no signature field has.
QPDFObjectHandle widget_of(QPDFObjectHandle field) {
    auto kids = field.getKey("/Kids");
    if (kids.isNull()) return field;
    return kids.isArray() && kids.getArrayNItems() == 1 ? kids.getArrayItem(0) : QPDFObjectHandle::newNull();
}

/// Every changed object is judged: at its place, by its key, or else it must have stayed the same. Nothing is excused because something points at it.
class Judge {
public:
    Judge(PdfFile& older, PdfFile& newer, int expected, Strictness strictness)
        : m_old(older), m_new(newer), m_expected(expected), m_strict(strictness == Strictness::own_update),
          m_beside([this](QPDFObjectHandle before, QPDFObjectHandle now, const Spot& at) { compared(before, now, at); }) {}

    std::vector<std::string> run() {
        const auto d = difference(m_old.table(), m_new.table());
        m_added.insert(d.added.begin(), d.added.end());
        m_changed.insert(d.changed.begin(), d.changed.end());
        for (const auto& id : d.lost) find("object " + reference_text(id) + " was removed");
        numbers();
        look_for_uses();
        trailer();
        const int signatures = new_signatures();
        if (signatures != m_expected) find(std::to_string(signatures) + " signatures were added");
        catalog();
        for (const auto& id : d.changed)
            if (!m_compared.contains(id)) changed_object(id);
        for (const auto& id : d.added) added_object(id);
        if (!m_strict) well_formed();
        return std::move(m_findings);
    }

private:
    void find(std::string what) {
        if (m_findings.size() < most_findings) m_findings.push_back(std::move(what));
    }

    /// Readers that do not mind generations would take the one for the other.
    void numbers() {
        for (const auto& id : m_added)
            if (const auto place = m_old.table().lower_bound(QPDFObjGen(id.getObj(), 0));
                place != m_old.table().end() && place->first.getObj() == id.getObj())
                find("object " + reference_text(id) + " takes the number of another");
    }

    /// Our own update is compared byte by byte with what it must be; in a stranger's, each object's uses count.
    void look_for_uses() {
        if (m_strict || (m_added.empty() && m_changed.empty())) return;
        auto wanted = m_added;
        wanted.insert(m_changed.begin(), m_changed.end());
        m_spots = spots_of(m_new.file(), wanted);
    }

    bool same_text(QPDFObjectHandle before, QPDFObjectHandle now) const { return m_old.text(before) == m_new.text(now); }

    bool used_only(const QPDFObjGen& id, const std::function<bool(const Spot&)>& allowed) {
        if (m_strict) return true;
        const auto& spots = m_spots[id];
        return std::ranges::all_of(spots, allowed);
    }

    /// `now` was found in order, in the place of `before`. That settles a changed object only if it is the same one, used nowhere else.
    void compared(QPDFObjectHandle before, QPDFObjectHandle now, const Spot& at) {
        if (!now.isIndirect() || !before.isIndirect() || before.getObjGen() != now.getObjGen()) return;
        if (used_only(now.getObjGen(), [&](const Spot& spot) { return spot == at; })) m_compared.insert(now.getObjGen());
    }

    /// A value beside signing: tells it by its form, or finds that its key changed.
    void beside(const std::string& what, QPDFObjectHandle before, QPDFObjectHandle now, const Spot& at,
                bool (Beside::*in_order)(QPDFObjectHandle, QPDFObjectHandle, const Spot&)) {
        const auto settled = m_compared;
        if (!m_strict && (m_beside.*in_order)(before, now, at)) return;
        m_compared = settled;
        if (!same_text(before, now)) find(what + " changed");
    }

    void trailer() {
        auto before = m_old.file().trailer(), now = m_new.file().trailer();
        for (const char* key : {"/Root", "/Encrypt"})
            if (!same_text(before.getKey(key), now.getKey(key))) find(std::string("the trailer's ") + key + " changed");
        if (now.hasKey("/Encrypt") && !same_text(first_id(before), first_id(now))) find("the trailer's /ID changed"); // the key hangs on it
        beside("the trailer's /Info", before.getKey("/Info"), now.getKey("/Info"), {QPDFObjGen(), "/Info"}, &Beside::information);
    }

    static QPDFObjectHandle first_id(QPDFObjectHandle trailer) {
        auto id = trailer.getKey("/ID");
        return id.isArray() && id.getArrayNItems() > 0 ? id.getArrayItem(0) : QPDFObjectHandle::newNull();
    }

    void explain(QPDFObjectHandle value) {
        if (value.isIndirect()) m_explained.insert(value.getObjGen());
    }

    /// Marks everything below `value` that was added: parts of an appearance. Old objects are not followed.
    void explain_added_below(QPDFObjectHandle value) {
        std::vector<QPDFObjectHandle> open{value};
        for (int steps = 0; m_strict && !open.empty() && steps < max_walk; ++steps) {
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
        std::map<std::string, QPDFObjectHandle> before;
        for (auto& field : fields_of(m_old.file())) {
            m_old_fields_only_signatures = m_old_fields_only_signatures && field.is_signature;
            before.emplace(field.name, field.dictionary);
        }
        for (auto& field : fields_of(m_new.file())) {
            if (!field.is_signature || !is_signed(field.dictionary)) continue;
            const auto place = before.find(field.name);
            if (place != before.end() && is_signed(place->second)) continue;
            if (!is_document_timestamp(field.dictionary)) ++count;
            signature(field);
            place == before.end() ? new_field(field) : filled_field(field, place->second);
        }
        return count;
    }

    bool is_added(QPDFObjectHandle value) const { return value.isIndirect() && m_added.contains(value.getObjGen()); }

    void signature(const Field& field) {
        auto value = QPDFObjectHandle(field.dictionary).getKey("/V");
        if (value.isIndirect() && !is_added(value)) find("field \"" + field.name + "\": its signature is an old object");
        m_signatures.insert(value.getObjGen());
        explain_added_below(value);
    }

    void new_field(const Field& field) {
        auto dictionary = field.dictionary;
        auto widget = widget_of(dictionary);
        const auto fault = [&](const std::string& what) { find("the signature field \"" + field.name + "\" " + what); };
        if (!is_added(dictionary) || !is_added(widget) || !widget.isDictionary()) return fault("is no object of its own");
        static const std::set<std::string> allowed{"/Type", "/Subtype", "/FT", "/T", "/F", "/P", "/Rect", "/V", "/AP"};
        static const std::set<std::string> tolerated{"/Ff",   "/DA", "/DR", "/MK", "/BS", "/M",      "/Kids", "/Parent",
                                                     "/Lock", "/TU", "/TM", "/H",  "/NM", "/Border", "/SV"};
        for (auto node : {dictionary, widget}) {
            for (const auto& key : node.getKeys())
                if (!allowed.contains(key) && (m_strict || !tolerated.contains(key))) fault("has " + key);
            if (node.hasKey("/Type") && !node.getKey("/Type").isNameAndEquals("/Annot")) fault("has another /Type");
            m_fields.insert(node.getObjGen());
            explain(node);
        }
        if (!widget.getKey("/Subtype").isNameAndEquals("/Widget")) fault("is no widget");
        if (is_document_timestamp(dictionary) && !is_empty(box_of_widget(widget))) fault("is a time stamp that is seen"); // nobody has checked it
        appearance(field.name, widget);
    }

    void appearance(const std::string& name, QPDFObjectHandle widget) {
        auto states = widget.getKey("/AP");
        for (const auto& key : both_keys(states, QPDFObjectHandle::newNull()))
            if (key != "/N" || !states.getKey(key).isStream()) find("field \"" + name + "\": its appearance has " + key);
        explain_added_below(states);
    }

    /// An existing field that got its signature: value and appearance may change, its place and name not.
    void filled_field(const Field& field, QPDFObjectHandle before) {
        auto now = field.dictionary;
        auto widget = widget_of(now), old_widget = widget_of(before);
        if (is_document_timestamp(now)) find("field \"" + field.name + "\" got a time stamp");
        const bool same =
            now.isIndirect() && before.getObjGen() == now.getObjGen() && widget.isIndirect() && old_widget.getObjGen() == widget.getObjGen();
        if (!same) return find("field \"" + field.name + "\" became another object");
        filled_part(field.name, before, now);
        if (widget.getObjGen() != now.getObjGen()) filled_part(field.name, old_widget, widget);
        if (!same_text(old_widget.getKey("/AP"), widget.getKey("/AP"))) appearance(field.name, widget);
    }

    void filled_part(const std::string& name, QPDFObjectHandle before, QPDFObjectHandle now) {
        if (!m_changed.contains(now.getObjGen())) return;
        for (const auto& key : both_keys(before, now))
            if (key != "/V" && key != "/AP" && !(key == "/M" && !m_strict) && !same_text(before.getKey(key), now.getKey(key)))
                find("field \"" + name + "\": " + key + " changed");
        static const auto as_field = [](const Spot& spot) {
            return spot.path == "[]" || spot.path == "/Parent" || spot.path.ends_with("/Annots[]") || spot.path.ends_with("/Fields[]") ||
                   spot.path.ends_with("/Kids[]") || spot.path.ends_with("/CO[]") || spot.path.ends_with("/Obj");
        };
        if (used_only(now.getObjGen(), as_field)) m_compared.insert(now.getObjGen());
    }

    void catalog() {
        auto before = m_old.file().root(), now = m_new.file().root();
        const auto id = now.getObjGen();
        m_compared.insert(id); // the trailer's /Root is the same, or that was found
        for (const auto& key : both_keys(before, now)) {
            auto was = before.getKey(key), is = now.getKey(key);
            if (key == "/DSS")
                beside("the catalog's /DSS", was, is, {id, key}, &Beside::validation_data);
            else if (key == "/Metadata")
                beside("the catalog's /Metadata", was, is, {id, key}, &Beside::metadata);
            else if (key == "/Extensions")
                beside("the catalog's /Extensions", was, is, {id, key}, &Beside::extensions);
            else if (key != "/AcroForm" && !same_text(was, is) && !(key == "/Version" && !m_strict && is.isName()) &&
                     !(key == "/Perms" && certified_now(was, is)))
                find("the catalog's " + key + " changed");
        }
        form(before.getKey("/AcroForm"), now.getKey("/AcroForm"), {id, "/AcroForm"});
    }

    /// A certification or usage rights that came with this very signature.
    bool certified_now(QPDFObjectHandle before, QPDFObjectHandle now) const {
        if (m_strict || !before.isNull() || !now.isDictionary()) return false;
        const auto keys = now.getKeys();
        return std::ranges::all_of(keys, [&](const auto& key) {
            auto value = now.getKey(key);
            return (key == "/DocMDP" || key == "/UR3") && value.isIndirect() && m_signatures.contains(value.getObjGen());
        });
    }

    void form(QPDFObjectHandle before, QPDFObjectHandle now, const Spot& at) {
        if (!now.isDictionary()) {
            if (!same_text(before, now)) find("the catalog's /AcroForm changed");
            return;
        }
        compared(before, now, at);
        explain(now);
        for (const auto& key : both_keys(before, now)) {
            if (key == "/Fields" || (key == "/SigFlags" && now.getKey(key).isInteger())) continue;
            // Fonts and sizes for fields: where there were none to write anew, they change nothing that is seen.
            if (!m_strict && (key == "/DR" || key == "/DA") && m_old_fields_only_signatures && entry(before, key).isNull() &&
                !now.getKey(key).isStream())
                continue;
            if (!same_text(entry(before, key), now.getKey(key))) find("the form's " + key + " changed");
        }
        auto fields = now.getKey("/Fields");
        if (!fields.isArray() && !fields.isNull()) find("the form's fields are no list");
        compared(entry(before, "/Fields"), fields, below(at, now, "/Fields"));
        list("the form's fields", entry(before, "/Fields"), fields);
    }

    /// The old list, and behind it at most references to the fields that were signed: these are given.
    std::vector<QPDFObjectHandle> list(const std::string& what, QPDFObjectHandle before, QPDFObjectHandle now) {
        std::vector<QPDFObjectHandle> more;
        const auto fault = [&](const char* how) {
            find(what + how);
            return std::move(more);
        };
        const int old_count = before.isArray() ? before.getArrayNItems() : 0, count = now.isArray() ? now.getArrayNItems() : 0;
        for (int i = 0; i < std::min(old_count, count); ++i)
            if (!same_text(before.getArrayItem(i), now.getArrayItem(i))) return fault(" changed");
        if (count < old_count) return fault(" became fewer");
        for (int i = old_count; i < count; ++i) {
            if (!now.getArrayItem(i).isIndirect() || !m_fields.contains(now.getArrayItem(i).getObjGen()))
                return fault(" got something that is not the signature");
            more.push_back(now.getArrayItem(i));
        }
        return more;
    }

    void annotations(QPDFObjectHandle page, QPDFObjectHandle before, QPDFObjectHandle now) {
        if (!now.isArray() && !now.isNull()) find("the annotations of a page are no list");
        for (auto& widget : list("the annotations of a page", before, now)) {
            if (!m_shown.insert(widget.getObjGen()).second) find("a signature is shown twice");
            if (!m_strict && covers_page(page, box_of_widget(widget))) find("a signature covers a page");
        }
    }

    /// A page's annotations, as an object of their own.
    bool is_annotations_of_one_page(const QPDFObjGen& id) {
        const auto& spots = m_spots[id];
        return spots.size() == 1 && spots.begin()->path == "/Annots" && m_old.object(spots.begin()->owner).isDictionary() &&
               m_old.object(spots.begin()->owner).getKey("/Type").isNameAndEquals("/Page");
    }

    void changed_object(const QPDFObjGen& id) {
        auto before = m_old.object(id), now = m_new.object(id);
        const auto name = "object " + reference_text(id);
        if (!now.isStream() && m_old.content(before) == m_new.content(now)) return; // written again
        if (now.isArray() && before.isArray() && m_strict) {
            list(name, before, now);
            return;
        }
        if (now.isArray() && before.isArray() && is_annotations_of_one_page(id))
            return annotations(m_new.object(m_spots[id].begin()->owner), before, now);
        if (!before.isDictionary() || !now.isDictionary() || !before.getKey("/Type").isNameAndEquals("/Page")) return find(name + " changed");
        for (const auto& key : both_keys(before, now)) {
            if (key == "/Annots")
                annotations(now, before.getKey(key), now.getKey(key));
            else if (!same_text(before.getKey(key), now.getKey(key)))
                find("a page's " + key + " changed");
        }
    }

    void added_object(const QPDFObjGen& id) {
        if (m_strict && !m_explained.contains(id) && !is_cross_reference(id))
            find("object " + reference_text(id) + " was added and belongs to nothing known");
        if (m_strict) return;
        // The signed document may have referred to nothing, so that something could be put there later.
        const auto& spots = m_spots[id];
        const auto by_old = [&](const Spot& spot) { return m_old.table().contains(spot.owner) && !m_changed.contains(spot.owner); };
        if (std::ranges::any_of(spots, by_old)) find("object " + reference_text(id) + " was added where the signed document already points");
    }

    bool is_cross_reference(const QPDFObjGen& id) {
        auto object = m_new.object(id);
        return object.isStream() && object.getDict().getKey("/Type").isNameAndEquals("/XRef");
    }

    /// What our parser warns of, another may read differently: a key that stands twice in a dictionary, an object listed twice.
    void well_formed() {
        if (auto fault = cross_reference_fault(m_new.file(), m_old.file().end()); !fault.empty()) find(std::move(fault));
        for (const auto& warning : m_new.file().qpdf().getWarnings())
            if (in_update(warning)) return find("the update is not well formed: " + warning.getMessageDetail());
    }

    bool in_update(const QPDFExc& warning) {
        static const std::string in_object_stream = " object stream ";
        const auto& name = warning.getFilename();
        if (const auto at = name.rfind(in_object_stream); at != std::string::npos) {
            const QPDFObjGen stream(std::atoi(name.c_str() + at + in_object_stream.size()), 0);
            return m_added.contains(stream) || m_changed.contains(stream);
        }
        const auto at = static_cast<std::uint64_t>(std::max<qpdf_offset_t>(0, warning.getFilePosition()));
        return at + m_new.file().header_offset() >= m_old.file().end();
    }

    Revision m_old, m_new;
    int m_expected;
    bool m_strict;
    Beside m_beside;
    std::set<QPDFObjGen> m_added, m_changed;
    Spots m_spots;                    ///< of both, in the newer revision
    std::set<QPDFObjGen> m_compared;  ///< changed objects that are settled
    std::set<QPDFObjGen> m_explained; ///< added ones that belong to the signature; for our own update
    std::set<QPDFObjGen> m_fields, m_signatures, m_shown;
    bool m_old_fields_only_signatures = true;
    std::vector<std::string> m_findings;
};

} // namespace

std::vector<std::string> beyond_signatures(PdfFile& older, PdfFile& newer, int signatures, Strictness strictness) {
    return Judge(older, newer, signatures, strictness).run();
}

} // namespace jk::documents::child
