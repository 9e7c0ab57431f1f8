"""Both keys of both kinds of card sign; OpenSSL verifies."""
import hashlib

from harness.tools import module
from harness.world import KEY_IDS, KIND_VIEWS, PINS, PcscCase

DATA = "住民票の写しの交付を申請します。\n".encode()
DIGEST_OF = {"SHA1_RSA_PKCS": "sha1", "SHA256_RSA_PKCS": "sha256", "SHA384_RSA_PKCS": "sha384",
             "SHA512_RSA_PKCS": "sha512"}
SHA256_INFO = bytes.fromhex("3031300d060960864801650304020105000420")  # RFC 8017, section 9.2, note 1


class Signing(PcscCase):
    def tool_signs(self, kind, view, path, *where):
        self.virtual_card(kind)
        done = self.pkcs11_tool("--login", "--sign", "-m", "SHA256-RSA-PKCS", "--id", KEY_IDS[view], *where,
                                "-i", self.write("data", DATA), "-o", self.path("sig"), path=path, pin=PINS[view])
        self.assertEqual(done.status, 0, str(done))
        self.verify(self.certificate(kind, view), self.read("sig"), DATA)

    def test_my_number_authentication(self):
        self.tool_signs("mynumber", "auth", module(), "--slot-index", "0")

    def test_my_number_signature(self):
        self.tool_signs("mynumber", "sign", module(), "--slot-index", "1")

    def test_juki_signature(self):
        self.tool_signs("juki", "sign", module(), "--slot-index", "1")

    def test_my_number_authentication_view(self):
        self.tool_signs("mynumber", "auth", module("auth"))

    def test_my_number_signature_view(self):
        self.tool_signs("mynumber", "sign", module("sign"))

    def test_juki_signature_view(self):
        self.tool_signs("juki", "sign", module("sign"))

    def test_every_mechanism(self):
        for kind, view in KIND_VIEWS:
            card = self.virtual_card(kind)
            client = self.client()
            session, key = self.login(client, view)
            for mechanism, digest in DIGEST_OF.items():
                with self.subTest(kind=kind, view=view, mechanism=mechanism):
                    signature = client.sign(session, key, mechanism, DATA)
                    self.verify(self.certificate(kind, view), signature, DATA, digest)
            with self.subTest(kind=kind, view=view, mechanism="RSA_PKCS"):
                signature = client.sign(session, key, "RSA_PKCS", SHA256_INFO + hashlib.sha256(DATA).digest())
                self.verify(self.certificate(kind, view), signature, DATA)
            client.leave()

    def test_refused_mechanisms_cost_nothing(self):
        card = self.virtual_card()
        client = self.client()
        session, key = self.login(client, "auth")
        mark = card.mark()
        for mechanism in ("RSA_PKCS_PSS", "RSA_X_509"):
            with self.subTest(mechanism=mechanism), self.refused("CKR_MECHANISM_INVALID"):
                client.sign_init(session, key, mechanism)
        self.assertEqual(card.exchanges(mark), [])

    def test_lengths_that_the_card_would_refuse(self):
        card = self.virtual_card()
        client = self.client()
        session, key = self.login(client, "auth")
        client.sign(session, key, "RSA_PKCS", b"\x01" * 245)
        mark = card.mark()
        for size in (0, 246, 1000):
            with self.subTest(size=size), self.refused("CKR_DATA_LEN_RANGE"):
                client.sign(session, key, "RSA_PKCS", b"\x01" * size)
        self.assertFalse([e for e in card.exchanges(mark) if e.signs])

    def test_two_readers(self):
        """A card in each reader; each signs with its own key."""
        self.virtual_card("mynumber", slot=0)
        self.virtual_card("juki", slot=1)
        client = self.client()
        first, first_key = self.login(client, "sign", reader=0)
        second, second_key = self.login(client, "sign", reader=1)
        self.verify(self.certificate("mynumber", "sign"), client.sign(first, first_key, "SHA256_RSA_PKCS", DATA), DATA)
        self.verify(self.certificate("juki", "sign"), client.sign(second, second_key, "SHA256_RSA_PKCS", DATA), DATA)
