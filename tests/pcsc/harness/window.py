"""The online window as tests start it: a hierarchy of the test's own, cards of it, visitors."""
import os
import re
import shutil

from served import Served, Visitor

from .citizen import TrustCase
from .tools import program, succeed, tail, wait_until
from .world import authority


class WindowWorld:
    """For test classes with self.path(), self.folder and addCleanup(): a copy of the hierarchy, so that a revocation
    is nobody else's."""

    def copy_hierarchy(self):
        self.authority = self.path("ca")
        shutil.copytree(authority(), self.authority)

    def open_window(self, *words, name="window"):
        self.window = Served([program("jpki-counter"), "window", self.authority, "--port", "0", *words],
                             self.path(name + ".log"), self.env())
        self.addCleanup(self.window.stop)
        self.window.wait(wait_until)
        self.web_ca = os.path.join(self.authority, "web", "ca.pem")
        return self.window

    def another_card(self, name, ca=None):
        """A card of another person; of this hierarchy, unless another one is named."""
        folder = self.path(name)
        succeed([program("jpki-counter"), "issue", ca or self.authority, folder, "--test-pins"])
        return folder

    def pem(self, card, tier):
        path = self.path(f"{os.path.basename(card)}-{tier}.pem")
        if not os.path.exists(path):
            succeed(["openssl", "x509", "-inform", "DER", "-in", os.path.join(card, "certs", tier + ".der"), "-out", path])
        return path

    def visitor(self, card=None, tier="auth"):
        """Who comes with a card's certificate: its key lies in the virtual card's folder."""
        if card is None:
            return Visitor(self.window.port, self.web_ca)
        return Visitor(self.window.port, self.web_ca, self.pem(card, tier), os.path.join(card, "keys", tier + ".pem"))

    def make_form(self, card, what="sign", visitor=None):
        """Makes a request out; returns its address."""
        page = (visitor or self.visitor(card)).form("/revocation", what=what, lang="en")
        self.assertEqual(page.status, 200, page.text)
        return re.search(r"https://localhost:\d+/form\?number=[0-9A-Fa-f]{32}", page.text)[0]


class WindowCase(WindowWorld, TrustCase):
    def setUp(self):
        super().setUp()
        self.copy_hierarchy()
        self.window = None

    def evidence(self):
        """What the window said last: a sanitizer's report, if it ended by one."""
        return "--- the window's log, its end\n" + tail(self.window.log, 150) if self.window else ""

    def serial(self, card, tier):
        return self.x509(os.path.join(card, "certs", tier + ".der"), "-serial").split("=")[1]
