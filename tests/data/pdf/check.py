#!/usr/bin/python3
"""Is the manifest true? check.py [--sizes-only]   Needs python3-yaml, qpdf, poppler-utils.

Every file is listed once and small, every code exists, and what qpdf and pdfinfo say of each unsigned document fits its entry.
It says nothing about Jurukunci: that is the tests' work.
"""
import pathlib
import re
import subprocess
import sys

import yaml

HERE = pathlib.Path(__file__).resolve().parent
TITLES_PDFINFO_CANNOT_READ = {"title-xmp-only.pdf", "title-utf8.pdf", "title-utf16-escape.pdf"}
QPDF_SAYS = {   # what qpdf has to say for a refusal
    "E-BUKAN-PDF": "can't find PDF header",
    "E-DOKUMEN-BERSANDI": "invalid password|unsupported encryption filter",
    "E-DOKUMEN-RUSAK": "reconstruct|unable to find /Root|Loop detected",
    "E-DOKUMEN-GAGAL-DIPERIKSA": "deeply nested|bad_alloc",
}
faults = []


def run(*command):
    # 1.5 GB and 30 s: the bombs must not take the machine along
    ended = subprocess.run(["sh", "-c", 'ulimit -v 1500000; exec timeout 30 "$@"', "sh", *command], capture_output=True)
    return (ended.stdout + ended.stderr).decode(errors="replace")


def fault(entry, text):
    faults.append(f"{entry['file']}: {text}")


def compare_with_pdfinfo(entry, path):
    said = run("pdfinfo", path)
    pages, title = re.search(r"^Pages: +(\d+)", said, re.M), re.search(r"^Title: +(\S.*)", said, re.M)
    if not pages or int(pages[1]) != entry["pages"]:
        fault(entry, f"pages: manifest {entry['pages']}, pdfinfo {pages and pages[1]}")
    if entry["file"] not in TITLES_PDFINFO_CANNOT_READ and (title and title[1]) != entry["title"]:
        fault(entry, f"title: manifest {entry['title']!r}, pdfinfo {title and title[1]!r}")


def compare_with_qpdf(entry, path):
    said = run("qpdf", "--check", path)
    expected = QPDF_SAYS.get(entry["sign"])
    silent = entry["file"] == "field-tree-cycle.pdf"      # no tool of the three complains
    if expected and not silent and not re.search(expected, said):
        fault(entry, f"{entry['sign']}, but qpdf says: {said.strip()}")
    if not expected and re.search("reconstruct|invalid password", said):
        fault(entry, f"{entry['sign']}, but qpdf says: {said.strip()}")
    known = {**entry.get("judges_skip", {}), **entry.get("original_warns", {})}
    if not expected and "qpdf" not in known and re.search("^(WARNING|ERROR)", said, re.M):
        fault(entry, f"qpdf warns, unmentioned: {said.strip()}")


entries = yaml.safe_load((HERE / "manifest.yaml").read_text())
codes = {code["code"] for code in yaml.safe_load((HERE / "../../../catalogue/errors.yaml").read_text())} | {"ok"}
listed = [entry["file"] for entry in entries]
kept = sorted(path for path in HERE.iterdir() if path.suffix in (".pdf", ".docx", ".png"))
generated = {entry["file"] for entry in entries if "generate" in entry}
faults += [f"{name}: listed twice" for name in sorted({name for name in listed if listed.count(name) > 1})]
faults += [f"{path.name}: not in the manifest" for path in kept if path.name not in listed]
faults += [f"{name}: no such file" for name in listed if name not in generated and not (HERE / name).exists()]
faults += [f"{path.name}: larger than 60 KB" for path in kept if path.stat().st_size > 60_000]
if sum(path.stat().st_size for path in kept) > 2_500_000:
    faults.append("the folder has more than 2.5 MB")
for entry in entries:
    for code in (entry["sign"], entry["visible"], entry.get("sign_field", "ok"), *entry.get("also", [])):
        if code not in codes:
            fault(entry, f"{code} is not in the catalogue")
    if entry["file"] in generated or "--sizes-only" in sys.argv or not (HERE / entry["file"]).exists():
        continue
    path = str(HERE / entry["file"])
    compare_with_qpdf(entry, path)
    if entry["pages"] is not None:
        compare_with_pdfinfo(entry, path)
print("\n".join(faults) or f"{len(entries)} entries hold")
sys.exit(bool(faults))
