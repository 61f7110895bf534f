#!/usr/bin/python3
"""A valid PDF with N pages directly under the page tree's root: flat.py OUT [N]   (15 000 pages when N is not given)

Plain objects and a cross-reference table, one shared content stream. Standard library only; under a second.
"""
import sys


def write(path, count):
    fixed = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        3: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        4: b"<< /Length 43 >>\nstream\nBT /F1 18 Tf 72 700 Td (Contoh rata) Tj ET \nendstream",
        5: b"<< /Title (Dokumen %d halaman rata) >>" % count,
    }
    kids = range(6, 6 + count)
    fixed[2] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (count, b" ".join(b"%d 0 R" % kid for kid in kids))
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents 4 0 R >>"
    with open(path, "wb") as out:
        places = [0] * (6 + count)
        out.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        for number in range(1, 6 + count):
            places[number] = out.tell()
            out.write(b"%d 0 obj\n%s\nendobj\n" % (number, fixed.get(number, page)))
        start = out.tell()
        out.write(b"xref\n0 %d\n0000000000 65535 f \n" % len(places))
        out.write(b"".join(b"%010d 00000 n \n" % place for place in places[1:]))
        out.write(b"trailer\n<< /Size %d /Root 1 0 R /Info 5 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(places), start))


if __name__ == "__main__":
    write(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 15000)
