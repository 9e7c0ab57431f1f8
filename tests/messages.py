#!/usr/bin/python3
"""Every message of the tool's sources has a translation in every catalogue, and no catalogue has one too many."""
import glob
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def texts(po):
    """msgid -> msgstr of a catalogue, the head left out."""
    entries = re.findall(r'^msgid ((?:".*"\n)+)msgstr ((?:".*"\n?)+)', po, re.M)
    joined = [tuple("".join(re.findall(r'"(.*)"', part)) for part in entry) for entry in entries]
    return {source: target for source, target in joined if source}


def faults():
    sources = sorted(glob.glob(os.path.join(ROOT, "src", "tool", "*.cpp")))
    wanted = texts(subprocess.run(
        ["xgettext", "--language=C++", "--keyword=tr", "--keyword=mark", "--from-code=UTF-8", "--no-location", "-o", "-",
         *sources], check=True, capture_output=True, text=True).stdout)
    assert len(wanted) > 50, "xgettext finds the messages"
    for path in sorted(glob.glob(os.path.join(ROOT, "po", "*.po"))):
        with open(path, encoding="utf-8") as file:
            found = texts(file.read())
        name = os.path.basename(path)
        for text in wanted.keys() - found.keys():
            yield f"{name}: not translated: {text}"
        for text in found.keys() - wanted.keys():
            yield f"{name}: nobody says: {text}"
        for text, translation in found.items():
            if not translation:
                yield f"{name}: empty: {text}"
            if sorted(re.findall(r"%\d", text)) != sorted(re.findall(r"%\d", translation)):
                yield f"{name}: other places than in: {text}"


if __name__ == "__main__":
    found = list(faults())
    print("\n".join(found))
    print(f"messages: {len(found)} faults")
    sys.exit(1 if found else 0)
