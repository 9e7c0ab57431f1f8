"""The online window, visited by Python's ssl with the key that lies in a virtual card's folder, and jpki revoke --online.
What it shows is compared with the openssl command; what it has revoked with the CA's list as openssl reads it."""
import html.parser
import os
import re

from harness.citizen import DONE, FAILED, NEGATIVE, NO_CARD, PERSONAL, USAGE
from harness.tools import program, run, succeed
from harness.window import WindowCase
from harness.world import PINS, TRIES
from served import listeners

VOID = {"meta", "link", "input", "br"}


class Page(html.parser.HTMLParser):
    """Elements closed as they were opened; labels around their inputs; the language."""

    def __init__(self, text):
        super().__init__()
        self.open, self.faults, self.language, self.headings = [], [], None, 0
        self.feed(text)
        self.faults += self.open

    def handle_starttag(self, tag, attributes):
        facts = dict(attributes)
        if tag == "html":
            self.language = facts.get("lang")
        self.headings += tag == "h1"
        if tag == "input" and facts.get("type") != "hidden" and "label" not in self.open:
            self.faults.append("an input without a label")
        if tag in ("script", "style") or any(name.startswith("on") for name in facts):
            self.faults.append(f"a script or style: {tag}")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(tag)


class Pages(WindowCase):
    def assertPage(self, answer, language, *texts):
        self.assertEqual(answer.headers["Content-Type"], "text/html; charset=utf-8")
        page = Page(answer.text)
        self.assertEqual((page.faults, page.language, page.headings), ([], language, 1))
        for text in (*texts, "TEST"):
            self.assertIn(text, answer.text)

    def test_who_comes_without_a_card(self):
        self.open_window("--hours", "mon-fri 9:00-17:00")
        visitor = self.visitor()
        answer = visitor.get("/")
        self.assertPage(answer, "ja", "カードの証明書が届いていません", "月曜日から金曜日まで 9:00-17:00", "なくした")
        self.assertNotIn("<form", answer.text)
        self.assertIn("default-src 'none'", answer.headers["Content-Security-Policy"])
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        english, chinese = "No certificate of a card has come", "没有收到卡的证书"
        for target, accepted, language, text in [
                ("/", "fr, en-US;q=0.8, ja;q=0.5", "en", english), ("/", "zh-TW,zh;q=0.9", "zh-CN", chinese),
                ("/", "x" * 500, "ja", "カード"), ("/?lang=en", "ja", "en", english), ("/?lang=zh-CN", "", "zh-CN", chinese),
                ("/?lang=tlh", "", "ja", "カード")]:
            self.assertPage(visitor.get(target, Accept_Language=accepted), language, text)
        self.assertPage(visitor.get("/nowhere"), "ja", "このページはありません")

    def test_the_own_certificates(self):
        self.open_window()
        card = self.folders[0]
        answer = self.visitor(card).get("/?lang=en")
        self.assertPage(answer, "en", "Your card is recognized", "<form", "Every day, all day")
        for tier, name in (("sign", "Certificate for digital signature"), ("auth", "Certificate for user authentication")):
            row = re.search(rf"<tr><th scope=\"row\">{name}</th>(.*?)</tr>", answer.text)[1]
            self.assertIn(self.serial(card, tier), row)
            self.assertIn(">valid<", row)
        for word in PERSONAL:
            self.assertNotIn(word, answer.text + self.window.said())
        for fields in ({"what": "everything"}, {}):
            refused = self.visitor(card).form("/revocation", lang="en", **fields)
            self.assertEqual(refused.status, 400)
            self.assertPage(refused, "en", "This request cannot be taken (400).")

    def test_certificates_that_do_not_serve(self):
        foreign = self.path("foreign")
        succeed([program("jpki-counter"), "new-ca", foreign])
        stranger, revoked = self.another_card("stranger", foreign), self.another_card("revoked")
        succeed([program("jpki-counter"), "revoke", self.authority, revoked, "--reason", "misuse"])
        self.open_window()
        for visitor, text, note in [
                (self.visitor(stranger), "not issued by the certification authority of this window", "foreign"),
                (self.visitor(revoked), "This certificate is revoked", "revoked"),
                (self.visitor(self.folders[0], "sign"), "Please choose the authentication certificate",
                 "signature-certificate")]:
            answer = visitor.get("/?lang=en")
            self.assertPage(answer, "en", text)
            self.assertNotIn("<form", answer.text)
            refused = visitor.form("/revocation", what="sign", lang="en")
            self.assertEqual(refused.status, 403)
            self.assertIn(text, refused.text)
            self.assertIn(f"visitor={note}\n", self.window.said())
        self.assertEqual(self.visitor().form("/revocation", what="sign").status, 403)

    def test_outside_of_its_hours_and_after_the_last_day(self):
        card = self.folders[0]
        self.open_window("--hours", "9:00-17:00", "--clock", "2027-03-03T17:01", name="evening")
        answer = self.visitor(card).get("/?lang=en")
        self.assertPage(answer, "en", "The window is closed now. Service hours: every day 9:00-17:00 (Japan time)")
        self.assertNotIn("<form", answer.text)
        self.assertEqual(self.visitor(card).form("/revocation", what="sign").status, 503)
        self.open_window("--hours", "sat 9:00-17:00", "--clock", "2027-03-06T09:00", name="saturday")
        self.assertIn("<form", self.visitor(card).get("/").text)
        self.open_window("--clock", "2033-03-03T12:00", name="later")
        self.assertPage(self.visitor(card).get("/?lang=en"), "en", "This certificate has expired")

    def test_where_it_listens(self):
        """Where no other machine gets."""
        self.open_window()
        self.assertEqual(listeners(self.window.port), {"0100007F"})
        self.open_window("--host", "127.0.0.2", name="second")
        self.assertEqual(listeners(self.window.port), {"0200007F"})
        for host in ("0.0.0.0", "::", "192.0.2.1", "128.0.0.1", "localhost"):
            said = run([program("jpki-counter"), "window", self.authority, "--host", host])
            self.assertEqual((said.status, said.out), (FAILED, ""), str(said))
            self.assertIn(f"{host} is not this machine's own address", said.err)

    def test_wrong_usage(self):
        for words in (["--hours", "9-17"], ["--hours", "17:00-9:00"], ["--hours", "mon-xyz 9:00-17:00"], ["--clock", "noon"],
                      ["--clock", "2027-03-03T 9:00"], ["--clock", "2027-03-03T24:00"], ["--clock", "2027-03-03T09:60"],
                      ["--key", "x"], ["--port", "99999"]):
            said = run([program("jpki-counter"), "window", self.authority, *words])
            self.assertEqual((said.status, said.out), (USAGE, ""), str(said))


class Revocation(WindowCase):
    def revoke(self, url, *words, card=None, env=None):
        return self.jpki("revoke", "--online", url, "--tls-ca", self.web_ca, "--yes", "--pin-file", self.pin(PINS["sign"]),
                         *words, env={"JPKI_VIRTUAL_CARDS": card or self.folders[0], **(env or {})})

    def registered(self):
        with open(os.path.join(self.authority, "revoked"), encoding="ascii") as file:
            return [line.split("\t")[0] for line in file if not line.startswith("#")]

    def test_with_the_signature_key(self):
        self.open_window()
        card, receipt = self.folders[0], self.path("receipt")
        url = self.make_form(card)
        said = self.revoke(url, "--out", receipt)
        self.assertEqual((said.status, said.out), (DONE, receipt + "\n"), str(said))
        serial = self.serial(card, "sign")
        self.assertIn(f"revoke: sign {serial}", said.err)
        self.assertEqual([int(number, 16) for number in self.registered()], [int(serial, 16)])
        page = self.visitor(card).get("/?lang=en").text
        self.assertEqual((page.count(">valid<"), page.count(">revoked (")), (1, 1))
        self.assertIn("no valid signature certificate", page)
        self.assertEqual(self.tries("sign"), TRIES["sign"])
        again = self.revoke(url, "--out", self.path("again"))
        self.assertEqual(again.status, NEGATIVE)
        self.assertIn("out of date, or was used already", again.err)
        self.assertFalse(os.path.exists(self.path("again")))
        for word in (*PERSONAL, serial, url.split("=")[1]):
            self.assertNotIn(word, self.window.said())

    def test_both(self):
        self.open_window()
        card = self.folders[0]
        self.assertEqual(self.revoke(self.make_form(card, "both"), "--out", self.path("receipt")).status, DONE)
        self.assertEqual({int(number, 16) for number in self.registered()},
                         {int(self.serial(card, tier), 16) for tier in ("sign", "auth")})
        self.assertIn("This certificate is revoked", self.visitor(card).get("/?lang=en").text)

    def test_with_another_card_nothing_is_signed(self):
        self.open_window()
        other = self.another_card("other")
        said = self.revoke(self.make_form(self.folders[0]), "--out", self.path("receipt"), card=other)
        self.assertEqual(said.status, NEGATIVE, str(said))
        self.assertIn("another certificate than this card's", said.err)
        self.assertEqual((self.registered(), os.path.exists(self.path("receipt"))), ([], False))

    def cms(self, form, card, tier, *options, signer=None):
        """What `openssl cms` makes of the form with a card's key."""
        path = self.write("form", form)
        out = self.path("form.p7s")
        succeed(["openssl", "cms", "-sign", "-binary", "-in", path, "-signer", self.pem(signer or card, tier), "-inkey",
                 os.path.join(card, "keys", tier + ".pem"), "-outform", "DER", "-out", out, *options])
        with open(out, "rb") as file:
            return file.read()

    def test_requests_that_are_refused(self):
        self.open_window()
        mine, other = self.folders[0], self.another_card("other")
        url = self.make_form(mine)
        target = url[url.index("/form"):]
        visitor = self.visitor()
        form = visitor.get(target).body
        kind = "application/pkcs7-signature"
        for body, status, note in [
                (self.cms(form, other, "sign"), 403, "another-card"),
                (self.cms(form, mine, "auth"), 403, "authentication-key"),
                (self.cms(form.replace(b"sign", b"auth"), mine, "sign"), 403, "altered"),
                (self.cms(form, mine, "sign", "-nodetach"), 400, "unreadable"),
                (self.cms(form, mine, "sign", "-nocerts"), 400, "unreadable"),
                (self.cms(form, mine, "sign")[:-1], 400, "unreadable"), (b"", 400, "unreadable"),
                (b"\x30\x80" * 4000, 400, "unreadable"), (os.urandom(8192), 400, "unreadable")]:
            answer = visitor.post(target, kind, body)
            self.assertEqual(answer.status, status, answer.text)
            self.assertIn(f"POST /form {status} refused={note}\n", self.window.said())
        self.assertEqual(self.registered(), [])
        good = self.cms(form, mine, "sign")
        self.assertEqual(visitor.post(target, kind, good).status, 200)
        self.assertEqual(visitor.post(target, kind, good).status, 404)  # a replay
        self.assertEqual(len(self.registered()), 1)

    def test_a_form_serves_until_its_time_and_until_the_next(self):
        self.open_window()
        first, second = self.make_form(self.folders[0]), self.make_form(self.folders[0])
        visitor = self.visitor()
        self.assertEqual(visitor.get(first[first.index("/form"):]).status, 404)
        self.assertEqual(visitor.get(second[second.index("/form"):]).status, 200)
        self.assertEqual(visitor.get("/form?number=" + "0" * 32).status, 404)
        self.assertEqual(visitor.get("/form").status, 404)


class Tool(WindowCase):
    """What jpki revoke says where there is nothing to be done."""

    def test_servers_that_are_not_the_window(self):
        self.open_window()
        url = self.make_form(self.folders[0])
        pin = ["--yes", "--pin-file", self.pin(PINS["sign"])]
        for words, text in [([url], "not trusted"), ([url.replace("localhost", "127.0.0.2"), "--tls-ca", self.web_ca], ""),
                            ([self.window.url, "--tls-ca", self.web_ca], "no request form"),
                            ([url.replace("localhost", "127.0.0.1"), "--tls-ca", self.web_ca], "no request form")]:
            said = self.jpki("revoke", "--online", *words, *pin)
            self.assertEqual((said.status, said.out), (FAILED, ""), str(said))
            self.assertIn(text, said.err)
        self.window.stop()
        said = self.jpki("revoke", "--online", url, "--tls-ca", self.web_ca, *pin)
        self.assertEqual(said.status, FAILED)
        self.assertIn("cannot be reached", said.err)
        self.assertEqual(self.tries("sign"), TRIES["sign"])

    def test_usage_and_lost_cards(self):
        for words in (["revoke"], ["revoke", "https://localhost/"], ["revoke", "--online"],
                      ["revoke", "--online", "http://localhost/"], ["revoke", "--online", "https://u@localhost/"],
                      ["revoke", "--online", "https://local host/"], ["revoke", "--online", "https://:1/"]):
            self.assertEqual(self.jpki(*words).status, USAGE, words)
        self.folders = []
        for language, text in (("en", "lost or stolen"), ("ja", "盗まれた"), ("zh_CN", "被盗")):
            for words in (["revoke"], ["revoke", "--online", "https://localhost:1/form"]):
                self.assertIn(text, self.jpki("--lang", language, *words).err)
        self.assertEqual(self.jpki("revoke", "--online", "https://localhost:1/form").status, NO_CARD)
