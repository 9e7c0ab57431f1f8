"""OpenSSL's provider (pkcs11-provider, a package from Debian 13 on): dgst, cms, s_client, curl, a wrong PIN, the process's end.

`scripts/dev package --in trixie` runs it there."""
import glob
import os
import sys

from harness.tools import ROOT, module

sys.path.insert(0, os.path.join(ROOT, "tests", "clients"))
from client_case import OnCard, OnSoft, VIEWS, WRONG_PINS  # noqa: E402
from openssl_case import TLS_1_2, OpenSsl  # noqa: E402

CONFIGURATION = """openssl_conf = conf
[conf]
providers = providers
ssl_conf = ssl
[providers]
default = own_section
pkcs11 = card_section
[own_section]
activate = 1
[card_section]
module = {provider}
pkcs11-module-path = {module}
activate = 1
""" + TLS_1_2


class Provider(OpenSsl):
    def configured(self, view):
        provider = glob.glob("/usr/lib/*/ossl-modules/pkcs11.so")[0]
        text = CONFIGURATION.format(provider=provider, module=module(view))
        return {"OPENSSL_CONF": self.write(f"provider-{view}.cnf", text.encode())}

    def key(self, view, pin=None):
        return self.key_with_pin(view, "?", pin)

    def curl(self, server, pin=None):
        """curl loads the provider into a context of its own, which reads no configuration: the environment names the module."""
        return self.client_run(["curl", "-sS", "--tls-max", "1.2", "--cacert", server.ca, "--cert",
                                self.certificate_file("auth"), "--key-type", "PROV", "--key", self.key("auth", pin), server.url],
                               env={**self.configured("auth"), "PKCS11_PROVIDER_MODULE": module("auth")})

    def test_curl_wrong_pin(self):
        server, before = self.tls_server(), self.tries_left("auth")
        done = self.curl(server, WRONG_PINS["auth"])
        self.refused_by_curl(done, server)
        self.assertEqual(self.tries_left("auth"), before - 1)

    def test_wrong_pin(self):
        for view in VIEWS:
            with self.subTest(view=view):
                before = self.tries_left(view)
                done = self.sign(view, WRONG_PINS[view])
                self.assertEqual(done.status, 1, str(done))
                self.assertIn("Could not", done.text)
                self.assertEqual(self.tries_left(view), before - 1)


class Card(Provider, OnCard):
    pass


class Software(Provider, OnSoft):
    pass
