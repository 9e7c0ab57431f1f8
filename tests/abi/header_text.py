"""Compares the header's text with the tables: names and types as written, and that nothing is there beyond them."""
import re
import sys
import unittest
from pathlib import Path

import tables

HEADER = Path(__file__).parents[2] / "include" / "cryptoki" / "pkcs11.h"
TEXT = re.sub(r"/\*.*?\*/", " ", HEADER.read_text(), flags=re.S)

# Macros that are no constants: the guard and the platform's directives (chapter 2).
DIRECTIVES = {"CRYPTOKI_PKCS11_H", "CK_PTR", "CK_DEFINE_FUNCTION", "CK_DECLARE_FUNCTION",
              "CK_DECLARE_FUNCTION_POINTER", "CK_CALLBACK_FUNCTION", "NULL_PTR"}

# Types of callbacks, which the table of types has no form for (3.6, 3.7).
CALLBACKS = {"CK_NOTIFY", "CK_CREATEMUTEX", "CK_DESTROYMUTEX", "CK_LOCKMUTEX", "CK_UNLOCKMUTEX"}


def plain(text):
    return re.sub(r"\s+", " ", text).strip()


def c_type(text):
    """The header writes `unsigned long`, and a pointer to a structure by its typedef name."""
    return re.sub(r"^struct ", "", text.replace("long int", "long"))


def structure_bodies():
    found = re.findall(r"(?:typedef )?struct (\w+) \{(.*?)\}", TEXT, flags=re.S)
    return {name: [plain(m) for m in body.split(";") if plain(m)] for name, body in found}


def declarations(pattern):
    """[(name, ["type name", ...])] in the header's order"""
    found = re.findall(pattern + r"\(([^()]*)\);", TEXT)
    return [(name, plain(arguments).split(", ")) for name, arguments in found]


class HeaderText(unittest.TestCase):
    maxDiff = None

    def test_every_constant_and_no_other(self):
        defined = re.findall(r"^#define (\w+)", TEXT, flags=re.M)
        self.assertEqual(sorted(set(defined) - DIRECTIVES), sorted(tables.constants()))
        self.assertEqual(len([d for d in defined if d not in DIRECTIVES]), len(set(defined) - DIRECTIVES))

    def test_members_in_order_with_their_types(self):
        bodies = structure_bodies()
        wanted = dict(tables.structures())
        for name, functions in tables.function_lists().items():
            wanted[name] = ["CK_VERSION version"] + [f"CK_{f} {f}" for f in functions]
        self.assertEqual(bodies, wanted)

    def test_types(self):
        found = {name: plain(kind) for kind, name in re.findall(r"^typedef ([^;{}()]+?) (\w+);", TEXT, flags=re.M)}
        for name, kind in tables.typedefs().items():
            with self.subTest(name):
                self.assertEqual(c_type(found[name]), c_type(kind))
        beyond = set(found) - set(tables.typedefs())
        self.assertEqual([n for n in beyond if found[n] != n.removesuffix("_PTR") + " CK_PTR"], [])

    def test_prototypes_and_pointers(self):
        wanted = [(name, arguments) for name, _, arguments in tables.functions()]
        self.assertEqual(declarations(r"CK_DECLARE_FUNCTION\(CK_RV, (\w+)\)"), wanted)
        self.assertEqual(declarations(r"CK_DECLARE_FUNCTION_POINTER\(CK_RV, CK_(\w+)\)"), wanted)

    def test_callbacks(self):
        self.assertEqual({name for name, _ in declarations(r"typedef CK_CALLBACK_FUNCTION\(CK_RV, (\w+)\)")}, CALLBACKS)


if __name__ == "__main__":
    sys.exit(unittest.main())
