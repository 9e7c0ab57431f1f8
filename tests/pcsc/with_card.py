#!/usr/bin/python3
"""with_card.py CARD -- COMMAND...: runs a command while the card folder sits in the reader of a private pcscd.

The command finds the service through PCSCLITE_CSOCK_NAME, and CARD_APDU_LOG names the card's log. With
--latency-ms N every command takes the card that much longer.
"""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile

from harness.cards import VirtualCard
from harness.network import Network
from harness.pcscd import Pcscd


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--latency-ms", type=int, default=0)
    parser.add_argument("card")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    folder, network = tempfile.mkdtemp(prefix="jpki-pcscd-"), Network()
    pcscd = Pcscd(folder, network)
    card = VirtualCard(os.path.abspath(options.card), pcscd, latency_ms=options.latency_ms)
    try:
        pcscd.start()
        card.serve()
        env = {**os.environ, **pcscd.env, "CARD_APDU_LOG": card.apdu_log}
        return subprocess.run(options.command, env=env, check=False).returncode
    finally:
        card.stop()
        pcscd.stop()
        network.close()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
