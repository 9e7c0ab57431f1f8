"""The list of components (scripts/sbom.py): what SPDX 2.3 asks of it, and that it names all that the built files need."""
import json
import os
import re
import unittest

from harness.tools import ROOT, module, program, succeed

SCRIPT = os.path.join(ROOT, "scripts", "sbom.py")


class Sbom(unittest.TestCase):
    def made(self):
        return succeed([SCRIPT, "--version", "0.1.0", module(), program("jpki")], env={"SOURCE_DATE_EPOCH": "1700000000"}).out

    def test_the_document(self):
        document = json.loads(self.made())
        # SPDX 2.3, chapters 6, 7 and 11: what is mandatory.
        self.assertEqual((document["spdxVersion"], document["dataLicense"], document["SPDXID"]),
                         ("SPDX-2.3", "CC0-1.0", "SPDXRef-DOCUMENT"))
        self.assertRegex(document["documentNamespace"], r"^urn:sha256:[0-9a-f]{64}$")
        self.assertEqual(document["creationInfo"]["created"], "2023-11-14T22:13:20Z")
        self.assertRegex(document["creationInfo"]["creators"][0], r"^Tool: ")
        ids = [package["SPDXID"] for package in document["packages"]]
        self.assertEqual(len(ids), len(set(ids)))
        for package in document["packages"]:
            self.assertRegex(package["SPDXID"], r"^SPDXRef-[A-Za-z0-9.-]+$")
            self.assertTrue(package["name"] and package["versionInfo"] and package["downloadLocation"])
        known = {*ids, "SPDXRef-DOCUMENT"}
        for link in document["relationships"]:
            self.assertLessEqual({link["spdxElementId"], link["relatedSpdxElement"]}, known)
        self.assertIn({"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES",
                       "relatedSpdxElement": "SPDXRef-jpki-pkcs11"}, document["relationships"])

    def test_what_the_loader_finds_is_in_it(self):
        """By ldd and dpkg, which the script does not use so."""
        document = json.loads(self.made())
        names_of = {package["SPDXID"]: package["name"] for package in document["packages"]}
        linked = {names_of[link["relatedSpdxElement"]] for link in document["relationships"]
                  if link["relationshipType"] == "DYNAMIC_LINK"}
        direct = set()
        for file in (module(), program("jpki")):
            direct |= set(re.findall(r"Shared library: \[(.*)\]", succeed(["readelf", "-d", file]).out))
            for soname, path in re.findall(r"(\S+) => (\S+) ", succeed(["ldd", file]).out):
                if soname in direct:
                    owner = succeed(["dpkg", "-S", os.path.join("*", os.path.basename(os.path.realpath(path)))]).out
                    names = {line.split(":")[0] for line in owner.splitlines()}
                    self.assertTrue(names & linked, f"{soname}: {names}")
        self.assertIn("libcrypto.so.3", direct)
        for package, relation in (("libsqlite3-0", "RUNTIME_DEPENDENCY_OF"), ("cmake", "BUILD_DEPENDENCY_OF")):
            self.assertIn({"spdxElementId": f"SPDXRef-{package}", "relationshipType": relation,
                           "relatedSpdxElement": "SPDXRef-jpki-pkcs11"}, document["relationships"])
        self.assertIn({"spdxElementId": "SPDXRef-jpki-pkcs11", "relationshipType": "CONTAINS",
                       "relatedSpdxElement": "SPDXRef-libtomlplusplus-dev"}, document["relationships"])

    def test_twice_the_same(self):
        self.assertEqual(self.made(), self.made())
