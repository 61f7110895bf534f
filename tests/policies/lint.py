#!/usr/bin/python3
"""Judges the city profiles: their shape, and that every value stands with its article or the mark of whose it is.

usage: lint.py [FOLDER-OF-POLICIES]      exit 0: sound; the unknowns are listed by name, with whom to ask
"""
import json
import re
import sys
from pathlib import Path

import jsonschema
import yaml

CITATION_FREE = {"peraturan"}  # the regulation itself; its unknown dates say whom to ask


def numbers_of(word):
    """"a-c" -> a, b, c; "(1)-(3)" -> (1), (2), (3)."""
    m = re.fullmatch(r"([a-z])-([a-z])", word)
    if m:
        return [chr(c) for c in range(ord(m[1]), ord(m[2]) + 1)]
    m = re.fullmatch(r"\((\d+)\)-\((\d+)\)", word)
    return [f"({n})" for n in range(int(m[1]), int(m[2]) + 1)] if m else [word]


def references(citation):
    """Every place that a citation names: (Pasal, ["(3)", "(3)a", "#13"]). A text in brackets explains and is left out."""
    bare = re.sub(r"\([^()]*[a-zA-Z]{3,}[^()]*\)", "", citation)
    for part in re.split(r";", bare):
        m = re.match(r"\s*Pasal (\d+)\b(.*)", part)
        if not m:
            continue
        pasal, rest, ayat, huruf, kind, named = int(m[1]), m[2], "", "", None, []
        for word in re.findall(r"\(\d+\)-\(\d+\)|\(\d+\)|ayat|huruf|angka|dan|[a-z]-[a-z](?![a-z])|(?<![a-z])[a-z](?![a-z])|\d+|[a-z]{3,}", rest):
            if word in ("ayat", "huruf", "angka"):
                kind = word
                if word == "ayat":
                    ayat, huruf = "", ""
            elif kind == "ayat" and word.startswith("("):
                named += [(w, "", "") for w in numbers_of(word)]
                ayat, huruf = numbers_of(word)[-1], ""
            elif kind == "huruf" and re.fullmatch(r"[a-z](-[a-z])?", word):
                named += [(ayat, w, "") for w in numbers_of(word)]
                huruf = numbers_of(word)[-1]
            elif kind == "angka" and word.isdigit():
                named.append((ayat, huruf, "#" + word))
            elif word not in ("dan", "jo"):
                kind = None
        yield pasal, [a + h + n for a, h, n in named]


def walk(node, place=""):
    if isinstance(node, dict):
        yield place, node
        for key, value in node.items():
            yield from walk(value, f"{place}.{key}" if place else str(key))
    elif isinstance(node, list):
        for i, value in enumerate(node):
            name = value.get("v", value.get("perihal", i)) if isinstance(value, dict) else i
            yield from walk(value, f"{place}.{name}")


def citation_faults(profile, articles):
    texts = [(place, node[key]) for place, node in walk(profile) for key in ("cite", "catatan")
             if isinstance(node.get(key), str) and place not in CITATION_FREE]
    for place, citation in texts:
        for pasal, named in references(citation):
            if pasal not in articles["pasal"]:
                yield f"{place}: the text has no Pasal {pasal} (\"{citation}\")"
                continue
            for one in named:
                if one not in articles["pasal"][pasal]:
                    yield f"{place}: Pasal {pasal} has no {one} (\"{citation}\")"
        for annex in re.findall(r"Lampiran ([IVX]+(?:\.[A-Z])?|[A-Z])\b", citation):
            if annex not in articles["lampiran"]:
                yield f"{place}: the text has no Lampiran {annex}"


def source_faults(profile):
    for place, node in walk(profile):
        if "v" not in node or place in CITATION_FREE:
            continue
        value, cite, src = node["v"], node.get("cite"), node.get("src")
        if cite and src:
            yield f"{place}: has a citation and src: {src}"
        if value is not None and not cite and not src:
            yield f"{place}: has a value, and neither a citation nor src"
        if src == "unknown" and (value is not None or not node.get("tanya")):
            yield f"{place}: unknown must have no value and say whom to ask (tanya)"
        if value is None and not cite and not src:
            yield f"{place}: silent must say src: agent or cp"


def notice_faults(profile):
    """What the owner reads is what the regulation's lists name: each entry, under an article of its own list."""
    notice = profile["naskah_pemilik"]
    lists = {name: profile[name] for name in ("kewajiban", "larangan")}
    listed = {key for said in lists.values() for key in said["v"] or []}
    told = {key for name in lists for entry in notice[name] for key in entry["kunci"]}
    for key in sorted(listed ^ told):
        yield f"naskah_pemilik: {key} " + ("is not told to the owner" if key in listed else "is in no list of the regulation")
    cited = {(p, n) for said in lists.values() if said.get("cite") for p, named in references(said["cite"]) for n in named}
    for name in lists:
        for entry in notice[name]:
            for place in [(p, n) for p, named in references(entry.get("cite") or "") for n in named]:
                if place not in cited:
                    yield f"naskah_pemilik.{name}: Pasal {place[0]} {place[1]} is not among the articles of the lists"
    if bool(profile["perjanjian_pemilik"]["v"]) != bool(notice["perjanjian"]["v"]):
        yield "naskah_pemilik.perjanjian: the owner's agreement is demanded and not told, or told and not demanded"
    elif notice["perjanjian"].get("cite") != profile["perjanjian_pemilik"].get("cite"):
        yield "naskah_pemilik.perjanjian: cites another place than perjanjian_pemilik"


def unknowns(profile):
    return [(place, node["tanya"]) for place, node in walk(profile) if node.get("src") == "unknown" and "tanya" in node]


def judge(name, profile, schema, articles):
    faults = [f"{'.'.join(str(p) for p in e.absolute_path) or 'the file'}: {e.message[:160]}"
              for e in jsonschema.Draft202012Validator(schema).iter_errors(profile)]
    if faults:
        return faults
    if profile["id"] != name:
        faults.append(f"id: is {profile['id']}, the file is {name}.yaml")
    number, year = name.split("-")[-2:]
    if (profile["peraturan"]["nomor"], profile["peraturan"]["tahun"]) != (int(number), int(year)):
        faults.append("peraturan: number or year is not the file's")
    if profile["id"] not in articles:
        return faults + ["pasal.yaml does not list this city's articles"]
    return faults + list(source_faults(profile)) + list(citation_faults(profile, articles[profile["id"]])) + list(notice_faults(profile))


def calendar_faults(calendar):
    for entry in calendar["tetap"]:
        if not re.fullmatch(r"\d\d-\d\d", entry["tanggal"]):
            yield f"tetap: {entry['tanggal']}"
    for year, said in calendar["tahun"].items():
        if said["lengkap"] and (said.get("src") == "unknown" or not said.get("dasar")):
            yield f"{year}: complete, but no decree (dasar) is named"
        if not said["lengkap"] and not said.get("tanya"):
            yield f"{year}: incomplete, and tanya does not say whom to ask"
        for day in said["hari"]:
            if not re.fullmatch(rf"{year}-\d\d-\d\d", day["tanggal"]):
                yield f"{year}: {day['tanggal']} is no day of it"


def main():
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[2] / "policies"
    schema = json.loads((folder / "schema.json").read_text(encoding="utf-8"))
    articles = yaml.safe_load((folder / "pasal.yaml").read_text(encoding="utf-8"))
    bad = 0
    for path in sorted(folder.glob("*-[0-9]*.yaml")):
        profile = yaml.safe_load(path.read_text(encoding="utf-8"))
        faults = judge(path.stem, profile, schema, articles)
        bad += len(faults)
        for fault in faults:
            print(f"{path.name}: {fault}", file=sys.stderr)
        if not faults:
            for place, ask in unknowns(profile):
                print(f"{path.stem}: unknown: {place}: {ask}")
    calendar = yaml.safe_load((folder / "libur-nasional.yaml").read_text(encoding="utf-8"))
    for fault in calendar_faults(calendar):
        bad += 1
        print(f"libur-nasional.yaml: {fault}", file=sys.stderr)
    for year, said in calendar["tahun"].items():
        if not said["lengkap"]:
            print(f"libur-nasional: unknown: {year}: {said['tanya']}")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
