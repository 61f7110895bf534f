#!/usr/bin/python3
"""Reads the includes and fails on a forbidden arrow, a forbidden library, or a broken house rule.   check_layers.py ROOT

House rules checked here, because a compiler does not:
  - in an expression with co_await no braces, no ?: and nothing lazy (&&, ||) before it, in a co_return no initializer list (g++ 12 destroys such temporaries twice or too soon);
  - no detached coroutine (an exception in it would vanish) ;
  - a PIN is never a std::string;
  - what is kept in the tree but generated is as its generator makes it.
"""
import re
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(sys.argv[1])
RULES = yaml.safe_load((ROOT / "tests/layers/arrows.yaml").read_text())
FOLDERS = RULES["folders"]
faults = []


def folder_of(path):
    """The longest known folder that holds this path; the shared words are included without their prefix."""
    if path.startswith("jurukunci/"):
        return "include"
    best = ""
    for folder in FOLDERS:
        if path.startswith(folder + "/") and len(folder) > len(best):
            best = folder
    return best or None


def sources():
    for folder in ("include", "ipc", "sandbox", "launcher", "x509", "pkcs11", "agent", "cli"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".hpp", ".cpp"):
                yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


def check_arrows(path, text):
    folder = folder_of(path)
    stem = path.rsplit(".", 1)[0]
    allowed = RULES["files"].get(stem, FOLDERS[folder])
    for target in re.findall(r'#include "([^"]+)"', text):
        to = folder_of(target)
        if to is None:
            faults.append(f'{path}: includes "{target}", which is in no folder of arrows.yaml')
        elif to != folder and to not in allowed:
            faults.append(f"{path}: forbidden arrow {folder} → {to} (\"{target}\")")
    for target in re.findall(r"#include <([^>]+)>", text):
        for prefix, homes in RULES["libraries"].items():
            if target.startswith(prefix) and (prefix[-1] in "/h" or target[len(prefix):len(prefix) + 1] in ".-") and folder not in homes:
                faults.append(f"{path}: {folder} may not include <{target}>")


def without_condition(statement):
    """What stands behind `if (…)` or `while (…)`, unless the condition itself awaits."""
    head = re.match(r"\s*(?:else\s+)?(?:if|while)\s*\(", statement)
    if not head:
        return statement
    depth, at = 1, head.end()
    while at < len(statement) and depth:
        depth += {"(": 1, ")": -1}.get(statement[at], 0)
        at += 1
    return statement if "co_await" in statement[:at] else statement[at:]


def check_house_rules(path, text):
    code = re.sub(r'"(?:\\.|[^"\\])*"', '""', re.sub(r"//[^\n]*", "", text))
    for statement in re.findall(r"co_return[^;]*;", code):
        if re.search(r"\{\{|\{\"\"", statement):
            faults.append(f"{path}: an initializer list in a co_return: {' '.join(statement.split())[:80]}")
    for statement in map(without_condition, re.findall(r"[^;{}]*co_await[^;]*;", code)):
        if re.search(r"\?|(&&|\|\|)[^;]*co_await", statement) or "{" in statement[statement.index("co_await"):]:
            faults.append(f"{path}: braces, ?: or a lazy operator in an expression with co_await: {' '.join(statement.split())[:80]}")
    if re.search(r"net::detached|asio::detached", code):
        faults.append(f"{path}: a detached coroutine hides what escapes from it")
    if re.search(r"std::string[ &]+(pin|passphrase)\b", code):
        faults.append(f"{path}: a PIN in a std::string")


def check_generated():
    generate = ROOT / "catalogue/generate.py"
    for form, kept in (("md", "docs/protocol/errors.md"), ("ts", "web/client/src/error-codes.ts"),
                       ("schema", "docs/protocol/error.schema.yaml")):
        made = subprocess.run([sys.executable, generate, form, "-"], capture_output=True, text=True, check=True).stdout
        if made != (ROOT / kept).read_text(encoding="utf-8"):
            faults.append(f"{kept} is not what catalogue/generate.py makes; run ./dev generate")


def check_documents():
    """A link that leads nowhere; a merge that was not finished."""
    for file in ROOT.rglob("*.md"):
        if {"build", "node_modules"} & set(file.relative_to(ROOT).parts):
            continue
        text = file.read_text(encoding="utf-8")
        if re.search(r"^(<{7} |>{7} |={7}$)", text, re.M):
            faults.append(f"{file.relative_to(ROOT)}: a merge that was not finished")
        prose = re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.S)
        for target in re.findall(r"\]\(([^)\s]+)\)", prose):
            place = target.split("#")[0]
            if place and ":" not in place and not (file.parent / place).exists():
                faults.append(f"{file.relative_to(ROOT)}: links to {target}, which is not there")


for path, text in sources():
    check_arrows(path, text)
    check_house_rules(path, text)
check_generated()
check_documents()
print("\n".join(faults) or "no forbidden arrow")
sys.exit(bool(faults))
