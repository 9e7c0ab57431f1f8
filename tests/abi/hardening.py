#!/usr/bin/python3
"""How the built libraries and programs are hardened, as readelf (binutils) sees them.

    hardening.py [--optimised] [--marked ARCHIVE_OR_OBJECT]... FILE...

--optimised: the build has FORTIFY (it needs an optimising compiler). --marked: object files that must carry the
marks of Intel's CET. Those of a whole file are lost in linking where one object of the C library has none, as in Debian 12
(crti.o); so it is our objects that are looked at, and where calls from outside arrive in the libraries.
"""
import argparse
import os
import re
import sys

from shared_object import dynamic, readelf

ENDBR64 = bytes.fromhex("f30f1efa")  # Intel SDM, volume 2: the only place where an indirect call may land
SEGMENT = re.compile(r"^\s+(\w+)\s+(0x\w+)\s+(0x\w+)\s+0x\w+\s+(0x\w+)\s+0x\w+\s+([RWE ]+?)\s+0x", re.M)


def symbols(file):
    """(name, address, whether it is defined here) of the dynamic symbols."""
    for line in readelf("--dyn-syms", file).splitlines():
        cells = line.split()
        if len(cells) > 7 and cells[0].rstrip(":").isdigit():
            yield cells[7].split("@")[0], int(cells[1], 16), cells[6] != "UND"


def segment_faults(segments):
    if not any(kind == "GNU_RELRO" for kind, *_ in segments):
        yield "no RELRO"
    stack = [flags for kind, *_, flags in segments if kind == "GNU_STACK"]
    if len(stack) != 1 or "E" in stack[0]:
        yield "the stack is executable"
    for kind, offset, *_, flags in segments:
        if kind == "LOAD" and "W" in flags and "E" in flags:
            yield f"the segment at {offset} is writable and executable"


def dynamic_faults(file, is_program):
    entries = dynamic(file)
    for tag in ("RPATH", "RUNPATH", "TEXTREL"):
        if tag in dict(entries):
            yield f"has {tag}"
    if not any(tag == "FLAGS" and "BIND_NOW" in text for tag, text in entries):
        yield "symbols are bound late (no -z now)"
    if is_program and not any(tag == "FLAGS_1" and "PIE" in text for tag, text in entries):
        yield "its place in memory is always the same (no PIE)"


def symbol_faults(file, is_program, optimised):
    named = list(symbols(file))
    asked = {name for name, _, defined in named if not defined}
    if "__stack_chk_fail" not in asked:
        yield "no stack protector"
    if optimised and not any(re.fullmatch(r"__\w+_chk", name) for name in asked):
        yield "no function of the C library is called in its checked form (FORTIFY)"
    # The compiler's own: copies of the C++ library's variables, which the loader puts into a program.
    ours = sorted(name for name, _, defined in named if defined and "jpki" in name)
    if is_program and ours:
        yield f"a program exports {ours}"


def landing_faults(file, segments):
    """Each exported function begins with the instruction where calls may land."""
    with open(file, "rb") as content:
        image = content.read()
    loads = [[int(number, 16) for number in row[1:4]] for row in segments if row[0] == "LOAD"]
    found = [(name, address) for name, address, defined in symbols(file) if defined and name.startswith("C_")]
    if not found:
        yield "no function is exported"
    for name, address in found:
        at = next(offset + address - start for offset, start, size in loads if start <= address < start + size)
        if image[at:at + 4] != ENDBR64:
            yield f"{name} does not begin with endbr64"


def faults(file, optimised, x86):
    segments = SEGMENT.findall(readelf("--program-headers", file))
    is_program = any(kind == "INTERP" for kind, *_ in segments)
    yield from segment_faults(segments)
    yield from dynamic_faults(file, is_program)
    yield from symbol_faults(file, is_program, optimised)
    if x86 and not is_program:
        yield from landing_faults(file, segments)


def unmarked(file):
    """Objects without the marks; in a library's archive each member is one."""
    members = re.split(r"^File: ", readelf("--notes", file), flags=re.M)
    for member in members[1:] or members:
        if "IBT" not in member or "SHSTK" not in member:
            yield f"{member.splitlines()[0] if member else file}: not compiled with -fcf-protection"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--optimised", action="store_true")
    parser.add_argument("--marked", action="append", default=[])
    parser.add_argument("files", nargs="+")
    options = parser.parse_args()
    x86 = os.uname().machine == "x86_64" and bool(options.marked)
    found = [f"{file}: {fault}" for file in options.files for fault in faults(file, options.optimised, x86)]
    found += [fault for file in options.marked for fault in unmarked(file)]
    print("\n".join(found) or f"{len(options.files)} files are hardened as they should be")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
