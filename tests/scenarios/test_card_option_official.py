"""compat = "official": a program that was written for the official module finds what it looks for."""
import os
import re
from urllib.parse import quote

from harness.citizen import ToolCase
from harness.tools import ROOT, SUPPORT, module, run, succeed
from harness.world import KEY_IDS, PINS

DATA = "電子申請\n".encode()


class Official(ToolCase):
    def setUp(self):
        super().setUp()
        self.insert("mynumber")
        self.program = self.path("usercert")
        succeed(["cc", "-std=c99", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-I", os.path.join(ROOT, "include"), "-o", self.program,
                 os.path.join(SUPPORT, "usercert.c"), "-ldl"])

    def compat(self, value):
        env = {**self.env(), "JPKI_CONFIG": self.write("jpki.toml", f'compat = "{value}"\n'.encode())}
        self.env = lambda: env

    def sign(self, view):
        return run([self.program, module(view), self.write("data", DATA), self.path("sig"), self.path("cert")],
                   env={**self.env(), "USERCERT_PIN": PINS[view]})

    def test_either_half(self):
        self.compat("official")
        for view in PINS:
            said = self.sign(view)
            self.assertEqual((said.status, said.text), (0, ""), str(said))
            self.assertEqual(self.read("cert"), self.certificate("mynumber", view))
            self.verify(self.read("cert"), self.read("sig"), DATA)

    def test_off_unless_asked_for(self):
        self.compat("off")
        said = self.sign("auth")
        self.assertEqual(said.status, 1, str(said))
        self.assertIn("not exactly one", said.err)

    def test_nothing_but_that_label_changes(self):
        listed = {}
        for value in ("off", "official"):
            self.compat(value)
            listed[value] = self.pkcs11_tool("-O", "--login", path=module("sign"), pin=PINS["sign"]).out
        usual = "Digital Signature Certificate"
        self.assertEqual(re.findall(r"(.*) USERCERT$", listed["official"], re.M), ["  label:     "])
        # OpenSC of Debian 13 has the label in a PKCS #11 URI too, with escapes (RFC 7512, 2.3).
        named = listed["official"].replace(";object=USERCERT;", f";object={quote(usual)};").replace(" USERCERT\n", f" {usual}\n")
        self.assertEqual(named, listed["off"])
        self.assertIn(KEY_IDS["sign"], listed["official"])
