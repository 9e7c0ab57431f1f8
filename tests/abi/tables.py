"""The three tables of tests/vectors/pkcs11-3.2, read once for the scripts here."""
import re
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "vectors" / "pkcs11-3.2"


def rows(name):
    lines = (FOLDER / name).read_text().splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


def constants():
    """name -> value, in the table's order"""
    return {name: int(value, 0) for name, value in rows("constants.tsv")}


def functions():
    """(name, version, ["type name", ...]), in the order of the lists"""
    return [(name, since, arguments.split("; ")) for name, since, arguments in rows("functions.tsv")]


def structures():
    """name -> ["type name", ...], without the typedefs"""
    found = {}
    for name, member in rows("structures.tsv"):
        if name != "(typedef)":
            found.setdefault(name, []).append(member)
    return found


def typedefs():
    """name -> type; a line that was continued in the source has lost its backslash"""
    found = {}
    for name, text in rows("structures.tsv"):
        if name == "(typedef)":
            kind, alias = re.sub(r"\s*\\\s*", " ", text).rsplit(" ", 1)
            found[alias] = kind
    return found


def function_lists():
    """list structure -> names of its functions"""
    versions = {"CK_FUNCTION_LIST": ["2.40"], "CK_FUNCTION_LIST_3_0": ["2.40", "3.0"],
                "CK_FUNCTION_LIST_3_2": ["2.40", "3.0", "3.2"]}
    return {name: [function for function, since, _ in functions() if since in wanted]
            for name, wanted in versions.items()}


def all_members():
    """structure -> [(type, member name, array length or None)], function lists included"""
    found = {}
    for name, members in structures().items():
        split = [re.fullmatch(r"(\S+) (\w+)(?:\[(\d+)\])?", member).groups() for member in members]
        found[name] = [(kind, member, int(length) if length else None) for kind, member, length in split]
    for name, members in function_lists().items():
        found[name] = [("CK_VERSION", "version", None)] + [("CK_" + m, m, None) for m in members]
    return found
