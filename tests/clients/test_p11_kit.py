"""p11-kit: the module by a module file, and from elsewhere through p11-kit server."""
import glob
import os

from client_case import DATA, KEY_IDS, PINS, VIEWS, OnCard, OnSoft
from harness.tools import module, wait_until


class P11Kit:
    def served(self, view):
        """The path of p11-kit's client module, and what makes it talk to a server with our module behind it."""
        socket = self.path(f"server-{view}")
        self.start(["p11-kit", "server", "--foreground", "--provider", module(view), "-n", socket, self.uri(view)],
                   env={"XDG_RUNTIME_DIR": self.folder}, stdout=-3)
        wait_until(lambda: os.path.exists(socket), "p11-kit server's socket")
        return glob.glob("/usr/lib/*/pkcs11/p11-kit-client.so")[0], {"P11_KIT_SERVER_ADDRESS": f"unix:path={socket}"}

    def test_module_file(self):
        """A module file in p11-kit's own folder, which a mount of the test's covers."""
        folder = "/usr/share/p11-kit/modules"
        self.write("jpki.module", f"module: {module('auth')}\n".encode())
        said = self.client_run(["unshare", "-m", "sh", "-euc", 'mount -t tmpfs tmpfs "$1"; cp "$0" "$1"; p11-kit list-modules',
                                self.path("jpki.module"), folder])
        self.assertEqual(said.status, 0, str(said))
        self.assertIn(f"jpki: {module('auth')}\n", said.out)
        self.assertIn(f"token: {self.token('auth')}\n", said.out)

    def test_server(self):
        for view in VIEWS:
            with self.subTest(view=view):
                client, env = self.served(view)
                for _ in range(2):
                    self.sign_through(client, env, view)

    def sign_through(self, client, env, view):
        """A client process of its own."""
        said = self.client_run(["pkcs11-tool", "--module", client, "--login", "--pin", "env:TOKEN_PIN", "--sign", "-m",
                                "SHA256-RSA-PKCS", "--id", KEY_IDS[view], "-i", self.text_file(), "-o", self.path("sig")],
                               env={**env, "TOKEN_PIN": PINS[view]})
        self.assertEqual(said.status, 0, str(said))
        self.assert_signed(view, self.path("sig"), DATA)
        os.unlink(self.path("sig"))


class Card(P11Kit, OnCard):
    def test_commands_of_a_signature(self):
        client, env = self.served("auth")
        self.sign_through(client, env, "auth")
        self.assert_within_goal("pkcs11-tool through p11-kit server, one signature")


class Software(P11Kit, OnSoft):
    pass
