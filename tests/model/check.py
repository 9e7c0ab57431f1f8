#!/usr/bin/python3
"""Checks the model of the PIN's way (pin.pml) with Spin, and that it finds each of the mistakes it can be given.

    tests/model/check.py            prints a line a run: what, states, errors
"""
import os
import re
import subprocess
import sys
import tempfile

MODEL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pin.pml")
# What each mistake breaks: how the assertion begins that must fail. Spin prints numbers for names.
SELECTED = "selected=="
MISTAKES = {
    "RESEND": "sent<=submitted",                 # after a lost answer the PIN is sent once more
    "NO_TRANSACTION": SELECTED,                  # a rival selects between counter and VERIFY
    "NO_SELECTION": SELECTED,                    # what another program selected is taken for ours
    "LATE": "in_call",                           # a worker goes on when its call has returned
    "ANY_CARD": "login_insertion==insertion",    # a signature without a look at the insertion
}
TOGETHER = {"NO_SELECTION": ["NO_COUNTER"]}


def search(folder, *mistakes):
    """(states, errors, the assertion that failed or None)"""
    defines = [f"-D{name}" for name in mistakes]
    for command in (["spin", "-a", *defines, MODEL], ["cc", "-O1", "-DSAFETY", "-o", "pan", "pan.c"]):
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    said = subprocess.run(["./pan", "-m1000000"], cwd=folder, check=True, capture_output=True, text=True).stdout
    if "search depth too small" in said or "out of memory" in said:
        raise SystemExit(f"the search was not complete:\n{said}")
    failed = re.search(r"^pan:1: (?:assertion violated )?(.*) \(at depth", said, re.M)
    states, errors = re.search(r"(\d+) states, stored", said), re.search(r"errors: (\d+)", said)
    return int(states[1]), int(errors[1]), failed and re.sub(r"[() ]", "", failed[1])


def main():
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="jpki-model-") as folder:
        states, errors, failed = search(folder)
        print(f"the model: {states} states, {errors} errors {failed or ''}")
        wrong += errors != 0 or states < 1000
        for name, expected in MISTAKES.items():
            states, errors, failed = search(folder, name, *TOGETHER.get(name, []))
            found = (failed or "").startswith(expected)
            print(f"{name}: {'found' if found else 'NOT FOUND'}: {failed}")
            wrong += not found
    print(f"model: {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
