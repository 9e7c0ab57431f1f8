"""Chromium: TLS client authentication with the PIN typed into its dialog; no card, late cards, cards that leave."""
from chromium import Chromium
from client_case import PINS, TRIES, WRONG_PINS, OnCard, OnSoft
from harness.tools import module

# What tells the card's certificate from others: docs/card-jpki.md, the issuer of a user authentication certificate.
ISSUER = "JPKI for user authentication"
# Chromium's names of errors (net/base/net_error_list.h): the server wanted a certificate and got none; a signature failed.
NO_CERTIFICATE, NO_SIGNATURE = "net::ERR_BAD_SSL_CLIENT_AUTH_CERT", "net::ERR_SSL_CLIENT_AUTH_SIGNATURE_FAILED"


class Browser:
    def setUp(self):
        super().setUp()
        self.server = self.tls_server("--max", "1.2", inside=False)

    def chromium(self, *pins):
        browser = Chromium(self.folder, module=module("auth"), authorities=[self.server.ca], pins=pins, issuer=ISSUER, env=self.env())
        self.addCleanup(browser.close)
        return browser

    def assert_let_in(self, browser):
        text, error = browser.go(self.server.url)
        self.assertIn("come in", text, f"{error}\n{self.server.evidence()}")
        self.assertIn(("TLSv1.2", self.fingerprint("auth")), self.server.peers())
        self.assertEqual(browser.prompts, 1)

    def assert_kept_out(self, browser, error=NO_CERTIFICATE):
        text, said = browser.go(self.server.url)
        self.assertEqual(said, error, text)
        self.assertNotIn("come in", text)
        self.assertEqual(self.server.peers(), [])

    def test_one_prompt_and_in(self):
        """The signature half is on the card too, and is not asked for."""
        self.assert_let_in(self.chromium(PINS["auth"]))

    def test_wrong_pin(self):
        """Asked again, and cancelled then: one try is spent."""
        before = self.tries_left("auth")
        browser = self.chromium(WRONG_PINS["auth"])
        self.assert_kept_out(browser)
        self.assertGreaterEqual(browser.prompts, 2)
        self.assertEqual(self.tries_left("auth"), before - 1)

    def test_cancelled(self):
        self.truth("auth")
        browser = self.chromium()
        self.assert_kept_out(browser)
        self.assertGreaterEqual(browser.prompts, 1)
        self.assertEqual(self.tries_left("auth"), TRIES["auth"])

    def test_no_token(self):
        self.truth("auth")
        self.no_token()
        browser = self.chromium(PINS["auth"])
        self.assert_kept_out(browser)
        self.assertEqual(browser.prompts, 0)


class Card(Browser, OnCard):
    def test_card_inserted_later(self):
        """While Chromium runs. (A site that it has met without a card stays without one until Chromium is started again: it
        remembers the choice.)"""
        self.card.remove()
        browser = self.chromium(PINS["auth"])
        self.card.insert()
        self.assert_let_in(browser)

    def test_card_pulled_at_the_handshake(self):
        card = self.leaving_card()
        browser = self.chromium(PINS["auth"])
        self.assert_kept_out(browser, NO_SIGNATURE)
        self.assertEqual(card.tries, 1)


class Software(Browser, OnSoft):
    pass
