"""Firefox ESR: TLS client authentication with the PIN typed; the module by modutil and by policies.json; no card, late cards."""
import json
import os
import subprocess

from client_case import PINS, TRIES, WRONG_PINS, OnCard, OnSoft
from firefox import Firefox
from harness.tools import module, wait_until

POLICIES = "/usr/share/firefox-esr/distribution"


class ByModutil(Firefox):
    """The profile gets the module by NSS's own tool."""

    def _start(self, folder, env):
        subprocess.run(["modutil", "-dbdir", "sql:" + self.profile, "-add", "jpki", "-libfile", module("auth"), "-force"],
                       check=True, stdout=subprocess.DEVNULL, env={**os.environ, **env})
        super()._start(folder, env)


class Browser:
    def setUp(self):
        super().setUp()
        self.server = self.tls_server("--max", "1.2", inside=False)

    def firefox(self, pins=None, path=None, kind=Firefox, env=None, **options):
        pins = {self.token("auth"): PINS["auth"]} if pins is None else pins
        browser = kind(self.folder, module=module("auth") if path is None else path, authorities=[self.server.ca], pins=pins,
                       env={**self.env(), **(env or {})}, **options)
        self.addCleanup(browser.close)
        return browser

    def assert_let_in(self, browser):
        text = browser.go(self.server.url)
        self.assertIn("come in", text, f"{browser.prompts()}\n{self.server.evidence()}")
        self.assertIn(("TLSv1.2", self.fingerprint("auth")), self.server.peers())
        asked = browser.prompts()
        self.assertEqual(len(asked), 1, asked)
        self.assertIn(self.token("auth"), asked[0])

    def assert_kept_out(self, browser):
        self.assertNotIn("come in", browser.go(self.server.url))
        self.assertEqual(self.server.peers(), [])
        self.assertTrue(browser.url().startswith("about:neterror"), browser.url())

    def test_module_by_modutil(self):
        """One prompt, for the authentication PIN, though the signature half is on the card too."""
        browser = self.firefox(kind=ByModutil, path="")
        self.assert_let_in(browser)

    def test_module_by_policy(self):
        """As an administrator adds it. The policy's folder is covered by a mount of the test's own."""
        self.write("policies.json", json.dumps({"policies": {"SecurityDevices": {"Add": {"jpki": module("auth")}}}}).encode())
        os.mkdir(self.path("bin"))
        self.write("bin/firefox-esr", b'#!/bin/sh\nexec unshare $UNSHARE -m sh -euc \'mount -t tmpfs tmpfs "$POLICIES"\n'
                                      b'cp "$POLICY" "$POLICIES"; exec /usr/bin/firefox-esr "$@"\' sh "$@"\n')
        os.chmod(self.path("bin", "firefox-esr"), 0o755)
        browser = self.firefox(path="", env={
            "PATH": self.path("bin") + ":" + os.environ["PATH"], "POLICY": self.path("policies.json"),
            "POLICIES": POLICIES, "UNSHARE": "" if os.getuid() == 0 else "-r"})
        self.assert_let_in(browser)

    def test_wrong_pin(self):
        """Asked again, and cancelled then: one try is spent."""
        before = self.tries_left("auth")
        browser = self.firefox({self.token("auth"): WRONG_PINS["auth"]})
        self.assert_kept_out(browser)
        self.assertGreaterEqual(len(browser.prompts()), 2)
        self.assertEqual(self.tries_left("auth"), before - 1)

    def test_cancelled(self):
        browser = self.firefox({})
        self.assert_kept_out(browser)
        self.assertGreaterEqual(len(browser.prompts()), 1)
        self.assertEqual(self.tries_left("auth"), TRIES["auth"])

    def test_no_token(self):
        self.truth("auth")
        self.no_token()
        browser = self.firefox()
        self.assert_kept_out(browser)
        self.assertEqual(browser.prompts(), [])


class Card(Browser, OnCard):
    def test_commands_of_a_page(self):
        self.assert_let_in(self.firefox())
        self.assert_within_goal("Firefox, a page that asks for a certificate")

    def test_card_inserted_later(self):
        self.card.remove()
        browser = self.firefox()
        self.assert_kept_out(browser)
        self.card.insert()
        # NSS asks a slot once a second at most, and answers from memory meanwhile: a person comes again.
        wait_until(lambda: "come in" in browser.go(self.server.url), "Firefox to look at the reader again")
        self.assert_let_in(browser)

    def test_card_pulled_at_the_handshake(self):
        """Firefox is told by the module at once that the signature failed, but as a rule does not look at the connection again
        before the server hangs up: a page that loads until then, and an error page. Servers give a handshake a minute or so; ours here, less."""
        self.server = self.tls_server("--max", "1.2", "--patience", "5", inside=False)
        card = self.leaving_card()
        browser = self.firefox()
        self.assert_kept_out(browser)
        self.assertEqual(len(browser.prompts()), 1)
        self.assertEqual(card.tries, 1)


class Software(Browser, OnSoft):
    pass
