#!/usr/bin/python3
"""docs/hazards.md, read: which hazards there are, and which tests prove that they do no harm.

    hazards.py run H5...           runs the proofs of these hazards alone (all, if none is named)
    hazards.py ran FOLDER          fails unless every proof is among the JUnit results beneath the folder, passed
"""
import glob
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as xml
from dataclasses import dataclass

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PAGE = os.path.join(ROOT, "docs", "hazards.md")
ALL = [f"H{number}" for number in range(1, 33)]
# What is no program of the build, and the test of ctest that runs it.
SCRIPTS = {"tests/model/check.py": "model", "tests/abi/hardening.py": "abi_hardening"}


@dataclass(frozen=True)
class Proof:
    where: str  # a program (scenario_faults), a folder of Python tests (tests/pcsc), or a script
    case: str   # "" where it is all of it

    def in_python(self):
        return self.where.startswith("tests/") and bool(self.case)

    def exists(self):
        if self.where.startswith("tests/") and not self.case:
            return os.path.exists(os.path.join(ROOT, self.where))
        if self.in_python():
            return re.search(r"^class %s\(.*?^    def %s\(" % tuple(self.case.split(".")),
                             text_of(os.path.join(self.where[len("tests/"):], "test_*.py")), re.M | re.S)
        text = text_of(sources_of(self.where))
        return re.search(r'TEST_CASE\(\s*"' + re.escape(self.case) + '"', text) if self.case else bool(text)

    def command(self, build):
        if self.in_python():
            return [sys.executable, "tests/run.py", "-k", self.case, self.where]
        if self.where == "tests/abi/hardening.py":
            return ["ctest", "--test-dir", build, "--output-on-failure", "-R", f"^{SCRIPTS[self.where]}$"]
        if self.where.startswith("tests/"):
            return [sys.executable, self.where]
        if self.where.startswith("fuzz_"):
            return [os.path.join(build, "bin", self.where), os.path.join("tests", "fuzz", "corpus", self.where[len("fuzz_"):])]
        # Catch takes a comma for "or".
        return [os.path.join(build, "bin", self.where)] + [re.sub(r'([\\,\[\]*"~])', r"\\\1", self.case)][:bool(self.case)]

    def among(self, passed):
        """Whether it is among the names of tests that passed. A program of Catch is one test of ctest."""
        if self.in_python():
            return any(name.endswith("." + self.case) for name in passed)
        return SCRIPTS.get(self.where, self.where) in passed


def text_of(pattern):
    """All sources that the pattern names, with the breaks inside of C++ texts taken out."""
    text = ""
    for path in glob.glob(os.path.join(ROOT, "tests", pattern)):
        with open(path, encoding="utf-8") as file:
            text += file.read()
    return re.sub(r'"\s*\n\s*"', "", text)


def sources_of(program):
    """Where the cases of a test program are: scenario_NAME, unit_LAYER, torture_NAME, fuzz_NAME."""
    kind, name = program.split("_", 1)
    return {"scenario": f"scenarios/{name}_test.cpp", "unit": f"unit/{name}/*.cpp", "torture": f"torture/{name}.cpp",
            "fuzz": f"fuzz/{name}.cpp"}[kind]


def proofs_in(cell):
    """Groups between semicolons: a program or folder, a colon, its cases."""
    found = []
    for group in filter(None, re.split(r";\s+(?=`)", cell)):
        where, *cases = re.findall(r"`([^`]+)`", group)
        found += [Proof(where, case) for case in cases or [""]]
    return found


def rows():
    """number -> (proofs, remark)"""
    found = {}
    with open(PAGE, encoding="utf-8") as file:
        for line in file:
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            if re.fullmatch(r"H\d+", cells[0]) and len(cells) == 4:
                found[cells[0]] = (proofs_in(cells[2]), cells[3])
    return found


def run(numbers):
    build = os.environ.setdefault("JPKI_BUILD", os.path.join(ROOT, "build", "release"))
    failed = 0
    table = rows()
    for number in numbers or ALL:
        for proof in table[number][0]:
            command = proof.command(build)
            print(f"\n== {number}: {proof.where} {proof.case}", flush=True)
            failed += subprocess.run(command, cwd=ROOT).returncode != 0
        if not table[number][0]:
            print(f"\n== {number}: {table[number][1]}", flush=True)
    print(f"{failed} failed")
    return 1 if failed else 0


def ran(folder):
    passed = set()
    for path in glob.glob(os.path.join(folder, "**", "*.xml"), recursive=True):
        for case in xml.parse(path).getroot().iter("testcase"):
            if all(case.find(word) is None for word in ("failure", "error", "skipped")):
                passed.add(case.get("name"))
    table = rows()
    missing = [(number, proof) for number, (proofs, _) in table.items() for proof in proofs if not proof.among(passed)]
    for number, proof in missing:
        print(f"{number}: did not run, or failed: {proof.where} {proof.case}")
    proofs = {proof for proofs, _ in table.values() for proof in proofs}
    print(f"{len(table)} hazards, {len(proofs)} proofs, {len(proofs) - len({proof for _, proof in missing})} ran")
    return 1 if missing else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["run"]:
        sys.exit(run(sys.argv[2:]))
    if sys.argv[1:2] == ["ran"] and len(sys.argv) == 3:
        sys.exit(ran(sys.argv[2]))
    sys.exit(__doc__)
