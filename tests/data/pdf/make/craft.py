"""PDFs that no ordinary producer writes, made byte by byte: craft.py OUTDIR

Each @case below is one file, named like it with '-' for '_'; its docstring is the feature. A case with an argument
changes a real file, OUTDIR/fpdf.pdf. No packages needed.
"""
import pathlib
import sys
import zlib

FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
A4 = b"/MediaBox [0 0 595 842]"
WIDGET = b"/Type /Annot /Subtype /Widget /F 4"

CASES = []


def case(make):
    CASES.append(make)
    return make


def stream(data, extra=b""):
    return b"<< /Length %d %s>>\nstream\n%s\nendstream" % (len(data), extra, data)


def text(line):
    return stream(b"BT /F1 18 Tf 72 700 Td (%s) Tj ET" % line)


def simple(catalog=b"", page=A4, info=b"/Title (Dokumen contoh)", pages=1, tree=b"", more=None):
    """Objects of a small document: 1 catalog, 2 page tree, 3 font, 4 content, 5 information, 6… pages; `more` is added."""
    kids = [6 + n for n in range(pages)]
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalog,
        2: b"<< /Type /Pages /Kids [%s] /Count %d %s >>" % (b" ".join(b"%d 0 R" % kid for kid in kids), pages, tree),
        3: FONT,
        4: text(b"Contoh"),
        5: b"<< %s >>" % info,
    }
    for kid in kids:
        objects[kid] = b"<< /Type /Page /Parent 2 0 R /Resources << /Font << /F1 3 0 R >> >> /Contents 4 0 R %s >>" % page
    objects.update(more or {})
    return objects


def body(objects, start, generations=None):
    """The objects' bytes and where each begins."""
    out, places = bytearray(), {}
    for number, value in objects.items():
        places[number] = start + len(out)
        out += b"%d %d obj\n%s\nendobj\n" % (number, (generations or {}).get(number, 0), value)
    return bytes(out), places


def table(places, generations=None, hidden=()):
    """A cross-reference table; numbers that are missing or hidden are free."""
    size = max([*places, *hidden]) + 1
    rows = [b"0000000000 65535 f \n"]
    for number in range(1, size):
        if number in places:
            rows.append(b"%010d %05d n \n" % (places[number], (generations or {}).get(number, 0)))
        else:
            rows.append(b"0000000000 65535 f \n")
    return b"xref\n0 %d\n" % size + b"".join(rows)


def whole(objects, header=b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", root=b"/Root 1 0 R /Info 5 0 R", size=None, trailer=b"", generations=None):
    content, places = body(objects, len(header), generations)
    start = len(header) + len(content)
    return header + content + table(places, generations) + b"trailer\n<< /Size %d %s %s >>\nstartxref\n%d\n%%%%EOF\n" % (
        size or max(objects) + 1, root, trailer, start)


def update(before, objects, trailer=b"/Root 1 0 R /Info 5 0 R", size=None):
    """An incremental update of a file with a cross-reference table."""
    content, places = body(objects, len(before))
    sections = b"".join(b"%d 1\n%010d 00000 n \n" % (number, places[number]) for number in sorted(places))
    previous = int(before.rsplit(b"startxref", 1)[1].split()[0])
    return before + content + b"xref\n%strailer\n<< /Size %d /Prev %d %s >>\nstartxref\n%d\n%%%%EOF\n" % (
        sections, size or max(objects) + 1, previous, trailer, len(before) + len(content))


def xref_stream(number, rows, extra, data=None):
    """An object that is a cross-reference stream; rows are (type, place, index) from object 0 on."""
    packed = b"".join(bytes([kind]) + place.to_bytes(4, "big") + index.to_bytes(2, "big") for kind, place, index in rows)
    packed = zlib.compress(packed) if data is None else data
    return b"%d 0 obj\n%s\nendobj\n" % (number, stream(packed, b"/Type /XRef /Size %d /W [1 4 2] %s " % (len(rows), extra)))


def object_stream(objects):
    values, index = b"", b""
    for number, value in objects.items():
        index += b"%d %d " % (number, len(values))
        values += value + b" "
    return stream(zlib.compress(index + values), b"/Type /ObjStm /N %d /First %d /Filter /FlateDecode " % (len(objects), len(index)))


def bomb(megabytes):
    """Zeros that inflate to so many megabytes, deflated twice."""
    packer, packed = zlib.compressobj(9), b""
    for _ in range(megabytes):
        packed += packer.compress(bytes(1 << 20))
    return zlib.compress(packed + packer.flush(), 9)


TWICE = b"/Filter [/FlateDecode /FlateDecode] "

# ---- forms and annotations ---------------------------------------------------------------------------------------------


@case
def annots_none():
    """page without /Annots, no /AcroForm"""
    return whole(simple())


@case
def annots_direct():
    """/Annots a direct array in the page"""
    return whole(simple(page=A4 + b" /Annots [7 0 R]", more={7: LINK}))


@case
def annots_indirect():
    """/Annots an array of its own"""
    return whole(simple(page=A4 + b" /Annots 8 0 R", more={7: LINK, 8: b"[7 0 R]"}))


@case
def annots_shared():
    """two pages point to one and the same /Annots array"""
    return whole(simple(page=A4 + b" /Annots 9 0 R", pages=2, more={8: LINK, 9: b"[8 0 R]"}))


@case
def annots_null():
    """/Annots null"""
    return whole(simple(page=A4 + b" /Annots null"))


LINK = b"<< /Type /Annot /Subtype /Link /Rect [72 690 200 720] /Border [0 0 0] /A << /S /URI /URI (https://contoh.example/) >> >>"
FIELD = b"<< " + WIDGET + b" /FT /Tx /T (nama) /V (Budi) /Rect [72 600 272 620] /DA (/Helv 12 Tf 0 g) /P 6 0 R >>"
DEFAULTS = b"/DA (/Helv 12 Tf 0 g) /DR << /Font << /Helv 3 0 R >> >>"


@case
def acroform_direct():
    """/AcroForm and /Fields direct in the catalog"""
    return whole(simple(b"/AcroForm << /Fields [7 0 R] %s >>" % DEFAULTS, A4 + b" /Annots [7 0 R]", more={7: FIELD}))


@case
def acroform_indirect():
    """/AcroForm an object of its own, /Fields direct in it"""
    return whole(simple(b"/AcroForm 8 0 R", A4 + b" /Annots [7 0 R]", more={7: FIELD, 8: b"<< /Fields [7 0 R] %s >>" % DEFAULTS}))


@case
def acroform_fields_indirect():
    """/AcroForm, /Fields and /Annots each an object of its own"""
    return whole(simple(b"/AcroForm 8 0 R", A4 + b" /Annots 10 0 R",
                        more={7: FIELD, 8: b"<< /Fields 9 0 R %s >>" % DEFAULTS, 9: b"[7 0 R]", 10: b"[7 0 R]"}))


@case
def acroform_direct_fields_indirect():
    """/AcroForm direct in the catalog, its /Fields array an object of its own"""
    return whole(simple(b"/AcroForm << /Fields 8 0 R %s >>" % DEFAULTS, A4 + b" /Annots [7 0 R]", more={7: FIELD, 8: b"[7 0 R]"}))


@case
def acroform_without_fields():
    """/AcroForm with an empty /Fields and /NeedAppearances true"""
    return whole(simple(b"/AcroForm << /Fields [] /NeedAppearances true /SigFlags 0 >>"))


@case
def acroform_names_taken():
    """fields that already have the names a signer would choose"""
    names = [b"Signature1", b"Signature 1", b"Sig1", b"TandaTangan1", b"Tanda tangan 1", b"Jurukunci1", b"jurukunci-1"]
    fields = {7 + n: FIELD.replace(b"(nama)", b"(%s)" % name) for n, name in enumerate(names)}
    listed = b" ".join(b"%d 0 R" % number for number in fields)
    return whole(simple(b"/AcroForm << /Fields [%s] %s >>" % (listed, DEFAULTS), A4 + b" /Annots [%s]" % listed, more=fields))


def signature_field(extra=b"", name=b"Ttd1"):
    return b"<< " + WIDGET + b" /FT /Sig /T (%s) /Rect [300 200 500 260] /P 6 0 R %s >>" % (name, extra)


def with_field(field, catalog=b"/AcroForm << /Fields [7 0 R] /SigFlags 1 >>", more=None):
    return whole(simple(catalog, A4 + b" /Annots [7 0 R]", more={7: field, **(more or {})}))


@case
def empty_field():
    """an empty signature field Ttd1, field and widget one object"""
    return with_field(signature_field())


@case
def empty_field_kid():
    """an empty signature field Ttd1 whose widget is a kid of its own"""
    widget = b"<< " + WIDGET + b" /Parent 8 0 R /Rect [300 200 500 260] /P 6 0 R >>"
    return with_field(widget, b"/AcroForm << /Fields [8 0 R] /SigFlags 1 >>", {8: b"<< /FT /Sig /T (Ttd1) /Kids [7 0 R] >>"})


@case
def empty_field_in_group():
    """an empty signature field inside a group of fields: its full name is Pejabat.Ttd"""
    field = signature_field(b"/Parent 8 0 R", b"Ttd")
    return with_field(field, b"/AcroForm << /Fields [8 0 R] /SigFlags 1 >>", {8: b"<< /T (Pejabat) /Kids [7 0 R] >>"})


@case
def empty_field_inherited_type():
    """an empty signature field that has /FT from its parent: full name Pejabat.Ttd"""
    field = signature_field(b"/Parent 8 0 R", b"Ttd").replace(b"/FT /Sig ", b"")
    return with_field(field, b"/AcroForm << /Fields [8 0 R] /SigFlags 1 >>", {8: b"<< /FT /Sig /T (Pejabat) /Kids [7 0 R] >>"})


@case
def empty_field_utf16_name():
    """an empty signature field with a name in UTF-16"""
    name = b"<feff" + "Tanda tangan – 1".encode("utf-16-be").hex().encode() + b">"
    return with_field(signature_field().replace(b"(Ttd1)", name))


@case
def empty_field_lock():
    """an empty signature field with a /Lock (Action All): its signature must carry the FieldMDP reference"""
    return with_field(signature_field(b"/Lock << /Type /SigFieldLock /Action /All >>"))


@case
def empty_field_seed():
    """an empty signature field whose seed value demands ETSI.CAdES.detached and SHA-256"""
    return with_field(signature_field(b"/SV << /Type /SV /Ff 66 /SubFilter [/ETSI.CAdES.detached] /DigestMethod [(SHA256)] >>"))


@case
def empty_field_read_only():
    """an empty signature field with the ReadOnly flag: it is not for signing, a new field is"""
    return with_field(signature_field(b"/Ff 1"))


@case
def xfa():
    """a static XFA form beside its AcroForm field"""
    template = (b'<xdp:xdp xmlns:xdp="http://ns.adobe.com/xdp/"><template xmlns="http://www.xfa.org/schema/xfa-template/3.3/">'
                b'<subform name="formulir"><field name="nama"><ui><textEdit/></ui></field></subform></template></xdp:xdp>')
    return whole(simple(b"/AcroForm << /Fields [7 0 R] /XFA 8 0 R %s >>" % DEFAULTS, A4 + b" /Annots [7 0 R]", more={7: FIELD, 8: stream(template)}))


@case
def xfa_packets():
    """XFA as an array of packets"""
    packets = {8: stream(b'<xdp:xdp xmlns:xdp="http://ns.adobe.com/xdp/">'),
               9: stream(b'<template xmlns="http://www.xfa.org/schema/xfa-template/3.3/"><subform name="formulir"/></template>'),
               10: stream(b"</xdp:xdp>")}
    return whole(simple(b"/AcroForm << /Fields [7 0 R] /XFA [(preamble) 8 0 R (template) 9 0 R (postamble) 10 0 R] %s >>" % DEFAULTS,
                        A4 + b" /Annots [7 0 R]", more={7: FIELD, **packets}))


# ---- page geometry and page tree ---------------------------------------------------------------------------------------


@case
def page_rotate_90():
    """/Rotate 90"""
    return whole(simple(page=A4 + b" /Rotate 90"))


@case
def page_rotate_inherited():
    """/Rotate 270, /MediaBox and /Resources inherited from the page tree"""
    objects = simple(page=b"", tree=A4 + b" /Rotate 270 /Resources << /Font << /F1 3 0 R >> >>")
    objects[6] = b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R >>"
    return whole(objects)


@case
def page_crop_box():
    """/CropBox smaller than /MediaBox and away from the origin"""
    return whole(simple(page=b"/MediaBox [0 0 695 942] /CropBox [50 50 645 892]"))


@case
def page_origin_negative():
    """/MediaBox with a negative origin, its corners in the other order, real numbers, /Rotate -90"""
    return whole(simple(page=b"/MediaBox [297.5 421. -297.5 -421.0] /Rotate -90"))


@case
def page_user_unit():
    """/UserUnit 2: one unit is 1/36 inch"""
    return whole(simple(page=b"/MediaBox [0 0 297.5 421] /UserUnit 2"))


@case
def page_without_contents():
    """a blank page: no /Contents, no /Resources"""
    objects = simple()
    objects[6] = b"<< /Type /Page /Parent 2 0 R %s >>" % A4
    del objects[4]
    objects[4] = b"null"
    return whole(objects)


@case
def page_contents_unbalanced():
    """page content that leaves q and a mirrored, scaled matrix open, split over an array of two streams"""
    objects = simple(more={7: stream(b"q -2 0 0 2 595 0 cm"), 8: stream(b"BT /F1 9 Tf 36 350 Td (Contoh) Tj ET")})
    objects[6] = objects[6].replace(b"/Contents 4 0 R", b"/Contents [7 0 R 8 0 R]")
    return whole(objects)


@case
def page_tree_deep():
    """one page at the end of a page tree 60 nodes deep"""
    objects = simple()
    nodes = list(range(7, 67))
    objects[2] = b"<< /Type /Pages /Kids [%d 0 R] /Count 1 >>" % nodes[0]
    for n, node in enumerate(nodes):
        kid = nodes[n + 1] if n + 1 < len(nodes) else 6
        objects[node] = b"<< /Type /Pages /Parent %d 0 R /Kids [%d 0 R] /Count 1 >>" % (nodes[n - 1] if n else 2, kid)
    objects[6] = objects[6].replace(b"/Parent 2 0 R", b"/Parent %d 0 R" % nodes[-1])
    return whole(objects)


@case
def page_tree_uneven():
    """an empty node first, then a page and a node with two pages: /Count is not the number of kids"""
    objects = simple(pages=3)
    objects[2] = b"<< /Type /Pages /Kids [9 0 R 6 0 R 10 0 R] /Count 3 >>"
    objects[9] = b"<< /Type /Pages /Parent 2 0 R /Kids [] /Count 0 >>"
    objects[10] = b"<< /Type /Pages /Parent 2 0 R /Kids [7 0 R 8 0 R] /Count 2 >>"
    for kid in (7, 8):
        objects[kid] = objects[kid].replace(b"/Parent 2 0 R", b"/Parent 10 0 R")
    return whole(objects)


@case
def page_tree_cycle():
    """the page tree's only kid is a node whose kid is the root: no page is ever reached"""
    objects = simple()
    objects[2] = b"<< /Type /Pages /Kids [7 0 R] /Count 1 >>"
    objects[7] = b"<< /Type /Pages /Parent 2 0 R /Kids [2 0 R] /Count 1 >>"
    return whole(objects)


@case
def field_tree_cycle():
    """a form field that is its own grandchild"""
    return whole(simple(b"/AcroForm << /Fields [7 0 R] >>",
                        more={7: b"<< /T (a) /Parent 8 0 R /Kids [8 0 R] >>", 8: b"<< /T (b) /Parent 7 0 R /Kids [7 0 R] >>"}))


@case
def open_action_script():
    """JavaScript that runs when the document is opened (a signer runs nothing)"""
    return whole(simple(b"/OpenAction << /S /JavaScript /JS (app.alert\\('contoh'\\)) >>"))


# ---- titles ------------------------------------------------------------------------------------------------------------


def xmp(title):
    packet = ('<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
              '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
              'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title><rdf:Alt><rdf:li xml:lang="x-default">' + title +
              '</rdf:li><rdf:li xml:lang="en">Another language</rdf:li></rdf:Alt></dc:title></rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>')
    return stream(packet.encode(), b"/Type /Metadata /Subtype /XML ")


@case
def title_xmp_only():
    """the title only in XMP; no /Info at all"""
    objects = simple(b"/Metadata 7 0 R", more={7: xmp("Peraturan Wali Kota &amp; Lampiran – Nº 1")})
    objects[5] = b"null"
    return whole(objects, root=b"/Root 1 0 R")


@case
def title_pdfdoc():
    """a title in PDFDocEncoding with octal escapes and an escaped line break"""
    return whole(simple(info=b"/Title (Resum\\351 \\200 harga \\2401 \\(satu\\)\\\n selesai)"))


@case
def title_utf8():
    """PDF 2.0: a title in UTF-8 with its mark"""
    return whole(simple(info=b"/Title (\xef\xbb\xbf" + "Surat “Keterangan” – ꦱꦸꦫꦠ꧀".encode() + b")"), b"%PDF-2.0\n%\xe2\xe3\xcf\xd3\n")


@case
def title_utf16_escape():
    """a UTF-16 title as a hex string with white space, a language escape (ESC id ESC) and a surrogate pair"""
    words = "\x1bid\x1bSurat \U0001F33F 臺北".encode("utf-16-be").hex()
    return whole(simple(info=b"/Title <FEFF " + " ".join(words[i:i + 4] for i in range(0, len(words), 4)).encode() + b">"))


@case
def title_bidi():
    """a title with a right-to-left override, as used to disguise names"""
    return whole(simple(info=b"/Title <feff" + "Surat \u202efdp.exe".encode("utf-16-be").hex().encode() + b">"))


@case
def title_indirect():
    """/Title an indirect object"""
    return whole(simple(info=b"/Title 7 0 R", more={7: b"(Judul tersendiri)"}))


# ---- file structure that must work -------------------------------------------------------------------------------------


@case
def version_2_0():
    """PDF 2.0, title in XMP and /Info"""
    return whole(simple(b"/Metadata 7 0 R", more={7: xmp("Dokumen contoh")}), b"%PDF-2.0\n%\xe2\xe3\xcf\xd3\n")


@case
def version_in_catalog():
    """header 1.3, /Version /1.7 in the catalog"""
    return whole(simple(b"/Version /1.7"), b"%PDF-1.3\n%\xe2\xe3\xcf\xd3\n")


@case
def cr_line_ends():
    """every line ends with CR only, but the one after the word stream, where that is forbidden"""
    return whole(simple()).replace(b"\n", b"\r").replace(b"stream\rBT", b"stream\nBT")


@case
def generation_not_zero():
    """catalog, page and /Annots have generation numbers other than 0"""
    generations = {1: 1, 6: 3, 7: 2}
    objects = simple(page=A4 + b" /Annots 7 2 R", more={7: b"[8 0 R]", 8: LINK})
    objects[2] = objects[2].replace(b"6 0 R", b"6 3 R")
    return whole(objects, root=b"/Root 1 1 R /Info 5 0 R", generations=generations)


@case
def hybrid(word=False):
    """hybrid-reference file: table, and /XRefStm for objects in an object stream"""
    objects = simple(b"/Outlines 7 0 R")
    header = b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n"
    inside = {7: b"<< /Type /Outlines /First 8 0 R /Last 8 0 R /Count 1 >>", 8: b"<< /Title (Bab) /Parent 7 0 R /Dest [6 0 R /Fit] >>"}
    content, places = body({**objects, 9: object_stream(inside)}, len(header))
    at = len(header) + len(content)
    rows = [(0, 0, 65535)] + [(2, 9, n - 7) if n in inside else (1, places[n] if n != 10 else at, 0) for n in range(1, 11)]
    content += xref_stream(10, rows, b"/Root 1 0 R /Filter /FlateDecode")
    places[10] = at
    start = len(header) + len(content)
    root = b"/Size 11 /Root 1 0 R /Info 5 0 R"
    end = b"startxref\n%d\n%%%%EOF\n"
    first = header + content + table({n: p for n, p in places.items()}, hidden=inside)
    if not word:
        return first + b"trailer\n<< %s /XRefStm %d >>\n" % (root, at) + end % start
    first += b"trailer\n<< %s >>\n" % root + end % start
    return first + b"xref\n0 0\ntrailer\n<< %s /Prev %d /XRefStm %d >>\n" % (root, start, at) + end % len(first)


@case
def hybrid_word_style():
    """hybrid-reference file as word processors write it: a table, then an empty table with /Prev and /XRefStm"""
    return hybrid(word=True)


@case
def revisions_two():
    """two revisions: the second changes page content and title"""
    return update(whole(simple()), {4: text(b"Contoh, diperbaiki"), 5: b"<< /Title (Dokumen contoh, diperbaiki) >>"}, size=7)


@case
def revision_appends_page():
    """three revisions: the second adds a page, the third a form field on it"""
    first = whole(simple())
    page = b"<< /Type /Page /Parent 2 0 R %s /Contents 4 0 R /Resources << /Font << /F1 3 0 R >> >>" % A4
    second = update(first, {2: b"<< /Type /Pages /Kids [6 0 R 7 0 R] /Count 2 >>", 7: page + b" >>"})
    return update(second, {1: b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [8 0 R] %s >> >>" % DEFAULTS, 7: page + b" /Annots [8 0 R] >>",
                           8: FIELD.replace(b"/P 6 0 R", b"/P 7 0 R")})


@case
def size_too_large():
    """trailer /Size far larger than the number of objects"""
    return whole(simple(), size=5000)


@case
def eof_marker_missing():
    """the last line is startxref's number; no %%EOF"""
    return whole(simple()).removesuffix(b"%%EOF\n")


@case
def after_eof_white():
    """white space and zero bytes after %%EOF"""
    return whole(simple()) + b"\r\n \t\n" + bytes(64)


@case
def after_eof_text(real):
    """a web application's 200 bytes of HTML after %%EOF"""
    return real + b"<!-- halaman selesai -->\n" * 8


@case
def before_header_bom(real):
    """a byte order mark and blank lines before %PDF-; offsets count from %PDF-"""
    return b"\xef\xbb\xbf\r\n\r\n" + real


@case
def before_header_text(real):
    """a 300 byte PHP warning before %PDF-; offsets count from %PDF-"""
    return (b"<br />\n<b>Warning</b>:  Undefined variable in <b>cetak.php</b> on line <b>7</b><br />\n" * 4)[:300] + b"\n" + real


@case
def xref_white_before():
    """startxref points to the line end before the word xref"""
    data = whole(simple())
    at = data.rindex(b"xref\n0 ")
    return data[:at] + b"\n" + data[at:]


@case
def xref_lines_19():
    """xref entries of 19 instead of 20 bytes"""
    return whole(simple()).replace(b" n \n", b" n\n").replace(b" f \n", b" f\n")


# ---- damaged -----------------------------------------------------------------------------------------------------------


@case
def damaged_offsets_moved(real):
    """a line put in after the header: every offset is 3 too small"""
    return real.replace(b"%PDF-1.3\n", b"%PDF-1.3\n%x\n", 1)


@case
def damaged_startxref():
    """startxref points a few bytes into the table"""
    data = whole(simple())
    at = data.rindex(b"xref\n0 ")
    return data.replace(b"startxref\n%d" % at, b"startxref\n%d" % (at + 9))


@case
def damaged_line_ends(real):
    """LF became CR LF in transfer, so every offset is wrong"""
    return real.replace(b"\n", b"\r\n")


@case
def damaged_before_header_counted():
    """text before %PDF-, and offsets that count it"""
    note = b"Content-Type: application/pdf\r\n\r\n"
    return whole(simple(), note + b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")


@case
def damaged_truncated(real):
    """cut off after 70 per cent"""
    return real[:len(real) * 7 // 10]


@case
def damaged_tail_lost(real):
    """the last 12 bytes are lost: startxref has no number"""
    return real[:real.rindex(b"startxref") + 9]


@case
def damaged_header_only():
    """the header and nothing else"""
    return b"%PDF-1.7\n"


@case
def damaged_after_eof_4k(real):
    """4 KB of log text after %%EOF: startxref is out of every reader's sight"""
    return real + b"2024-01-01 00:00:00 pesan log aplikasi yang tidak termasuk dokumen\n" * 64


@case
def damaged_root_missing():
    """the trailer has no /Root"""
    return whole(simple(), root=b"/Info 5 0 R")


@case
def damaged_prev_loop():
    """/Prev points to its own section"""
    data = whole(simple())
    at = data.rindex(b"xref\n0 ")
    return data.replace(b"/Root 1 0 R", b"/Prev %d /Root 1 0 R" % at)


@case
def damaged_prev_outside():
    """/Prev points behind the end of the file"""
    return whole(simple(), trailer=b"/Prev 99999999")


# ---- hostile -----------------------------------------------------------------------------------------------------------


@case
def hostile_content_bomb():
    """page content of a few KB that inflates to 1 GB"""
    objects = simple()
    objects[4] = stream(bomb(1024), TWICE)
    return whole(objects)


def with_xref_stream(objects, inside, objstm=None, xref=None):
    header = b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n"
    last = max([*objects, *inside]) + 2
    content, places = body({**objects, last - 1: objstm or object_stream(inside)}, len(header))
    at = len(header) + len(content)
    order = list(inside)
    rows = [(0, 0, 65535)]
    for n in range(1, last + 1):
        rows.append((2, last - 1, order.index(n)) if n in inside else (1, at if n == last else places[n], 0))
    trailer = b"/Root 1 0 R /Info 5 0 R " + (TWICE if xref else b"/Filter /FlateDecode")
    return header + content + xref_stream(last, rows, trailer, xref) + b"startxref\n%d\n%%%%EOF\n" % at


@case
def hostile_object_stream_bomb():
    """the catalog sits in an object stream that inflates to 4 GB"""
    objects = simple()
    inside = {n: objects.pop(n) for n in (1, 5)}
    index = b"1 0 5 %d " % (len(inside[1]) + 1)
    packer = zlib.compressobj(9)
    packed = packer.compress(index + inside[1] + b" " + inside[5] + b" ")
    for _ in range(4096):
        packed += packer.compress(b" " * (1 << 20))
    packed = zlib.compress(packed + packer.flush(), 9)
    return with_xref_stream(objects, inside, stream(packed, b"/Type /ObjStm /N 2 /First %d " % len(index) + TWICE))


@case
def hostile_xref_stream_bomb():
    """a cross-reference stream that inflates to 4 GB"""
    objects = simple()
    inside = {5: objects.pop(5)}
    return with_xref_stream(objects, inside, xref=bomb(4096))


@case
def hostile_deep_arrays():
    """an entry of the catalog, which a signer must write again, nested 5000 arrays deep"""
    return whole(simple(b"/Contoh " + b"[" * 5000 + b"]" * 5000))


@case
def hostile_deep_page():
    """an entry of the page nested 5000 dictionaries deep"""
    return whole(simple(page=A4 + b" /PieceInfo " + b"<</a" * 5000 + b" 1 " + b">>" * 5000))


@case
def hostile_parent_loop():
    """a page that is its own /Parent, so inherited entries are looked up for ever"""
    objects = simple()
    objects[6] = objects[6].replace(b"/Parent 2 0 R", b"/Parent 6 0 R")
    return whole(objects)


@case
def hostile_xref_count():
    """a table that announces four thousand million entries"""
    return whole(simple()).replace(b"xref\n0 7\n", b"xref\n0 4000000000\n")


# ---- not a PDF ---------------------------------------------------------------------------------------------------------


@case
def not_pdf_empty():
    """no bytes"""
    return b""


@case
def not_pdf_error_page():
    """a web server's error page, saved under the document's name"""
    return b"<!DOCTYPE html>\n<html><head><title>404 Not Found</title></head><body><h1>Berkas tidak ditemukan</h1></body></html>\n"


@case
def not_pdf_form_data():
    """FDF: form data, the header is %FDF-"""
    return b"%FDF-1.2\n1 0 obj\n<< /FDF << /Fields [<< /T (nama) /V (Budi) >>] >> >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"


@case
def not_pdf_header_too_late(real):
    """a good PDF behind 2 KB of text: readers look for the header in the first 1024 bytes only"""
    return b"Catatan aplikasi, bukan dokumen.\n" * 64 + real


if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1])
    for make in CASES:
        real = [(folder / "fpdf.pdf").read_bytes()] if "real" in make.__code__.co_varnames[:1] else []
        (folder / (make.__name__.replace("_", "-") + ".pdf")).write_bytes(make(*real))
