"""Test hierarchies and cards, made once a run, and the classes that tests build on."""
import fcntl
import itertools
import os
import shutil
import tempfile
import unittest

from .cards import ScriptedCard, VirtualCard
from .network import Network
from .pcscd import Pcscd
from .tools import module, program, run, succeed, tail, wait_until
from .worker import Refused, Worker

CKO_CERTIFICATE, CKO_PUBLIC_KEY, CKO_PRIVATE_KEY = 1, 2, 3
PINS = {"auth": "1234", "sign": "ABC123"}
WRONG_PINS = {"auth": "4321", "sign": "XYZ789"}
TRIES = {"auth": 3, "sign": 5}
KEY_IDS = {"auth": "01", "sign": "02"}
# Which halves a card has, and what its counter is told.
KINDS = {
    "mynumber": {"views": ["auth", "sign"], "new-ca": [], "issue": ["--kind", "mynumber", "--test-pins"]},
    "juki": {"views": ["sign"], "new-ca": ["--governor", "Iwate"], "issue": ["--kind", "juki", "--test-pins"]},
}
KIND_VIEWS = [(kind, view) for kind, facts in KINDS.items() for view in facts["views"]]


def shared_folder():
    """The run's own folder (tests/run.py makes and removes it)."""
    return os.environ.get("JPKI_TEST_FOLDER") or tempfile.gettempdir()


def original(kind):
    """The folder of an issued card of this kind; the hierarchy beside it is made by the first who asks."""
    base = os.path.join(shared_folder(), f"issued-{kind}")
    with open(base + ".lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(os.path.join(base, "card")):
            shutil.rmtree(base, ignore_errors=True)
            os.makedirs(base)
            counter, facts = program("jpki-counter"), KINDS[kind]
            succeed([counter, "new-ca", os.path.join(base, "ca"), *facts["new-ca"]])
            succeed([counter, "issue", os.path.join(base, "ca"), os.path.join(base, "new"), *facts["issue"]])
            os.rename(os.path.join(base, "new"), os.path.join(base, "card"))
    return os.path.join(base, "card")


def authority(kind="mynumber"):
    """The folder of the hierarchy that issued original(). All tests of a run share it: they may issue; who revokes, copies it."""
    return os.path.join(os.path.dirname(original(kind)), "ca")


class FolderCase(unittest.TestCase):
    """A test with a folder of its own, and helpers that clean up after themselves."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="t-", dir=shared_folder())
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        os.chmod(self.folder, 0o755)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def copy_of(self, kind, name="card"):
        folder = self.path(name)
        shutil.copytree(original(kind), folder)
        return folder

    def env(self):
        """The environment of every client: no configuration of this machine, no reader but ours."""
        env = {"HOME": self.folder, "XDG_CONFIG_HOME": self.path("config"), "JPKI_VIRTUAL_CARDS": "",
               "JPKI_CONFIG": "", "JPKI_SOFT_TOKENS": "", "JPKI_LOG": os.environ.get("JPKI_LOG", ""),
               "OPENSC_CONF": "/dev/null"}
        if "JPKI_TEST_PRELOAD" in os.environ:  # a sanitizer's runtime, for programs that load our module
            env["LD_PRELOAD"] = os.environ["JPKI_TEST_PRELOAD"]
        return env

    def client(self, path=None, initialize=True):
        worker = Worker("p11_worker.py", path or module(), env=self.env())
        self.addCleanup(worker.kill)
        if initialize:
            worker.initialize()
        return worker

    def refused(self, *names):
        return _Refused(self, names)

    def pkcs11_tool(self, *words, pin=None, new_pin=None, path=None, timeout=60):
        """pkcs11-tool; PINs go by the environment."""
        env, words = self.env(), list(words)
        if pin is not None:
            env["TEST_PIN"] = pin
            words += ["--pin", "env:TEST_PIN"]
        if new_pin is not None:
            env["TEST_NEW_PIN"] = new_pin
            words += ["--new-pin", "env:TEST_NEW_PIN"]
        return run(["pkcs11-tool", "--module", path or module(), *words], env=env, timeout=timeout)

    def slot(self, client, view, reader=0):
        """A reader has two slots: authentication, then signature."""
        return client.slots(False)[2 * reader + ["auth", "sign"].index(view)]

    def wait_token(self, client, slot, present=True):
        """Until the module itself says so."""
        wait_until(lambda: ("TOKEN_PRESENT" in client.slot_info(slot)["flags"]) == present,
                   f"a token {'in' if present else 'out of'} slot {slot}")

    def login(self, client, view, reader=0, pin=None):
        """A logged-in session and the private key's handle."""
        session = client.open(self.slot(client, view, reader), True)
        client.login(session, pin or PINS[view])
        return session, self.private_key(client, session, view)

    def private_key(self, client, session, view):
        found = client.find(session, {"CLASS": CKO_PRIVATE_KEY, "ID": bytes.fromhex(KEY_IDS[view])})
        self.assertEqual(len(found), 1, "private keys")
        return found[0]

    def certificate(self, kind, view):
        """The certificate that the card's own folder holds: the truth to compare with."""
        with open(os.path.join(original(kind), "certs", view + ".der"), "rb") as file:
            return file.read()

    def verify(self, certificate, signature, data, digest="sha256"):
        """OpenSSL's word on a signature, by the public key of a certificate (DER)."""
        der, signed, text = (self.write(name, content) for name, content in
                             (("v.der", certificate), ("v.sig", signature), ("v.txt", data)))
        key = succeed(["openssl", "x509", "-inform", "DER", "-in", der, "-noout", "-pubkey"]).out
        public = self.write("v.pub", key.encode())
        said = run(["openssl", "dgst", "-" + digest, "-verify", public, "-signature", signed, text])
        self.assertEqual(said.out.strip(), "Verified OK", str(said))

    def write(self, name, content):
        with open(self.path(name), "wb") as file:
            file.write(content)
        return self.path(name)

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()


class _Refused:
    """with self.refused("CKR_X", "CKR_Y"): the block must be answered with one of these."""

    def __init__(self, case, names):
        self.case, self.names, self.answer = case, names, None

    def __enter__(self):
        return self

    def __exit__(self, kind, error, _traceback):
        if kind is None:
            self.case.fail(f"answered CKR_OK instead of {' or '.join(self.names)}")
        if kind is not Refused:
            return False
        self.answer = str(error)
        self.case.assertIn(self.answer, self.names)
        return True


class PcscCase(FolderCase):
    """A test with a PC/SC service of its own. Cards are put in by the test."""

    def setUp(self):
        super().setUp()
        self.network = Network()
        self.addCleanup(self.network.close)
        self.pcscd = Pcscd(self.folder, self.network)
        self.addCleanup(self.pcscd.stop)
        self.pcscd.start()
        self.card, self.cards, self.numbers = None, {}, itertools.count(1)

    def env(self):
        return {**super().env(), **self.pcscd.env}

    def virtual_card(self, kind="mynumber", slot=0, latency_ms=0, prepare=None):
        """A fresh copy of the issued card, in the reader; a card that sat there is taken out first."""
        self.empty(slot)
        folder = self.copy_of(kind, f"card{slot}-{next(self.numbers)}")
        if prepare:
            prepare(folder)
        self.card = VirtualCard(folder, self.pcscd, slot, latency_ms)
        return self._put(slot, self.card).serve()

    def scripted_card(self, answer, wait=True, slot=0, **facts):
        self.empty(slot)
        return self._put(slot, ScriptedCard(self.pcscd, answer, slot=slot, **facts)).serve(wait)

    def _put(self, slot, card):
        self.cards[slot] = card
        self.addCleanup(card.stop)
        return card

    def empty(self, slot=0):
        if slot in self.cards:
            self.cards.pop(slot).stop()
            self.pcscd.wait_card(False, slot)

    def pcsc(self):
        """A PC/SC program that knows nothing of PKCS #11."""
        worker = Worker("pcsc_worker.py", env=self.env())
        self.addCleanup(worker.kill)
        return worker

    def evidence(self):
        """What a person wants to see of a failed test."""
        text = "--- pcscd's log, its end\n" + tail(self.pcscd.log, 6)
        if self.card:
            text += "--- the card's log, its end\n" + tail(self.card.apdu_log, 12) + tail(self.card.output, 5)
        return text
