"""jpki, the citizen's tool, with cards in process. What it says of certificates is compared with the service's guide
and the openssl command; what it does to the card with the card's own log."""
import html.parser
import json
import os
import pty
import subprocess

from harness.citizen import DONE, FAILED, NEGATIVE, NO_CARD, PERSONAL, PIN, USAGE, ToolCase, TrustCase
from harness.tools import program, succeed
from harness.world import PINS, TRIES, WRONG_PINS, authority, original

GUIDE = ["氏名: 公的　一郎", "生年月日: 昭和52年11月7日 (1977-11-07)", "性別: 男", "住所: 東京都港区虎ノ門5丁目",
         "発行年月日: 平成16年4月1日 (2004-04-01)", "有効期間の満了日: 平成19年3月31日 (2007-03-31)",
         "発行者: 岩手県知事（TEST）"]


class Show(ToolCase):
    def test_the_guides_seven_items(self):
        self.insert("juki")
        said = self.jpki("--lang", "ja", "cert", "show", "sign", "--pin-file", self.pin(PINS["sign"]))
        self.assertEqual(said.status, DONE, str(said))
        lines = said.out.split("\n基本\n")[1].split("\n\n")[0].splitlines()
        self.assertEqual([line.strip() for line in lines], GUIDE)
        self.assertIn("テスト用", said.out)
        self.assertIn("満了しています", said.out)

    def test_without_a_word_no_pin_where_none_is_needed(self):
        self.insert("mynumber")
        said = self.jpki("cert", "show")
        self.assertEqual(said.status, DONE, str(said))
        self.assertIn("Certificate for user authentication", said.out)
        self.assertNotIn("Name:", said.out)

    def test_options_before_and_after_the_verb(self):
        self.insert("mynumber")
        expected = self.jpki("cert", "show", "auth-ca", "--lang", "zh_CN", "--json").out
        for words in (["--json", "--lang", "zh_CN", "cert", "show", "auth-ca"],
                      ["cert", "--json", "show", "--lang=zh_CN", "auth-ca"]):
            self.assertEqual(self.jpki(*words).out, expected)

    def test_export(self):
        self.insert("mynumber")
        der, pem = self.path("cert.cer"), self.path("cert.pem")
        pin = self.pin(PINS["sign"].lower())
        for out in (der, pem):
            said = self.jpki("cert", "show", "sign", "--out", out, "--pin-file", pin)
            self.assertEqual((said.status, said.text), (DONE, ""))
            self.assertEqual(os.stat(out).st_mode & 0o777, 0o600)
        with open(der, "rb") as ours, open(os.path.join(original("mynumber"), "certs", "sign.der"), "rb") as issued:
            self.assertEqual(ours.read(), issued.read())
        self.assertEqual(succeed(["openssl", "x509", "-in", pem, "-noout", "-serial"]).out.strip(),
                         self.x509(der, "-serial"))
        again = self.jpki("cert", "show", "auth", "--out", der)
        self.assertEqual(again.status, FAILED)
        self.assertIn("nothing is overwritten", again.err)

    def test_json(self):
        self.insert("mynumber")
        said = json.loads(self.jpki("cert", "show", "sign", "--json", "--pin-file", self.pin(PINS["sign"])).out)
        der = os.path.join(self.folders[0], "certs", "sign.der")
        self.assertEqual(said["serial"], self.x509(der, "-serial").split("=")[1])
        self.assertEqual(said["sha256"], self.x509(der, "-fingerprint", "-sha256").split("=")[1].replace(":", ""))
        self.assertEqual(said["holder"]["birth"],
                         {"code": "319771107", "gregorian": "1977-11-07", "japanese": "昭和52年11月7日"})
        self.assertEqual(said["tier"], "sign")
        self.assertTrue(said["test"])

    def test_page(self):
        self.insert("juki")
        path = self.path("page.html")
        said = self.jpki("--lang", "ja", "cert", "show", "--html", path, "--pin-file", self.pin(PINS["sign"]))
        self.assertEqual((said.status, said.text), (DONE, ""), str(said))
        with open(path, encoding="utf-8") as file:
            text = file.read()
        page = Page()
        page.feed(text)
        self.assertEqual(page.open, [])
        self.assertEqual(page.language, "ja")
        for item in GUIDE:
            label, value = item.split(": ", 1)
            self.assertIn((label, value), page.items)
        self.assertEqual(page.labels, ["基本", "詳細"])
        self.assertNotRegex(text, r"<script|https?://(?!www\.jpki\.go\.jp/cps)|src=|url\(")


class Specimen(ToolCase):
    def test_the_juki_specimen_of_the_guide(self):
        """The guide's seven items with its very values; the governor with the mark of a test."""
        ca, card = self.path("tokyo"), self.path("specimen")
        succeed([program("jpki-counter"), "new-ca", ca, "--governor", "Tokyo"])
        succeed([program("jpki-counter"), "issue", ca, card, "--kind", "juki", "--test-pins"])
        self.folders = [card]
        said = self.jpki("--lang", "ja", "cert", "show", "sign", "--pin-file", self.pin(PINS["sign"]))
        self.assertEqual(said.status, DONE, str(said))
        items = dict(line.strip().split(": ", 1) for line in said.out.split("\n\n")[1].splitlines() if ": " in line)
        self.assertEqual(list(items.values()),
                         ["公的　一郎", "昭和52年11月7日 (1977-11-07)", "男", "東京都港区虎ノ門5丁目",
                          "平成16年4月1日 (2004-04-01)", "平成19年3月31日 (2007-03-31)", "東京都知事（TEST）"])

    def test_the_my_number_specimen_has_its_own_dates_and_issuer(self):
        self.insert("mynumber")
        der = os.path.join(self.folders[0], "certs", "sign.der")
        first, last = (self.x509(der, word, "-dateopt", "iso_8601").split("=")[1][:10] for word in ("-startdate", "-enddate"))
        said = self.jpki("--lang", "ja", "cert", "show", "sign", "--pin-file", self.pin(PINS["sign"])).out
        self.assertIn("地方公共団体情報システム機構", said)
        self.assertIn(f"({last})", said)  # 14:59:59 in UTC: the same day in Japan
        self.assertTrue(first and "公的　一郎" in said)


class Page(html.parser.HTMLParser):
    """The items of the page, and whether its elements are closed."""
    VOID = {"meta", "input", "br"}

    def __init__(self):
        super().__init__()
        self.open, self.items, self.labels, self.language, self.texts = [], [], [], None, []

    def handle_starttag(self, tag, attributes):
        if tag == "html":
            self.language = dict(attributes)["lang"]
        if tag not in self.VOID:
            self.open.append(tag)
            self.texts.append("")

    def handle_data(self, data):
        if self.texts:
            self.texts[-1] += data

    def handle_endtag(self, tag):
        assert self.open.pop() == tag
        text = self.texts.pop()
        if tag == "dt":
            self.term = text
        elif tag == "dd":
            self.items.append((self.term, text))
        elif tag == "label":
            self.labels.append(text)


class Pins(ToolCase):
    def show(self, pin, *words):
        return self.jpki("cert", "show", "sign", "--pin-file", self.pin(pin), *words)

    def test_a_wrong_pin_costs_one_try_and_no_more(self):
        self.insert("mynumber")
        said = self.show(WRONG_PINS["sign"])
        self.assertEqual((said.status, said.out), (PIN, ""))
        self.assertIn("wrong PIN", said.err)
        self.assertNotIn(WRONG_PINS["sign"], said.text)
        self.assertEqual(self.tries("sign"), TRIES["sign"] - 1)
        self.assertEqual(json.loads(self.jpki("status", "--json").out)[0]["tokens"][1]["pin"], "tried_wrongly")

    def test_what_cannot_be_the_pin_is_not_sent(self):
        self.insert("mynumber")
        for pin in ("12345", "A" * 17, "", "ＡＢＣ１２３"):
            said = self.show(pin)
            self.assertEqual(said.status, PIN, str(said))
        self.assertEqual(self.tries("sign"), TRIES["sign"])

    def test_the_last_try_needs_a_word_a_locked_pin_needs_the_office(self):
        self.insert("mynumber")
        for _ in range(TRIES["sign"] - 1):
            self.assertEqual(self.show(WRONG_PINS["sign"]).status, PIN)
        refused = self.show(WRONG_PINS["sign"])
        self.assertIn("--last-try", refused.err)
        self.assertEqual(self.tries("sign"), 1)
        locked = self.show(WRONG_PINS["sign"], "--last-try")
        self.assertIn("locked now", locked.err)
        self.assertIn("municipal office", locked.err)
        again = self.show(PINS["sign"], "--last-try")
        self.assertEqual(again.status, PIN)
        self.assertIn("this PIN is locked", again.err)

    def test_a_descriptor(self):
        self.insert("mynumber")
        with open(self.pin(PINS["sign"], end=""), "rb") as file:
            done = subprocess.run([program("jpki"), "cert", "show", "sign", "--json", "--pin-fd", "0"], stdin=file,
                                  env={**os.environ, **self.env()}, capture_output=True, timeout=60)
        self.assertEqual(done.returncode, DONE, done.stderr)

    def test_nobody_to_ask(self):
        self.insert("mynumber")
        said = self.jpki("cert", "show", "sign")
        self.assertEqual(said.status, PIN)
        self.assertEqual(self.tries("sign"), TRIES["sign"])

    def test_the_terminal_does_not_echo(self):
        self.insert("mynumber")
        pid, terminal = pty.fork()
        if pid == 0:
            os.execve(program("jpki"), ["jpki", "cert", "show", "sign", "--json"], {**os.environ, **self.env()})
        seen = b""
        while b": " not in seen:
            seen += os.read(terminal, 1024)
        os.write(terminal, PINS["sign"].encode() + b"\n")
        try:
            while True:
                seen += os.read(terminal, 65536)
        except OSError:  # the other end is closed
            pass
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), DONE, seen)
        self.assertNotIn(PINS["sign"].encode(), seen)
        self.assertIn(b'"birth"', seen)

    def test_nothing_personal_in_the_log(self):
        self.insert("mynumber")
        log = self.path("module.log")
        said = self.jpki("cert", "show", "sign", "--out", self.path("out.pem"), "--pin-file", self.pin(PINS["sign"]),
                         env={"JPKI_LOG": "trace:" + log})
        self.assertEqual(said.status, DONE, str(said))
        with open(log, encoding="utf-8", errors="replace") as file:
            text = file.read()
        self.assertIn("C_Login", text)
        for word in PERSONAL + [PINS["sign"], PINS["sign"].encode().hex().upper()]:
            self.assertNotIn(word, text)


class Fingerprints(ToolCase):
    def ca(self, name):
        return os.path.join(authority(), name + ".der")

    def test_as_openssl_says_them(self):
        self.insert("mynumber")
        for name in ("sign-ca", "auth-ca"):
            sha256 = self.x509(self.ca(name), "-fingerprint", "-sha256").split("=")[1]
            sha1 = self.x509(self.ca(name), "-fingerprint", "-sha1").split("=")[1]
            for word in (name, self.ca(name)):
                said = self.jpki("cert", "fingerprint", word)
                self.assertEqual(said.status, DONE, str(said))
                shown = dict(line.split(None, 1) for line in said.out.splitlines() if line.startswith("SHA"))
                self.assertEqual(shown["SHA-256"].replace(" ", ""), sha256.replace(":", ""))
                self.assertRegex(shown["SHA-1"], r"^([0-9A-F]{4} ){9}[0-9A-F]{4}$")
                for given in (sha256, sha1.lower()):
                    self.assertEqual(self.jpki("cert", "fingerprint", word, "--expect", given).status, DONE)

    def test_a_difference_is_told(self):
        self.insert("mynumber")
        other = self.x509(self.ca("auth-ca"), "-fingerprint", "-sha1").split("=")[1]
        said = self.jpki("cert", "fingerprint", "sign-ca", "--expect", other)
        self.assertEqual(said.status, NEGATIVE)
        self.assertIn("NOT", said.out)
        self.assertEqual(self.jpki("cert", "fingerprint", "sign-ca", "--expect", other[:20]).status, USAGE)
        told = json.loads(self.jpki("cert", "fingerprint", "sign-ca", "--expect", other, "--json").out)
        self.assertEqual((told["compared"], told["generation"]), ("different", None))


    def test_a_bridge_ca(self):
        """A self-signed CA that is called a bridge, from the folder that --chain names."""
        self.insert("mynumber")
        folder = self.path("chain")
        os.mkdir(folder)
        for name, subject in (("bridge", "/C=JP/O=Japanese Government/OU=BridgeCA"), ("other", "/C=JP/O=Other/OU=CA")):
            succeed(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                     "-keyout", self.path("key"), "-subj", subject, "-out", os.path.join(folder, name + ".pem")])
        sha1 = succeed(["openssl", "x509", "-in", os.path.join(folder, "bridge.pem"), "-noout", "-fingerprint",
                        "-sha1"]).out.strip().split("=")[1]
        words = ["cert", "fingerprint", "bridge-ca", "--chain", folder]
        self.assertEqual(json.loads(self.jpki(*words, "--json").out)["sha1"], sha1.replace(":", ""))
        self.assertEqual(self.jpki(*words, "--expect", sha1).status, DONE)
        os.unlink(os.path.join(folder, "bridge.pem"))
        none = self.jpki(*words)
        self.assertEqual((none.status, none.out), (FAILED, ""))


class Status(ToolCase):
    def test_readers_cards_and_days(self):
        self.insert("mynumber", "juki")
        said = json.loads(self.jpki("status", "--json").out)
        self.assertEqual([row["card"] for row in said], ["My Number Card", "Juki Card"])
        last = self.x509(os.path.join(self.folders[0], "certs", "auth.der"), "-enddate", "-dateopt", "iso_8601")
        self.assertIn(said[0]["tokens"][0]["last_day"], last)  # 14:59:59 in UTC: the same day in Japan
        self.assertEqual([token["pin"] for row in said for token in row["tokens"]], ["untouched"] * 3)
        text = self.jpki("status").out
        for word in PERSONAL:
            self.assertNotIn(word, json.dumps(said, ensure_ascii=False) + text)
        self.assertEqual(self.tries("sign"), TRIES["sign"])

    def test_no_card(self):
        self.assertEqual(self.jpki("status").status, NO_CARD)
        self.assertEqual(self.jpki("cert", "show").status, NO_CARD)

    def test_several_cards_are_a_question(self):
        self.insert("juki", "juki")
        said = self.jpki("cert", "fingerprint", "sign-ca")
        self.assertEqual(said.status, USAGE)
        self.assertIn("--reader", said.err)
        self.assertEqual(self.jpki("cert", "fingerprint", "sign-ca", "--reader", "card1").status, DONE)

    def test_a_missing_half(self):
        self.insert("juki")
        self.assertEqual(self.jpki("cert", "show", "auth").status, NO_CARD)


class CommandLine(ToolCase):
    def test_wrong_usage_repeats_nothing(self):
        for words in ([], ["cert"], ["cert", "show", "sign", "--pin", "ABC123"], ["status", "ABC123"], ["ABC123"],
                      ["status", "--html", "x"], ["cert", "show", "--lang"]):
            said = self.jpki(*words)
            self.assertEqual((said.status, said.out), (USAGE, ""), words)
            self.assertNotIn("ABC123", said.err)

    def test_help_in_three_languages(self):
        shown = {language: self.jpki("--help", "--lang", language) for language in ("en", "ja", "zh_CN")}
        self.assertEqual({said.status for said in shown.values()}, {DONE})
        self.assertEqual(len({said.out for said in shown.values()}), 3)
        self.assertIn("カードの証明書を表示する", shown["ja"].out)
        self.assertIn("显示卡中的证书", shown["zh_CN"].out)

    def test_the_language_of_the_environment(self):
        said = self.jpki("--help", env={"LANGUAGE": "", "LC_ALL": "", "LC_MESSAGES": "", "LANG": "ja_JP.UTF-8"})
        self.assertIn("カードの証明書を表示する", said.out)

    def test_a_module_that_is_none(self):
        said = self.jpki("status", "--module", self.path("none.so"))
        self.assertEqual(said.status, FAILED)


class Trust(TrustCase):
    """Trusted CAs, validity and signatures."""

    def test_a_ca_is_registered_by_its_fingerprint_only(self):
        add = ["trust", "add", self.ca("sign")]
        self.assertEqual(self.jpki(*add).status, USAGE)
        self.assertEqual(self.jpki(*add, "--expect", self.sha1("auth")).status, NEGATIVE)
        self.assertEqual(json.loads(self.jpki("trust", "list", "--json").out), [])
        self.trust("sign")
        listed = json.loads(self.jpki("trust", "list", "--json").out)
        self.assertEqual([row["sha256"] for row in listed],
                         [self.x509(self.ca("sign"), "-fingerprint", "-sha256").split("=")[1].replace(":", "")])
        holder = os.path.join(self.folders[0], "certs", "auth.der")
        fingerprint = self.x509(holder, "-fingerprint", "-sha1").split("=")[1]
        self.assertEqual(self.jpki("trust", "add", holder, "--expect", fingerprint).status, FAILED)
        self.assertEqual(self.jpki("trust", "remove", self.sha1("sign")).status, DONE)
        self.assertEqual(self.jpki("trust", "remove", self.sha1("sign")).status, FAILED)

    def standing(self, *words):
        said = self.jpki("cert", "check", "auth", "--json", *words)
        found = json.loads(said.out)
        return said.status, found["standing"], found["cause"]

    def test_validity(self):
        self.assertEqual(self.standing(), (6, "unchecked", "no_trusted_ca"))
        self.trust("auth")
        self.assertEqual(self.standing(), (6, "unchecked", "no_source"))
        self.assertEqual(self.standing("--crl", self.crl("auth")), (DONE, "good", "none"))
        serial = self.x509(os.path.join(self.folders[0], "certs", "auth.der"), "-serial").split("=")[1]
        self.assertEqual(self.standing("--crl", self.crl("auth", serial)), (NEGATIVE, "revoked", "none"))
        self.assertEqual(self.standing("--at", "2099-01-01"), (NEGATIVE, "expired", "none"))
        self.assertEqual(self.standing("--at", "2001-01-01")[1:], ("not_yet_valid", "none"))

    def test_what_is_signed_openssl_verifies_and_we_do(self):
        self.trust("sign")
        said = self.sign()
        self.assertEqual((said.status, said.out), (DONE, self.path("data.p7s") + "\n"), str(said))
        self.assertIn("travel with the signature", said.err)
        out = succeed(["openssl", "cms", "-verify", "-binary", "-cades", "-inform", "DER", "-in", self.path("data.p7s"),
                       "-content", self.path("data"), "-CAfile", os.path.join(self.hierarchy, "sign-ca.pem"),
                       "-purpose", "any"]).out
        self.assertEqual(out, "hello\n")
        verified = self.jpki("verify", self.path("data"), "--crl", self.crl("sign"))
        self.assertEqual(verified.status, DONE, str(verified))
        for word in PERSONAL:
            self.assertNotIn(word, verified.text)
        self.assertIn("公的　一郎", self.jpki("verify", self.path("data"), "--show-personal").out)
        again = self.sign()
        self.assertEqual(again.status, FAILED)
        self.assertEqual([name for name in os.listdir(self.folder) if name.startswith("data.")], ["data.p7s"])
        with open(self.path("data"), "ab") as file:
            file.write(b"more")
        self.assertEqual(self.jpki("verify", self.path("data")).status, NEGATIVE)

    def test_embedded_and_bare(self):
        self.assertEqual(self.sign("--format", "embedded").status, DONE)
        out = succeed(["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", self.path("data.p7m"),
                       "-CAfile", os.path.join(self.hierarchy, "sign-ca.pem"), "-purpose", "any"]).out
        self.assertEqual(out, "hello\n")
        self.assertEqual(self.jpki("verify", self.path("data.p7m")).status, 6)
        self.assertEqual(self.sign("--format", "raw").status, DONE)
        key = self.path("key.pub")
        with open(key, "w", encoding="ascii") as file:
            file.write(self.x509(os.path.join(self.folders[0], "certs", "sign.der"), "-pubkey"))
        succeed(["openssl", "dgst", "-sha256", "-verify", key, "-signature", self.path("data.sig"), self.path("data")])

    def test_a_failed_signature_leaves_no_file(self):
        said = self.jpki("sign", self.pin(WRONG_PINS["sign"]), "--pin-file", self.path("pin"))
        self.assertEqual(said.status, PIN)
        self.assertEqual([name for name in os.listdir(self.folder) if name.startswith("pin.")], [])

    def test_a_pin_is_changed_by_the_rules(self):
        fresh = self.path("fresh")
        def change(pin, *words):
            with open(fresh, "w", encoding="ascii") as file:
                file.write(pin + "\n")
            return self.jpki("pin", "change", "sign", "--pin-file", self.pin(PINS["sign"]), "--new-pin-file", fresh, *words)
        for bad in ("ABCDEF", "123456", "AB123", "A" * 16 + "1", "ABC-123"):
            self.assertEqual(change(bad, "--yes").status, PIN)
        self.assertEqual(self.tries("sign"), TRIES["sign"])
        self.assertEqual(change("XYZ789").status, PIN)  # nobody says yes
        changed = change("XYZ789", "--yes")
        self.assertEqual(changed.status, DONE, str(changed))
        self.assertIn("never tried on a real card", changed.err)
        self.assertEqual(self.jpki("cert", "show", "sign", "--pin-file", fresh).status, DONE)
        self.assertEqual(change("QQQ111", "--yes").status, PIN)  # the old PIN is another now
        self.assertEqual(self.tries("sign"), TRIES["sign"] - 1)
