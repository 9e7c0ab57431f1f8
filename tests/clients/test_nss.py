"""NSS tools: modutil adds and takes away the module, certutil lists certificates and keys."""
from client_case import KEY_IDS, LABELS, PINS, VIEWS, WRONG_PINS, OnCard, OnSoft
from harness.tools import module, succeed


class Nss:
    def database(self, view):
        """A new NSS database with our module in it."""
        self.database_name = "sql:" + self.path(f"nss-{view}")
        succeed(["mkdir", self.path(f"nss-{view}")])
        succeed(["certutil", "-N", "-d", self.database_name, "--empty-password"], env=self.env())
        self.client_succeeds(["modutil", "-dbdir", self.database_name, "-add", "jpki", "-libfile", module(view), "-force"])
        return self.database_name

    def listing(self, option, view, pin):
        return self.client_run(["certutil", option, "-d", self.database_name, "-h", self.token(view), "-f",
                                self.pin_file(pin)])

    def test_modutil(self):
        database = self.database("auth")
        # 32: "unable to get information" of the second reader's slot, which is empty.
        said = self.client_run(["modutil", "-dbdir", database, "-list", "jpki"])
        self.assertIn(said.status, (0, 32), str(said))
        self.assertIn(self.token("auth"), said.out)
        self.assertNotIn(self.token("sign"), said.out)
        self.client_succeeds(["modutil", "-dbdir", database, "-delete", "jpki", "-force"])
        self.assertNotIn("jpki", self.client_succeeds(["modutil", "-dbdir", database, "-list"]).out)

    def test_certificates_and_keys(self):
        for view in VIEWS:
            with self.subTest(view=view):
                database = self.database(view)
                certificates = self.listing("-L", view, PINS[view])
                nickname = f"{self.token(view)}:{LABELS[view]} Certificate"
                rows = dict(line.rsplit(None, 1) for line in certificates.out.splitlines() if line.startswith(self.token(view)))
                self.assertEqual(rows.get(nickname), "u,u,u", str(certificates))
                keys = self.listing("-K", view, PINS[view])
                self.assertRegex(keys.out, rf"rsa +{KEY_IDS[view]} +{LABELS[view]} Key\n", str(keys))
                self.client_succeeds(["certutil", "-L", "-d", database, "-h", self.token(view), "-n", nickname, "-a", "-f", self.path("pin"), "-o",
                                      self.path("seen.pem")])
                succeed(["openssl", "x509", "-in", self.path("seen.pem"), "-outform", "DER", "-out", self.path("seen.der")])
                self.assertEqual(self.read("seen.der"), self.truth(view))

    def test_wrong_pin(self):
        for view in VIEWS:
            self.database(view)
            before = self.tries_left(view)
            said = self.listing("-K", view, WRONG_PINS[view])
            self.assertIn("SEC_ERROR_BAD_PASSWORD", said.text)
            self.assertEqual(self.tries_left(view), before - 1)

    def test_no_token(self):
        self.no_token()
        self.database("auth")
        said = self.listing("-L", "auth", PINS["auth"])
        self.assertNotIn(self.token("auth"), said.out)


class Card(Nss, OnCard):
    pass


class Software(Nss, OnSoft):
    pass
