"""What a person sees of a card: pkcs11-tool -L and -O."""
import re

from harness.tools import module
from harness.world import KEY_IDS, KIND_VIEWS, KINDS, PINS, PcscCase

# CKA_ID of the CA certificate on each token
CA_IDS = {"auth": "03", "sign": "04"}
# class and CKA_ID of what each token shows to anybody; the rest is seen after login
PUBLIC = {
    "auth": {("Certificate", "01"), ("Public Key", "01"), ("Certificate", "03")},
    "sign": {("Certificate", "04")},
}
ALL = {view: {("Private Key", key), ("Certificate", key), ("Public Key", key), ("Certificate", CA_IDS[view])}
       for view, key in KEY_IDS.items()}


def objects(listing):
    """(class, id) of each object that pkcs11-tool -O printed."""
    found, kind = [], None
    for line in listing.splitlines():
        if " Object" in line and not line.startswith(" "):
            kind = line.split(" Object")[0]
        match = re.match(r"\s+ID:\s+([0-9a-f]+)", line)
        if match and kind != "Profile":
            found.append((kind, match.group(1)))
    return found


def tokens(listing):
    """[(label, serial)] of the tokens that pkcs11-tool -L printed."""
    labels = re.findall(r"token label\s+: (.*)", listing)
    return list(zip(labels, re.findall(r"serial num\s+: (.*)", listing)))


class Listing(PcscCase):
    def test_slots_of_a_my_number_card(self):
        self.virtual_card("mynumber")
        listing = self.pkcs11_tool("-L")
        self.assertEqual(listing.status, 0, str(listing))
        self.assertEqual(listing.out.count("Slot "), 4, "two readers, two slots each")
        found = tokens(listing.out)
        self.assertEqual(len(found), 2, str(listing))
        self.assertNotEqual(found[0][0], found[1][0], "labels")
        self.assertNotEqual(found[0][1], found[1][1], "serial numbers")
        for _, serial in found:
            self.assertRegex(serial, "^[0-9A-Fa-f]{16}$")

    def test_slots_of_a_juki_card(self):
        self.virtual_card("juki")
        listing = self.pkcs11_tool("-L")
        self.assertEqual(listing.status, 0, str(listing))
        self.assertEqual(len(tokens(listing.out)), 1, "it has no authentication half")
        first, second = re.split(r"^Slot 1 ", listing.out, flags=re.M)[:2]
        self.assertNotIn("token label", first)
        self.assertIn("token label", second.split("Slot 2 ")[0])

    def test_one_view_a_library(self):
        self.virtual_card("mynumber")
        both = tokens(self.pkcs11_tool("-L").out)
        for number, view in enumerate(("auth", "sign")):
            listing = self.pkcs11_tool("-L", path=module(view))
            self.assertEqual(listing.out.count("Slot "), 2, f"{view}: two readers, one slot each")
            self.assertEqual(tokens(listing.out), [both[number]])

    def test_serial_is_the_cards_own(self):
        self.virtual_card("mynumber", slot=0)
        self.virtual_card("juki", slot=1)
        found = tokens(self.pkcs11_tool("-L").out)
        self.assertEqual(len(found), 3)
        self.assertEqual(len({serial for _, serial in found}), 3)

    def test_objects_before_login(self):
        for kind, facts in KINDS.items():
            card = self.virtual_card(kind)
            for view in facts["views"]:
                with self.subTest(kind=kind, view=view):
                    listing = self.pkcs11_tool("-O", path=module(view))
                    self.assertEqual(listing.status, 0, str(listing))
                    found = objects(listing.out)
                    self.assertEqual(set(found), PUBLIC[view], str(listing))
                    self.assertEqual(len(found), len(PUBLIC[view]))

    def test_objects_after_login(self):
        for kind, facts in KINDS.items():
            card = self.virtual_card(kind)
            for view in facts["views"]:
                with self.subTest(kind=kind, view=view):
                    listing = self.pkcs11_tool("--login", "-O", path=module(view), pin=PINS[view])
                    self.assertEqual(listing.status, 0, str(listing))
                    found = objects(listing.out)
                    self.assertEqual(set(found), ALL[view], str(listing))
                    self.assertEqual(len(found), len(ALL[view]))
                    self.assertNotIn("公的", listing.out, "no name in any label")

    def test_certificate_bytes(self):
        for kind, view in KIND_VIEWS:
            with self.subTest(kind=kind, view=view):
                card = self.virtual_card(kind)
                out = self.path("read.der")
                done = self.pkcs11_tool("--login", "--read-object", "--type", "cert", "--id", KEY_IDS[view],
                                        "-o", out, path=module(view), pin=PINS[view])
                self.assertEqual(done.status, 0, str(done))
                self.assertEqual(self.read("read.der"), self.certificate(kind, view))

    def test_mechanisms(self):
        self.virtual_card("mynumber")
        listing = self.pkcs11_tool("-M", path=module("auth")).out
        signing = set(re.findall(r"^\s+([A-Z0-9-]+), .*\bsign\b", listing, re.M))
        self.assertEqual(signing, {"RSA-PKCS", "SHA1-RSA-PKCS", "SHA256-RSA-PKCS", "SHA384-RSA-PKCS",
                                   "SHA512-RSA-PKCS"}, listing)
        self.assertNotIn("PSS", listing)
        self.assertNotIn("RSA-X-509", listing)

    def test_no_card(self):
        listing = self.pkcs11_tool("-L")
        self.assertEqual(listing.status, 0, str(listing))
        self.assertEqual(listing.out.count("(empty)"), 4, str(listing))

    def test_no_service(self):
        self.pcscd.kill()
        listing = self.pkcs11_tool("-L")
        self.assertNotIn("token label", listing.out)
        self.assertIn("Available slots:", listing.out, str(listing))
