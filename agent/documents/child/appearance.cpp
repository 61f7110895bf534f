#include "agent/documents/child/appearance.hpp"

#include "agent/documents/child/refusal.hpp"
#include "jurukunci/displayed_text.hpp"

#include <qpdf/Buffer.hh>
#include <qpdf/Pl_Buffer.hh>
#include <qpdf/Pl_Flate.hh>
#include <qrencode.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace jk::documents::child {
namespace {

constexpr double smallest_side = 20; ///< points; below this nobody can read it
constexpr double smallest_type = 3.0, largest_type = 10.0;
constexpr double line_height = 1.25;
constexpr std::size_t longest_line = 120; ///< characters

std::array<double, 4> rectangle(QPDFObjectHandle array) {
    std::array<double, 4> r{};
    if (!array.isArray() || array.getArrayNItems() != 4) refuse(Errc::document_damaged, "a page without a box");
    for (int i = 0; i < 4; ++i) {
        if (!array.getArrayItem(i).isNumber()) refuse(Errc::document_damaged, "a page box without numbers");
        r[static_cast<std::size_t>(i)] = array.getArrayItem(i).getNumericValue();
    }
    if (r[0] > r[2]) std::swap(r[0], r[2]);
    if (r[1] > r[3]) std::swap(r[1], r[3]);
    return r;
}

/// What is shown of the page: its CropBox as far as it lies in the MediaBox.
std::array<double, 4> shown_part(QPDFObjectHandle page) {
    auto crop_box = inherited(page, "/CropBox");
    const auto media = rectangle(inherited(page, "/MediaBox"));
    auto crop = crop_box.isNull() ? media : rectangle(crop_box);
    for (const std::size_t i : {0u, 1u}) crop[i] = std::max(crop[i], media[i]);
    for (const std::size_t i : {2u, 3u}) crop[i] = std::min(crop[i], media[i]);
    return crop;
}

int rotation_of(QPDFObjectHandle page) {
    auto rotate = inherited(page, "/Rotate");
    const int degrees = rotate.isInteger() ? static_cast<int>(rotate.getIntValue() % 360) : 0;
    return (degrees + 360) % 360 / 90 * 90;
}

std::string deflated(const std::string& data) {
    Pl_Buffer result("deflated");
    Pl_Flate deflate("deflate", &result, Pl_Flate::a_deflate);
    deflate.write(reinterpret_cast<const unsigned char*>(data.data()), data.size());
    deflate.finish();
    const auto bytes = result.getBufferSharedPointer();
    return {reinterpret_cast<const char*>(bytes->getBuffer()), bytes->getSize()};
}

void add_deflated(UpdateWriter& writer, int object, const std::string& entries, const std::string& data) {
    writer.add_stream(object, entries + (entries.empty() ? "" : " ") + "/Filter /FlateDecode", deflated(data));
}

std::string numbers(std::initializer_list<double> values) {
    std::string out;
    for (const double value : values) out += number_text(value) + " ";
    return out;
}

/// Dark modules as rectangles, a run of a row at a time.
std::string qr_code(const std::string& link, double x, double y, double side) {
    const std::unique_ptr<QRcode, decltype(&QRcode_free)> code(QRcode_encodeString(link.c_str(), 0, QR_ECLEVEL_M, QR_MODE_8, 1), QRcode_free);
    if (!code) refuse(Errc::appearance_refused, "the link is too long for a QR code");
    const int quiet = 2, modules = code->width;
    const double step = side / (modules + 2 * quiet);
    std::string out;
    for (int row = 0; row < modules; ++row) {
        for (int column = 0; column < modules;) {
            const auto dark = [&](int c) { return c < modules && (code->data[row * modules + c] & 1) != 0; };
            if (!dark(column)) {
                ++column;
                continue;
            }
            int run = 1;
            while (dark(column + run)) ++run;
            out += numbers({x + (quiet + column) * step, y + side - (quiet + row + 1) * step, run * step, step}) + "re\n";
            column += run;
        }
    }
    return out + "f\n";
}

std::vector<std::string> lines_for(const PrepareRequest& request) {
    std::vector<std::string> lines{"Ditandatangani secara elektronik oleh:", displayed(request.signer_name, longest_line), request.shown_time};
    if (!request.marking.empty()) lines.push_back(request.marking);
    return lines;
}

int add_font(UpdateWriter& writer, const SubsetFont& font) {
    const int program = writer.allocate(), set = writer.allocate(), unicode = writer.allocate(), descriptor = writer.allocate(),
              descendant = writer.allocate(), type0 = writer.allocate();
    const std::string name = "/JKSIGN+LiberationSans";
    add_deflated(writer, program, "/Length1 " + std::to_string(font.program.size()), font.program);
    std::string every_glyph((font.widths.size() + 7) / 8, '\0'); // PDF/A-1 wants to be told which glyphs are there
    for (std::size_t i = 0; i < font.widths.size(); ++i)
        every_glyph[i / 8] = static_cast<char>(static_cast<unsigned char>(every_glyph[i / 8]) | (0x80 >> (i % 8)));
    add_deflated(writer, set, "", every_glyph);
    add_deflated(writer, unicode, "", font.to_unicode);
    const auto r = [](int object) { return std::to_string(object) + " 0 R"; };
    std::string box;
    for (const int side : font.bounding_box) box += std::to_string(side) + " ";
    writer.add(descriptor, "<< /Type /FontDescriptor /FontName " + name + " /Flags 4 /FontBBox [" + box + "] /ItalicAngle 0 /Ascent " +
                               std::to_string(font.ascent) + " /Descent " + std::to_string(font.descent) + " /CapHeight 729 /StemV 88 /FontFile2 " +
                               r(program) + " /CIDSet " + r(set) + " >>");
    std::string widths;
    for (const int width : font.widths) widths += std::to_string(width) + " ";
    writer.add(descendant, "<< /Type /Font /Subtype /CIDFontType2 /BaseFont " + name + " /CIDSystemInfo << /Registry " +
                               string_text("Adobe", writer.place(descendant)) + " /Ordering " + string_text("Identity", writer.place(descendant)) +
                               " /Supplement 0 >> /FontDescriptor " + r(descriptor) + " /W [0 [" + widths + "]] /CIDToGIDMap /Identity >>");
    writer.add(type0, "<< /Type /Font /Subtype /Type0 /BaseFont " + name + " /Encoding /Identity-H /DescendantFonts [" + r(descendant) +
                          "] /ToUnicode " + r(unicode) + " >>");
    return type0;
}

/// Turned so that the content stands upright on the shown page; the viewer moves the turned box onto the annotation's rectangle (12.5.5).
std::string matrix_for(int rotation) {
    switch (rotation) {
    case 90: return "[0 1 -1 0 0 0]";
    case 180: return "[-1 0 0 -1 0 0]";
    case 270: return "[0 -1 1 0 0 0]";
    default: return "[1 0 0 1 0 0]";
    }
}

} // namespace

double Box::shown_width() const { return (rotation % 180 == 0 ? x1 - x0 : y1 - y0) * unit; }
double Box::shown_height() const { return (rotation % 180 == 0 ? y1 - y0 : x1 - x0) * unit; }
std::string Box::rect_text() const { return "[" + numbers({x0, y0, x1, y1}) + "]"; }

Box place_on_page(QPDFObjectHandle page, const Appearance& wanted) {
    const auto crop = shown_part(page);
    Box box;
    box.rotation = rotation_of(page);
    auto unit = page.getKey("/UserUnit");
    box.unit = unit.isNumber() && unit.getNumericValue() > 0 ? unit.getNumericValue() : 1;
    const double width = (crop[2] - crop[0]) * box.unit, height = (crop[3] - crop[1]) * box.unit;
    const double shown_width = box.rotation % 180 == 0 ? width : height, shown_height = box.rotation % 180 == 0 ? height : width;
    const bool finite = std::isfinite(wanted.x) && std::isfinite(wanted.y) && std::isfinite(wanted.width) && std::isfinite(wanted.height);
    if (!finite || wanted.width < smallest_side || wanted.height < smallest_side)
        refuse(Errc::appearance_refused, "width and height must be at least 20 points");
    if (wanted.x < 0 || wanted.y < 0 || wanted.x + wanted.width > shown_width + 0.01 || wanted.y + wanted.height > shown_height + 0.01)
        refuse(Errc::appearance_refused,
               "it does not lie on the page, which shows " + number_text(shown_width) + " by " + number_text(shown_height) + " points");
    const double x = wanted.x / box.unit, y = wanted.y / box.unit, w = wanted.width / box.unit, h = wanted.height / box.unit;
    switch (box.rotation) {
    case 90: box.x0 = crop[2] - y - h, box.x1 = crop[2] - y, box.y0 = crop[1] + x, box.y1 = crop[1] + x + w; break;
    case 180: box.x0 = crop[2] - x - w, box.x1 = crop[2] - x, box.y0 = crop[3] - y - h, box.y1 = crop[3] - y; break;
    case 270: box.x0 = crop[0] + y, box.x1 = crop[0] + y + h, box.y0 = crop[3] - x - w, box.y1 = crop[3] - x; break;
    default: box.x0 = crop[0] + x, box.x1 = crop[0] + x + w, box.y0 = crop[1] + y, box.y1 = crop[1] + y + h;
    }
    return box;
}

Box box_of_widget(QPDFObjectHandle widget) {
    auto r = rectangle(widget.getKey("/Rect"));
    Box box;
    box.x0 = r[0], box.y0 = r[1], box.x1 = r[2], box.y1 = r[3];
    auto page = widget.getKey("/P");
    if (page.isDictionary()) box.rotation = rotation_of(page);
    return box;
}

bool covers_page(QPDFObjectHandle page, const Box& box) {
    const auto shown = shown_part(page);
    const double width = std::min(box.x1, shown[2]) - std::max(box.x0, shown[0]), height = std::min(box.y1, shown[3]) - std::max(box.y0, shown[1]);
    if (width <= 0 || height <= 0) return false;
    return 2 * width * height > (shown[2] - shown[0]) * (shown[3] - shown[1]);
}

int add_empty_appearance(UpdateWriter& writer) {
    const int form = writer.allocate();
    writer.add_stream(form, "/Type /XObject /Subtype /Form /BBox [0 0 0 0] /Resources << >>", "");
    return form;
}

int add_appearance(UpdateWriter& writer, const Font* font, const Box& box, const PrepareRequest& request) {
    if (font == nullptr) refuse(Errc::appearance_refused, "the font package fonts-liberation2 is not installed");
    const double width = box.shown_width(), height = box.shown_height();
    const auto& link = request.appearance->link;
    const double margin = 2, qr = link.empty() ? 0 : std::min(height, width * 0.4);
    const double text_left = qr > 0 ? qr + margin : margin, room = width - text_left - margin;
    const auto lines = lines_for(request);
    double longest = 0;
    for (const auto& line : lines) longest = std::max(longest, font->width(line));
    const double size = std::min({largest_type, room / longest, (height - 2 * margin) / (static_cast<double>(lines.size()) * line_height)});
    if (size < smallest_type) refuse(Errc::appearance_refused, "the text does not fit; make it larger");

    const auto subset = font->subset(lines);
    const int font_object = add_font(writer, subset), form = writer.allocate();
    std::string content = "q 0 g\n";
    if (qr > 0) content += qr_code(link, 0, height - qr, qr);
    content += "BT /F1 " + number_text(size) + " Tf " + number_text(size * line_height) + " TL\n";
    const double block = static_cast<double>(lines.size()) * size * line_height;
    content += numbers({text_left, (height + block) / 2 - size}) + "Td\n";
    for (const auto& line : subset.lines) content += "<" + line + "> Tj T*\n";
    content += "ET Q\n";
    add_deflated(writer, form,
                 "/Type /XObject /Subtype /Form /BBox [0 0 " + numbers({width, height}) + "] /Matrix " + matrix_for(box.rotation) +
                     " /Resources << /Font << /F1 " + std::to_string(font_object) + " 0 R >> >>",
                 content);
    return form;
}

} // namespace jk::documents::child
