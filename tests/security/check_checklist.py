#!/usr/bin/env python3
"""Holds docs/security-checklist.md to its word: every item 1 to 94 has one row, no cell is empty, and every file, test and mutation that a row
names exists; every mutation is named in the rows of its items.   check_checklist.py ROOT BIN_DIR"""
import pathlib
import re
import subprocess
import sys

import yaml

ITEMS = range(1, 95)
FILE = re.compile(r"`([\w./-]+\.(?:cpp|mjs|py|sh|yaml))`")
TEST = re.compile(r"`((?:\w+/)?[A-Z]\w*\.\w+(?:/\w+)?)`")
QUOTED = re.compile(r"“([^”]+)”")
MUTATION = re.compile(r"`m:([\w-]+)`")


def listed_tests(bin_dir):
    """Suite.Test of every test binary that is built."""
    tests = {}
    for binary in sorted(bin_dir.glob("*_test")):
        suite = ""
        for line in subprocess.run([binary, "--gtest_list_tests"], capture_output=True, text=True, check=True).stdout.splitlines():
            if line and not line[0].isspace():
                suite = line.split()[0]
            elif line.strip():
                tests.setdefault(suite + line.split()[0], set()).add(binary.name)
    return tests


def place_of(root, name):
    for folder in ("", "tests/e2e", "tests/e2e/browser"):
        if (root / folder / name).is_file():
            return root / folder / name
    return None


def check_tests(root, tests, item, cell):
    """A file, and behind it the tests that stand in it."""
    wrong = []
    current = None
    named = 0
    for token in re.finditer("|".join(p.pattern for p in (FILE, TEST, QUOTED)), cell):
        text = token.group(0)
        if match := FILE.fullmatch(text):
            current = place_of(root, match[1])
            named += 1
            if current is None:
                wrong.append(f"{item}: there is no {match[1]}")
        elif match := TEST.fullmatch(text):
            suite, test = match[1].split(".", 1)
            if match[1] not in tests:
                wrong.append(f"{item}: no test binary has {match[1]}")
            elif current and current.suffix == ".cpp" and not re.search(rf"\b{suite.split('/')[-1]}\s*,\s*{test.split('/')[0]}\b", current.read_text()):
                wrong.append(f"{item}: {match[1]} is not in {current.name}")
        else:
            phrase = QUOTED.fullmatch(text)[1]
            if current is None or phrase not in current.read_text():
                wrong.append(f"{item}: {current.name if current else 'no file'} has no test “{phrase}”")
    if named == 0:
        wrong.append(f"{item}: no file is named")
    return wrong


def main():
    root, bin_dir = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    tests = listed_tests(bin_dir)
    mutations = {m["name"]: m["items"] for m in yaml.safe_load((root / "tests/mutations/mutations.yaml").read_text())}
    wrong, seen, used = [], [], {}
    for line in (root / "docs/security-checklist.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        if not re.fullmatch(r"\d+", cells[0]):
            continue
        item = int(cells[0])
        seen.append(item)
        if len(cells) != 5 or not all(cells):
            wrong.append(f"{item}: a row has five cells, none of them empty")
            continue
        wrong += check_tests(root, tests, item, cells[3])
        for name in MUTATION.findall(cells[4]):
            used.setdefault(name, set()).add(item)
            if name not in mutations:
                wrong.append(f"{item}: there is no mutation {name}")
    for item in ITEMS:
        if seen.count(item) != 1:
            wrong.append(f"{item}: has {seen.count(item)} rows")
    for name, items in mutations.items():
        for item in set(items) - used.get(name, set()):
            wrong.append(f"{item}: its row does not name mutation {name}")
    if subprocess.run([sys.executable, root / "tests/mutations/run.py", "--check"], check=False).returncode != 0:
        wrong.append("a mutation no longer finds its place")
    print("\n".join(wrong) or f"{len(seen)} items, {len(mutations)} mutations, {len(tests)} tests to choose from")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
