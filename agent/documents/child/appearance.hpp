// What a visible signature looks like, and where it goes on the page.
#pragma once
#include "agent/documents/child/font.hpp"
#include "agent/documents/child/update_writer.hpp"

namespace jk::documents::child {

/// A rectangle in the page's own coordinates, and how much its content must be turned to stand upright for the reader.
struct Box {
    double x0 = 0, y0 = 0, x1 = 0, y1 = 0;
    int rotation = 0; ///< of the page: 0, 90, 180, 270
    double unit = 1;  ///< UserUnit: points per unit
    double shown_width() const;
    double shown_height() const;
    std::string rect_text() const;
};

/// From points of the shown page (Rotate, CropBox and UserUnit applied) to the page's own. Throws Refusal outside the page.
Box place_on_page(QPDFObjectHandle page, const Appearance& wanted);
/// The box of an existing widget.
Box box_of_widget(QPDFObjectHandle widget);
/// Does the box hide more than half of what the page shows? Over signed content that is no signature's block any more.
bool covers_page(QPDFObjectHandle page, const Box& box);

/// Adds the form XObject (and its font) and returns its number. `font` may be null: then the appearance is refused.
int add_appearance(UpdateWriter& writer, const Font* font, const Box& box, const PrepareRequest& request);
/// An empty one, for an invisible signature: PDF/A wants every field to have an appearance.
int add_empty_appearance(UpdateWriter& writer);

} // namespace jk::documents::child
