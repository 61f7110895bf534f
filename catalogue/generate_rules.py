#!/usr/bin/python3
"""Makes the C++ forms of rules.yaml.   usage: generate_rules.py FORM OUT      with FORM one of: hpp, cpp"""
import json
import re
import sys
from pathlib import Path

import yaml

STAGES = ["session", "request", "certificate", "state", "token", "consent", "custody", "provisioning", "program"]


def read():
    both = yaml.safe_load((Path(__file__).parent / "rules.yaml").read_text(encoding="utf-8"))
    rules, notes, names = both["rules"], both["notes"], set()
    for rule in rules:
        name = rule.get("name", "?")
        if set(rule) - {"name", "stage", "row", "basis", "id", "en"} or {"name", "stage", "id", "en"} - set(rule):
            sys.exit(f"rules.yaml: {name}: unknown or missing keys")
        if name in names or rule["stage"] not in STAGES or not re.fullmatch(r"\d+\.\d+", rule.get("row", "0.0")):
            sys.exit(f"rules.yaml: {name}: not unique, no such stage, or row is no row")
        if "basis" in rule and "row" not in rule:
            sys.exit(f"rules.yaml: {name}: an article without a row of the matrix")
        names.add(name)
    if any(set(note) != {"name", "id", "en"} for note in notes):
        sys.exit("rules.yaml: a note has a name, id and en")
    return rules, notes


def hpp(rules, notes):
    said = "\n".join(f"    {n['name']}," for n in notes)
    names = "\n".join(f"    {r['name']}," for r in rules)
    stages = ", ".join(STAGES)
    return f"""// Generated from catalogue/rules.yaml by catalogue/generate_rules.py; change it there.
#pragma once

namespace jk::policy {{

enum class Stage {{ {stages} }};

enum class Rule {{
{names}
}};
inline constexpr int rule_count = {len(rules)};

/// Why a rule passed with a remark, or was not judged.
enum class Note {{
    none,
{said}
}};

}} // namespace jk::policy
"""


def cpp(rules, notes):
    text = lambda s: json.dumps(s, ensure_ascii=False)
    rows = "\n".join(f"    {{Rule::{r['name']}, Stage::{r['stage']}, {text(r['name'])}, {text(r.get('row', ''))}, {text(r.get('basis', ''))},\n"
                     f"     {text(r['id'])}, {text(r['en'])}}}," for r in rules)
    said = "\n".join(f"    {{{text(n['name'])}, {text(n['id'])}, {text(n['en'])}}}," for n in notes)
    return f"""// Generated from catalogue/rules.yaml by catalogue/generate_rules.py; change it there.
#include "agent/policy/rule.hpp"

namespace jk::policy {{
namespace {{

constexpr RuleEntry entries[] = {{
{rows}
}};

constexpr NoteEntry notes[] = {{
    {{"", "", ""}},
{said}
}};

}} // namespace

std::span<const RuleEntry> rule_table() {{ return entries; }}
const NoteEntry& entry_of(Note note) {{ return notes[static_cast<std::size_t>(note)]; }}

}} // namespace jk::policy
"""


if __name__ == "__main__":
    made = {"hpp": hpp, "cpp": cpp}[sys.argv[1]](*read())
    Path(sys.argv[2]).write_text(made, encoding="utf-8")
