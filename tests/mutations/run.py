#!/usr/bin/env python3
"""Takes one defence out at a time and shows that its tests notice: ./dev mutate [ITEM or NAME …] [--list] [--under COMMAND]

Works in a copy of the tree (build/mutations/tree) with a build of its own. mutations.yaml says what is changed and which tests must then fail.
First every named test must pass in the untouched copy; a test that fails anyway would show nothing. Exit code 1 where a test still passes, or a
change no longer finds its place. Numbers are the items of docs/security-checklist.md.
"""
import argparse
import filecmp
import json
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import time

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = ROOT / "tests/mutations"
WORK = ROOT / "build/mutations"
TREE = WORK / "tree"
FOUND = WORK / "found.json"  # of all runs, by mutation
SOUND = WORK / "sound.json"  # tests that pass in the untouched copy, until a file of it changes
# What a test binary starts besides itself. "check": compiled into tests only.
PROGRAMS = ["jurukuncid", "jurukunci", "jurukunci-worker", "jurukunci-document", "jurukunci-test-prompter", "jk_unruly"]


def read_mutations():
    mutations = yaml.safe_load((HERE / "mutations.yaml").read_text())
    names = [m["name"] for m in mutations]
    for name in names:
        if names.count(name) > 1:
            sys.exit(f"mutations.yaml: the name {name} stands there twice")
    return mutations


def copy_tree():
    """The tree as it is now, files that did not change untouched, so that little is built again. True when anything but a document changed."""
    changed = False
    listed = subprocess.run(["git", "ls-files", "-z", "-co", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True).stdout
    wanted = {name for name in listed.decode().split("\0") if name and (ROOT / name).is_file()}
    for name in wanted:
        source, target = ROOT / name, TREE / name
        if target.exists() and filecmp.cmp(source, target, shallow=False):
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target)
        os.utime(target)
        changed = changed or not name.startswith("docs/")
    for path in TREE.rglob("*"):
        name = path.relative_to(TREE)
        if path.is_file() and name.parts[0] != "build" and "node_modules" not in name.parts and "dist" not in name.parts and str(name) not in wanted:
            path.unlink()
            changed = True
    return changed


def run(command, log, seconds=None, **more):
    with open(log, "ab") as out:
        out.write(("$ " + " ".join(map(str, command)) + "\n").encode())
        out.flush()
        try:
            return subprocess.run(command, stdout=out, stderr=subprocess.STDOUT, timeout=seconds, check=False, **more).returncode
        except subprocess.TimeoutExpired:
            return "timeout"


class Copy:
    def __init__(self, under):
        self.under = under
        self.log = WORK / "log"

    def build(self, tests):
        binaries = sorted({t["binary"] for t in tests if "binary" in t})
        if binaries:
            alone = all(name.startswith("unit_") or name == "status_keeper_test" for name in binaries)  # they start nothing, or depend on what they start
            command = self.under + ["cmake", "--build", TREE / "build/dev", "--target", *([] if alone else PROGRAMS), *binaries]
            if run(command, self.log, cwd=TREE) != 0:
                return False
        if any("web" in t for t in tests):
            modules = TREE / "web/node_modules"
            if not modules.exists() or not filecmp.cmp(modules / ".installed-lock", ROOT / "web/node_modules/.installed-lock", shallow=False):
                shutil.rmtree(modules, ignore_errors=True)
                shutil.copytree(ROOT / "web/node_modules", modules, symlinks=True)
            if run(self.under + ["npm", "run", "--silent", "build"], self.log, cwd=TREE / "web") != 0:
                return False
        return True

    def passes(self, test):
        """True, False, or None where there is no such test."""
        bin_dir = TREE / "build/dev/bin"
        if "web" in test:
            place = TREE / test["web"]
            command = ["node", "--test", *(["--test-name-pattern", test["name"]] if "name" in test else []), place]
            return run(command, self.log, 300, cwd=TREE / "web", env={**os.environ, "JURUKUNCI_BIN": str(bin_dir)}) == 0
        listed = subprocess.run([bin_dir / test["binary"], f"--gtest_filter={test['test']}", "--gtest_list_tests"], capture_output=True, text=True, check=False)
        if len(listed.stdout.splitlines()) < 2:
            return None
        return run([bin_dir / test["binary"], f"--gtest_filter={test['test']}"], self.log, 180, cwd=WORK) == 0


def name_of(test):
    return test.get("test") or (pathlib.Path(test["web"]).name + (": " + test["name"] if "name" in test else ""))


class Changed:
    """The edits of one mutation, for as long as it lasts."""

    def __init__(self, mutation):
        self.edits = mutation["edits"]
        self.before = {}

    def __enter__(self):
        for edit in self.edits:
            path = TREE / edit["file"]
            text = path.read_text()
            self.before.setdefault(path, text)
            if text.count(edit["find"]) != edit.get("times", 1):
                raise LookupError(f"{edit['file']}: found {text.count(edit['find'])} times: {edit['find']!r}")
            path.write_text(text.replace(edit["find"], edit["replace"]))
        return self

    def __exit__(self, *_):
        for path, text in self.before.items():
            path.write_text(text)


def print_table(chosen):
    found = json.loads(FOUND.read_text()) if FOUND.exists() else {}
    print("| items | without | test | result |\n|---|---|---|---|")
    for m in chosen:
        for name, result in found.get(m["name"], [["", "not run"]]):
            print(f"| {', '.join(map(str, m['items']))} | {m['name']} | `{name}` | {result} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("which", nargs="*", help="items (numbers) or names; all without one")
    parser.add_argument("--list", action="store_true", help="what there is")
    parser.add_argument("--check", action="store_true", help="only whether every change still finds its place")
    parser.add_argument("--table", action="store_true", help="what the last runs found, together")
    parser.add_argument("--rest", action="store_true", help="only those that no run has seen to fail yet")
    parser.add_argument("--minutes", type=float, default=1e9, help="begin no further one after so long")
    parser.add_argument("--build-only", action="store_true", help="only the untouched copy")
    parser.add_argument("--tests-only", action="store_true", help="only the tests in the untouched copy, which is built")
    parser.add_argument("--under", default="", help="a command before each build, such as nice")
    options = parser.parse_args()
    chosen = [m for m in read_mutations() if not options.which or m["name"] in options.which or any(str(i) in options.which for i in m["items"])]
    if options.list:
        for m in chosen:
            print(f"{','.join(map(str, m['items'])):>9}  {m['name']:34} {', '.join(name_of(t) for t in m['tests'])}")
        return 0
    if options.check:
        wrong = 0
        for m in chosen:
            texts = {}
            for edit in m["edits"]:
                text = texts.get(edit["file"]) or (ROOT / edit["file"]).read_text()
                if text.count(edit["find"]) != edit.get("times", 1):
                    print(f"{m['name']}: {edit['file']}: found {text.count(edit['find'])} times: {edit['find']!r}")
                    wrong += 1
                texts[edit["file"]] = text.replace(edit["find"], edit["replace"])
        return 1 if wrong else 0

    if options.table:
        print_table(chosen)
        return 0
    found = json.loads(FOUND.read_text()) if FOUND.exists() else {}
    if options.rest:
        chosen = [m for m in chosen if [name_of(t) for t in m["tests"]] != [name for name, result in found.get(m["name"], []) if result == "fails"]]
    started = time.monotonic()
    WORK.mkdir(parents=True, exist_ok=True)
    (WORK / "log").write_bytes(b"")
    if copy_tree():
        SOUND.unlink(missing_ok=True)
    copy = Copy(shlex.split(options.under))
    if not (TREE / "build/dev/build.ninja").exists() and run(["cmake", "--preset", "dev"], copy.log, cwd=TREE) != 0:
        sys.exit(f"the copy does not configure; see {copy.log}")
    tests = {name_of(t): t for m in chosen for t in m["tests"]}
    sound = json.loads(SOUND.read_text()) if SOUND.exists() else {}
    fresh = [t for name, t in tests.items() if name not in sound]
    print(f"{len(chosen)} changes, {len(tests)} tests, {len(fresh)} of them to be tried in the untouched copy first", file=sys.stderr, flush=True)
    if fresh and not options.tests_only and not copy.build(list(tests.values())):
        sys.exit(f"the untouched copy does not build; see {copy.log}")
    if options.build_only:
        return 0
    for test in fresh:
        sound[name_of(test)] = copy.passes(test)
        if not sound[name_of(test)]:
            print(f"without any change {'there is no' if sound[name_of(test)] is None else 'fails'}: {name_of(test)}", file=sys.stderr)
        SOUND.write_text(json.dumps({name: result for name, result in sound.items() if result}))
    if options.tests_only:
        return 0

    done, bad = 0, 0
    for m in chosen:
        if time.monotonic() - started > options.minutes * 60:
            print("the time is over", file=sys.stderr)
            break
        began = time.monotonic()
        try:
            with Changed(m):
                if not copy.build(m["tests"]):
                    results = [(name_of(t), "does not build") for t in m["tests"]]
                else:
                    results = [(name_of(t), ("no such test" if sound[name_of(t)] is None else "fails anyway") if not sound[name_of(t)] else
                                "STILL PASSES" if copy.passes(t) else "fails") for t in m["tests"]]
        except LookupError as e:
            results = [(name_of(t), f"change has no place: {e}") for t in m["tests"]]
        for name, result in results:
            done, bad = done + 1, bad + (result != "fails")
            print(f"{m['name']:34} {name}: {result}  ({time.monotonic() - began:.0f} s)", file=sys.stderr, flush=True)
        found[m["name"]] = results
        FOUND.write_text(json.dumps(found))
    print_table(chosen)
    print(f"{done - bad} of {done} noticed; log: {copy.log}", file=sys.stderr)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
