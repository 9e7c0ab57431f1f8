"""jpki cert check for official-post certificates (官職証明書, 職責証明書): hierarchies, lists and a responder by the openssl
command. The way is that of Japan's government: the trusted CA certifies the bridge, the bridge a ministry's CA, and another
bridge that of the local governments, which certifies their CA; each cross certificate maps the policies."""
import datetime
import json
import os
import re
import subprocess

from harness.citizen import DONE, FAILED, NEGATIVE, UNCHECKED, ToolCase
from harness.tools import succeed

POLICY = {"root": "1.2.392.1.1", "gpki": "1.2.392.2.2", "ministry": "1.2.392.3.3", "lgpki": "1.2.392.4.4",
          "local": "1.2.392.5.5"}
# Who certifies whom. The last of each way is the official.
WAY = {"gpki": "root", "ministry": "gpki", "minister": "ministry", "lgpki": "gpki", "local": "lgpki", "mayor": "local"}
NAMES = {"root": "/C=JP/O=Root", "gpki": "/C=JP/O=Japanese Government/OU=BridgeCA",
         "ministry": "/C=JP/O=Japanese Government/OU=Ministry/OU=MinistryCA", "lgpki": "/C=JP/O=LGPKI/OU=Bridge CA",
         "local": "/C=JP/O=LGPKI/OU=Organization CA",
         "minister": "/C=JP/O=Japanese Government/OU=Ministry/CN=Minister", "mayor": "/C=JP/O=Local Governments/CN=Mayor"}


class OfficialCase(ToolCase):
    def env(self):
        return {**super().env(), "XDG_DATA_HOME": self.path("registered")}

    def setUp(self):
        super().setUp()
        for folder in ("way", "lists"):
            os.mkdir(self.path(folder))
        for name in NAMES:
            succeed(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", self.key(name)])
        succeed(["openssl", "req", "-x509", "-new", "-key", self.key("root"), "-subj", NAMES["root"], "-days", "9000", "-out",
                 self.certificate("root")])
        for name in WAY:
            self.certify(name)
        sha1 = succeed(["openssl", "x509", "-in", self.certificate("root"), "-noout", "-fingerprint", "-sha1"]).out
        added = self.jpki("trust", "add", self.certificate("root"), "--expect", sha1.split("=")[1].strip())
        self.assertEqual(added.status, DONE, str(added))

    def key(self, name):
        return self.path(name + ".key")

    def certificate(self, name):
        return self.path("way", name + ".pem") if name in WAY.values() and name != "root" else self.path(name + ".pem")

    def certify(self, name, days=9000, more="", policy=None, serial=()):
        issuer = WAY[name]
        if name in POLICY:
            extensions = ("basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n"
                          f"certificatePolicies=critical,{POLICY[issuer]}\n"
                          f"policyMappings={POLICY[issuer]}:{POLICY[name]}\npolicyConstraints=critical,requireExplicitPolicy:0\n")
        else:
            extensions = ("keyUsage=critical,digitalSignature,nonRepudiation\n"
                          f"certificatePolicies=critical,{policy or POLICY[issuer]}\nsubjectAltName=dirName:japanese\n")
        config = self.path("config")
        with open(config, "w", encoding="utf-8") as file:
            file.write("utf8=yes\nstring_mask=utf8only\n[req]\ndistinguished_name=dn\n[dn]\n[ext]\nsubjectKeyIdentifier=hash\n"
                       f"authorityKeyIdentifier=keyid\n{extensions}{more}\n[japanese]\nC=JP\nO=Nihonkoku Seifu\nCN=Daijin\n")
        succeed(["openssl", "req", "-new", "-utf8", "-key", self.key(name), "-subj", NAMES[name], "-config", config, "-out",
                 self.path("request")])
        succeed(["openssl", "x509", "-req", "-in", self.path("request"), "-CA", self.certificate(issuer), "-CAkey",
                 self.key(issuer), "-days", str(days), "-extfile", config, "-extensions", "ext", *serial, "-out", self.certificate(name)])

    def serial(self, name):
        return succeed(["openssl", "x509", "-in", self.certificate(name), "-noout", "-serial"]).out.strip().split("=")[1]

    def index(self, *revoked, known=()):
        path = self.path("index.txt")
        with open(path, "w", encoding="ascii") as file:
            for name in revoked:
                file.write(f"R\t491231000000Z\t260102030405Z,cessationOfOperation\t{self.serial(name)}\tunknown\t/CN=x\n")
            for name in known:
                file.write(f"V\t491231000000Z\t\t{self.serial(name)}\tunknown\t/CN=x\n")
        return path

    def crl(self, ca, *revoked, authorities=False):
        """A list; `authorities`: of CA certificates only (ARL), as the bridges' are."""
        config = self.path("crl.cnf")
        with open(config, "w", encoding="ascii") as file:
            point = "crl_extensions=ext\n[ext]\nissuingDistributionPoint=critical,@point\n[point]\nonlyCA=TRUE\n"
            file.write(f"[ca]\ndefault_ca=own\n[own]\ndatabase={self.index(*revoked)}\ndefault_md=sha256\n"
                       + (point if authorities else ""))
        succeed(["openssl", "ca", "-gencrl", "-config", config, "-cert", self.certificate(ca), "-keyfile", self.key(ca),
                 "-crldays", "1", "-out", self.path("lists", ca + ".pem")])

    def lists(self, revoked=()):
        for ca in ("root", "gpki", "lgpki"):
            self.crl(ca, *(name for name in revoked if WAY[name] == ca), authorities=True)
        for ca in ("ministry", "local"):
            self.crl(ca, *(name for name in revoked if WAY[name] == ca))

    def check(self, name, *words):
        said = self.jpki("cert", "check", self.certificate(name), "--chain", self.path("way"), "--json", *words)
        found = json.loads(said.out)
        return said.status, found["standing"], found["cause"]

    def by_lists(self, name):
        return self.check(name, "--crl", self.path("lists"))


class Official(OfficialCase):
    def test_both_kinds_over_the_bridges(self):
        self.lists()
        for name in ("minister", "mayor"):
            self.assertEqual(self.check(name), (UNCHECKED, "unchecked", "no_source"))
            self.assertEqual(self.by_lists(name), (DONE, "good", "none"))
            openssl = ["openssl", "verify", "-partial_chain", "-policy_check", "-policy", POLICY["root"], "-explicit_policy",
                       "-trusted", self.certificate("root")]
            for ca in ("gpki", "ministry", "lgpki", "local"):
                openssl += ["-untrusted", self.certificate(ca)]
            succeed([*openssl, self.certificate(name)])
        said = self.jpki("cert", "check", self.certificate("minister"), "--chain", self.path("way"), "--crl", self.path("lists"))
        self.assertIn("CN=Daijin (C=JP, O=Japanese Government, OU=Ministry, CN=Minister)\nValid.\n", said.out)
        self.assertNotIn("J-LIS", said.out)

    def test_revoked_at_each_place(self):
        for name, ca_revoked in (("minister", False), ("ministry", True), ("gpki", True)):
            self.lists(revoked=[name])
            self.assertEqual(self.by_lists("minister"), (NEGATIVE, "invalid", "ca_revoked") if ca_revoked else
                             (NEGATIVE, "revoked", "none"))
        self.lists(revoked=["ministry"])
        self.assertEqual(self.by_lists("mayor"), (DONE, "good", "none"))
        self.lists(revoked=["minister"])
        words = ["cert", "check", self.certificate("minister"), "--chain", self.path("way"), "--crl", self.path("lists")]
        said = self.jpki(*words)
        self.assertIn("revoked on 2026-01-02, reason: it is no longer used (cessationOfOperation)", said.out)
        self.assertNotIn("municipal office", said.out)
        self.assertEqual(json.loads(self.jpki(*words, "--json").out)["revocation"],
                         {"when": "2026-01-02", "reason": 5, "reason_name": "cessationOfOperation"})

    def test_a_list_of_people_does_not_speak_of_authorities(self):
        self.lists()
        self.crl("lgpki")
        self.assertEqual(self.by_lists("mayor"), (DONE, "good", "none"))
        self.crl("local", authorities=True)
        self.assertEqual(self.by_lists("mayor"), (UNCHECKED, "unchecked", "no_crl"))

    def test_expired_and_another_policy(self):
        self.lists()
        self.certify("minister", days=1)
        tomorrow = datetime.date.today() + datetime.timedelta(days=3)
        self.assertEqual(self.check("minister", "--crl", self.path("lists"), "--at", tomorrow.isoformat())[:2],
                         (NEGATIVE, "expired"))
        self.certify("minister", policy="1.2.392.9.9")
        self.assertEqual(self.by_lists("minister"), (NEGATIVE, "invalid", "policy"))

    def test_without_a_bridge_there_is_no_way(self):
        self.lists()
        os.unlink(self.certificate("gpki"))
        self.assertEqual(self.by_lists("minister"), (UNCHECKED, "unchecked", "issuer_not_trusted"))

    def test_what_is_named_must_be_there(self):
        for option, text in (("--crl", "no revocation list"), ("--chain", "no certificate")):
            said = self.jpki("cert", "check", self.certificate("minister"), option, self.path("nowhere"))
            self.assertEqual((said.status, said.out), (FAILED, ""))
            self.assertIn(text, said.err)

    def test_a_seal_of_an_official(self):
        self.lists()
        with open(self.path("notice"), "wb") as file:
            file.write(b"notice\n")
        succeed(["openssl", "cms", "-sign", "-binary", "-cades", "-in", self.path("notice"), "-signer",
                 self.certificate("minister"), "-inkey", self.key("minister"), "-outform", "DER", "-out",
                 self.path("notice.p7s")])
        said = self.jpki("verify", self.path("notice"), "--chain", self.path("way"), "--crl", self.path("lists"))
        self.assertEqual(said.status, DONE, str(said))
        self.assertIn("CN=Minister)", said.out)
        self.assertIn("issued by: C=JP, O=Japanese Government, OU=Ministry, OU=MinistryCA", said.out)


class Responder(OfficialCase):
    """openssl ocsp on loopback."""

    def serve(self, *revoked, known=()):
        process = subprocess.Popen(
            ["openssl", "ocsp", "-port", "0", "-index", self.index(*revoked, known=known), "-CA",
             self.certificate("ministry"), "-rsigner", self.certificate("ministry"), "-rkey", self.key("ministry"), "-ndays", "1"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True)
        for cleanup in (process.stdout.close, process.wait, process.kill):
            self.addCleanup(cleanup)
        for line in process.stdout:
            if found := re.search(r"^ACCEPT .*:(\d+)", line):
                return f"http://127.0.0.1:{found[1]}"
        self.fail("openssl ocsp does not serve")

    def test_good_revoked_unknown_and_nobody(self):
        self.lists()
        os.unlink(self.path("lists", "ministry.pem"))
        lists = ["--crl", self.path("lists")]
        self.assertEqual(self.check("minister", *lists, "--ocsp", self.serve(known=["minister"])), (DONE, "good", "none"))
        self.assertEqual(self.check("minister", *lists, "--ocsp", self.serve("minister")), (NEGATIVE, "revoked", "none"))
        self.assertEqual(self.check("minister", *lists, "--ocsp", self.serve()), (NEGATIVE, "unknown", "none"))
        self.assertEqual(self.check("minister", *lists, "--ocsp", "http://127.0.0.1:1"), (UNCHECKED, "unchecked", "no_answer"))

    def test_the_address_in_the_certificate(self):
        self.lists()
        os.unlink(self.path("lists", "ministry.pem"))
        self.certify("minister", more="authorityInfoAccess=OCSP;URI:http://127.0.0.1:1\n")
        self.assertEqual(self.check("minister", "--crl", self.path("lists"), "--online"), (UNCHECKED, "unchecked", "no_answer"))
        serial = ["-set_serial", "0x" + self.serial("minister")]  # which the responder knows before it is there
        address = self.serve(known=["minister"])
        self.certify("minister", more=f"authorityInfoAccess=OCSP;URI:{address}\n", serial=serial)
        self.assertEqual(self.check("minister", "--crl", self.path("lists"), "--online"), (DONE, "good", "none"))
        self.assertEqual(self.check("minister", "--crl", self.path("lists")), (UNCHECKED, "unchecked", "no_crl"))
