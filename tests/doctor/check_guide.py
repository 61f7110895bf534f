#!/usr/bin/python3
"""docs/panduan/doctor.md has a row for each code that the doctor's own examinations find, as the catalogue words it.

check_guide.py ROOT           fails and says which row
check_guide.py ROOT --print   prints the rows as they must be
"""
import re
import sys
from pathlib import Path

import yaml

ROOT = Path(sys.argv[1])
catalogue = {e["name"]: e for e in yaml.safe_load((ROOT / "catalogue/errors.yaml").read_text(encoding="utf-8"))}
used = set()
for path in [*(ROOT / "cli/doctor").glob("*.cpp"), ROOT / "cli/commands/doctor_facts.cpp"]:
    used |= set(re.findall(r"Errc::(\w+)", path.read_text(encoding="utf-8")))


def row(entry):
    words = lambda text: re.sub(r"\{\w+\}", "…", re.sub(r"\{\?\w+\}", "", text)).replace("|", "\\|")
    return f"| `{entry['code']}` | {words(entry['id'])} | {words(entry['remedy_id'])} |"


wanted = sorted(row(catalogue[name]) for name in used)
if "--print" in sys.argv:
    print("\n".join(wanted))
    sys.exit(0)
guide = (ROOT / "docs/panduan/doctor.md").read_text(encoding="utf-8")
present = re.findall(r"^\| `E-.*$", guide, re.M)
faults = [f"missing or worded otherwise: {line}" for line in wanted if line not in present]
faults += [f"the doctor does not find this: {line}" for line in present if line not in wanted]
print("\n".join(faults) or f"{len(wanted)} codes")
sys.exit(bool(faults))
