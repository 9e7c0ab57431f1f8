#!/usr/bin/python3
"""clients.py RESULTS FOLDER: a line for every client and token that tests/clients has met."""
import ast
import os
import sys
import xml.etree.ElementTree as xml

TOKENS = {"Card": "card", "Software": "software token"}


def title(folder, name):
    """What the first words of a test file say: the client's name."""
    with open(os.path.join(folder, name + ".py"), encoding="utf-8") as file:
        return ast.get_docstring(ast.parse(file.read())).split(":")[0]


def main():
    results, folder = sys.argv[1:]
    counts = {}
    for case in xml.parse(results).getroot().iter("testcase"):
        file, kind, _ = case.get("name").split(".")
        passed = case.find("failure") is None and case.find("skipped") is None
        row = counts.setdefault((title(folder, file), TOKENS.get(kind, kind)), [0, 0])
        row[0 if passed else 1] += 1
    for (client, token), (good, bad) in sorted(counts.items()):
        print(f"{client:44} {token:16} {good:3} passed" + (f"  {bad} NOT" if bad else ""))


if __name__ == "__main__":
    main()
