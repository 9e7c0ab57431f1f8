#!/usr/bin/python3
"""The longest files and functions of the C++ sources: a report, no gate.

Aims: files under 400 lines, functions under 60, the median function under 10. Functions are found by their
layout (a line that ends in `{` at the margin of a namespace or class, up to the brace at the same indent).
"""
import os
import re
import statistics

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
OPENING = re.compile(r"^(\s*)(?!namespace|class|struct|enum|union|extern|switch|for|while|if|else|do|return|//)"
                     r"[^\s#].*\)[^;=]*\{\s*(//.*)?$")


def sources():
    for top in ("include", "src", "pkcs11", "tests", "bench"):
        for folder, _, names in os.walk(os.path.join(ROOT, top)):
            yield from (os.path.join(folder, name) for name in names if name.endswith((".cpp", ".hpp")))


def closes(line, indent):
    bare = line.lstrip()
    return bare.startswith("}") and len(line) - len(bare) <= indent


def functions(lines):
    number = 0
    while number < len(lines):
        opening = OPENING.match(lines[number])
        if opening:
            indent = len(opening.group(1))
            end = next((n for n in range(number + 1, len(lines)) if closes(lines[n], indent)), number)
            yield end - number + 1, number + 1
            number = end
        number += 1


def main():
    files, found = [], []
    for path in sources():
        with open(path, encoding="utf-8") as file:
            lines = file.read().split("\n")
        name = os.path.relpath(path, ROOT)
        files.append((len(lines) - 1, name))
        found += [(length, f"{name}:{line}") for length, line in functions(lines)]
    print(f"{len(files)} files, {sum(length for length, _ in files)} lines; longest (aim: under 400):")
    for length, name in sorted(files, reverse=True)[:8]:
        print(f"  {length:5} {name}")
    if found:
        print(f"{len(found)} functions, median {statistics.median(length for length, _ in found):g} lines "
              "(aim: under 10); longest (aim: under 60):")
        for length, name in sorted(found, reverse=True)[:8]:
            print(f"  {length:5} {name}")


if __name__ == "__main__":
    main()
