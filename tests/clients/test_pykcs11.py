"""PyKCS11: a Python program signs and reads the certificate."""
import os

from client_case import KEY_IDS, PINS, VIEWS, WRONG_PINS, OnCard, OnSoft
from harness.network import PYTHON
from harness.tools import module

CLIENT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pykcs11_client.py")


class PyKcs11:
    def program(self, view, pin=None):
        return self.client_run([PYTHON, CLIENT, module(view), KEY_IDS[view], self.text_file(), self.path("sig")],
                               env={"TOKEN_PIN": pin or PINS[view]})

    def test_signs(self):
        for view in VIEWS:
            with self.subTest(view=view):
                done = self.program(view)
                self.assertEqual(done.status, 0, str(done))
                self.assert_signed(view, self.path("sig"))
                self.assertEqual(self.read("sig.der"), self.truth(view))

    def test_wrong_pin(self):
        before = self.tries_left("sign")
        done = self.program("sign", WRONG_PINS["sign"])
        self.assertEqual((done.status, done.err.strip()), (1, "CKR_PIN_INCORRECT (0x000000A0)"), str(done))
        self.assertEqual(self.tries_left("sign"), before - 1)

    def test_no_token(self):
        self.no_token()
        done = self.program("auth")
        self.assertEqual((done.status, done.err.strip()), (1, "no token"), str(done))


class Card(PyKcs11, OnCard):
    pass


class Software(PyKcs11, OnSoft):
    pass
