"""The examples: each `run` does what its README tells a user."""
import os
import re

from client_case import PINS, OnCard, OnSoft
from harness.tools import ROOT, module

EXAMPLES = os.path.join(ROOT, "examples")
NAMES = sorted(name for name in os.listdir(EXAMPLES) if os.path.isdir(os.path.join(EXAMPLES, name)))


class Examples:
    """A test for each folder is added below."""

    def example(self, name):
        os.mkdir(self.path("work"))
        label = self.token("auth")
        done = self.client_run(["sh", "-euc", 'cd "$0" && exec "$1"', self.path("work"), os.path.join(EXAMPLES, name, "run")],
                               env={"MODULE": module("auth"), "LABEL": label, "TOKEN": self.uri("auth").split("token=")[1],
                                    "PIN_FILE": self.pin_file(PINS["auth"]), "CA_FILE": self.ca_file("auth")}, timeout=100)
        self.assertEqual(done.status, 0, str(done))


def example_test(name):
    return lambda self: self.example(name)


for _name in NAMES:
    if _name == "e-application":  # a whole story with servers of its own: tests/scenarios/test_agency.py runs it
        continue
    setattr(Examples, "test_" + re.sub(r"\W", "_", _name), example_test(_name))


class Card(Examples, OnCard):
    def test_each_has_a_page_and_is_listed(self):
        with open(os.path.join(EXAMPLES, "README.md"), encoding="utf-8") as file:
            listed = set(re.findall(r"\]\(([a-z0-9-]+)\)", file.read()))
        self.assertEqual(listed, set(NAMES))
        for name in NAMES:
            self.assertTrue(os.path.exists(os.path.join(EXAMPLES, name, "README.md")), name)


class Software(Examples, OnSoft):
    pass
