#!/bin/sh
# Makes every document of this folder again, on Debian 12. Only needed to regenerate; the tests use the files as they are.
#
#   apt-get install --no-install-recommends libreoffice-writer-nogui ghostscript librsvg2-bin python3-cairo python3-reportlab weasyprint img2pdf \
#     texlive-latex-base groff libpodofo-utils libpdfbox2-java libitext-java openjdk-17-jdk-headless wkhtmltopdf php-cli php-tcpdf php-fpdf \
#     libpdf-api2-perl ruby ruby-prawn libhpdf-dev gcc libc6-dev fop pdftk-java libnss3-tools python3-cryptography python3-pil python3-venv \
#     fonts-liberation chromium qpdf poppler-utils mupdf-tools faketime openssl
#
# One tool is not in Debian and comes from PyPI: pyHanko, for long-term (B-LTA) signatures, the locks of PDF 2.0 and encryption for a certificate.
# Signatures differ each time, because each run makes new keys and throws them away; so do dates and identifiers of most producers.
#
#   ./make.sh            everything (about two minutes)
#   ./make.sh craft      only what make/craft.py writes
set -eu
umask 022
export LC_ALL=C.UTF-8 TZ=UTC SOURCE_DATE_EPOCH=1704186245
out=$(cd "$(dirname "$0")" && pwd)
make=$out/make
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cp "$make"/letter.* "$make"/form.html .
python() { PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 "$@"; }

craft() { python "$make/craft.py" "$out"; }
if [ "${1:-}" = craft ]; then craft; exit; fi
find "$out" -maxdepth 1 \( -name '*.pdf' -o -name '*.docx' -o -name '*.png' \) -delete

# ---- producers ----
office() { # office NAME SOURCE FILTER [OPTIONS as JSON]
    soffice "-env:UserInstallation=file://$work/office" --headless --convert-to "pdf:$3${4:+:$4}" --outdir "$work/office-out" "$2" > office.log 2>&1
    mv "$work/office-out/$(basename "${2%.*}").pdf" "$out/$1.pdf"
}
bool() { printf '"%s":{"type":"boolean","value":"%s"}' "$1" "$2"; }
number() { printf '"%s":{"type":"long","value":"%s"}' "$1" "$2"; }
word() { printf '"%s":{"type":"string","value":"%s"}' "$1" "$2"; }
writer=writer_pdf_Export
office libreoffice-letter letter.fodt $writer "{$(bool UseTaggedPDF false)}"
office libreoffice-tagged letter.fodt $writer "{$(bool PDFUACompliance true)}"
office libreoffice-pdfa1b letter.fodt $writer "{$(number SelectPdfVersion 1)}"
office libreoffice-pdfa2b letter.fodt $writer "{$(number SelectPdfVersion 2)}"
office libreoffice-form form.html writer_web_pdf_Export "{$(bool ExportFormFields true)}"
office libreoffice-permissions-form letter.fodt $writer "{$(bool UseTaggedPDF false),$(bool RestrictPermissions true),$(word PermissionPassword rahasia),$(number Changes 2)}"
office libreoffice-permissions-all letter.fodt $writer "{$(bool UseTaggedPDF false),$(bool RestrictPermissions true),$(word PermissionPassword rahasia),$(number Changes 4)}"
sed 's/<dc:title>[^<]*/<dc:title>Surat Keterangan 臺北 ꦱꦸꦫꦠ꧀ 🌿/' letter.fodt > title.fodt
office libreoffice-title-utf16 title.fodt $writer "{$(bool UseTaggedPDF false)}"
office pdfa3b letter.fodt $writer "{$(number SelectPdfVersion 3)}"
mv "$out/pdfa3b.pdf" .
soffice "-env:UserInstallation=file://$work/office" --headless --convert-to docx --outdir . letter.fodt > office.log 2>&1
mv letter.docx "$out/not-pdf.docx"

cp /usr/share/color/icc/ghostscript/srgb.icc .
sed 's/(Title)/(Berita Acara Serah Terima)/' "$(ls /usr/share/ghostscript/*/lib/PDFA_def.ps)" > pdfa.ps
gs -q -dBATCH -dNOPAUSE -sDEVICE=pdfwrite -o "$out/ghostscript.pdf" letter.ps
gs -q -dBATCH -dNOPAUSE -sDEVICE=pdfwrite -dPDFA=2 -dPDFACompatibilityPolicy=1 -sColorConversionStrategy=RGB --permit-file-read=srgb.icc -o "$out/ghostscript-pdfa2b.pdf" pdfa.ps letter.ps
python "$make/cairo_pages.py" "$out/cairo.pdf"
rsvg-convert -f pdf -o "$out/librsvg.pdf" letter.svg
pdflatex -interaction=batchmode letter.tex > /dev/null
pdflatex -interaction=batchmode letter.tex > /dev/null
mv letter.pdf "$out/pdftex.pdf"
python "$make/reportlab_pages.py" plain "$out/reportlab.pdf"
python "$make/reportlab_pages.py" form "$out/reportlab-form.pdf"
weasyprint -q -a letter.txt letter.html "$out/weasyprint-attachment.pdf"
wkhtmltopdf -q letter.html "$out/wkhtmltopdf.pdf" 2> /dev/null
chromium --headless --no-sandbox --disable-gpu --user-data-dir="$work/chromium" --no-pdf-header-footer --print-to-pdf="$out/chromium.pdf" letter.html 2> /dev/null
groff -Tpdf -ms letter.ms > "$out/groff.pdf"
fop -q letter.fo "$out/fop.pdf" 2> /dev/null
cc "$make/haru.c" -lhpdf -o haru
./haru "$out/libharu.pdf"
ruby "$make/prawn.rb" "$out/prawn.pdf"
perl "$make/api2.pl" "$out/pdf-api2.pdf"
php "$make/fpdf.php" "$out/fpdf.pdf"
php "$make/tcpdf.php" plain "$out/tcpdf.pdf"
php "$make/tcpdf.php" empty-fields "$out/tcpdf-empty-fields.pdf"
python - << 'PYTHON'
from PIL import Image, ImageDraw
page = Image.new("L", (620, 877), 255)
draw = ImageDraw.Draw(page)
draw.rectangle((50, 50, 570, 120), outline=0)
draw.text((70, 80), "PINDAIAN (contoh)")
page.save("scan.png")
page.save("scan.jpg", quality=40)
PYTHON
cp scan.png "$out/not-pdf.png"
img2pdf --title "Hasil Pindaian" -o "$out/img2pdf-scan.pdf" scan.jpg
podofoimg2pdf "$out/podofo.pdf" -useimgsize scan.png > /dev/null
mutool create -o "$out/mutool.pdf" "$make/mutool_pages.txt"
jars=$(printf '/usr/share/java/%s.jar:' pdfbox2 fontbox2 commons-logging itext bcprov bcpkix bcutil bcmail)
javac -cp "$jars" -d . "$make"/*.java
java() { command java -Djava.util.logging.config.file=/dev/null -cp ".:$jars" "$@" 2> java.log || { cat java.log >&2; return 1; }; }
java Box pages "$out/pdfbox.pdf"
java Text pages "$out/itext.pdf"
java Text form "$out/itext-form.pdf"
java Text portfolio "$out/itext-portfolio.pdf"
pdftk "$out/pdfbox.pdf" "$out/fpdf.pdf" cat output "$out/pdftk.pdf"
pdfunite "$out/cairo.pdf" "$out/fpdf.pdf" "$out/poppler-pdfunite.pdf"

# ---- byte by byte ----
craft

# ---- qpdf: structure and encryption; the owner's password is "rahasia" everywhere ----
qpdf "$out/cairo.pdf" --object-streams=disable "$out/qpdf-plain.pdf"
qpdf "$out/cairo.pdf" --object-streams=generate "$out/qpdf-object-streams.pdf"
qpdf "$out/cairo.pdf" --linearize "$out/qpdf-linearized.pdf"
qpdf "$out/cairo.pdf" --linearize --object-streams=generate "$out/qpdf-linearized-object-streams.pdf"
qpdf pdfa3b.pdf --add-attachment letter.txt --mimetype=text/plain --description=Lampiran --creationdate=D:20240102090405Z --moddate=D:20240102090405Z -- "$out/qpdf-pdfa3b-attachment.pdf"
python "$out/flat.py" flat.pdf 2000
qpdf flat.pdf --object-streams=generate "$out/qpdf-flat-2000.pdf"
lock() { # lock NAME SOURCE USER-PASSWORD BITS [OPTIONS]
    name=$1 source=$2 user=$3 bits=$4
    shift 4
    qpdf --allow-weak-crypto "$out/$source.pdf" --encrypt "$user" rahasia "$bits" "$@" -- "$out/$name.pdf"
}
lock encrypted-rc4-40 cairo "" 40
lock encrypted-rc4-128 cairo "" 128 --use-aes=n
lock encrypted-aes-128 cairo "" 128 --use-aes=y
lock encrypted-aes-128-metadata-clear fop "" 128 --use-aes=y --cleartext-metadata
lock encrypted-aes-256 cairo "" 256
lock encrypted-aes-256-r5 cairo "" 256 --force-R5
lock encrypted-aes-256-form reportlab-form "" 256
qpdf "$out/encrypted-aes-256.pdf" --object-streams=generate --linearize "$out/encrypted-aes-256-linearized-object-streams.pdf"
lock encrypted-no-print-no-copy cairo "" 128 --use-aes=y --print=none --extract=n
lock encrypted-permissions-none cairo "" 256 --modify=none
lock encrypted-permissions-rc4-40-none cairo "" 40 --modify=n --annotate=n
lock encrypted-permissions-assembly cairo "" 128 --use-aes=y --modify=assembly
lock encrypted-permissions-form cairo "" 128 --use-aes=y --modify=form
lock encrypted-permissions-form-empty-field empty-field "" 128 --use-aes=y --modify=form
lock encrypted-permissions-annotate cairo "" 256 --modify=annotate
lock encrypted-password-rc4-128 cairo pembuka 128 --use-aes=n
lock encrypted-password-aes-256 cairo pembuka 256

# ---- signatures; the keys live in the work folder only ----
mkdir keys nss
python "$make/keys.py" keys
at='2024-01-02 09:04:05'
dated() { FAKETIME_DONT_FAKE_MONOTONIC=1 faketime "$at" "$@"; }
box() { dated java -cp ".:$jars" Box sign "$out/$2.pdf" "$out/$1.pdf" keys/one.pem keys/one.key $3 2> java.log || { cat java.log >&2; return 1; }; }
text() { dated java -cp ".:$jars" Text sign "$out/$2.pdf" "$out/$1.pdf" keys/two.pem keys/two.key $3 2> java.log || { cat java.log >&2; return 1; }; }
tcpdf() { dated php "$make/tcpdf.php" "$2" "$out/$1.pdf" "$work/keys/one.pem" "$work/keys/one.key"; }
openssl pkcs12 -export -legacy -in keys/one.pem -inkey keys/one.key -name satu -passout pass:contoh -out one.p12
certutil -N -d sql:nss --empty-password
pk12util -i one.p12 -d sql:nss -W contoh > /dev/null
dated pdfsig -sign Ttd1 -nssdir sql:nss -nick satu "$out/empty-field.pdf" "$out/signed-poppler.pdf" 2> /dev/null
qpdf "$out/empty-field.pdf" --linearize linear.pdf
dated pdfsig -sign Ttd1 -etsi -nssdir sql:nss -nick satu linear.pdf "$out/signed-poppler-linearized.pdf" 2> /dev/null
dated podofosign -in "$out/groff.pdf" -cert keys/one.pem -pkey keys/one.key -digest SHA256 -out "$out/signed-podofo.pdf"
box signed-pdfbox qpdf-plain ""
box signed-pdfbox-twice signed-pdfbox ""
box signed-pdfbox-existing-field itext-form field=Ttd1
text signed-itext-visible fop ""
text signed-pdfbox-itext signed-pdfbox ""
tcpdf signed-tcpdf approval
tcpdf signed-tcpdf-usage-rights usage-rights
for level in 1 2 3; do tcpdf certified-tcpdf-p$level p$level; done
text certified-itext-p1 fop p1
text certified-itext-p2 fop p2
box certified-pdfbox-p1 reportlab-form mdp=1
box certified-pdfbox-p2 reportlab-form mdp=2
box certified-pdfbox-p2-empty-field empty-field mdp=2
box certified-p2-then-signed certified-itext-p2 ""
box locked-all reportlab-form lock=All
box locked-include reportlab-form lock=Include:nama
box locked-exclude-empty-field empty-field lock=Exclude:Ttd1

python -m venv hanko > /dev/null
hanko/bin/pip install -q pyHanko==0.38.0
hanko() { hanko/bin/python "$make/hanko.py" "$3" "$out/$2.pdf" "$out/$1.pdf" keys 2> hanko.log || { cat hanko.log >&2; return 1; }; }
hanko signed-pyhanko-b-b weasyprint-attachment b-b
hanko signed-pyhanko-b-lta pdftk b-lta
hanko signed-pyhanko-object-streams qpdf-object-streams b-b
hanko signed-pyhanko-encrypted encrypted-aes-256 b-b
hanko timestamped-pyhanko fpdf timestamp
hanko certified-pyhanko-p3 fpdf p3
hanko locked-p1 reportlab-form lock-p1
hanko locked-p2 reportlab-form lock-p2
hanko encrypted-for-certificate fpdf encrypt
