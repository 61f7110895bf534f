#!/usr/bin/python3
"""Spoils one value of one city's profile at a time: that row's test must fail for that city, and for no other.

usage: mutate.py MATRIX-TEST-BINARY
Profiles are data, so a mutation costs one run of the table tests of its row. Also every article that a rule of the agent cites, exchanged for
another, or given to a city that is silent.
"""
import copy
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
CITIES = {p.stem: yaml.safe_load(p.read_text(encoding="utf-8")) for p in sorted((ROOT / "policies").glob("*-[0-9]*.yaml"))}
RULES = yaml.safe_load((ROOT / "catalogue/rules.yaml").read_text(encoding="utf-8"))["rules"]


def values(city):
    """(row, what, how): values that decide."""
    def drop(name):
        def spoil(p):
            p[name] = p[name][:-1] if len(p[name]) > 1 else [dict(p[name][0], v="lain")]
        return spoil

    def foreign(name):
        return lambda p: p[name].append({"v": "ssl_code_signing", "cite": p[name][0]["cite"]})

    def issuers(p):
        p["penerbit"]["v"] = []

    def other_issuer(p):
        p["penerbit_lain"]["v"] = not p["penerbit_lain"]["v"]

    def years(p):
        said = p["masa_berlaku"]["v"]
        p["masa_berlaku"] = {"v": {"tahun": said["tahun"] + 1 if said else 2}, "cite": p["masa_berlaku"].get("cite") or "Pasal 1"}

    def footer(p):
        p["catatan_kaki"]["v"]["wajib"] = not p["catatan_kaki"]["v"]["wajib"]

    yield "4.1", "a purpose is dropped", drop("kegunaan")
    yield "4.1", "a purpose is added", foreign("kegunaan")
    yield "4.2", "a task is dropped", drop("tugas_kedinasan")
    yield "1.3", "the issuers are emptied", issuers
    yield "1.4", "other issuers are turned round", other_issuer
    yield "9.1", "the years are changed", years
    yield "14.9", "the footer's duty is turned round", footer


def exchange_article(place):
    def spoil(p):
        if place.startswith("baris."):
            p["baris"][place[6:]] = {"v": "lain", "cite": "Pasal 99"}
            return
        node = p
        for name in place.split("."):  # what a city leaves out is silent: it gets an article that it does not have
            node = next(e for e in node if e["v"] == name) if isinstance(node, list) else node.setdefault(name, {})
        for leaf in node if isinstance(node, list) else [node]:
            leaf["cite"] = "Pasal 99"
            leaf.pop("src", None)
            leaf["v"] = True if leaf.get("v") is None else leaf["v"]
    return spoil


def mutations():
    for city in CITIES:
        for row, what, spoil in values(city):
            yield city, row, what, spoil
        for row, place in sorted({(r["row"], r["basis"]) for r in RULES if "basis" in r}):
            yield city, row, f"the article at {place} is another's", exchange_article(place)


def judge(binary, mutation):
    city, row, what, spoil = mutation
    with tempfile.TemporaryDirectory() as folder:
        for name, profile in CITIES.items():
            spoiled = copy.deepcopy(profile)
            if name == city:
                try:
                    spoil(spoiled)
                except (KeyError, StopIteration) as e:
                    return f"{city}: {what}: could not be made ({e!r})"
            (Path(folder) / f"{name}.yaml").write_text(yaml.safe_dump(spoiled, allow_unicode=True), encoding="utf-8")
        wanted = f"*Row{row.replace('.', '_')}_*"
        ran = subprocess.run([binary, f"--gtest_filter={wanted}"], env={**os.environ, "JURUKUNCI_POLICIES": folder}, capture_output=True, text=True)
    failed = set(re.findall(r"^\[  FAILED  \] (\S+?),", ran.stdout, re.M))
    short = city.split("-")[0]
    if not any(short in name for name in failed):
        return f"{city}: {what}: no test of row {row} fails"
    others = [name for name in failed if short not in name]
    return f"{city}: {what}: also fails {others[:3]}" if others else None


def main():
    binary, all_of_them = sys.argv[1], list(mutations())
    with ThreadPoolExecutor(2) as pool:
        faults = [f for f in pool.map(lambda m: judge(binary, m), all_of_them) if f]
    for fault in faults:
        print(fault, file=sys.stderr)
    print(f"{len(all_of_them)} mutations, {len(all_of_them) - len(faults)} found by their row's test and by that city's only")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
