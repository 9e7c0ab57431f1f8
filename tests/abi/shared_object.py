#!/usr/bin/python3
"""A built library from outside, as readelf (binutils) sees it: what it exports and what it needs (hardening.py: the rest).

    shared_object.py [--sanitized] LIBRARY

It is loaded into browsers, JVMs and daemons: nothing but the standard's functions may be visible, nothing but a short
list of libraries come along.
"""
import re
import subprocess
import sys

import tables

NEEDED = {"libc.so.6", "libcrypto.so.3", "libgcc_s.so.1", "libpcsclite.so.1"}  # C++ is inside; SQLite is loaded late
LOADER = re.compile(r"ld-linux[-\w]*\.so\.\d+")  # where thread-local storage needs it
RUNTIMES = re.compile(r"lib(asan|ubsan|tsan|m|stdc\+\+)\.so\.\d+")


def readelf(*words):
    return subprocess.run(["readelf", "--wide", *words], check=True, capture_output=True, text=True,
                          env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"}).stdout


def exported(library):
    """Names of the defined dynamic symbols."""
    for line in readelf("--dyn-syms", library).splitlines():
        cells = line.split()
        if len(cells) > 7 and cells[0].rstrip(":").isdigit() and cells[6] != "UND":
            yield cells[7].split("@")[0]


def dynamic(library):
    """(tag, text) of the dynamic section."""
    return re.findall(r"^ 0x[0-9a-f]+ \((\w+)\)\s+(.*)$", readelf("--dynamic", library), re.M)


def faults(library, sanitized):
    names = sorted(exported(library))
    expected = sorted(name for name, _, _ in tables.functions())
    if len(expected) != 104 or names != expected:
        yield f"exports: too many {set(names) - set(expected)}, missing {set(expected) - set(names)}"
    entries = dynamic(library)
    needed = {re.search(r"\[(.*)\]", text).group(1) for tag, text in entries if tag == "NEEDED"}
    allowed = {name for name in needed if LOADER.fullmatch(name) or (sanitized and RUNTIMES.fullmatch(name))}
    if needed - allowed != NEEDED:
        yield f"needs {sorted(needed)}"
    if "SYMBOLIC" not in dict(entries):
        yield "its own functions are looked up in other libraries first (no -Bsymbolic)"
    if not any(tag == "FLAGS_1" and "NODELETE" in text for tag, text in entries):
        yield "dlclose takes it away under its own feet (no -z nodelete)"


def main():
    words = sys.argv[1:]
    sanitized = "--sanitized" in words
    found = [f"{library}: {fault}" for library in words if library != "--sanitized"
             for fault in faults(library, sanitized)]
    print("\n".join(found) or "exports and needs are as they should be")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
