"""reportlab_pages.py plain|form OUT"""
import sys
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

kind, out = sys.argv[1:]
page = Canvas(out, pagesize=A4, pageCompression=1, invariant=1)
page.setTitle("Tanda Terima Berkas" if kind == "plain" else "Formulir Cuti")
page.setAuthor("Data uji Jurukunci")
page.drawString(72, 760, "Contoh")
if kind == "form":
    form = page.acroForm
    form.textfield(name="nama", x=72, y=700, width=200, height=20, tooltip="Nama")
    form.checkbox(name="tahunan", x=72, y=660, tooltip="Cuti tahunan")
    form.radio(name="atasan", value="ya", x=72, y=620)
    form.radio(name="atasan", value="tidak", x=112, y=620)
else:
    page.linkURL("https://contoh.example/", (72, 755, 140, 772))
page.showPage()
page.save()
