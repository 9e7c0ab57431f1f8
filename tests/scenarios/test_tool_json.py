"""What jpki --json answers, against the page that promises it (docs/json.md)."""
import json
import os
import re

from harness.citizen import TrustCase
from harness.tools import ROOT
from harness.world import PINS


def promised():
    """Chapter -> name -> whether it is always there."""
    chapters = {}
    with open(os.path.join(ROOT, "docs", "json.md"), encoding="utf-8") as file:
        for line in file:
            if line.startswith("## "):
                rows = {}
                for verb in line[3:].strip().split(", "):
                    chapters[verb] = rows
            elif line.startswith("| `"):
                for name, optional in re.findall(r"`([^`]+)`(\??)", line.split(" | ")[0]):
                    rows[name] = not optional
    return chapters


def names(value, prefix=""):
    """The names in a JSON value, as the page writes them."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from names(inner, f"{prefix}.{key}" if prefix else key)
    elif isinstance(value, list):
        if not value:
            yield prefix + "[]"
        for inner in value:
            yield from names(inner, prefix + "[]")
    else:
        yield prefix


class Promised(TrustCase):
    def said(self, *words):
        said = self.jpki(*words, "--json")
        self.assertNotEqual(said.out, "", str(said))
        return json.loads(said.out)

    def answers(self):
        """Verb, answer."""
        pin, data, fresh = self.pin(PINS["sign"]), self.path("data"), self.path("fresh")
        with open(data, "wb") as file:
            file.write(b"hello\n")
        with open(fresh, "w", encoding="ascii") as file:
            file.write("XYZ789\n")
        for verb in ("status", "pin status"):
            yield verb, self.said(*verb.split())
        yield "cert show", self.said("cert", "show", "sign", "--pin-file", pin)
        yield "cert show", self.said("cert", "show", "auth-ca")
        yield "cert fingerprint", self.said("cert", "fingerprint", "sign-ca", "--expect", self.sha1("sign"))
        yield "cert check", self.said("cert", "check", "auth")
        yield "trust add", self.said("trust", "add", self.ca("sign"), "--expect", self.sha1("sign"))
        yield "trust list", self.said("trust", "list")[0]
        holder = os.path.join(self.folders[0], "certs", "sign.der")
        revoked = self.crl("sign", self.x509(holder, "-serial").split("=")[1])
        yield "cert check", self.said("cert", "check", holder, "--crl", revoked)
        yield "sign", self.said("sign", data, "--pin-file", pin)
        yield "verify", self.said("verify", data, "--show-personal", "--crl", revoked)
        yield "trust remove", self.said("trust", "remove", self.sha1("sign"))
        yield "pin help", self.said("pin", "help")
        yield "pin change", self.said("pin", "change", "sign", "--pin-file", pin, "--new-pin-file", fresh, "--yes")
        yield "doctor", self.said("doctor")

    def test_every_name_is_on_the_page_and_what_is_promised_is_there(self):
        page, asked = promised(), set()
        for verb, answer in self.answers():
            asked.add(verb)
            found = set(names(answer))
            for name in found:
                # What is as in another chapter is promised there.
                whole = [name] + [name[:at.start()] for at in re.finditer(r"\.", name)]
                known = any(part in page[verb] for part in whole) or self.is_empty(name, page[verb])
                self.assertTrue(known, f"{verb}: {name} is not on the page")
            for name, always in page[verb].items():
                if always and verb not in ("pin change", "pin help"):
                    self.assertTrue(any(one == name or one.startswith((name + ".", name + "[")) or self.is_empty(one, [name])
                                        for one in found), f"{verb}: {name} is promised")
        self.assertEqual(asked, set(page))

    @staticmethod
    def is_empty(name, whole):
        """An array without elements has the beginning of its elements' names."""
        return name.endswith("[]") and any(one.startswith(name) for one in whole)

    def test_words_are_the_same_in_every_language(self):
        for words in (["cert", "show", "auth"], ["cert", "check", "auth"], ["status"]):
            self.assertEqual(len({self.jpki(*words, "--json", "--lang", language).out for language in ("en", "ja", "zh_CN")}), 1)

    def test_a_failure_says_nothing_on_standard_output(self):
        self.folders = []
        for words in (["cert", "show"], ["sign", self.path("nothing")], ["verify", self.path("nothing")], ["cert", "check", "x"]):
            said = self.jpki(*words, "--json")
            self.assertEqual(said.out, "", words)
            self.assertNotEqual(said.err, "")
