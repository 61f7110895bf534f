"""Two pages by cairo: cairo_pages.py OUT"""
import sys
import cairo

surface = cairo.PDFSurface(sys.argv[1], 595, 842)
surface.set_metadata(cairo.PDF_METADATA_TITLE, "Denah Lokasi")
context = cairo.Context(surface)
for page in (1, 2):
    context.set_font_size(20)
    context.select_font_face("Liberation Serif")
    context.move_to(72, 100)
    context.show_text(f"Denah lokasi (contoh), lembar {page}")
    context.rectangle(72, 150, 300, 200)
    context.stroke()
    context.show_page()
surface.finish()
