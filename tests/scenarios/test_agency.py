"""The example's agency: each application is signed with the virtual card's key by jpki or by openssl; the receipt is
judged by openssl and by jpki verify. Post certificate, server certificate and revocation lists are openssl's."""
import os
import shutil

from harness.agency import ADDRESS, NAME, AgencyWorld
from harness.citizen import DONE, TrustCase
from harness.tools import BUILD, ROOT, program, succeed
from harness.world import PINS, FolderCase
from served import Visitor

EXTENSIONS = {
    "ca": "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n",
    "post": "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature,nonRepudiation\n"
            "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n",
    "web": "basicConstraints=critical,CA:FALSE\nsubjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth\n"
           "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n",
}


class AgencyCase(AgencyWorld, TrustCase):
    def setUp(self):
        super().setUp()
        os.mkdir(self.path("lists"))
        self.certify("ca")
        self.certify("post", "ca")
        self.certify("web", "ca")
        self.list_of("sign")
        self.open_agency(os.path.join(self.hierarchy, "sign-ca.pem"), self.path("lists"),
                         (self.path("post.pem"), self.path("post.key")), (self.path("web.pem"), self.path("web.key")),
                         self.path("ca.pem"))

    def certify(self, name, issuer=None):
        """A key and a certificate by openssl."""
        with open(self.path(name + ".ext"), "w", encoding="ascii") as file:
            file.write(EXTENSIONS[name])
        succeed(["openssl", "req", "-newkey", "rsa:2048", "-nodes", "-keyout", self.path(name + ".key"), "-subj",
                 f"/C=JP/O=TEST/CN=TEST {name}", "-out", self.path(name + ".csr")])
        signed = ["-CA", self.path(issuer + ".pem"), "-CAkey", self.path(issuer + ".key"), "-CAcreateserial"] if issuer \
            else ["-signkey", self.path(name + ".key")]
        succeed(["openssl", "x509", "-req", "-in", self.path(name + ".csr"), "-days", "30", "-extfile",
                 self.path(name + ".ext"), "-out", self.path(name + ".pem"), *signed])

    def list_of(self, tier, *rows):
        """The CA's list, where the agency looks; rows are serial numbers with reasons."""
        index, config = self.path("index.txt"), self.path("config")
        with open(index, "w", encoding="ascii") as file:
            file.writelines(f"R\t491231000000Z\t260101120000Z,{reason}\t{serial}\tunknown\t/CN=x\n"
                            for serial, reason in rows)
        with open(config, "w", encoding="ascii") as file:
            file.write(f"[ca]\ndefault_ca=own\n[own]\ndatabase={index}\ndefault_md=sha256\n")
        ca = os.path.join(self.hierarchy, f"{tier}-ca")
        succeed(["openssl", "ca", "-gencrl", "-config", config, "-cert", ca + ".pem", "-keyfile", ca + ".key", "-crldays",
                 "1", "-out", self.path("lists", "list.pem")])

    def signed(self, path=None):
        path = path or self.application()
        if os.path.exists(path + ".p7m"):
            os.unlink(path + ".p7m")
        said = self.jpki("sign", path, "--format", "embedded", "--pin-file", self.pin(PINS["sign"]))
        self.assertEqual(said.status, DONE, str(said))
        return path + ".p7m"

    def by_openssl(self, card, tier, path, *options):
        """Signed with the key in a card's folder."""
        pem = self.path("signer.pem")
        succeed(["openssl", "x509", "-inform", "DER", "-in", os.path.join(card, "certs", tier + ".der"), "-out", pem])
        succeed(["openssl", "cms", "-sign", "-binary", "-nodetach", "-cades", "-in", path, "-signer", pem, "-inkey",
                 os.path.join(card, "keys", tier + ".pem"), "-outform", "DER", "-out", path + ".p7m", *options])
        return path + ".p7m"


class Taken(AgencyCase):
    def test_six_steps(self):
        signed = self.signed()
        said = self.submit(signed)
        self.assertEqual(said.status, 0, str(said))
        receipt = self.path("receipt.p7m")
        text = succeed(["openssl", "cms", "-verify", "-binary", "-cades", "-inform", "DER", "-in", receipt, "-CAfile",
                        self.path("ca.pem"), "-purpose", "any"]).out
        digest = succeed(["openssl", "dgst", "-sha256", "-r", self.path("application.txt")]).out.split()[0]
        self.assertIn(digest, text.lower())
        ca = succeed(["openssl", "x509", "-in", self.path("ca.pem"), "-noout", "-fingerprint", "-sha1"]).out
        self.assertEqual(self.jpki("trust", "add", self.path("ca.pem"), "--expect", ca.strip().split("=")[1]).status, DONE)
        self.assertEqual(self.jpki("verify", receipt, "--crl", self.post_list()).status, DONE)
        kept = os.listdir(self.path("inbox"))
        self.assertEqual(len(kept), 1)
        self.assertEqual(os.stat(self.path("inbox", kept[0])).st_mode & 0o777, 0o600)
        self.assertEqual(self.submit(signed, "again.p7m").status, 0)  # the same is kept once
        self.assertEqual(os.listdir(self.path("inbox")), kept)
        for word in (NAME, ADDRESS, "一郎"):
            self.assertNotIn(word, self.agency.said())

    def post_list(self):
        """The post certificate's CA says that nothing is revoked."""
        index, config, out = self.path("post-index"), self.path("post-config"), self.path("post-list.pem")
        open(index, "w", encoding="ascii").close()
        with open(config, "w", encoding="ascii") as file:
            file.write(f"[ca]\ndefault_ca=own\n[own]\ndatabase={index}\ndefault_md=sha256\n")
        succeed(["openssl", "ca", "-gencrl", "-config", config, "-cert", self.path("ca.pem"), "-keyfile", self.path("ca.key"),
                 "-crldays", "1", "-out", out])
        return out


class Refused(AgencyCase):
    def test_each_with_its_reason(self):
        card = self.folders[0]
        serial = self.x509(os.path.join(card, "certs", "sign.der"), "-serial").split("=")[1]
        signed = self.signed()
        self.list_of("sign", (serial, "keyCompromise"))
        self.assertRefused(signed, "revoked")
        self.list_of("sign", (serial, "affiliationChanged"))
        self.assertRefused(signed, "moved")
        self.list_of("sign")
        os.unlink(self.path("lists", "list.pem"))
        self.assertRefused(signed, "unchecked")
        self.list_of("sign")
        with open(signed, "rb") as file:
            content = file.read()
        at = content.index("氏名".encode())
        self.assertRefused(self.write("altered", content[:at] + "住所".encode() + content[at + 6:]), "altered")
        self.assertRefused(self.write("text", b"hello"), "unreadable")
        self.assertRefused(self.by_openssl(card, "auth", self.application()), "authentication-certificate")
        for digest in ("sha1", "md5"):
            with self.subTest(digest):
                self.assertRefused(self.by_openssl(card, "sign", self.application(), "-md", digest), "broken-hash")
        self.assertRefused(self.signed(self.application(name="別人　太郎")), "another-person")
        self.assertEqual(os.listdir(self.path("inbox")), [])
        self.assertEqual(self.submit(self.by_openssl(card, "sign", self.application(), "-md", "sha512"), "512.p7m").status, 0)
        self.assertEqual(self.submit(self.signed()).status, 0)

    def test_a_forged_and_an_expired_certificate(self):
        forged, expired, hierarchy = self.path("forger"), self.path("expired"), self.path("copy")
        succeed([program("jpki-counter"), "new-ca", forged])
        succeed([program("jpki-counter"), "issue", forged, self.path("false"), "--test-pins"])
        self.assertRefused(self.by_openssl(self.path("false"), "sign", self.application()), "forged")
        shutil.copytree(self.hierarchy, hierarchy)
        succeed([program("jpki-counter"), "issue", hierarchy, expired, "--test-pins", "--issued", "2018-01-01", "--expires",
                 "2020-01-01"])
        self.assertRefused(self.by_openssl(expired, "sign", self.application()), "expired")

    def test_forms_that_say_nothing(self):
        visitor = Visitor(self.agency.port, self.path("ca.pem"))
        self.assertIn("<form", visitor.get("/").text)
        for name, address in (("", ADDRESS), (NAME, ""), ("a\nb", ADDRESS), ("x" * 201, ADDRESS)):
            self.assertEqual(visitor.form("/application", name=name, address=address).status, 400)
        self.assertEqual(visitor.post("/submit", "text/plain", b"x").status, 415)
        self.assertEqual(visitor.get("/../etc/passwd").status, 404)


class Example(FolderCase):
    def test_run(self):
        said = succeed([os.path.join(ROOT, "examples", "e-application", "run"), BUILD], env=self.env())
        for text in ("氏名: 公的　一郎", "POST /submit 200 taken", "受付票", "Valid."):
            self.assertIn(text, said.out)
