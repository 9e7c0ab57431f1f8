"""The runner's proof: other modules' deviations are found, each time the same ones."""
from harness.tools import opensc_module, run
from harness.world import PINS, PcscCase

from suite import PIN, SO_PIN, Softhsm, Suite, softhsm_module

FEWEST = 15  # deviations of SoftHSM2 2.6.1, by sentence
# What threads meet is not the same in each run, where a module has races.
VARYING = ("threads.", "slot_event.finalize")


def deviations(report):
    """{(chapter, sentence): cases that fail}"""
    found = {}
    for case in report["cases"]:
        if case["result"] == "fail" and not case["id"].startswith(VARYING):
            found.setdefault((case["chapter"], case["sentence"]), []).append(case["id"])
    return found


def some(cases, most=5):
    words = ", ".join(f"`{case}`" for case in cases[:most])
    return words + (f" and {len(cases) - most} more" if len(cases) > most else "")


def page(name, found):
    rows = "".join(f"| {chapter} | {sentence} | {some(cases)} |\n" for (chapter, sentence), cases in found.items())
    return (f"# What does not hold of {name}\n\n{len(found)} sentences of PKCS #11 3.2, by the cases that fail.\n\n"
            f"| chapter | sentence | cases |\n|---|---|---|\n{rows}")


class Others(Suite):
    def judged(self, name, column, *arguments, **options):
        report = self.judge(*arguments, **options)
        self.hold("others", column, report, but=VARYING, fails_only=True)
        found = deviations(report)
        self.hold_text(column + ".md", page(name, found))
        return found


class SoftHSM2(Softhsm, Others):
    def test_deviates_as_known(self):
        said = run(["pkcs11-tool", "--module", softhsm_module(), "--show-info"], env=self.env()).out
        if "(ver 2.6)" not in said:
            self.skipTest("the reference is of SoftHSM2 2.6.1; installed is another one")
        found = self.judged("SoftHSM2 2.6.1", "softhsm2", softhsm_module(), self.LABEL, PIN, so_pin=SO_PIN)
        self.assertGreaterEqual(len(found), FEWEST)


class OpenSC(PcscCase, Others):
    def of_card(self, view, token):
        self.virtual_card("mynumber")
        said = run(["pkcs11-tool", "--module", opensc_module(), "--show-info"], env=self.env()).out
        if "(ver 0.23)" not in said:
            self.skipTest("the reference is of OpenSC 0.23; installed is another one")
        self.judged(f"OpenSC 0.23, token \"{token}\"", f"opensc-{view}", opensc_module(), token, PINS[view], "--read-only")

    def test_auth(self):
        self.of_card("auth", "JPKI (User Authentication PIN)")

    def test_sign(self):
        self.of_card("sign", "JPKI (Digital Signature PIN)")


del PcscCase, Suite, Others, Softhsm
