"""docs/hazards.md: every hazard has a row, and every proof that a row names is there."""
import glob
import os
import re
import unittest

from harness.tools import ROOT

PAGE = os.path.join(ROOT, "docs", "hazards.md")
ALL = [f"H{number}" for number in range(1, 33)]


def rows():
    """number -> (proofs, remark)"""
    found = {}
    with open(PAGE, encoding="utf-8") as file:
        for line in file:
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            if re.fullmatch(r"H\d+", cells[0]) and len(cells) == 4:
                found[cells[0]] = (cells[2], cells[3])
    return found


def text_of(pattern):
    """All sources that the pattern names, with the breaks inside of C++ texts taken out."""
    text = ""
    for path in glob.glob(os.path.join(ROOT, "tests", pattern)):
        with open(path, encoding="utf-8") as file:
            text += file.read()
    return re.sub(r'"\s*\n\s*"', "", text)


def sources_of(program):
    """Where the cases of a test program are: scenario_NAME, unit_LAYER."""
    kind, name = program.split("_", 1)
    return {"scenario": f"scenarios/{name}_test.cpp", "unit": f"unit/{name}/*.cpp"}[kind]


def missing(proofs):
    """Names in the cell of proofs that name nothing. A program or folder, then its cases."""
    lacking = []
    for group in filter(None, re.split(r";\s+(?=`)", proofs)):
        names = re.findall(r"`([^`]+)`", group)
        where, cases = names[0], names[1:]
        if where.startswith("tests/") and not cases:
            lacking += [] if os.path.exists(os.path.join(ROOT, where)) else [where]
        elif where.startswith("tests/"):
            text = text_of(os.path.join(where[len("tests/"):], "test_*.py"))
            lacking += [case for case in cases if not re.search(
                r"^class %s\(.*?^    def %s\(" % tuple(case.split(".")), text, re.M | re.S)]
        else:
            text = text_of(sources_of(where))
            lacking += [case for case in cases if not re.search(r'TEST_CASE\(\s*"' + re.escape(case) + '"', text)]
            lacking += [] if cases else [where]
    return lacking


class Hazards(unittest.TestCase):
    def test_every_hazard_has_one_row(self):
        self.assertEqual(list(rows()), ALL)

    def test_every_proof_is_there(self):
        self.assertEqual({number: gone for number, (proofs, _) in rows().items() if (gone := missing(proofs))}, {})

    def test_a_row_without_a_proof_says_why(self):
        for number, (proofs, remark) in rows().items():
            if not proofs:
                self.assertRegex(remark, "does not apply|owed", number)

    def test_the_search_misses_what_is_not_there(self):
        self.assertEqual(missing("`unit_pcsc`: `a case that nobody wrote`; `tests/pcsc`: `Pins.test_nothing`; `tests/no.py`"),
                         ["a case that nobody wrote", "Pins.test_nothing", "tests/no.py"])
