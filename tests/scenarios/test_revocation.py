"""The CAs' registers and lists: openssl verify, crl and asn1parse agree with every status that the tools report."""
import os
import pty
import re
import signal
import subprocess

from harness.counter import TIERS, CounterCase
from harness.tools import program, run, succeed, wait_until

KEY_COMPROMISE, AFFILIATION_CHANGED, SUPERSEDED, CESSATION = 1, 3, 4, 5  # RFC 5280, 5.3.1
REASON_NAMES = {KEY_COMPROMISE: "Key Compromise", AFFILIATION_CHANGED: "Affiliation Changed",
                SUPERSEDED: "Superseded", CESSATION: "Cessation Of Operation"}  # as openssl crl prints them


class Lists(CounterCase):
    def test_every_status_as_openssl_says_it(self):
        for tier in TIERS:
            self.trust(tier)
        cases = [("good", None, dict.fromkeys(TIERS))]
        for cause, reason in (("loss", KEY_COMPROMISE), ("theft", KEY_COMPROMISE), ("misuse", KEY_COMPROMISE),
                              ("damage", CESSATION), ("own-wish", CESSATION)):
            cases.append((cause, "revoke", dict.fromkeys(TIERS, reason)))
        for event in ("move", "name", "correction", "address-renamed"):
            cases.append((event, "register-event", {"sign": AFFILIATION_CHANGED, "auth": None}))
        cases.append(("death", "register-event", dict.fromkeys(TIERS, CESSATION)))
        for name, verb, _ in cases:
            self.issue(name)
            if verb == "revoke":
                self.counter(verb, self.path("ca"), self.path(name), "--reason", name)
            elif verb:
                self.counter(verb, self.path("ca"), name, self.path(name))
        self.issue("renewed")
        old = {tier: self.read(os.path.join("renewed", "certs", tier + ".der")) for tier in TIERS}
        self.counter("renew", self.path("ca"), self.path("renewed"))
        folder = self.lists()
        for name, _, expected in cases:
            for tier, reason in expected.items():
                with self.subTest(name=name, tier=tier):
                    self.agree(tier, self.certificate(tier, name), reason, folder)
        for tier in TIERS:
            self.agree(tier, self.write("old.der", old[tier]), SUPERSEDED, folder)
            self.agree(tier, self.certificate(tier, "renewed"), None, folder)

    def agree(self, tier, certificate, reason, folder):
        ours = self.check(certificate, "--crl", folder)
        if reason is None:
            self.assertEqual((self.openssl_says(tier, certificate), ours["standing"]), ("", "good"))
            return
        self.assertEqual((self.openssl_says(tier, certificate), ours["standing"]), ("certificate revoked", "revoked"))
        self.assertEqual(ours["revocation"]["reason"], reason)
        listed = self.revoked_in(f"{tier}-13103.crl")
        self.assertEqual(listed[self.serial(certificate)], REASON_NAMES[reason])

    def test_days_and_strangers_as_openssl_says_it(self):
        """What no list tells: before the first day, after the last, by a CA that nobody trusts."""
        for tier in TIERS:
            self.trust(tier)
        self.issue("over", "--issued", "2018-01-01", "--expires", "2020-01-01")
        self.issue("early", "--issued", "2027-01-01")
        self.counter("new-ca", self.path("other"))
        self.counter("issue", self.path("other"), self.path("stranger"), "--test-pins")
        folder = self.lists()
        for name, said, standing in (("over", "certificate has expired", "expired"),
                                     ("early", "certificate is not yet valid", "not_yet_valid"),
                                     ("stranger", "unable to get local issuer certificate", "unchecked")):
            for tier in TIERS:
                with self.subTest(name=name, tier=tier):
                    certificate = self.certificate(tier, name)
                    self.assertEqual(self.openssl_says(tier, certificate), said)
                    self.assertEqual(self.check(certificate, "--crl", folder)["standing"], standing)

    def test_a_part_for_each_municipality(self):
        """A list tells of its own municipality, and its issuingDistributionPoint is what certificates name."""
        self.issue("minato")
        self.issue("yokohama", "--address", "神奈川県横浜市")
        self.counter("revoke", self.path("ca"), self.path("yokohama"), "--reason", "theft")
        self.lists()
        names = sorted(os.listdir(self.path("ca", "crl")))
        self.assertEqual(names, sorted([f"{tier}-{part}.crl" for tier in TIERS for part in ("13103", "14100", "ca")]
                                       + ["crls.pem"]))
        for tier in TIERS:
            certificate = self.certificate(tier, "yokohama")
            self.assertEqual(list(self.revoked_in(f"{tier}-14100.crl")), [self.serial(certificate)])
            self.assertEqual(self.revoked_in(f"{tier}-13103.crl"), {})
            point = succeed(["openssl", "x509", "-inform", "DER", "-in", certificate, "-noout", "-ext",
                             "crlDistributionPoints", "-nameopt", "RFC2253"]).out
            issuing = succeed(["openssl", "crl", "-inform", "DER", "-in", self.path("ca", "crl", f"{tier}-14100.crl"),
                               "-noout", "-text", "-nameopt", "RFC2253"]).out
            name = re.search(r"DirName: ?(.*)", point)[1]
            self.assertIn("X509v3 Issuing Distribution Point: critical", issuing)
            self.assertIn(name, issuing)
            self.assertIn("Yokohama-shi CRLDP", name)

    def test_other_lists_alone_do_not_tell(self):
        """The list of another municipality covers nobody else: openssl and jpki say so."""
        self.issue()
        self.trust("sign")
        self.issue("yokohama", "--address", "神奈川県横浜市")
        self.lists()
        other, own = self.path("ca", "crl", "sign-14100.crl"), self.path("ca", "crl", "sign-13103.crl")
        for name, answer, standing in ((other, "different CRL scope", "unchecked"), (own, "", "good")):
            pem = self.path("one.pem")
            succeed(["openssl", "crl", "-inform", "DER", "-in", name, "-out", pem])
            said = run(["openssl", "verify", "-crl_check", "-extended_crl", "-CAfile", self.path("ca", "sign-ca.pem"),
                        "-CRLfile", pem, self.certificate("sign")])
            self.assertIn(answer, said.text)
            self.assertEqual(said.status == 0, standing == "good", str(said))
            self.assertEqual(self.check(self.certificate("sign"), "--crl", name)["standing"], standing)

    def test_lists_are_the_cas_own_and_count(self):
        self.issue()
        for number in (1, 2):
            self.lists()
            for tier in TIERS:
                for part in ("13103", "ca"):
                    path = self.path("ca", "crl", f"{tier}-{part}.crl")
                    said = run(["openssl", "crl", "-inform", "DER", "-in", path, "-CAfile",
                                self.path("ca", f"{tier}-ca.pem"), "-noout", "-crlnumber", "-lastupdate"])
                    self.assertIn("verify OK", said.text)
                    self.assertIn(f"crlNumber=0x{number:X}".lower(), said.text.lower().replace("0x0", "0x"))


class Revocation(CounterCase):
    def test_receipt_holds_numbers_and_no_personal_data(self):
        self.issue()
        said = self.counter("revoke", self.path("ca"), self.path("card"), "--reason", "damage").out
        for tier in TIERS:
            self.assertIn(f"{tier} certificate {int(self.serial(self.certificate(tier)), 16):08X}: revoked, on ", said)
        self.assertIn("cessationOfOperation (damage)", said)
        for personal in ("公的", "一郎", "虎ノ門", "1977"):
            self.assertNotIn(personal, said)

    def test_revoking_twice_is_told_apart_and_changes_nothing(self):
        self.issue()
        copy = self.certificate("sign")
        self.counter("revoke", self.path("ca"), copy, "--reason", "own-wish", "--date", "2026-11-20")
        before = self.read(os.path.join("ca", "revoked"))
        again = run([program("jpki-counter"), "revoke", self.path("ca"), copy, "--reason", "own-wish"])
        self.assertEqual(again.status, 1)
        self.assertIn("had been revoked before, on 2026-11-20T03:00:00Z, reason cessationOfOperation", again.out)
        self.assertEqual(self.read(os.path.join("ca", "revoked")), before)
        self.lists()
        self.assertEqual(self.openssl_says("sign", copy), "certificate revoked")
        self.assertEqual(self.openssl_says("auth", self.certificate("auth")), "")

    def test_what_cannot_be_revoked(self):
        self.issue()
        self.counter("new-ca", self.path("other"))
        self.counter("issue", self.path("other"), self.path("foreign"))
        self.write("text", b"hello\n")
        copy = os.path.join(self.path("foreign"), "certs", "sign.der")
        for what, complaint in ((copy, "not one of this hierarchy's"), (self.path("foreign"), "another hierarchy"),
                                (self.path("text"), "neither a card nor a certificate"),
                                (self.path("nothing"), "cannot read"),
                                (self.path("ca", "sign-ca.der"), "not one of this hierarchy's")):
            with self.subTest(what=what):
                said = run([program("jpki-counter"), "revoke", self.path("ca"), what, "--reason", "loss"])
                self.assertEqual(said.status, 1, str(said))
                self.assertIn(complaint, said.err)
        self.assertEqual(self.read(os.path.join("ca", "revoked")).count(b"\n"), 1)

    def test_event_by_the_persons_number(self):
        subject = self.issue()
        self.counter("register-event", self.path("ca"), "name", subject)
        self.lists()
        self.assertEqual(self.openssl_says("sign", self.certificate("sign")), "certificate revoked")
        self.assertEqual(self.openssl_says("auth", self.certificate("auth")), "")
        again = run([program("jpki-counter"), "register-event", self.path("ca"), "move", subject])
        self.assertEqual(again.status, 1)
        self.assertIn("nothing was revoked now", again.err)

    def test_killed_while_it_revokes(self):
        """A process that revokes card after card is killed: what it has told is revoked, and the lists are whole."""
        cards = [f"card{number}" for number in range(3)]
        for card in cards:
            self.issue(card)
        script = " && ".join(f"'{program('jpki-counter')}' revoke '{self.path('ca')}' '{self.path(card)}' --reason loss"
                             for card in cards)
        process = subprocess.Popen(["sh", "-c", script], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   start_new_session=True)
        wait_until(lambda: self.read(os.path.join("ca", "revoked")).count(b"\n") > 1, "the first revocation")
        os.killpg(process.pid, signal.SIGKILL)
        told = process.communicate()[0].decode()
        self.lists()
        listed = {**self.revoked_in("sign-13103.crl"), **self.revoked_in("auth-13103.crl")}
        for serial in re.findall(r"certificate (\w{8}): revoked", told):
            self.assertIn(int(serial, 16), [int(number, 16) for number in listed])
        for card in cards:  # both of a card's certificates, or none
            numbers = [self.serial(self.certificate(tier, card)) in listed for tier in TIERS]
            self.assertEqual(len(set(numbers)), 1, card)


class Typed(CounterCase):
    def typed(self, words, answers):
        """The program at a terminal: each question is answered when it has been asked. Its status, and what was shown."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.execv(words[0], words)
        shown = b""
        for answer in answers:
            while not shown.endswith(b": "):
                shown += os.read(terminal, 1000)
            os.write(terminal, answer.encode() + b"\n")
            shown += b"|"
        try:
            while more := os.read(terminal, 1000):
                shown += more
        except OSError:  # the other end is closed
            pass
        os.close(terminal)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown.decode()

    def test_the_citizen_types_the_pins(self):
        words = [program("jpki-counter"), "keygen", self.path("card"), "--ca", self.path("ca")]
        status, shown = self.typed(words, ["SAKURA39", "SAKURA38"])
        self.assertEqual(status, 2, shown)
        self.assertIn("the two PINs are different", shown)
        self.assertFalse(os.path.exists(self.path("card")))
        status, shown = self.typed(words, ["sakura39", "sakura39", "2580", "2580"])
        self.assertEqual(status, 0, shown)
        for pin in ("sakura39", "SAKURA39", "2580"):
            self.assertNotIn(pin, shown)
        with open(self.path("card", "pins"), encoding="ascii") as file:
            self.assertEqual(file.read().split(), "auth = 2580 sign = SAKURA39".split())
