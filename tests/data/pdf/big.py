#!/usr/bin/python3
"""A valid PDF of about MB megabytes: big.py OUT [MB]   (200 when MB is not given)

100 pages, each with one grey image of random bytes that no filter can shrink, like scans; objects and a cross-reference
table in the plain. Memory stays at one image. Standard library only; about a second for 200 MB.
"""
import random
import sys

PAGES = 100
WIDTH = 1000


def write(path, megabytes):
    height = max(1, megabytes * 1_000_000 // PAGES // WIDTH)
    noise = random.Random(1)    # the same bytes each time
    with open(path, "wb") as out:
        places = [0]

        def add(value):
            places.append(out.tell())
            out.write(b"%d 0 obj\n" % (len(places) - 1) + value + b"\nendobj\n")

        out.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        kids = b" ".join(b"%d 0 R" % (4 + 3 * page) for page in range(PAGES))
        add(b"<< /Type /Catalog /Pages 2 0 R >>")
        add(b"<< /Type /Pages /Count %d /Kids [%s] >>" % (PAGES, kids))
        add(b"<< /Title (Berkas pindaian besar) >>")
        for page in range(PAGES):
            at = 4 + 3 * page
            draw = b"q 595 0 0 842 0 0 cm /Im Do Q"
            add(b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /XObject << /Im %d 0 R >> >> /Contents %d 0 R >>" % (at + 2, at + 1))
            add(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(draw), draw))
            add(b"<< /Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray /BitsPerComponent 8 /Length %d >>\nstream\n%s\nendstream"
                % (WIDTH, height, WIDTH * height, noise.randbytes(WIDTH * height)))
        start = out.tell()
        out.write(b"xref\n0 %d\n0000000000 65535 f \n" % len(places))
        out.write(b"".join(b"%010d 00000 n \n" % place for place in places[1:]))
        out.write(b"trailer\n<< /Size %d /Root 1 0 R /Info 3 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(places), start))


if __name__ == "__main__":
    write(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 200)
