#!/usr/bin/python3
"""Makes the C++, Markdown, TypeScript and JSON Schema forms of errors.yaml.

usage: generate.py FORM OUT      with FORM one of: hpp, cpp, md, ts, schema
OUT "-" prints. The forms that are kept in the tree (md, ts, schema) are compared by a ctest.
"""
import json
import re
import sys
from pathlib import Path

import yaml

FIELDS = {"name", "code", "group", "http", "exit", "rule", "words", "id", "en", "remedy_id", "remedy_en"}
OPTIONAL = {"rule", "words"}
GROUPS = {"retry", "change", "stop"}
STATUSES = {400, 401, 403, 404, 405, 409, 410, 411, 413, 415, 421, 422, 423, 429, 500, 501, 502, 503, 504}


def read():
    entries = yaml.safe_load((Path(__file__).parent / "errors.yaml").read_text(encoding="utf-8"))
    names, codes = set(), set()
    for e in entries:
        where = e.get("name", "?")
        unknown, missing = set(e) - FIELDS, FIELDS - OPTIONAL - set(e)
        if unknown or missing:
            sys.exit(f"errors.yaml: {where}: unknown {sorted(unknown)}, missing {sorted(missing)}")
        if e["group"] not in GROUPS or e["http"] not in STATUSES or e["exit"] not in range(1, 6):
            sys.exit(f"errors.yaml: {where}: group, http or exit out of range")
        if where in names or e["code"] in codes or not re.fullmatch(r"E(-[A-Z]+)+", e["code"]):
            sys.exit(f"errors.yaml: {where}: name or code is not unique, or the code is not E-…")
        used = set(re.findall(r"\{(\w+)\}", " ".join(e[k] for k in ("id", "en", "remedy_id", "remedy_en"))))
        if used != set(e.get("words", [])):
            sys.exit(f"errors.yaml: {where}: place holders {sorted(used)} are not its words {e.get('words', [])}")
        names.add(where)
        codes.add(e["code"])
    return entries


def cpp_string(s):
    return json.dumps(s, ensure_ascii=False)


def hpp(entries):
    lines = ["// Generated from catalogue/errors.yaml by catalogue/generate.py; change it there.", "#pragma once", "",
             "namespace jk {", "", "/// Everything that can go wrong, named by what the person or caller can do next.",
             "enum class Errc : int {"]
    lines += [f"    {e['name']} = {i}," for i, e in enumerate(entries, 1)]
    lines += ["};", "", f"inline constexpr int errc_count = {len(entries)};", "", "} // namespace jk", ""]
    return "\n".join(lines)


def cpp(entries):
    lines = ["// Generated from catalogue/errors.yaml by catalogue/generate.py; change it there.",
             '#include "jurukunci/catalogue.hpp"', "", "namespace jk {", "namespace {", "",
             "constexpr CatalogueEntry entries[] = {"]
    for e in entries:
        group = {"retry": "Remedy::retry", "change": "Remedy::change", "stop": "Remedy::stop"}[e["group"]]
        texts = ", ".join(cpp_string(e[k]) for k in ("id", "en", "remedy_id", "remedy_en"))
        lines.append(f"    {{Errc::{e['name']}, \"{e['code']}\", {group}, {e['http']}, {e['exit']}, "
                     f"\"{e.get('rule', '')}\", {texts}}},")
    lines += ["};", "", "} // namespace", "",
              "std::span<const CatalogueEntry> catalogue() { return entries; }", "", "} // namespace jk", ""]
    return "\n".join(lines)


def always(text):
    """Without what only some errors bring."""
    return re.sub(r"\{\?\w+\}", "", text)


def md(entries):
    lines = ["# Errors", "", "Generated from `catalogue/errors.yaml`; change it there and run `./dev generate`.", "",
             "`retriable` is true where the group is *retry*. `{words}` are filled in. A refusal that a city's regulation",
             "demands also carries `rule` (row of the regulation matrix) and that city's `citation`.", "",
             "| code | HTTP | exit | group | what the person reads | what the developer reads | next step |",
             "|---|---|---|---|---|---|---|"]
    for e in entries:
        cells = [f"`{e['code']}`", str(e["http"]), str(e["exit"]), e["group"], e["id"], e["en"],
                 f"{always(e['remedy_id'])}<br>*{always(e['remedy_en'])}*"]
        lines.append("| " + " | ".join(c.replace("|", "\\|") for c in cells) + " |")
    return "\n".join(lines) + "\n"


def ts(entries):
    lines = ["// Generated from catalogue/errors.yaml by catalogue/generate.py; change it there.", "",
             "/** Every code an agent can answer. A newer agent may know more: treat an unknown code as final. */",
             "export type ErrorCode ="]
    lines += [f"  | '{e['code']}'" for e in entries]
    lines[-1] += ";"
    return "\n".join(lines) + "\n"


def schema(entries):
    lines = ["# Generated from catalogue/errors.yaml by catalogue/generate.py; change it there.",
             "$schema: https://json-schema.org/draft/2020-12/schema", "title: ErrorCode",
             "description: Every code, and the status it comes with where it is the answer itself.", "type: string", "enum:"]
    lines += [f"  - {e['code']}" for e in entries]
    lines.append("x-status:")
    lines += [f"  {e['code']}: {e['http']}" for e in entries]
    return "\n".join(lines) + "\n"


FORMS = {"hpp": hpp, "cpp": cpp, "md": md, "ts": ts, "schema": schema}

if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in FORMS:
        sys.exit(__doc__)
    text = FORMS[sys.argv[1]](read())
    if sys.argv[2] == "-":
        sys.stdout.write(text)
    elif not (out := Path(sys.argv[2])).exists() or out.read_text(encoding="utf-8") != text:
        out.write_text(text, encoding="utf-8")  # untouched when unchanged: a better sentence rebuilds one file, not all
