#!/usr/bin/python3
"""The udev rules: current, sorted, each id as its public source has it, and read by udev itself.   check_rules.py ROOT

udev 252 has no `udevadm verify`. So udev judges the rules on devices: umockdev shows it every device of devices.yaml, the rules lie
in /etc/udev/rules.d of a mount namespace of our own, and `udevadm test` says what it read and which tags it put on.
"""
import concurrent.futures
import os
import plistlib
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(sys.argv[1]).resolve()
sys.path.insert(0, str(ROOT / "udev"))
sys.dont_write_bytecode = True
import generate  # noqa: E402

RULES = ROOT / "udev/70-jurukunci.rules"
SYSTEM = "/devices/pci0000:00/0000:00:14.0/usb1"
faults = []


def check_text(data):
    if generate.rules(data) != RULES.read_text(encoding="utf-8"):
        faults.append("udev/70-jurukunci.rules is not what udev/generate.py makes; run ./dev generate")
    text = (ROOT / "udev/devices.yaml").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines(True) if line.startswith("  - {")]
    swapped = text.replace(lines[0] + lines[1], lines[1] + lines[0])
    for broken in (swapped, text + lines[-1], text.replace('"046a"', '"046A"', 1), text.replace("source: ccid", "source: hearsay", 1)):
        try:
            generate.read(broken)
            faults.append("udev/generate.py takes a file that is out of order, has an id twice, capitals or an unknown source")
        except SystemExit:
            pass


def check_sources(data):
    with open(data["sources"]["ccid"]["file"], "rb") as file:
        driver = plistlib.load(file)
    known = {(v[2:].lower(), p[2:].lower()): n
             for v, p, n in zip(driver["ifdVendorID"], driver["ifdProductID"], driver["ifdFriendlyName"])}
    for d in data["devices"]:
        if known.get((d["vendor"], d["product"])) != d["name"]:
            faults.append(f"{d['vendor']}:{d['product']} {d['name']}: the CCID driver's list does not have it so")


def device(number, vendor, product, kind="usb_device"):
    path = f"{SYSTEM}/1-{number}"
    return path, (f"P: {path}\nN: bus/usb/001/{number:03}\nE: DEVTYPE={kind}\nE: SUBSYSTEM=usb\nE: DEVNAME=/dev/bus/usb/001/{number:03}\n"
                  f"A: idVendor={vendor}\\n\nA: idProduct={product}\\n\n\n")


def udev_says(rules, scratch, shown, path):
    """What udevadm prints for one device, with `rules` as the machine's only own ones."""
    inside = (f"mount -t tmpfs none /etc/udev/rules.d && cp '{rules}' /etc/udev/rules.d/70-jurukunci.rules && "
              f"exec umockdev-run -d '{shown}' -- udevadm test '/sys{path}'")
    flags = ["-m"] if os.getuid() == 0 else ["-r", "-m"]
    ran = subprocess.run(["unshare", *flags, "sh", "-c", inside], capture_output=True, text=True, timeout=60, cwd=scratch)
    if ran.returncode != 0:
        faults.append(f"udevadm on {path}: {ran.stderr[-400:]}")
    return ran.stdout + ran.stderr


def tagged(said):
    return any("uaccess" in line for line in said.splitlines() if line.startswith(("TAGS=", "CURRENT_TAGS=")))


def complained(said):
    return [line for line in said.splitlines() if "70-jurukunci.rules:" in line]


def check_with_udev(data):
    devices = [(d["vendor"], d["product"], "usb_device", True) for d in data["devices"]]
    first = devices[0]
    devices += [("1d6b", "0002", "usb_device", False), (first[0], "fffe", "usb_device", False), (first[0], first[1], "usb_interface", False)]
    with tempfile.TemporaryDirectory() as folder:
        scratch, shown, paths = Path(folder), Path(folder) / "devices", []
        text = ""
        for number, (vendor, product, kind, _) in enumerate(devices, 1):
            path, entry = device(number, vendor, product, kind)
            paths.append(path)
            text += entry
        shown.write_text(text)
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda path: udev_says(RULES, scratch, shown, path), paths))
        for (vendor, product, kind, wanted), said in zip(devices, answers):
            if tagged(said) != wanted:
                faults.append(f"udev {'does not give' if wanted else 'gives'} {vendor}:{product} ({kind}) to the person who sits there")
        faults.extend(sorted({line for said in answers for line in complained(said)}))
        # What this test would say about a rule that udev cannot read.
        broken = scratch / "broken.rules"
        broken.write_text(RULES.read_text().replace('TAG+="uaccess"', 'TAGG+="uaccess"', 1))
        if not complained(udev_says(broken, scratch, shown, paths[0])):
            faults.append("a rule with a misspelt key passes: this test sees nothing")


data = generate.read()
check_text(data)
check_sources(data)
check_with_udev(data)
print("\n".join(faults) or f"{len(data['devices'])} devices, read by udev itself")
sys.exit(bool(faults))
