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

    def told(self, name, cards, language, *texts):
        """Who has nothing to do here is told so, what to do, when the window serves, and where a lost card is reported."""
        self.open_window("--hours", "mon-fri 9:00-17:00")
        browser = self.browse(*cards, languages=language)
        said = browser.go(self.window.url)
        for text in texts:
            self.assertIn(text, said, browser.prompts())
        self.assertEqual(browser.script("return document.querySelectorAll('form, button, input').length"), 0)
        self.assertEqual(len(browser.prompts()), len(cards))
        for word in PERSONAL:
            self.assertNotIn(word, said + self.window.said())
        self.picture(browser, name)
        return browser

    def rows(self, browser):
        """The table of certificates, cell by cell."""
        return browser.script("return [...document.querySelectorAll('tbody tr')].map("
                              "row => [...row.children].map(cell => cell.innerText))")

    def test_without_a_card(self):
        browser = self.told("no-card", [], "ja", "カードの証明書が届いていません。", "カードをリーダーに置き",
                            "利用者証明用パスワードを尋ねられます", "月曜日から金曜日まで 9:00-17:00（日本時間）",
                            "カードをなくした、または盗まれたとき", "市区町村の窓口に届け出てください",
                            "これは試験用の窓口です")
        self.assertEqual(self.rows(browser), [])
        self.assertIn("visitor=nobody\n", self.window.said())

    def test_with_a_revoked_certificate(self):
        card = self.another_card("revoked")
        succeed([program("jpki-counter"), "revoke", self.authority, card, "--reason", "misuse"])
        browser = self.told("revoked", [card], "zh-CN", "该证书已失效（被吊销）。", "不能用该证书在本窗口办理手续",
                            "新证书请到住民登记所在市区町村的窗口申请", "星期一至星期五 9:00-17:00（日本时间）", "卡遗失或被盗时",
                            "这是测试用的窗口")
        rows = self.rows(browser)
        self.assertEqual({row[1] for row in rows}, {self.serial(card, tier) for tier in ("sign", "auth")})
        for row in rows:
            self.assertRegex(row[-1], r"^已失效（\d{4}-\d\d-\d\d \d\d:\d\d）$")
        self.assertIn("visitor=revoked\n", self.window.said())

    def test_with_a_foreign_certificate(self):
        foreign = self.path("foreign")
        succeed([program("jpki-counter"), "new-ca", foreign])
        card = self.another_card("stranger", foreign)
        browser = self.told("foreign", [card], "en",
                            "This certificate was not issued by the certification authority of this window.",
                            "Please see whether the certificate of another card was chosen",
                            "Monday to Friday, 9:00-17:00 (Japan time)", "If the card is lost or stolen",
                            "report it at the counter of your municipality", "This is a window for tests")
        self.assertEqual(self.rows(browser), [])
        self.assertIn("visitor=foreign\n", self.window.said())
