#include "agent/documents/child/prepare.hpp"

#include "agent/documents/child/appearance.hpp"
#include "agent/documents/child/refusal.hpp"
#include "agent/documents/child/signing_rules.hpp"

#include <algorithm>
#include <set>

namespace jk::documents::child {
namespace {

constexpr int most_siblings = 1000;
constexpr long long sig_flags = 3; ///< SignaturesExist and AppendOnly (ISO 32000-1 table 219)

std::string ref(int object) { return std::to_string(object) + " 0 R"; }

class Preparation {
public:
    Preparation(PdfFile& file, const PrepareRequest& request, const Font* font)
        : m_file(file), m_request(request), m_font(font), m_fields(fields_of(file)), m_writer(file) {}

    Update run() {
        const auto& wanted = m_request.appearance;
        const auto name = wanted && !wanted->field.empty() ? wanted->field : fresh_name();
        const auto kind = !wanted ? NewSignature::invisible : wanted->field.empty() ? NewSignature::visible : NewSignature::in_existing_field;
        require_signable(m_file, m_fields, kind, name);
        const int signature = m_writer.allocate();
        kind == NewSignature::in_existing_field ? fill_field(name, signature) : add_field(name, signature);
        m_writer.add_signature(signature, signature_entries(signature) + lock_reference(name, signature), m_request.cms_room);
        auto update = m_writer.finish();
        update.field = name;
        return update;
    }

private:
    std::string fresh_name() const {
        std::set<std::string> taken;
        for (const auto& field : m_fields) taken.insert(field.name.substr(0, field.name.find('.')));
        for (int i = 1;; ++i)
            if (auto name = "Signature" + std::to_string(i); !taken.contains(name)) return name;
    }

    std::string signature_entries(int signature) const {
        const auto place = m_writer.place(signature);
        std::string entries = "/Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached /M " + string_text(pdf_date(m_request.time), place);
        if (!m_request.marking.empty()) entries += " /Reason " + text_string(m_request.marking, place);
        return entries;
    }

    /// A field that locks others when it is signed: the signature must say so itself (12.8.2.4).
    std::string lock_reference(const std::string& name, int signature) {
        for (auto field : m_fields) {
            if (field.name != name) continue;
            auto lock = field.dictionary.getKey("/Lock");
            if (!lock.isDictionary()) break;
            std::string parameters = "/Type /TransformParams /V /1.2";
            for (const char* key : {"/Action", "/Fields", "/P"})
                if (auto value = lock.getKey(key); !value.isNull())
                    parameters += std::string(" ") + key + " " + object_text(value, m_writer.place(signature));
            return " /Reference [<< /Type /SigRef /TransformMethod /FieldMDP /TransformParams << " + parameters + " >> >>]";
        }
        return {};
    }

    /// A reference to an object that stands only in the update. libqpdf takes a reference to nothing for null and drops it, so something is put there.
    QPDFObjectHandle handle(int object) {
        m_file.qpdf().replaceObject(object, 0, QPDFObjectHandle::newDictionary());
        return m_file.qpdf().getObjectByID(object, 0);
    }

    void add_field(const std::string& name, int signature) {
        const auto& wanted = m_request.appearance;
        auto page = m_file.page(wanted ? wanted->page : 1);
        if (!page.isIndirect()) refuse(Errc::document_damaged, "a page that is no object of its own");
        const Box box = wanted ? place_on_page(page, *wanted) : Box{};
        require_open_view(page, box);
        const int appearance = wanted ? add_appearance(m_writer, m_font, box, m_request) : add_empty_appearance(m_writer);
        const int field = m_writer.allocate();
        // F 132: printed and locked.
        m_writer.add(field, "<< /Type /Annot /Subtype /Widget /FT /Sig /T " + text_string(name, m_writer.place(field)) + " /F 132 /P " +
                                reference_text(page.getObjGen()) + " /Rect " + box.rect_text() + " /V " + ref(signature) + " /AP << /N " +
                                ref(appearance) + " >> >>");
        append(page, "/Annots", handle(field));
        add_to_form(handle(field));
    }

    /// Does another page beside this one use the same list of annotations? Then the page gets one of its own.
    static bool shared_with_siblings(QPDFObjectHandle page, QPDFObjectHandle list) {
        auto parent = page.getKey("/Parent");
        auto siblings = parent.isDictionary() ? parent.getKey("/Kids") : QPDFObjectHandle::newNull();
        for (int i = 0; siblings.isArray() && i < std::min(siblings.getArrayNItems(), most_siblings); ++i) {
            auto sibling = siblings.getArrayItem(i);
            if (sibling.isDictionary() && !sibling.isSameObjectAs(page) && sibling.getKey("/Annots").isSameObjectAs(list)) return true;
        }
        return false;
    }

    /// Adds to a list that may be missing, direct, or an object of its own; only the object that owns it is written anew.
    void append(QPDFObjectHandle owner, const std::string& key, QPDFObjectHandle item) {
        auto list = owner.getKey(key);
        if (list.isArray() && list.isIndirect() && !shared_with_siblings(owner, list)) {
            list.appendItem(item);
            m_writer.replace(list);
            return;
        }
        owner.replaceKey(key, appended(list, item));
        m_writer.replace(owner);
    }

    static QPDFObjectHandle appended(QPDFObjectHandle list, QPDFObjectHandle item) {
        auto longer = list.isArray() ? list.shallowCopy() : QPDFObjectHandle::newArray();
        longer.appendItem(item);
        return longer;
    }

    void add_to_form(QPDFObjectHandle field) {
        auto root = m_file.root();
        auto form = root.getKey("/AcroForm");
        if (!form.isDictionary()) {
            const int object = m_writer.allocate();
            m_writer.add(object, "<< /Fields [" + reference_text(field.getObjGen()) + "] /SigFlags 3 >>");
            root.replaceKey("/AcroForm", handle(object));
            m_writer.replace(root);
            return;
        }
        auto fields = form.getKey("/Fields");
        bool changed = set_flags(form);
        if (fields.isArray() && fields.isIndirect()) {
            fields.appendItem(field);
            m_writer.replace(fields);
        } else {
            form.replaceKey("/Fields", appended(fields, field));
            changed = true;
        }
        if (changed) m_writer.replace(form.isIndirect() ? form : root);
    }

    bool signed_before() const {
        return std::ranges::any_of(m_fields, [](Field f) { return f.is_signature && f.dictionary.getKey("/V").isDictionary(); });
    }

    /// Verification takes a signature over most of a signed page for a modification, so it is not made.
    void require_open_view(QPDFObjectHandle page, const Box& box) const {
        if (signed_before() && covers_page(page, box))
            refuse(Errc::appearance_refused, "it would cover more than half of a page in a document that is signed already");
    }

    bool set_flags(QPDFObjectHandle form) const {
        auto flags = form.getKey("/SigFlags");
        const long long now = flags.isInteger() ? flags.getIntValue() : 0;
        if ((now & sig_flags) == sig_flags) return false;
        // In a signed document a validator may take any change of the value for a modification; SignaturesExist is what has to be there.
        if (signed_before() && (now & 1) != 0) return false;
        form.replaceKey("/SigFlags", QPDFObjectHandle::newInteger(now | sig_flags));
        return true;
    }

    void fill_field(const std::string& name, int signature) {
        const auto place = std::ranges::find(m_fields, name, &Field::name);
        if (place == m_fields.end()) refuse(Errc::appearance_refused, "the document has no field \"" + name + "\"");
        auto field = place->dictionary;
        if (!place->is_signature) refuse(Errc::appearance_refused, "field \"" + name + "\" is no signature field");
        if (!field.getKey("/V").isNull()) refuse(Errc::appearance_refused, "field \"" + name + "\" is already signed");
        if (auto seed = field.getKey("/SV"); seed.isDictionary()) require_seed_values(seed, name, m_request.hash);
        auto widget = widget_of(field, name);
        field.replaceKey("/V", handle(signature));
        const Box box = box_of_widget(widget);
        const bool visible = box.x1 > box.x0 && box.y1 > box.y0;
        const int appearance = visible ? add_appearance(m_writer, m_font, box, m_request) : add_empty_appearance(m_writer);
        auto states = QPDFObjectHandle::newDictionary();
        states.replaceKey("/N", handle(appearance));
        widget.replaceKey("/AP", states);
        m_writer.replace(field);
        if (!widget.isSameObjectAs(field)) m_writer.replace(widget);
        auto form = m_file.root().getKey("/AcroForm");
        if (set_flags(form)) m_writer.replace(form.isIndirect() ? form : m_file.root());
    }

    static QPDFObjectHandle widget_of(QPDFObjectHandle field, const std::string& name) {
        auto kids = field.getKey("/Kids");
        auto widget = kids.isArray() && kids.getArrayNItems() == 1 ? kids.getArrayItem(0) : field;
        if (!field.isIndirect() || !widget.isIndirect() || !widget.isDictionary() || !widget.hasKey("/Rect"))
            refuse(Errc::appearance_refused, "field \"" + name + "\" has no single place in the document");
        return widget;
    }

    PdfFile& m_file;
    const PrepareRequest& m_request;
    const Font* m_font;
    std::vector<Field> m_fields;
    UpdateWriter m_writer;
};

} // namespace

Update prepare(std::shared_ptr<const DocumentBytes> bytes, const PrepareRequest& request, const Font* font) {
    const auto end = bytes->size();
    auto file = PdfFile::open(std::move(bytes), end);
    return prepare(file, request, font);
}

Update prepare(PdfFile& file, const PrepareRequest& request, const Font* font) { return Preparation(file, request, font).run(); }

} // namespace jk::documents::child
