#!/usr/bin/python3
"""Makes the udev rules and the doctor's table of devices from devices.yaml.

usage: generate.py FORM OUT      with FORM one of: rules, cpp
OUT "-" prints. The rules are kept in the tree; tests/udev/check_rules.py compares them and lets udev itself read them.
"""
import json
import re
import sys
from pathlib import Path

import yaml

KEYS = {"vendor", "product", "name", "kind", "source"}


def read(text=None):
    text = text or (Path(__file__).parent / "devices.yaml").read_text(encoding="utf-8")
    data = yaml.safe_load(text)
    for name, source in data["sources"].items():
        if set(source) != {"url", "package", "file"} or not source["url"].startswith("https://"):
            sys.exit(f"devices.yaml: source {name}: needs url (https), package and file")
    for name, module in data["modules"].items():
        if not module.get("library") or ("package" in module) == ("software" in module):
            sys.exit(f"devices.yaml: module {name}: needs library, and one of package and software")
    ids = []
    for d in data["devices"]:
        where = f"devices.yaml: {d.get('vendor')}:{d.get('product')}"
        if not KEYS <= set(d) <= KEYS | {"module"}:
            sys.exit(f"{where}: keys {sorted(d)}")
        if not all(isinstance(d[k], str) and re.fullmatch("[0-9a-f]{4}", d[k]) for k in ("vendor", "product")):
            sys.exit(f"{where}: vendor and product are four lower-case hex digits in quotes")
        if d["source"] not in data["sources"] or not re.fullmatch(r"[\x20-\x7e]+", d["name"]):
            sys.exit(f"{where}: unknown source, or a name that is no plain text")
        if d["kind"] not in ("token", "reader") or (d["kind"] == "token") != (d.get("module") in data["modules"]):
            sys.exit(f"{where}: a token names a module of this file, a reader names none")
        ids.append((d["vendor"], d["product"]))
    if ids != sorted(set(ids)):
        wrong = next(b for a, b in zip(ids, ids[1:]) if a >= b)
        sys.exit(f"devices.yaml: {wrong[0]}:{wrong[1]} stands out of order, or twice")
    return data


def rules(data):
    lines = ["# Jurukunci: whoever sits at this computer may use these tokens and readers directly.",
             "# Generated from udev/devices.yaml by udev/generate.py; change it there.", "",
             'ACTION=="remove", GOTO="jurukunci_end"', 'SUBSYSTEM!="usb", GOTO="jurukunci_end"',
             'ENV{DEVTYPE}!="usb_device", GOTO="jurukunci_end"']
    for d in data["devices"]:
        lines += ["", f"# {d['name']}", f'ATTR{{idVendor}}=="{d["vendor"]}", ATTR{{idProduct}}=="{d["product"]}", TAG+="uaccess"']
    return "\n".join(lines + ["", 'LABEL="jurukunci_end"', ""])


def cpp(data):
    quoted = json.dumps
    lines = ["// Generated from udev/devices.yaml by udev/generate.py; change it there.", '#include "cli/doctor/usb_table.hpp"', "",
             "namespace jk::doctor {", "namespace {", "", "constexpr TokenSoftware software[] = {"]
    order = sorted(data["modules"])
    for name in order:
        module = data["modules"][name]
        libraries = (module["library"] + ["", ""])[:3]
        install = f"apt install {module['package']}" if "package" in module else module["software"]
        lines.append(f"    {{{quoted(name)}, {quoted(install)}, {{{', '.join(map(quoted, libraries))}}}}},")
    lines += ["};", "", "constexpr UsbModel models[] = {"]
    for d in data["devices"]:
        served = f"&software[{order.index(d['module'])}]" if d["kind"] == "token" else "nullptr"
        lines.append(f"    {{0x{d['vendor']}, 0x{d['product']}, {quoted(d['name'])}, {served}}},")
    return "\n".join(lines + ["};", "", "} // namespace", "", "std::span<const UsbModel> usb_models() { return models; }", "",
                              "} // namespace jk::doctor", ""])


FORMS = {"rules": rules, "cpp": cpp}

if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in FORMS:
        sys.exit(__doc__)
    text = FORMS[sys.argv[1]](read())
    if sys.argv[2] == "-":
        sys.stdout.write(text)
    elif not (out := Path(sys.argv[2])).exists() or out.read_text(encoding="utf-8") != text:
        out.write_text(text, encoding="utf-8")
