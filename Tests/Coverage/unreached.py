"""Reads an LCOV file (geninfo(1), "FILES"): per floor how many lines were reached, and each line that was not and has no
reason beside it."""

import collections
import pathlib
import sys

REASON = "Unreached:"


def has_reason(source, number):
    """At the end of the line, or in a comment right above it or above the unreached lines before it."""
    if REASON in source[number - 1]:
        return True
    above = number - 2
    while above >= 0 and source[above].strip().startswith("//"):
        if REASON in source[above]:
            return True
        above -= 1
    return False


def main(path, floors):
    lines = collections.defaultdict(dict)
    name = None
    for entry in open(path, encoding="utf-8"):
        kind, _, value = entry.strip().partition(":")
        if kind == "SF":
            name = str(pathlib.Path(value).resolve().relative_to(pathlib.Path.cwd()))
        elif kind == "DA":
            number, count = (int(part) for part in value.split(",")[:2])
            lines[name][number] = max(count, lines[name].get(number, 0))
    failed = 0
    for floor in floors:
        files = {file: counts for file, counts in lines.items() if file.startswith(f"Sources/{floor}/")}
        total = sum(len(counts) for counts in files.values())
        reached = explained = 0
        for file, counts in sorted(files.items()):
            source = pathlib.Path(file).read_text(encoding="utf-8").split("\n")
            excused = False
            for number in sorted(counts):
                if counts[number] > 0:
                    reached += 1
                    excused = False
                    continue
                excused = has_reason(source, number) or (excused and counts.get(number - 1) == 0)
                if excused:
                    explained += 1
                else:
                    failed += 1
                    print(f"{file}:{number}: {source[number - 1].strip()}")
        print(f"{floor}: {reached} of {total} lines reached, {explained} explained")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
