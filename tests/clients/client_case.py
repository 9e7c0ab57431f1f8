"""What every client meets: a card in the reader of a private pcscd, or a software token. A file of tests describes what the
client does once, and has a class for each: `class Card(Tool, OnCard)`, `class Software(Tool, OnSoft)`."""
import hashlib
import os
import subprocess
import sys

from harness.mini_jpki import MiniJpki
from harness.network import Network
from harness.tools import ROOT, module, program, run, succeed
from harness.world import KEY_IDS, PINS, TRIES, WRONG_PINS, FolderCase, PcscCase, authority, original
from tls import TlsServer

VIEWS = ("auth", "sign")
APPLICANT = "Hanako"
LABELS = {"auth": "User Authentication", "sign": "Digital Signature"}
CKO_HW_FEATURE = 5
DATA = b"signed by somebody else's program\n"


def goals():
    """{program: (goal, OpenSC's count)} of docs/benchmark.md."""
    with open(os.path.join(ROOT, "docs", "benchmark.md"), encoding="utf-8") as file:
        chapter = file.read().split("\n## Other people's programs\n")[1].split("\n# ")[0]
    rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in chapter.splitlines() if line.startswith("|"))
    return {row[0]: (int(row[1]), int(row[3])) for row in rows if row[1].isdigit()}


class Meeting:
    """What clients are told of a token, and what the tests know of it from elsewhere."""

    kind = ""  # "card" or "soft"

    def token(self, view):
        """The token's label."""
        return (f"JPKI {LABELS[view]}" if self.kind == "card" else
                f"{APPLICANT} ({'authentication' if view == 'auth' else 'signature'})")

    def uri(self, view, kind=None, pin=None):
        """The token, or its object of this kind, as RFC 7512 writes it."""
        words = ["token=" + "".join(c if c.isalnum() else f"%{ord(c):02X}" for c in self.token(view))]
        if kind:
            words += [f"id=%{KEY_IDS[view]}", f"type={kind}"]
        return "pkcs11:" + ";".join(words) + (f"?pin-value={pin}" if pin else "")

    def certificate_label(self, view):
        return LABELS[view] + " Certificate"

    def key_file(self, view):
        """The public key of the token's certificate, in a file."""
        der = self.write(f"{view}.der", self.truth(view))
        self.write(f"{view}.crt.pem", succeed(["openssl", "x509", "-inform", "DER", "-in", der]).out.encode())
        public = succeed(["openssl", "x509", "-inform", "DER", "-in", der, "-noout", "-pubkey"]).out
        return self.write(f"{view}.pub", public.encode())

    def certificate_file(self, view):
        self.key_file(view)
        return self.path(f"{view}.crt.pem")

    def ca_file(self, view):
        return os.path.join(authority(), f"{view}-ca.pem")

    def fingerprint(self, view):
        return hashlib.sha256(self.truth(view)).hexdigest()

    def text_file(self, data=DATA):
        return self.write("text", data)

    def assert_signed(self, view, signature, data=DATA, digest="sha256"):
        """By OpenSSL, and by the certificate that the token was issued with."""
        with open(signature, "rb") as file:
            self.verify(self.truth(view), file.read(), data, digest)

    def client_run(self, command, env=None, **options):
        """A client in the test's own network, to its end."""
        return run(self.network.command(*command), env={**self.env(), **(env or {})}, **options)

    def client_succeeds(self, command, **options):
        result = self.client_run(command, **options)
        self.assertEqual(result.status, 0, str(result))
        return result

    def start(self, command, env=None, inside=True, **options):
        """A client or a server that goes on, until the test ends."""
        process = subprocess.Popen(self.network.command(*command) if inside else command, env={**os.environ, **self.env(), **(env or {})},
                                   **{"stdin": subprocess.DEVNULL, **options})
        self.addCleanup(self.stop, process)
        return process

    @staticmethod
    def stop(process):
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe:
                pipe.close()

    def pin_file(self, pin, name="pin"):
        """Without a newline, which OpenSSL's engine would take for a part of the PIN."""
        path = self.write(name, pin.encode())
        os.chmod(path, 0o600)
        return path

    def tls_server(self, *words, inside=True):
        return TlsServer(self, *words, inside=inside)


class LeavingCard(MiniJpki):
    def __init__(self, case):
        super().__init__()
        self.case, self.tries = case, 0
        for file, name in ((0x000A, "auth"), (0x0001, "sign"), (0x000B, "auth-ca"), (0x0002, "sign-ca")):
            with open(os.path.join(original("mynumber"), "certs", name + ".der"), "rb") as content:
                self.files[file] = content.read().ljust(2048, b"\xFF")

    def verify(self, command):
        self.tries += len(command) > 4
        return super().verify(command)

    def sign(self, _command):
        self.case.cards[0].pull()


class OnCard(Meeting, PcscCase):
    """The card in the reader."""

    kind = "card"

    def setUp(self):
        super().setUp()
        self.virtual_card()

    def truth(self, view):
        return self.certificate("mynumber", view)

    def tries_left(self, view):
        """As the card itself says."""
        path = os.path.join(self.card.folder, "counters")
        with open(path, encoding="ascii") as file:
            said = dict(line.split(" = ") for line in file.read().splitlines())
        return int(said[view])

    def no_token(self):
        self.empty()

    def assert_within_goal(self, program, mark=0):
        """The card's own count of commands, held against the table of docs/benchmark.md."""
        goal, opensc = goals()[program]
        self.assertEqual(goal, opensc if opensc == 2 else opensc * 2 // 5, program)
        sent = self.card.exchanges(mark)
        print(f"# APDUs, {program}: {len(sent)} (goal {goal})", file=sys.stderr)
        self.assertLessEqual(len(sent), goal, "\n".join(map(repr, sent)))

    def leaving_card(self):
        """In place of the card one that is pulled out while it signs. It has the same certificates, and takes any PIN."""
        card = LeavingCard(self)
        self.scripted_card(card)
        return card


class OnSoft(Meeting, FolderCase):
    """The two tokens of `jpki-counter issue --soft`."""

    kind = "soft"

    def setUp(self):
        super().setUp()
        self.network = Network()
        self.addCleanup(self.network.close)
        self.write("cheap.toml", b"[soft]\nscrypt_n = 2\n")
        os.chmod(self.path("cheap.toml"), 0o600)
        os.mkdir(self.path("tokens"), 0o700)
        succeed([program("jpki-counter"), "issue", authority(), "--soft", APPLICANT, "--folder",
                 self.path("tokens"), "--test-pins"], env=self.env())
        self.certificates = {}

    def env(self):
        return {**super().env(), "JPKI_PCSC": "0", "JPKI_SOFT_TOKENS": self.path("tokens"),
                "JPKI_CONFIG": self.path("cheap.toml")}

    def truth(self, view):
        """The certificate, once OpenSSL has found that the CA of the test hierarchy issued it."""
        if view not in self.certificates:
            path = self.path(f"truth-{view}.der")
            done = self.pkcs11_tool("--login", "--read-object", "--type", "cert", "--id", KEY_IDS[view], "-o", path,
                                    path=module(view), pin=PINS[view])
            self.assertEqual(done.status, 0, str(done))
            succeed(["openssl", "verify", "-partial_chain", "-trusted", self.ca_file(view), path])
            self.certificates[view] = self.read(f"truth-{view}.der")
        return self.certificates[view]

    def tries_left(self, view):
        """As the vendor object says, in a process of its own."""
        client = self.client(module(view))
        slot = client.slots(True)[0]
        client.token_info(slot)
        session = client.open(slot)
        feature, = client.find(session, {"CLASS": CKO_HW_FEATURE})
        value = client.attribute(session, feature, "VALUE")
        client.leave()
        return int.from_bytes(value, "little")

    def no_token(self):
        os.rename(self.path("tokens"), self.path("tokens-away"))
        os.mkdir(self.path("tokens"), 0o700)
