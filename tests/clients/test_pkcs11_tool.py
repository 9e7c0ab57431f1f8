"""pkcs11-tool (OpenSC): list, sign, verify by OpenSSL; PINs and cards that are not there."""
from client_case import DATA, KEY_IDS, PINS, VIEWS, WRONG_PINS, OnCard, OnSoft
from harness.tools import module


class Tool:
    def tool(self, view, *words, pin=None):
        return self.pkcs11_tool(*words, path=module(view), pin=pin)

    def test_lists_without_a_pin(self):
        said = self.tool("auth", "-O")
        self.assertEqual(said.status, 0, str(said))
        self.assertIn("User Authentication Certificate", said.out)
        self.assertNotIn("Private Key Object", said.out)

    def test_signs_with_every_hash(self):
        for view in VIEWS:
            for digest in ("sha1", "sha256", "sha384", "sha512"):
                with self.subTest(view=view, digest=digest):
                    done = self.tool(view, "--login", "--sign", "-m", f"{digest.upper()}-RSA-PKCS",
                                     "--id", KEY_IDS[view], "-i", self.text_file(), "-o", self.path("sig"), pin=PINS[view])
                    self.assertEqual(done.status, 0, str(done))
                    self.assert_signed(view, self.path("sig"), DATA, digest)

    def test_wrong_pin(self):
        for view in VIEWS:
            before = self.tries_left(view)
            said = self.tool(view, "--login", "-O", pin=WRONG_PINS[view])
            self.assertNotEqual(said.status, 0)
            self.assertIn("CKR_PIN_INCORRECT", said.text)
            self.assertEqual(self.tries_left(view), before - 1)

    def test_no_token(self):
        self.no_token()
        said = self.tool("auth", "--login", "-O", pin=PINS["auth"])
        self.assertEqual(said.status, 1, str(said))
        self.assertRegex(said.text, "No slot with a token was found|No slots")


class Card(Tool, OnCard):
    pass


class Software(Tool, OnSoft):
    pass
