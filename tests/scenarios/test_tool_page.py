"""jpki cert show: substitute characters, what ends soon, and what a reader who does not see the page gets of it."""
import datetime
import html.parser
import os

from harness.citizen import DONE, TrustCase
from harness.tools import program, succeed
from harness.world import PINS


class Markup(html.parser.HTMLParser):
    """Controls, their labels, the group they are in, headings, marks."""

    def __init__(self):
        super().__init__()
        self.inputs, self.labels, self.headings, self.marks, self.roles, self.meta = {}, {}, [], [], [], {}
        self.at = None

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.at = (tag, attributes)
        if tag == "input":
            self.inputs[attributes["id"]] = attributes
        elif tag == "meta":
            self.meta[attributes.get("name") or attributes.get("http-equiv")] = attributes.get("content")
        if "role" in attributes:
            self.roles.append((attributes["role"], attributes.get("aria-label")))

    def handle_data(self, data):
        tag, attributes = self.at or ("", {})
        if tag == "label":
            self.labels[attributes["for"]] = data
        elif tag in ("h1", "h2"):
            self.headings.append(data)
        elif tag == "mark":
            self.marks.append(data)
        self.at = None


class PageCase(TrustCase):
    def issue(self, *words, card="other"):
        folder = self.path(card)
        succeed([program("jpki-counter"), "issue", self.hierarchy, folder, "--test-pins", *words])
        self.folders = [folder]

    def show(self, *words):
        said = self.jpki("--lang", "ja", "cert", "show", *words, "--pin-file", self.pin(PINS["sign"]))
        self.assertEqual(said.status, DONE, str(said))
        return said.out


class Substitutes(PageCase):
    def test_they_are_marked_and_told_in_words(self):
        self.issue("--name", "公〓　一郎", "--substituted-name", "01000", "--substituted-address", "00000000011")
        page = self.path("page.html")
        self.show("sign", "--html", page)
        with open(page, encoding="utf-8") as file:
            text = file.read()
        markup = Markup()
        markup.feed(text)
        self.assertEqual(markup.marks, ["〓", "丁", "目"])
        said = self.show("sign")
        for words in ("代替文字の位置: 2 文字目", "代替文字の位置: 10, 11 文字目"):
            self.assertIn(words, text)
            self.assertIn(words, said)
        with open(self.path("data"), "wb") as file:
            file.write(b"x")
        self.jpki("sign", self.path("data"), "--pin-file", self.path("pin"))
        verified = self.jpki("verify", self.path("data"), "--show-personal").out
        self.assertIn("substitute characters at: 2\n", verified)
        self.assertIn("1.2.392.200149.8.5.5.1 (氏名)=公〓　一郎", said)


class Readers(PageCase):
    def test_tabs_have_names_and_headings(self):
        page = self.path("page.html")
        self.show("sign", "--html", page)
        markup = Markup()
        with open(page, encoding="utf-8") as file:
            markup.feed(file.read())
        self.assertEqual(set(markup.inputs), set(markup.labels))
        self.assertEqual({field["type"] for field in markup.inputs.values()}, {"radio"})
        self.assertEqual(len({field["name"] for field in markup.inputs.values()}), 1)
        self.assertEqual(markup.headings, ["署名用電子証明書", "基本", "詳細"])
        self.assertIn(("group", "署名用電子証明書"), markup.roles)
        self.assertEqual(markup.meta["viewport"], "width=device-width, initial-scale=1")
        self.assertTrue(markup.meta["Content-Security-Policy"].startswith("default-src 'none'"))
        self.assertEqual(os.stat(page).st_mode & 0o777, 0o600)


class EndsSoon(PageCase):
    def test_the_signature_certificate_says_so_itself(self):
        today = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=9))).date()
        for days, words in ((60, "3か月以内に満了します。市区町村の窓口"), (200, None)):
            self.issue("--issued", "2022-01-01", "--expires", (today + datetime.timedelta(days=days)).isoformat(),
                       card=f"{days}-days")
            said = self.show("sign")
            self.assertEqual("3か月以内" in said, words is not None)
            self.assertIn(words or "", said)
