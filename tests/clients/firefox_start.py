#!/usr/bin/python3
"""How long Firefox takes from its start to a page of a server that would like a certificate: with our module and no card, or a
card of another kind, beside Firefox without the module.

    JPKI_BUILD=build/release tests/clients/firefox_start.py [--pairs 7]

In pairs, one after the other on an idle machine; which of a pair comes first alternates. It prints the medians, and ends
with status 1 where the median of the pairs' ratios is above the limit.
"""
import argparse
import os
import statistics
import sys
import time

sys.path[:0] = [os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", *names) for names in (("pcsc",), ("support",))]
from client_case import OnCard  # noqa: E402
from firefox import Firefox  # noqa: E402
from harness.tools import module  # noqa: E402

LIMIT = 1.02


class Timed(Firefox):
    poll = 0.002

    def _start(self, folder, env):
        self.began = time.monotonic()
        super()._start(folder, env)


class World(OnCard):
    """A pcscd and a server; the test case is never run as one."""

    def runTest(self):
        pass

    def prepare(self, reader):
        self.setUp()
        if reader == "no card":
            self.no_token()
        else:  # answers no application's name
            self.scripted_card(lambda command: b"\x6A\x82")
        self.server = self.tls_server("--max", "1.2", "--optional", inside=False)

    def seconds(self, name, path):
        folder = self.path(name)
        os.mkdir(folder)
        with Timed(folder, module=path, authorities=[self.server.ca], env=self.env()) as browser:
            text = browser.go(self.server.url)
            passed = time.monotonic() - browser.began
            assert "come in" in text, text
            assert browser.prompts() == [], browser.prompts()
        return passed


def measure(reader, pairs):
    world = World()
    try:
        world.prepare(reader)
        ways = [("without", None), ("with", module("auth"))]
        world.seconds("warm", None)
        rows = []
        for number in range(pairs):
            order = ways if number % 2 else ways[::-1]
            took = {name: world.seconds(f"{name}-{number}", path) for name, path in order}
            rows.append((took["without"], took["with"]))
    finally:
        world.doCleanups()
    ratio = statistics.median(after / before for before, after in rows)
    without, ours = (statistics.median(column) for column in zip(*rows))
    print(f"{reader:14} without {without:.3f} s  with {ours:.3f} s  median ratio {ratio:.3f}  "
          f"({' '.join(f'{after / before:.3f}' for before, after in rows)})", flush=True)
    return ratio


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=7)
    options = parser.parse_args()
    ratios = [measure(reader, options.pairs) for reader in ("no card", "another card")]
    return 0 if max(ratios) <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
