"""pcscd killed and restarted while a program signs: every call ends, the next one finds the card again.

JPKI_TORTURE_RESTARTS says how often."""
import os

from harness.world import TRIES, PcscCase
from harness.worker import Refused

DATA = b"signed between two deaths"
LOST = {"CKR_DEVICE_REMOVED", "CKR_SESSION_HANDLE_INVALID", "CKR_DEVICE_ERROR", "CKR_TOKEN_NOT_PRESENT",
        "CKR_KEY_HANDLE_INVALID", "CKR_USER_NOT_LOGGED_IN"}


class Restarts(PcscCase):
    def until_lost(self, client, session, key):
        """Signs until that fails; how many signatures."""
        count = 0
        while True:
            try:
                signature = client.apart("sign", session, key, "SHA256_RSA_PKCS", DATA).result()
            except Refused as refused:
                self.assertIn(str(refused), LOST)
                return count
            self.assertEqual(signature, self.signature)
            count += 1

    def test_killed_under_load(self):
        rounds = int(os.environ.get("JPKI_TORTURE_RESTARTS", "20"))
        card, client = self.virtual_card(), self.client()
        session, key = self.login(client, "auth")
        self.signature = client.sign(session, key, "SHA256_RSA_PKCS", DATA)
        self.verify(self.certificate("mynumber", "auth"), self.signature, DATA)
        signatures = 0
        for number in range(rounds):
            pending = client.apart("sign", session, key, "SHA256_RSA_PKCS", DATA)
            (self.pcscd.kill if number % 2 else self.pcscd.stop)()
            try:
                self.assertEqual(pending.result(), self.signature)
            except Refused as refused:
                self.assertIn(str(refused), LOST)
            signatures += self.until_lost(client, session, key)
            self.pcscd.start()
            self.pcscd.wait_card(True)
            self.wait_token(client, self.slot(client, "auth"))
            session, key = self.login(client, "auth")
            self.assertEqual(client.sign(session, key, "SHA256_RSA_PKCS", DATA), self.signature)
        tried = [e for e in card.exchanges() if e.tries_pin]
        self.assertEqual(len(tried), 1 + rounds, "a PIN for each login")
        print(f"{rounds} restarts, {signatures} signatures in the service's absence")
        pcsc = self.pcsc()
        held = pcsc.connect("Virtual PCD 00 00")
        for command in ("00A4040C0AD392F000260100000001", "00A4020C020018"):
            pcsc.transmit(held, bytes.fromhex(command))
        self.assertEqual(pcsc.transmit(held, bytes.fromhex("00200080")).hex(), f"63c{TRIES['auth']}")
