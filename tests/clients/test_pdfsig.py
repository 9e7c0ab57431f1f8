"""pdfsig (poppler, NSS): signs a PDF; OpenSSL verifies what it embedded. It calls the module once more while the process ends."""
import re

from client_case import PINS, WRONG_PINS, OnCard, OnSoft
from harness.tools import module, succeed


def smallest_pdf():
    """A page without content (ISO 32000-1, 7.5)."""
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
               b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Resources<<>>>>"]
    pdf, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(pdf))
        pdf += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(pdf)
    pdf += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    pdf += b"".join(b"%010d 00000 n \n" % place for place in places)
    return pdf + b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)


class PdfSig:
    def sign(self, view, pin=None):
        database = "sql:" + self.path(f"nss-{view}")
        succeed(["mkdir", self.path(f"nss-{view}")])
        succeed(["certutil", "-N", "-d", database, "--empty-password"], env=self.env())
        self.client_succeeds(["modutil", "-dbdir", database, "-add", "jpki", "-libfile", module(view), "-force"])
        self.write("in.pdf", smallest_pdf())
        # pdfsig takes a password on its command line only; this one is a test card's.
        return self.client_run(["pdfsig", self.path("in.pdf"), self.path("out.pdf"), "-nssdir", database, "-nss-pwd",
                                pin or PINS[view], "-add-signature", "-nick",
                                f"{self.token(view)}:{self.certificate_label(view)}", "-digest", "SHA256"])

    def test_signs(self):
        for view in ("auth", "sign"):
            with self.subTest(view=view):
                done = self.sign(view)
                self.assertEqual(done.status, 0, str(done))
                self.verified(view, self.read("out.pdf"))

    def verified(self, view, pdf):
        """ISO 32000-1, 12.8.1: the CMS signature in /Contents is over what /ByteRange names."""
        start, length, second, rest = map(int, re.search(rb"/ByteRange\s*\[(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]", pdf).groups())
        self.assertEqual((start, second + rest), (0, len(pdf)))
        self.write("content", pdf[:length] + pdf[second:])
        self.write("block", bytes.fromhex(pdf[length:second].strip(b"<>").decode()))  # zeros at the end are filling
        succeed(["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", self.path("block"), "-content",
                 self.path("content"), "-CAfile", self.ca_file(view), "-purpose", "any", "-signer", self.path("signers"),
                 "-out", "/dev/null"])
        succeed(["openssl", "x509", "-in", self.path("signers"), "-outform", "DER", "-out", self.path("signer.der")])
        self.assertEqual(self.read("signer.der"), self.truth(view))

    def test_wrong_pin(self):
        before = self.tries_left("sign")
        done = self.sign("sign", WRONG_PINS["sign"])
        self.assertNotEqual(done.status, 0)
        self.assertEqual(self.tries_left("sign"), before - 1)


class Card(PdfSig, OnCard):
    pass


class Software(PdfSig, OnSoft):
    pass
