#include "cli/papers/pdf.hpp"

#include <cairo-pdf.h>
#include <pango/pangocairo.h>

#include <algorithm>
#include <memory>

#ifdef __SANITIZE_ADDRESS__
// Pango's and Cairo's caches of fonts stay until the program ends: as much for one letter as for many.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:libfontconfig.so\n"; }
#endif

namespace jk::papers {
namespace {

constexpr double page_width = 595.28, page_height = 841.89; // A4 in points
constexpr double margin = 71, bottom = page_height - 64, width = page_width - 2 * margin;
constexpr double label_width = 150;

template <auto Destroy> struct Destroyer {
    template <class T> void operator()(T* p) const { Destroy(p); }
};
using SurfacePtr = std::unique_ptr<cairo_surface_t, Destroyer<cairo_surface_destroy>>;
using CairoPtr = std::unique_ptr<cairo_t, Destroyer<cairo_destroy>>;
using LayoutPtr = std::unique_ptr<PangoLayout, Destroyer<g_object_unref>>;
using FontPtr = std::unique_ptr<PangoFontDescription, Destroyer<pango_font_description_free>>;

cairo_status_t append(void* to, const unsigned char* data, unsigned int length) {
    auto& bytes = *static_cast<Bytes*>(to);
    bytes.insert(bytes.end(), data, data + length);
    return CAIRO_STATUS_SUCCESS;
}

class Sheet {
public:
    Sheet(Bytes& out, const Paper& paper, WallTime date)
        : m_surface(cairo_pdf_surface_create_for_stream(append, &out, page_width, page_height)), m_cairo(cairo_create(m_surface.get())) {
        cairo_pdf_surface_set_metadata(m_surface.get(), CAIRO_PDF_METADATA_TITLE, paper.title.c_str());
        cairo_pdf_surface_set_metadata(m_surface.get(), CAIRO_PDF_METADATA_CREATE_DATE, rfc3339(date).c_str());
    }

    /// Text at a left edge; breaks the page first where it does not fit. Returns its height.
    double text(const std::string& words, const char* font, double left, double wide, PangoAlignment alignment = PANGO_ALIGN_LEFT,
                bool advance = true) {
        const auto layout = set(words, font, wide, alignment);
        const double height = height_of(layout.get());
        if (m_y + height > bottom && m_y > margin) next_page();
        cairo_move_to(m_cairo.get(), left, m_y);
        pango_cairo_show_layout(m_cairo.get(), layout.get());
        if (advance) m_y += height;
        return height;
    }
    void whole(const std::string& words, const char* font, PangoAlignment alignment = PANGO_ALIGN_LEFT) {
        text(words, font, margin, width, alignment);
    }
    void fact(const std::string& name, const std::string& value) {
        const auto right = set(value, body, width - label_width - 12, PANGO_ALIGN_LEFT);
        keep(height_of(right.get()));
        text(name, body, margin, label_width, PANGO_ALIGN_LEFT, false);
        text(":", body, margin + label_width, 10, PANGO_ALIGN_LEFT, false);
        text(value, body, margin + label_width + 12, width - label_width - 12);
    }
    void gap(double points) { m_y += points; }
    /// So much must stand together on one page.
    void keep(double height) {
        if (m_y + height > bottom) next_page();
    }
    void rule() {
        cairo_set_line_width(m_cairo.get(), 1.2);
        cairo_move_to(m_cairo.get(), margin, m_y);
        cairo_line_to(m_cairo.get(), margin + width, m_y);
        cairo_stroke(m_cairo.get());
    }
    double y() const { return m_y; }
    void go_to(double y) { m_y = y; }

    Outcome<void> finish() {
        cairo_show_page(m_cairo.get());
        cairo_surface_finish(m_surface.get());
        const auto status = cairo_status(m_cairo.get());
        if (status != CAIRO_STATUS_SUCCESS)
            return Error{Errc::device_failed, cairo_status_to_string(status)}.with("reason", cairo_status_to_string(status));
        return done();
    }

    static constexpr const char* body = "Liberation Serif 11";
    static constexpr const char* bold = "Liberation Serif Bold 12";
    static constexpr const char* head = "Liberation Serif Bold 14";
    static constexpr const char* small = "Liberation Serif Italic 9";

private:
    LayoutPtr set(const std::string& words, const char* font, double wide, PangoAlignment alignment) {
        LayoutPtr layout(pango_cairo_create_layout(m_cairo.get()));
        const FontPtr description(pango_font_description_from_string(font));
        pango_layout_set_font_description(layout.get(), description.get());
        pango_layout_set_width(layout.get(), static_cast<int>(wide * PANGO_SCALE));
        pango_layout_set_wrap(layout.get(), PANGO_WRAP_WORD_CHAR); // a fingerprint has no words
        pango_layout_set_alignment(layout.get(), alignment);
        PangoAttrList* no_hyphens = pango_attr_list_new(); // a fingerprint that was broken must not gain a character
        pango_attr_list_insert(no_hyphens, pango_attr_insert_hyphens_new(FALSE));
        pango_layout_set_attributes(layout.get(), no_hyphens);
        pango_attr_list_unref(no_hyphens);
        pango_layout_set_spacing(layout.get(), 2 * PANGO_SCALE);
        pango_layout_set_text(layout.get(), words.c_str(), static_cast<int>(words.size()));
        return layout;
    }
    static double height_of(PangoLayout* layout) {
        int height = 0;
        pango_layout_get_size(layout, nullptr, &height);
        return static_cast<double>(height) / PANGO_SCALE + 3;
    }
    void next_page() {
        cairo_show_page(m_cairo.get());
        m_y = margin;
    }

    SurfacePtr m_surface;
    CairoPtr m_cairo;
    double m_y = 50;
};

void addresses(Sheet& sheet, const Paper& paper) {
    if (paper.to.empty()) return;
    sheet.gap(8);
    sheet.whole("Kepada Yth.", Sheet::body);
    for (std::size_t i = 0; i < paper.to.size(); ++i)
        sheet.text((paper.to.size() > 1 ? std::to_string(i + 1) + ". " : "") + paper.to[i], Sheet::body, margin + 12, width - 12);
    if (!paper.through.empty()) sheet.whole("melalui " + paper.through, Sheet::body);
}

void signatures(Sheet& sheet, const Paper& paper, const std::string& place) {
    if (paper.signatures.empty()) return;
    constexpr double height = 150, wide = 210;
    sheet.gap(16);
    sheet.keep(height);
    const double top = sheet.y();
    // One signs at the right; of two, whoever acknowledges at the left.
    for (std::size_t i = 0; i < paper.signatures.size(); ++i) {
        const auto& block = paper.signatures[i];
        const bool right = i + 1 == paper.signatures.size();
        const double left = right ? margin + width - wide : margin;
        sheet.go_to(top);
        sheet.text(right ? place : " ", Sheet::body, left, wide);
        sheet.text(block.heading.empty() ? " " : block.heading, Sheet::body, left, wide);
        sheet.text(block.role + (block.heading.empty() ? "," : ""), Sheet::body, left, wide);
        sheet.gap(48);
        sheet.text(block.person.name.empty() ? "(……………………………………)" : block.person.name, Sheet::bold, left, wide);
        sheet.text("NIP " + (block.person.nip.empty() ? std::string("……………………………") : block.person.nip), Sheet::body, left, wide);
    }
}

} // namespace

Outcome<Bytes> to_pdf(const Paper& paper, const policy::Regulation& regulation, const std::string& marking, WallTime date) {
    Bytes out;
    Sheet sheet(out, paper, date);
    std::string city = regulation.city;
    std::ranges::transform(city, city.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    sheet.whole("PEMERINTAH KOTA " + city, Sheet::head, PANGO_ALIGN_CENTER);
    sheet.gap(4);
    sheet.rule();
    sheet.gap(10);
    if (!marking.empty()) sheet.whole(marking, Sheet::bold, PANGO_ALIGN_CENTER);
    sheet.whole(paper.title, Sheet::bold, PANGO_ALIGN_CENTER);
    sheet.whole("Dasar: " + paper.basis, Sheet::small, PANGO_ALIGN_CENTER);
    addresses(sheet, paper);
    sheet.gap(8);
    sheet.whole(paper.opening, Sheet::body);
    sheet.gap(4);
    for (const auto& [name, value] : paper.facts) sheet.fact(name, value);
    sheet.gap(4);
    for (const auto& paragraph : paper.paragraphs) {
        sheet.gap(4);
        sheet.whole(paragraph, Sheet::body);
    }
    if (!paper.list.empty()) {
        sheet.gap(6);
        sheet.whole(paper.list_heading, Sheet::body);
        for (std::size_t i = 0; i < paper.list.size(); ++i)
            sheet.text(std::to_string(i + 1) + ". " + paper.list[i], Sheet::body, margin + 12, width - 12);
    }
    signatures(sheet, paper, regulation.city + ", " + indonesian_date(date));
    if (!paper.copies.empty()) {
        sheet.gap(16);
        sheet.keep(20 + 18 * static_cast<double>(paper.copies.size()));
        sheet.whole("Tembusan:", Sheet::body);
        for (std::size_t i = 0; i < paper.copies.size(); ++i) sheet.whole(std::to_string(i + 1) + ". " + paper.copies[i], Sheet::body);
    }
    if (auto ok = sheet.finish(); !ok) return ok.error();
    return out;
}

} // namespace jk::papers
