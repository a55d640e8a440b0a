"""Puts the deliberate bugs of mutants.txt into a copy of the package, each asleep.

sow.py           checks that every one still finds its place, and prints how many there are
sow.py COPY      writes the copy, and prints the name of each bug in a line
"""
import pathlib
import re
import shutil
import sys

HERE = pathlib.Path(__file__).resolve().parent
PACKAGE = HERE.parent.parent

SWITCH = """import Glibc

private let awake: Int = getenv("CAFSYNC_MUTANT").flatMap { Int(String(cString: $0)) } ?? 0

package func isMutant(_ number: Int) -> Bool { awake == number }
"""


class Mutant:
    def __init__(self, name, file):
        self.name, self.file = name, file
        self.edits = []  # of (old lines, new lines)

    def take(self, mark, line):
        if mark == "-" and (not self.edits or self.edits[-1][1]):
            self.edits.append(([], []))
        self.edits[-1][mark == "+"].append(line)


def read():
    mutants, file = [], None
    for line in (HERE / "mutants.txt").read_text().splitlines():
        mark, _, text = line.partition(" ")
        if mark == "@":
            file = text
        elif mark == "#":
            mutants.append(Mutant(text, file))
        elif mark in ("-", "+"):
            mutants[-1].take(mark, text)
    return mutants


def sown(mutants):
    """The text of each file with all its bugs; ends the program when one has no place."""
    texts, complaints = {}, []
    for number, mutant in enumerate(mutants, 1):
        text = texts.get(mutant.file) or (PACKAGE / mutant.file).read_text()
        for old, new in (("\n".join(old), "\n".join(new)) for old, new in mutant.edits):
            if text.count(old) != 1:
                complaints.append(f"{mutant.file}: stands {text.count(old)} times, not once: {old}")
            text = text.replace(old, new.replace("MUTANT", f"isMutant({number})"))
        texts[mutant.file] = text
    if complaints:
        sys.exit("\n".join(complaints))
    return texts


def write(texts, copy):
    copy.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(copy / "Sources", ignore_errors=True)
    shutil.copytree(PACKAGE / "Sources", copy / "Sources")
    shutil.copy2(PACKAGE / "Package.swift", copy)
    (copy / "Sources/Causality/Mutant.swift").write_text(SWITCH)
    if not (copy / "Tests").is_symlink():
        (copy / "Tests").symlink_to(PACKAGE / "Tests")
    for file, text in texts.items():
        if "/Causality/" not in file and not re.search(r"^(package )?import Causality$", text, re.M):
            text = "import Causality\n" + text
        (copy / file).write_text(text)


if __name__ == "__main__":
    known = read()
    texts = sown(known)
    if len(sys.argv) > 1:
        write(texts, pathlib.Path(sys.argv[1]))
        print("\n".join(mutant.name for mutant in known))
    else:
        print(len(known), "bugs")
