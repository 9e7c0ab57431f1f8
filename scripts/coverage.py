#!/usr/bin/python3
"""coverage.py BUILD [--all]: what gcov says of the folders of FLOORS after the tests of a coverage build ran; --all: of src/
and pkcs11/.

coverage.py --tests: what ctest calls the tests of those folders, as a regular expression.

The lines of each file that nothing ran, then a table by folder. Exit status 1 where a folder of FLOORS has fewer. Standard
library and gcov only.
"""
import collections
import gzip
import json
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# Percent of the lines of each folder that tests in process run at least.
FLOORS = {"src/core": 90, "src/card": 90, "src/apdu": 90, "src/token": 90, "src/mechanism": 90}


def counts_of(build):
    """{source: {line: how often}} over all object files."""
    lines = collections.defaultdict(lambda: collections.defaultdict(int))
    notes = [os.path.join(folder, name) for folder, _, names in os.walk(os.path.abspath(build))
             for name in names if name.endswith(".gcda")]
    for note in notes:
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["gcov", "--json-format", note], cwd=folder, check=True, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
            for name in os.listdir(folder):
                with gzip.open(os.path.join(folder, name)) as file:
                    add(json.load(file), lines)
    return lines


def add(report, lines):
    for file in report["files"]:
        path = os.path.relpath(os.path.join(report["current_working_directory"], file["file"]), ROOT)
        if path.startswith(("src/", "pkcs11/")):
            for line in file["lines"]:
                lines[path][line["line_number"]] += line["count"]


def ranges(numbers):
    """1 2 3 7 -> 1-3 7"""
    parts = []
    for number in numbers:
        if parts and number == parts[-1][1] + 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return " ".join(f"{a}" if a == b else f"{a}-{b}" for a, b in parts)


def folder_of(path):
    """src/card/jpki/probe.cpp -> src/card"""
    return "/".join(path.split("/")[:-1][:2])


def tests():
    return "^(unit_(%s)|scenario_.*)$" % "|".join(os.path.basename(folder) for folder in FLOORS)


def main():
    if sys.argv[1] == "--tests":
        print(tests())
        return 0
    lines = counts_of(sys.argv[1])
    if "--all" not in sys.argv[2:]:
        lines = {path: counts for path, counts in lines.items() if folder_of(path) in FLOORS}
    folders = collections.defaultdict(lambda: [0, 0])
    for path, counts in sorted(lines.items()):
        missing = sorted(number for number, count in counts.items() if count == 0)
        for key in (folder_of(path), "all"):
            folders[key][0] += len(counts) - len(missing)
            folders[key][1] += len(counts)
        if missing:
            print(f"{path}: no test runs {ranges(missing)}")
    for name, (run, total) in sorted(folders.items()):
        print(f"{name:16} {run:6} of {total:6} lines  {100 * run / total:5.1f} %")
    below = [name for name, floor in FLOORS.items()
             if 100 * folders[name][0] < floor * max(folders[name][1], 1) or not folders[name][1]]
    for name in below:
        print(f"{name}: below its floor of {FLOORS[name]} %")
    return 1 if below else 0


if __name__ == "__main__":
    sys.exit(main())
