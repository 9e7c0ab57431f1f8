"""The example's agency as tests start it, and what a citizen does with it."""
import os

from served import Served, Visitor

from .tools import program, run, wait_until

NAME, ADDRESS = "公的　一郎", "東京都港区虎ノ門5丁目"


class AgencyWorld:
    """For test classes with self.path(), self.write(), self.env() and addCleanup()."""

    def open_agency(self, ca, lists, post, web, web_ca):
        """`post` and `web` are certificates with keys: of the receipts and of the server, for which web_ca vouches."""
        os.mkdir(self.path("inbox"))
        self.agency_ca = web_ca
        self.agency = Served(
            [program("e-agency"), "serve", "--ca", ca, "--crl", lists, "--post", post[0], "--post-key", post[1], "--inbox",
             self.path("inbox"), "--certificate", web[0], "--key", web[1]], self.path("agency.log"), self.env())
        self.addCleanup(self.agency.stop)
        self.agency.wait(wait_until)

    def application(self, name=NAME, address=ADDRESS):
        """The form, filled in; the file that the agency makes of it."""
        answer = Visitor(self.agency.port, self.agency_ca).form("/application", name=name, address=address)
        self.assertEqual(answer.status, 200, answer.text)
        return self.write("application.txt", answer.body)

    def submit(self, signed, name="receipt.p7m"):
        return run([program("e-agency"), "submit", self.agency.url + "submit", signed, "--tls-ca", self.agency_ca, "--out",
                    self.path(name)])

    def assertRefused(self, signed, word):
        said = self.submit(signed, f"no-{word}")
        self.assertEqual((said.status, said.out), (1, ""), str(said))
        self.assertTrue(said.err.startswith(f"refused: {word}: "), said.err)
        self.assertFalse(os.path.exists(self.path(f"no-{word}")))
        self.assertIn(f"POST /submit 403 refused={word}\n", self.agency.said())
