"""The OASIS profiles' test cases, each on the tokens that claim its profile. JPKI_OASIS_PROFILES names their folder."""
import os
import re

from harness.tools import module
from harness.world import PINS

from suite import LABELS, PIN, SoftTokens

FOLDER = os.environ.get("JPKI_OASIS_PROFILES")
MISSING = ("the OASIS profiles' test cases are not part of this project; docs/spec-coverage.md says where they are "
           "published: scripts/dev conformance --profiles FOLDER")
TEXTS = {"BL-M-1-32", "EXT-M-1-32", "AUTH-M-1-32", "CERT-M-1-32"}
# Differences from the literal texts that docs/spec-coverage.md explains.
EXPLAINED = re.compile(
    r"no object has the text's label|(MODULUS|PUBLIC_EXPONENT|LABEL|VALUE|the signature) has another value|"
    r"the length of (LABEL|VALUE) is|the search finds \d+ objects|the object has no such attribute|"
    r"flags of CK_(SLOT|TOKEN)_INFO|(Max|Min)PinLen|(Total|Free)(Public|Private)Memory is 18446744073709551615,|"
    r"m(in|ax)imum key size for \w+ is|flags for RSA_PKCS is")


class Profiles(SoftTokens):
    def setUp(self):
        if not FOLDER:
            self.skipTest(MISSING)
        super().setUp()

    def replay(self, token, pin, claimed, **env):
        report = self.judge(module(), token, pin, "--profiles", FOLDER, "--only", "oasis.*", env=env)
        self.assertEqual(self.failures(report), [])
        results = {case["id"][len("oasis."):]: case["result"] for case in report["cases"]}
        self.assertEqual(results, {text: "pass" if text in claimed else "na" for text in TEXTS})
        warnings = {warning for case in report["cases"] for warning in case.get("warnings", [])}
        self.assertEqual([warning for warning in sorted(warnings) if not EXPLAINED.match(warning)], [])

    def test_card(self):
        card = self.copy_of("mynumber")
        self.replay(LABELS["auth"], PINS["auth"], {"BL-M-1-32", "AUTH-M-1-32", "CERT-M-1-32"}, JPKI_VIRTUAL_CARDS=card)
        self.replay(LABELS["sign"], PINS["sign"], {"BL-M-1-32", "AUTH-M-1-32"}, JPKI_VIRTUAL_CARDS=card)

    def test_software(self):
        self.make_free("free")
        self.replay("free", PIN, {"BL-M-1-32", "EXT-M-1-32", "AUTH-M-1-32"})

    def test_software_card(self):
        pair = self.make_pair("Hanako")
        self.replay(*pair["auth"], {"BL-M-1-32", "AUTH-M-1-32", "CERT-M-1-32"})
        self.replay(*pair["sign"], {"BL-M-1-32", "AUTH-M-1-32"})


del SoftTokens
