"""Puts the deliberate bugs of mutants.txt into a copy of the package, each asleep.

sow.py           checks that every one still finds its place, and prints how many there are
sow.py COPY      writes the copy, and prints the name of each bug in a line
"""
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
PACKAGE = HERE.parent.parent

SWITCH = """import Glibc

private let awake: Int = getenv("CAFSYNC_MUTANT").flatMap { Int(String(cString: $0)) } ?? 0

package func isMutant(_ number: Int) -> Bool { awake == number }
"""


class Mutant:
    def __init__(self, name):
        self.name = name
        self.edits = []  # of (file, old lines, new lines)

    def take(self, mark, line, file):
        if mark == "-" and (not self.edits or self.edits[-1][2]):
            self.edits.append((file, [], []))
        self.edits[-1][1 + (mark == "+")].append(line)


def read():
    mutants, file = [], None
    for line in (HERE / "mutants.txt").read_text().splitlines():
        mark, _, text = line.partition(" ")
        if mark == "@":
            file = text
        elif mark == "#":
            mutants.append(Mutant(text))
        elif mark in ("-", "+"):
            mutants[-1].take(mark, text, file)
    return mutants


def sown(mutants):
    """The text of each file with all its bugs; ends the program when one has no place."""
    texts, complaints = {}, []
    for number, mutant in enumerate(mutants, 1):
        for file, old, new in mutant.edits:
            old, new = "\n".join(old), "\n".join(new)
            text = texts.get(file) or (PACKAGE / file).read_text()
            if text.count(old) != 1:
                complaints.append(f"{file}: stands {text.count(old)} times, not once: {old}")
            texts[file] = text.replace(old, new.replace("MUTANT", f"isMutant({number})"))
    if complaints:
        sys.exit("\n".join(complaints))
    return texts


def write(texts, copy):
    found = [file for file in (PACKAGE / "Sources").rglob("*") if file.is_file()]
    files = {str(file.relative_to(PACKAGE)): file.read_bytes() for file in found}
    for file, text in texts.items():
        if "/Causality/" not in file and not re.search(r"^(package )?import Causality$", text, re.M):
            text = "import Causality\n" + text
        files[file] = text.encode()
    files["Sources/Causality/Mutant.swift"] = SWITCH.encode()
    files["Package.swift"] = (PACKAGE / "Package.swift").read_bytes()
    # What is the same stays as it is, so that only what is new is built again.
    for old in (copy / "Sources").rglob("*"):
        if old.is_file() and str(old.relative_to(copy)) not in files:
            old.unlink()
    for file, data in files.items():
        target = copy / file
        if not target.exists() or target.read_bytes() != data:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
    if not (copy / "Tests").is_symlink():
        (copy / "Tests").symlink_to(PACKAGE / "Tests")


if __name__ == "__main__":
    known = read()
    texts = sown(known)
    if len(sys.argv) > 1:
        write(texts, pathlib.Path(sys.argv[1]))
        print("\n".join(mutant.name for mutant in known))
    else:
        print(len(known), "bugs")
