"""The online window in Firefox: with a card in process, without one, with a revoked and with another hierarchy's card.
JPKI_SCREENSHOTS names a folder for pictures of the pages."""
import os
import re

from firefox import Firefox
from harness.citizen import DONE, PERSONAL
from harness.tools import module, program, succeed
from harness.window import WindowCase
from harness.world import PINS, TRIES


class Window(WindowCase):
    def browse(self, *cards, languages="ja"):
        self.folders = list(cards)
        folder = self.path("firefox" + str(len(os.listdir(self.folder))))
        os.mkdir(folder)
        browser = Firefox(folder, module=module("auth"), authorities=[self.web_ca], pins={"": PINS["auth"]},
                          env={**self.env(), "HOME": folder}, languages=languages)
        self.addCleanup(browser.close)
        return browser

    def picture(self, browser, name):
        folder = os.environ.get("JPKI_SCREENSHOTS") or self.folder
        path = os.path.join(folder, f"window-{name}.png")
        browser.screenshot(path)
        with open(path, "rb") as file:
            self.assertEqual(file.read(8), b"\x89PNG\r\n\x1a\n")

    def test_a_holder_revokes_the_signature_certificate(self):
        self.open_window()
        card = self.folders[0]
        browser = self.browse(card)
        text = browser.go(self.window.url)
        self.assertIn("カードを確認しました", text, browser.prompts())
        for tier in ("sign", "auth"):
            self.assertIn(self.serial(card, tier), text)
        self.assertEqual(text.count("有効\n"), 2, text)
        self.picture(browser, "welcome")
        text = browser.click("button")
        command = re.search(r"jpki revoke --online '(https://localhost:\d+/form\?number=[0-9A-Fa-f]{32})'", text)
        self.assertIn(f"revoke: sign {self.serial(card, 'sign')}", text)
        self.picture(browser, "form")
        said = self.jpki("revoke", "--online", command[1], "--tls-ca", self.web_ca, "--yes", "--pin-file",
                         self.pin(PINS["sign"]), "--out", self.path("receipt"))
        self.assertEqual(said.status, DONE, str(said))
        text = browser.go(self.window.url + "?lang=ja")
        self.assertRegex(text, r"失効（\d{4}-\d\d-\d\d \d\d:\d\d）")
        self.picture(browser, "revoked-signature")
        self.assertLessEqual(len(browser.prompts()), 1)
        self.assertEqual(self.tries("auth"), TRIES["auth"])
        for word in PERSONAL:
            self.assertNotIn(word, text + self.window.said())

    def test_who_is_told_what(self):
        foreign = self.path("foreign")
        succeed([program("jpki-counter"), "new-ca", foreign])
        revoked = self.another_card("revoked")
        succeed([program("jpki-counter"), "revoke", self.authority, revoked, "--reason", "misuse"])
        self.open_window()
        for name, cards, language, text in [
                ("no-card", [], "ja", "カードの証明書が届いていません"),
                ("revoked", [revoked], "zh-CN", "该证书已失效"),
                ("foreign", [self.another_card("stranger", foreign)], "en", "not issued by the certification authority")]:
            with self.subTest(name):
                browser = self.browse(*cards, languages=language)
                said = browser.go(self.window.url)
                self.assertIn(text, said, browser.prompts())
                self.assertEqual(len(browser.prompts()), len(cards))
                self.picture(browser, name)
                browser.close()
