"""Software tokens that stand for a card's halves: what jpki-counter makes, held against a card of the same applicant."""
import os
import stat

from harness.tools import module, program, run, succeed
from harness.world import KINDS, PINS, WRONG_PINS, FolderCase

CONSTANTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vectors", "pkcs11-3.2", "constants.tsv")
HALVES = {"auth": "authentication", "sign": "signature"}
CKO_CERTIFICATE, CKO_PUBLIC_KEY, CKO_PRIVATE_KEY, CKO_PROFILE = 1, 2, 3, 9
CKF_HW, CA_IDS = 1, (b"\3", b"\4")
LABEL = "Hanako"
DATA = b"signed in software"
# What may differ between a card's object and the token's, and why.
FOLLOWS_FROM_KEY = {"CKA_MODULUS", "CKA_PUBLIC_KEY_INFO"}
FOLLOWS_FROM_CERTIFICATE = {"CKA_VALUE", "CKA_SERIAL_NUMBER", "CKA_SUBJECT", "CKA_CHECK_VALUE", "CKA_PUBLIC_KEY_INFO"}
MAY_DIFFER = {
    CKO_PUBLIC_KEY: FOLLOWS_FROM_KEY | {"CKA_SUBJECT"},
    CKO_PRIVATE_KEY: FOLLOWS_FROM_KEY | {"CKA_SUBJECT"},
    CKO_CERTIFICATE: FOLLOWS_FROM_CERTIFICATE,
    CKO_PROFILE: set(),
}
KEY_PAIR_GENERATION = "CKM_RSA_PKCS_KEY_PAIR_GEN"


def constants(prefix):
    """{name: value} of the standard's constants."""
    with open(CONSTANTS, encoding="ascii") as file:
        rows = (line.rstrip("\n").split("\t") for line in file)
        return {row[0]: int(row[1].rstrip("UL"), 0) for row in rows if row[0].startswith(prefix)}


def number(value):
    return int.from_bytes(value, "little")


class SoftIssue(FolderCase):
    maxDiff = None
    tokens = ""  # the folder that clients see
    cards = ""

    def env(self):
        return {**super().env(), "JPKI_PCSC": "0", "JPKI_SOFT_TOKENS": self.tokens, "JPKI_VIRTUAL_CARDS": self.cards,
                "JPKI_CONFIG": self.path("cheap.toml")}

    def setUp(self):
        super().setUp()
        self.write("cheap.toml", b"[soft]\nscrypt_n = 2\n")
        os.chmod(self.path("cheap.toml"), 0o600)

    def counter(self, *words, env=None):
        return run([program("jpki-counter"), *words], env={**self.env(), **(env or {})})

    def new_ca(self, kind="mynumber"):
        succeed([program("jpki-counter"), "new-ca", self.path("ca"), *KINDS[kind]["new-ca"]])

    def issue(self, *words):
        """Two tokens; the clients of this test see them from now on."""
        said = self.counter("issue", self.path("ca"), "--soft", LABEL, "--folder", self.path("tokens"), *words)
        self.assertEqual(said.status, 0, str(said))
        self.tokens = self.path("tokens")
        return said

    def slot_of(self, client, label):
        found = [slot for slot in client.slots(True) if client.token_info(slot)["label"] == label]
        self.assertEqual(len(found), 1, f"tokens with the label {label}")
        return found[0]

    def token_files(self):
        """What a listing leaves beside a token (the database's log and index) aside."""
        return sorted(name for name in os.listdir(self.path("tokens")) if not name.endswith(("-wal", "-shm", "-gen")))

    def soft_slot(self, client, view):
        return self.slot_of(client, f"{LABEL} ({HALVES[view]})")

    def objects(self, client, session):
        """{(class, id): {attribute: value}} of all that the session shows."""
        found = {}
        for handle in client.find(session, {}):
            shown = {name: client.attribute_of_type(session, handle, kind)
                     for name, kind in constants("CKA_").items()}
            shown = {name: value for name, value in shown.items() if value is not None}
            kind = number(shown["CKA_CLASS"])
            identity = shown["CKA_PROFILE_ID"] if kind == CKO_PROFILE else shown["CKA_ID"]
            self.assertNotIn((kind, identity), found)
            found[kind, identity] = shown
        return found

    def test_objects_are_a_cards(self):
        """Every attribute type of the standard's header, before the login and after it."""
        for kind in KINDS:
            with self.subTest(kind=kind):
                self.folder_of(kind)
                for view in KINDS[kind]["views"]:
                    self.compare(view)

    def folder_of(self, kind):
        """A card and tokens of one applicant, from one hierarchy."""
        self.tokens = self.cards = ""
        for name in ("ca", "card", "tokens"):
            succeed(["rm", "-rf", self.path(name)])
        self.new_ca(kind)
        bits, day = [], ["--issued", "2024-05-01"]
        if kind == "juki":
            bits, day = ["--bits", "2048"], ["--issued", "2005-05-01"]
        done = self.counter("issue", self.path("ca"), self.path("card"), "--test-pins", *bits, *day)
        self.assertEqual(done.status, 0, str(done))
        self.issue("--test-pins", *day)
        self.cards = self.path("card")

    def compare(self, view):
        client = self.client()
        card, soft = self.slot(client, view), self.soft_slot(client, view)
        sessions = [client.open(slot, True) for slot in (card, soft)]
        public = [self.objects(client, session) for session in sessions]
        self.assert_equal_objects(*public)
        for session in sessions:
            client.login(session, PINS[view])
        private = [self.objects(client, session) for session in sessions]
        self.assertGreater(len(private[0]), len(public[0]))
        self.assert_equal_objects(*private)
        self.assert_certificates_fit(private[1])
        for session in sessions:
            client.logout(session)
        self.assertEqual([set(self.objects(client, session)) for session in sessions], [set(shown) for shown in public])

    def assert_equal_objects(self, card, soft):
        self.assertEqual(set(soft), set(card))
        for (kind, identity), wanted in card.items():
            shown, free = soft[kind, identity], {"CKA_UNIQUE_ID"}
            if identity not in CA_IDS:  # the CA's certificate is one and the same
                free |= MAY_DIFFER[kind]
            self.assertEqual(set(shown), set(wanted), f"class {kind}, id {identity}")
            fixed = [{name: value.hex() for name, value in each.items() if name not in free}
                     for each in (shown, wanted)]
            self.assertEqual(*fixed, f"class {kind}, id {identity}")
            self.assertEqual([name for name in free & set(shown) if len(shown[name]) == 0], [])
        self.assertEqual(len([1 for kind, identity in card if kind == CKO_CERTIFICATE and identity in CA_IDS]), 1)

    def assert_certificates_fit(self, objects):
        """The key's numbers are those of the certificate, as openssl reads it."""
        user = next(shown for (kind, identity), shown in objects.items()
                    if kind == CKO_CERTIFICATE and identity not in CA_IDS)
        der = self.write("user.der", user["CKA_VALUE"])
        said = succeed(["openssl", "x509", "-inform", "DER", "-in", der, "-noout", "-modulus", "-serial"]).out.split()
        serial = bytes.fromhex(said[1].partition("=")[2])
        self.assertEqual(user["CKA_SERIAL_NUMBER"][2:].lstrip(b"\0"), serial.lstrip(b"\0"))
        for (kind, _), shown in objects.items():
            if kind in (CKO_PUBLIC_KEY, CKO_PRIVATE_KEY):
                self.assertEqual(shown["CKA_MODULUS"].hex().upper(), said[0].partition("=")[2])
                self.assertEqual(shown["CKA_SUBJECT"], user["CKA_SUBJECT"])

    def test_token_and_mechanisms(self):
        self.folder_of("mynumber")
        client, names = self.client(), {value: name for name, value in constants("CKM_").items()}
        for view in HALVES:
            card, soft = self.slot(client, view), self.soft_slot(client, view)
            infos = [client.token_info(slot) for slot in (card, soft)]
            self.assertEqual(infos[0]["flags"], infos[1]["flags"])
            self.assertEqual((infos[1]["min_pin"], infos[1]["max_pin"]), (4, 64))
            self.assertIn("HW_SLOT", client.slot_info(card)["flags"])
            self.assertNotIn("HW_SLOT", client.slot_info(soft)["flags"])
            offered = [[names[kind] for kind in client.mechanisms(slot)] for slot in (card, soft)]
            self.assertEqual(offered[1], offered[0] + [KEY_PAIR_GENERATION])
            for kind in client.mechanisms(card):
                flags = [client.mechanism_info(slot, kind)[2] for slot in (card, soft)]
                self.assertEqual(flags[1], flags[0] & ~CKF_HW, names[kind])

    def test_views(self):
        """The one-half libraries show theirs, and no slot for a token to come."""
        self.new_ca()
        self.issue("--test-pins")
        for view, half in HALVES.items():
            client = self.client(module(view))
            self.assertEqual([client.token_info(slot)["label"] for slot in client.slots(False)], [f"{LABEL} ({half})"])

    def test_signatures(self):
        self.new_ca()
        self.issue("--test-pins")
        for view in HALVES:
            client = self.client(module(view))
            session = client.open(client.slots(True)[0])
            client.login(session, PINS[view])
            key = self.private_key(client, session, view)
            issued = client.find(session, {"CLASS": CKO_CERTIFICATE, "ID": b"\1" if view == "auth" else b"\2"})
            der = client.attribute(session, issued[0], "VALUE")
            self.verify(der, client.sign(session, key, "SHA256_RSA_PKCS", DATA), DATA)
            said = run(["openssl", "verify", "-x509_strict", "-CAfile", self.path("ca", f"{view}-ca.pem"),
                        self.pem(der)])
            self.assertIn("OK", said.out, str(said))

    def pem(self, der):
        self.write("user.der", der)
        succeed(["openssl", "x509", "-inform", "DER", "-in", self.path("user.der"), "-out", self.path("user.pem")])
        return self.path("user.pem")

    def test_wrong_pins_lock(self):
        self.new_ca()
        self.issue("--test-pins")
        client = self.client()
        for view in HALVES:
            slot = self.soft_slot(client, view)
            session, answers = client.open(slot), []
            while not answers or answers[-1] == "CKR_PIN_INCORRECT":
                with self.refused("CKR_PIN_INCORRECT", "CKR_PIN_LOCKED") as refused:
                    client.login(session, WRONG_PINS[view])
                answers.append(refused.answer)
                self.assertLess(len(answers), 10)
            self.assertIn("USER_PIN_LOCKED", client.token_info(slot)["flags"])
            with self.refused("CKR_PIN_LOCKED"):
                client.login(session, PINS[view])

    def test_chosen_pins(self):
        """As for a card: small letters of the signature PIN become capital ones; the officer's PIN is taken as it is."""
        self.new_ca()
        for name, pin in (("auth", b"9876\n"), ("sign", b"secret77\n"), ("so", b"officer of test\n")):
            self.write(name, pin)
        self.issue("--auth-pin-file", self.path("auth"), "--sign-pin-file", self.path("sign"), "--so-pin-file",
                   self.path("so"))
        client = self.client()
        for view, pin in (("auth", "9876"), ("sign", "SECRET77")):
            session = client.open(self.soft_slot(client, view), True)
            client.login(session, pin)
            client.logout(session)
            client.login(session, "officer of test", 0)
            client.logout(session)

    def test_the_officer_unlocks(self):
        self.new_ca()
        self.write("so", b"officer of test\n")
        self.issue("--test-pins", "--so-pin-file", self.path("so"))
        client, path = self.client(), module()
        slot = self.soft_slot(client, "auth")
        session = client.open(slot)
        for _ in range(3):
            with self.refused("CKR_PIN_INCORRECT", "CKR_PIN_LOCKED"):
                client.login(session, WRONG_PINS["auth"])
        with self.refused("CKR_PIN_LOCKED"):
            client.login(session, PINS["auth"])
        client.close(session)
        said = run(["pkcs11-tool", "--module", path, "--token-label", client.token_info(slot)["label"], "--login",
                    "--login-type", "so", "--so-pin", "env:SO", "--init-pin", "--new-pin", "env:NEW"],
                   env={**self.env(), "SO": "officer of test", "NEW": "5678"})
        self.assertEqual(said.status, 0, str(said))
        session = client.open(slot)
        client.login(session, "5678")
        self.private_key(client, session, "auth")

    def pin_desk(self, verb, half, *words, **pins):
        """change-pin or reset-pin for a token; PINs by files."""
        files = [word for name, pin in pins.items()
                 for word in (f"--{name.replace('_', '-')}-file", self.write(name, pin.encode() + b"\n"))]
        said = self.counter(verb, "--soft", LABEL, "--folder", self.path("tokens"), "--half", half, *files, *words)
        for pin in pins.values():
            self.assertNotIn(pin, said.text)
        return said

    def assertPin(self, client, view, pin, other):
        """By the module: this one opens the token, the other one does not."""
        session = client.open(self.soft_slot(client, view), True)
        with self.refused("CKR_PIN_INCORRECT"):
            client.login(session, other)
        client.login(session, pin)
        self.private_key(client, session, view)
        client.close(session)

    def test_the_holder_changes_a_pin(self):
        self.new_ca()
        self.issue("--test-pins")
        client = self.client()
        wrong = self.pin_desk("change-pin", "sign", old_pin=WRONG_PINS["sign"], pin="SAKURA39")
        self.assertEqual((wrong.status, wrong.out), (1, ""))
        self.assertIn("the present PIN is wrong, nothing was changed; further tries are left", wrong.err)
        self.assertEqual(self.pin_desk("change-pin", "sign", old_pin=PINS["sign"], pin="short").status, 2)
        self.assertPin(client, "sign", PINS["sign"], "SAKURA39")
        for half, pin in (("sign", "sakura39"), ("auth", "2580")):  # small letters count as capital ones
            done = self.pin_desk("change-pin", half, old_pin=PINS[half], pin=pin)
            self.assertEqual((done.status, done.out), (0, f"{half}: PIN changed\n"), str(done))
            self.assertPin(client, half, pin.upper(), PINS[half])

    def test_a_forgotten_pin(self):
        self.new_ca()
        self.issue("--test-pins", "--so-pin-file", self.write("officer", b"officer of test\n"))
        client = self.client()
        session = client.open(self.soft_slot(client, "auth"))
        for _ in range(3):
            with self.refused("CKR_PIN_INCORRECT", "CKR_PIN_LOCKED"):
                client.login(session, WRONG_PINS["auth"])
        client.close(session)
        locked = self.pin_desk("change-pin", "auth", old_pin=PINS["auth"], pin="2580")
        self.assertEqual(locked.status, 1)
        self.assertIn("the PIN is locked", locked.err)
        self.assertEqual(self.pin_desk("reset-pin", "auth", pin="2580").status, 2)  # whose officer?
        self.assertEqual(self.pin_desk("reset-pin", "auth", so_pin="another officer", pin="2580").status, 1)
        self.assertIn("USER_PIN_LOCKED", client.token_info(self.soft_slot(client, "auth"))["flags"])
        done = self.pin_desk("reset-pin", "auth", so_pin="officer of test", pin="2580")
        self.assertEqual((done.status, done.out), (0, "auth: new PIN set\n"), str(done))
        self.assertPin(client, "auth", "2580", PINS["auth"])
        self.assertPin(client, "sign", PINS["sign"], WRONG_PINS["sign"])  # the other half's PIN stays

    def test_files(self):
        """Two files of the owner alone in a folder of the owner alone, and nothing that tells a PIN."""
        self.new_ca()
        said = self.issue("--test-pins")
        folder = self.path("tokens")
        self.assertEqual(stat.S_IMODE(os.stat(folder).st_mode), 0o700)
        names = os.listdir(folder)
        self.assertEqual(sorted(os.path.splitext(name)[1] for name in names if "gen" not in name), [".token"] * 2)
        for name in names:
            self.assertEqual(stat.S_IMODE(os.stat(os.path.join(folder, name)).st_mode), 0o600, name)
            if name.endswith(".token"):
                self.assertIn(os.path.join(folder, name), said.out)
        for pin in PINS.values():
            self.assertNotIn(f" {pin}", said.text)
        self.assertNotIn("公的", said.text)

    def test_folder_of_the_environment(self):
        self.new_ca()
        said = self.counter("issue", self.path("ca"), "--soft", LABEL, "--test-pins",
                            env={"JPKI_SOFT_TOKENS": self.path("elsewhere")})
        self.assertEqual(said.status, 0, str(said))
        self.assertEqual(len([name for name in os.listdir(self.path("elsewhere")) if name.endswith(".token")]), 2)

    def test_what_is_refused(self):
        """Exit status 2: nothing was done, not even the folder made."""
        self.new_ca()
        self.write("short", b"123\n")
        soft, pins, folder = ["--soft", LABEL], ["--test-pins"], ["--folder", self.path("tokens")]
        for words, told in [
            ([*soft, *pins], "which folder"),
            ([*soft, *folder], "needs its PIN"),
            ([*soft, *folder, "--sign-pin-file", self.path("short")], "must have"),
            ([*soft, *folder, *pins, "--so-pin-file", self.path("short")], "4 to 64 bytes"),
            ([*soft, *folder, *pins, "--so-pin-file", self.path("absent")], "cannot read"),
            (["--soft", "", *folder, *pins], ""),
            (["--soft", "sixteen letters!", *folder, *pins], "1 to 15 bytes"),
            (["--soft", "line\nbreak", *folder, *pins], "control characters"),
            ([self.path("card"), *soft, *folder, *pins], "excludes"),
            ([*soft, *folder, *pins, "--replace"], "excludes"),
            ([self.path("card"), *folder, *pins], "requires"),
            (pins, "CARD is required"),
            ([*soft, *folder, *pins, "--kind", "juki"], "governor"),
        ]:
            with self.subTest(words=words):
                said = self.counter("issue", self.path("ca"), *words)
                self.assertEqual(said.status, 2, str(said))
                self.assertIn(told, said.text)
                self.assertFalse(os.path.exists(self.path("tokens")) or os.path.exists(self.path("card")))

    def test_short_juki_keys(self):
        self.new_ca("juki")
        said = self.counter("issue", self.path("ca"), "--soft", LABEL, "--test-pins", "--bits", "1024", "--folder",
                            self.path("tokens"))
        self.assertEqual(said.status, 2, str(said))

    def test_failures_leave_nothing(self):
        """Exit status 1: no file more than before."""
        self.new_ca()
        self.issue("--test-pins")
        before = self.token_files()
        os.mkdir(self.path("open"))
        os.chmod(self.path("open"), 0o777)
        os.symlink(self.path("tokens"), self.path("link"))
        other = ["--soft", "Other", "--test-pins", "--folder"]
        for words, told in [
            (["--soft", LABEL, "--test-pins", "--folder", self.path("tokens")], "already"),
            ([*other, self.path("open")], "nobody else"),
            ([*other, self.path("link")], "nobody else"),
            ([*other, self.path("ca", "serial")], "serial"),
            ([*other, self.path("tokens"), "--module", self.path("absent.so")], "absent.so"),
            ([*other, self.path("tokens"), "--module", "libc.so.6"], "no PKCS #11 module"),
        ]:
            with self.subTest(words=words):
                said = self.counter("issue", self.path("ca"), *words)
                self.assertEqual(said.status, 1, str(said))
                self.assertIn(told, said.text)
        self.assertEqual(self.token_files(), before)
        self.assertEqual(os.listdir(self.path("open")), [])

    def test_half_way(self):
        """The second certificate cannot be made, because the first took the last serial number: no token is left."""
        self.new_ca()
        self.write(os.path.join("ca", "serial"), f"{2**30 - 1}\n".encode())
        said = self.counter("issue", self.path("ca"), "--soft", LABEL, "--test-pins", "--folder", self.path("tokens"))
        self.assertEqual(said.status, 1, str(said))
        self.assertIn("all serial numbers are used", said.text)
        self.assertEqual(os.listdir(self.path("tokens")), [])
