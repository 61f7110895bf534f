#!/usr/bin/python3
"""Judges an export of `jurukunci audit export` without Jurukunci: Python's standard library and the openssl command.

    verify_audit.py EXPORT… [--key DEVICE_KEY.pem] [--head ROW:SHA256]…

EXPORT  one file, or several in their order: closed segments (catatan-FIRST-LAST.jsonl) and the export of the rest; each must go on where the one before ends
--key   the device's public key as the auditor got it elsewhere; without it the one in the export is believed, and its SHA-256 printed
--head  a head that somebody else kept: the auditHead of a result, or the one in the minutes of the export; may be given often

Prints what is wrong, each with its row. Exit 0: intact, 1: not, 2: usage, 3: the export or openssl cannot be used.
The format, and what a whole export still cannot show: audit.md beside this file.
"""
import argparse
import base64
import calendar
import hashlib
import json
import re
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

LONGEST_LINE = 16 << 20
MOST_FAULTS = 100
HEAD = {"format", "version", "exportedAt", "program", "profile", "environment", "deviceKey", "first", "last", "checkpoints"}
ROW = {"row", "at", "kind", "operation", "body", "prev", "hash"}
POINT = {"checkpoint", "hash", "signature"}
GENESIS = hashlib.sha256(b"jurukunci audit log v1").hexdigest()
TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)\.(\d{3})Z", re.ASCII)


class Unusable(Exception):
    pass


class Wrong(Exception):
    pass


def members(line):
    """The object of one line. Bytes that are no UTF-8 are kept: the hash is over bytes."""
    def once(pairs):
        if len(dict(pairs)) != len(pairs):
            raise Wrong("has a member twice")
        return dict(pairs)

    try:
        value = json.loads(line.decode("utf-8", "surrogateescape"), object_pairs_hook=once)
    except (ValueError, RecursionError) as e:
        raise Wrong(f"is no JSON: {e}") from e
    if not isinstance(value, dict):
        raise Wrong("is no object")
    return value


def whole(value, name):
    if type(value) is not int or not -(1 << 63) <= value < 1 << 63:
        raise Wrong(f"has no number as {name}")
    return value


def text(value, name):
    if not isinstance(value, str):
        raise Wrong(f"has no text as {name}")
    try:
        return value.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as e:
        raise Wrong(f"has an impossible character in {name}") from e


def hexadecimal(value, size, name):
    if not isinstance(value, str) or not re.fullmatch(f"[0-9a-f]{{{2 * size}}}", value, re.ASCII):
        raise Wrong(f"has no {size} bytes as {name}")
    return bytes.fromhex(value)


def milliseconds(value):
    if type(value) is int:  # a clock beyond RFC 3339
        return whole(value, "at")
    found = TIME.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise Wrong("has no time as at")
    *parts, thousandths = map(int, found.groups())
    seconds = calendar.timegm((*parts, 0, 0, 0))
    # timegm takes the 31st of February, too: what is written must be what is meant.
    y, mo, d, h, mi, s = parts
    if not (1 <= mo <= 12 and 1 <= d <= calendar.monthrange(max(y, 1), mo)[1] and h < 24 and mi < 60 and s < 60):
        raise Wrong("has no time as at")
    return seconds * 1000 + thousandths


def row_hash(row):
    fields = b""
    for name in ("kind", "operation", "body"):
        value = text(row[name], name)
        fields += struct.pack(">I", len(value)) + value
    return hashlib.sha256(hexadecimal(row["prev"], 32, "prev") + struct.pack(">q", milliseconds(row["at"])) + fields).digest()


class Judge:
    def __init__(self, key_file, before=None):
        """before: (row, hash) of the last row of the file before this one."""
        self.faults, self.hashes, self.first_prev, self.before = [], {}, None, before
        self.head, self.key_file = None, key_file
        self.expected, self.previous, self.points, self.last_point = None, None, 0, 0

    def fault(self, sentence):
        self.faults.append(sentence)

    def read_head(self, line):
        try:
            head = members(line)
            if head.get("format") != "jurukunci audit export" or head.get("version") != 1:
                raise Wrong("is no export that this script knows")
            if set(head) != HEAD:
                raise Wrong("does not have the members of a head")
            for name in ("first", "last", "checkpoints"):
                whole(head[name], name)
            text(head["deviceKey"], "deviceKey")
        except Wrong as e:
            raise Unusable(f"the first line {e}") from e
        self.head = head
        self.expected = head["first"]
        self.previous = GENESIS if head["first"] == 1 else None
        if self.before:
            if head["first"] != self.before[0] + 1:
                self.fault(f"this file begins with row {head['first']}, the one before ends with row {self.before[0]}")
            else:
                self.previous = self.before[1]

    def read_line(self, line, number):
        where = f"line {number}"
        try:
            value = members(line)
            if "checkpoint" in value:
                where = f"the checkpoint at row {value['checkpoint']}"
                if set(value) != POINT:
                    raise Wrong("does not have the members of a checkpoint")
                self.judge_point(value)
            else:
                # A line that cannot be understood is still some row: the one that is due here.
                where = f"row {value['row']}" if type(value.get("row")) is int else f"row {self.expected} (line {number})"
                if set(value) != ROW:
                    raise Wrong("does not have the members of a row")
                self.judge_row(value)
        except Wrong as e:
            if where.startswith("line"):
                where = f"row {self.expected} ({where})" if self.points == 0 and self.expected <= self.head["last"] else where
            self.fault(f"{where} {e}")
            if not where.startswith("the checkpoint"):
                self.expected, self.previous = self.expected + 1, None

    def judge_row(self, row):
        number = whole(row["row"], "row")
        if number != self.expected:
            if number > self.expected:
                self.fault(f"row {self.expected}" + (f" to {number - 1}" if number > self.expected + 1 else "") + " is missing")
            else:
                self.fault(f"row {number} stands where row {self.expected} belongs")
            self.previous = None if number != self.expected else self.previous
        if not self.head["first"] <= number <= self.head["last"]:
            self.fault(f"row {number} is outside of what the first line says")
        self.expected = number + 1
        stored = hexadecimal(row["hash"], 32, "hash")
        if self.first_prev is None:
            self.first_prev = (number, row["prev"])
        try:
            if row_hash(row) != stored:
                self.fault(f"row {number} changed after it was written")
            elif self.previous is not None and row["prev"] != self.previous:
                self.fault(f"row {number} does not follow the row before it: one of them was replaced")
        finally:
            self.previous = row["hash"]
        if number not in self.hashes:
            self.hashes[number] = row["hash"]

    def judge_point(self, point):
        number = whole(point["checkpoint"], "checkpoint")
        self.points += 1
        stored, signature = hexadecimal(point["hash"], 32, "hash"), hexadecimal(point["signature"], 64, "signature")
        if number <= self.last_point and self.points > 1:
            raise Wrong("is not in its place")
        self.last_point = number
        if not 0 <= number < 1 << 63 or not self.signed(b"jurukunci checkpoint v1\n" + struct.pack(">Q", number) + stored, signature):
            raise Wrong("is not signed by this device")
        if number == self.head["first"] - 1:
            if self.first_prev and self.first_prev != (self.head["first"], point["hash"]):
                raise Wrong("shows another row than the one before the first: the beginning was replaced")
        elif number not in self.hashes:
            last = max(self.hashes, default=0)
            if number > last:
                raise Wrong(f"stands, but the rows end at {last}: the end was removed")
            raise Wrong("stands, but its row is missing")
        elif self.hashes[number] != point["hash"]:
            raise Wrong("shows another row than the one that stands there: rows up to it were replaced")

    def signed(self, message, signature):
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "message").write_bytes(message)
            (Path(folder) / "signature").write_bytes(signature)
            try:
                return subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", self.key_file, "-rawin", "-in", f"{folder}/message",
                                       "-sigfile", f"{folder}/signature"], capture_output=True, timeout=60, check=False).returncode == 0
            except (OSError, subprocess.TimeoutExpired) as e:
                raise Unusable(f"openssl does not answer: {e}") from e

    def finish(self):
        if self.expected <= self.head["last"]:
            self.fault(f"row {self.expected} to {self.head['last']} is missing: the end was removed")
        if self.points != self.head["checkpoints"]:
            self.fault(f"the first line says {self.head['checkpoints']} checkpoints, {self.points} are there")


def key_bytes(pem):
    found = re.fullmatch(r"-----BEGIN PUBLIC KEY-----\n([A-Za-z0-9+/=\n]+)\n-----END PUBLIC KEY-----\n?", pem)
    try:
        der = base64.b64decode(found.group(1).replace("\n", ""), validate=True) if found else b""
    except ValueError:
        der = b""
    if len(der) != 44 or der[:12] != bytes.fromhex("302a300506032b6570032100"):
        raise Unusable("the device key is no Ed25519 public key in PEM")
    return der


def judge(export, options, folder, before):
    with open(export, "rb") as file:
        judged = Judge(str(Path(folder) / "device.pub"), before)
        judged.read_head(file.readline(LONGEST_LINE))
        der = key_bytes(judged.head["deviceKey"])
        if options.key:
            known = key_bytes(Path(options.key).read_text(encoding="ascii"))
            if known != der:
                judged.fault("the export names another device key than --key")
            der = known
        Path(judged.key_file).write_text("-----BEGIN PUBLIC KEY-----\n" + base64.b64encode(der).decode() + "\n-----END PUBLIC KEY-----\n",
                                         encoding="ascii")
        number = 1
        while line := file.readline(LONGEST_LINE):
            number += 1
            if not line.endswith(b"\n"):
                judged.fault(f"line {number} has no end: the file was cut off")
            judged.read_line(line, number)
            if len(judged.faults) >= MOST_FAULTS:
                break
        else:
            judged.finish()
    return judged, der


def head_of(argument):
    found = re.fullmatch(r"([1-9][0-9]{0,18}):([0-9a-fA-F]{64})", argument, re.ASCII)
    if not found:
        raise argparse.ArgumentTypeError("is not ROW:SHA256")
    return int(found.group(1)), found.group(2).lower()


def main():
    parser = argparse.ArgumentParser(description="Judges an export of `jurukunci audit export`.")
    parser.add_argument("export", nargs="+")
    parser.add_argument("--key")
    parser.add_argument("--head", action="append", type=head_of, default=[], metavar="ROW:SHA256")
    options = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory() as folder:
            good = judge_all(options, folder)
    except (Unusable, OSError, UnicodeError) as e:
        print(f"verify_audit: {e}", file=sys.stderr)
        return 3
    print("intact" if good else "NOT intact")
    return 0 if good else 1


def judge_all(options, folder):
    before, keys, faults, wanted = None, set(), 0, list(options.head)
    for export in options.export:
        judged, der = judge(export, options, folder, before)
        if keys and der not in keys:
            judged.fault("this file names another device key than the one before")
        keys.add(der)
        wanted = [head for head in wanted if not seen(judged, *head)]
        if export == options.export[-1]:
            for number, _ in wanted:
                judged.fault(f"row {number} of --head is not in this export")
        tell(judged, der, options, before)
        faults += len(judged.faults)
        last = max(judged.hashes, default=0)
        before = (last, judged.hashes.get(last, ""))
    return faults == 0


def seen(judged, number, sha256):
    """Whether this file has that row; if it has another one there, that is a fault."""
    if number not in judged.hashes:
        return False
    if judged.hashes[number] != sha256:
        judged.fault(f"row {number} is not the row of --head: the log was written anew")
    return True


def tell(judged, der, options, before):
    head = judged.head
    last = max(judged.hashes, default=0)
    print(f"rows {head['first']} to {head['last']} of {head['environment']!r}, profile {head['profile']!r}, exported {head['exportedAt']!r}")
    print(f"device key SHA-256 {hashlib.sha256(der).hexdigest()}" + ("" if options.key else " (as the export says; compare it, or give --key)"))
    print(f"{len(judged.hashes)} rows, {judged.points} checkpoints, head {last}:{judged.hashes.get(last, '')}")
    if head["first"] > 1 and not before:
        print(f"rows before {head['first']} are not in this export")
    if judged.last_point < last:
        print(f"rows after {judged.last_point} have no checkpoint behind them: compare the head with --head")
    for sentence in judged.faults:
        print("FAULT " + sentence.encode("utf-8", "backslashreplace").decode("utf-8"))


if __name__ == "__main__":
    sys.exit(main())
