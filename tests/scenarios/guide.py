#!/usr/bin/python3
"""The guides in docs/, whose commands are run on the specimen card, on a terminal, as a reader types them.

    tests/scenarios/guide.py --write        puts what the commands print now into the guides

In a guide, a ```console block is a command after "$ " and what it prints. ‹...› marks what is different for each card and
day. A last line "..." stands for the rest. The last ```sh block makes the specimen card.
"""
import os
import pty
import re
import select
import subprocess
import sys
import tempfile
import termios

sys.path[:0] = [os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "pcsc")]
from harness.tools import ROOT, built  # noqa: E402

GUIDES = {"en": "guide.md", "ja": "guide.ja.md", "zh_CN": "guide.zh.md"}
CONSOLE = re.compile(r"^```console\n\$ (.*)\n((?:.*\n)*?)```$", re.M)
SHELL = re.compile(r"^```sh\n((?:.*\n)*?)```$", re.M)
MARK = re.compile(r"‹[^›]*›")
# Longest first: fingerprints, days in both calendars, days, serial numbers.
CHANGING = re.compile(r"(?:[0-9A-F]{4} ){9,15}[0-9A-F]{4}|令和\d+年\d+月\d+日 \(\d{4}-\d\d-\d\d\)|\b20\d\d-\d\d-\d\d\b"
                      r"|\b[0-9A-F]{16}\b|\b[0-9A-F]{8}\b")
# What the reader types where a program asks: by the command, in the order of the questions. The PINs are the specimen's.
ANSWERS = {"pin change auth": ["1234", "7365", "7365", "", "", "yes"]}
SIGN_PIN = ["ABC123"]
LIMIT = 60
DONE, UNCHECKED = 0, 6  # no guide shows a command that fails; revocation is nowhere to be asked


def text_of(language):
    with open(path_of(language), encoding="utf-8") as file:
        return file.read()


def path_of(language):
    return os.path.join(ROOT, "docs", GUIDES[language])


def marked(text):
    return CHANGING.sub(lambda match: f"‹{match[0]}›", text)


def blank(text):
    """Text whose marked values are only shapes, for comparison."""
    return MARK.sub(lambda match: re.sub(r"[0-9A-F]+", "0", match[0]), text)


def asks(terminal, seen):
    """A question stands there and the terminal does not echo: a program waits for an answer."""
    return seen.endswith(b": ") and not termios.tcgetattr(terminal)[3] & termios.ECHO


def on_a_terminal(command, folder, env, answers):
    """What a person sees who types the command and answers; the exit status."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(folder)
        os.execve("/bin/bash", ["bash", "--norc", "-c", command], env)
    seen, answered, answers = b"", 0, list(answers)
    while True:
        if not select.select([terminal], [], [], LIMIT)[0]:
            os.kill(pid, 9)
            raise AssertionError(f"{command}: nothing for {LIMIT} s after {seen!r}")
        try:
            more = os.read(terminal, 65536)
        except OSError:  # the program has ended
            break
        if not more:
            break
        seen += more
        if len(seen) > answered and asks(terminal, seen):
            answered = len(seen)
            os.write(terminal, answers.pop(0).encode() + b"\n")
    os.close(terminal)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    lines = [line.rstrip() for line in seen.decode().replace("\r\n", "\n").splitlines()]
    return "".join(line + "\n" for line in lines), status


class Reader:
    """Somebody who follows a guide from its beginning to its end."""

    def __init__(self, language, folder):
        self.text, self.folder = text_of(language), folder
        start = {"HOME": folder, "PATH": os.path.dirname(built("bin", "jpki")) + ":/usr/bin:/bin", "LANGUAGE": language,
                 "TERM": "dumb", "XDG_CONFIG_HOME": folder, "LC_ALL": "C.UTF-8"}
        for name in ("LD_PRELOAD", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"):
            if name in os.environ:
                start[name] = os.environ[name]
        self.env = self._setup(SHELL.findall(self.text)[-1], start)

    def _setup(self, setup, env):
        values = os.path.join(self.folder, ".values")
        subprocess.run(["bash", "--norc", "-ec", f"{setup}\nenv -0 > {values}"], cwd=self.folder, env=env, check=True,
                       timeout=LIMIT, capture_output=True)
        with open(values, encoding="utf-8") as file:
            return dict(line.split("=", 1) for line in file.read().split("\0") if line)

    def fingerprint(self):
        """What stands on the specimen's leaflet, by openssl: SHA-1, as published."""
        said = subprocess.run(["openssl", "x509", "-inform", "DER", "-in", "ca/sign-ca.der", "-noout", "-fingerprint"],
                              cwd=self.folder, check=True, capture_output=True, text=True).stdout
        digits = said.split("=")[1].strip().replace(":", "")
        return " ".join(digits[at:at + 4] for at in range(0, 40, 4))

    def steps(self):
        """Each command with what the guide shows and what comes now, in the guide's manner."""
        for match in CONSOLE.finditer(self.text):
            command, shown = match.groups()
            real = MARK.sub(self.fingerprint(), command)
            answers = next((value for key, value in ANSWERS.items() if key in command), SIGN_PIN)
            said, status = on_a_terminal(real, self.folder, self.env, answers)
            if status not in (DONE, UNCHECKED):
                raise AssertionError(f"$ {real}\n{said}(exit status {status})")
            said = marked(said)
            if shown.endswith("\n...\n") and said.count("\n") >= shown.count("\n"):
                said = "".join(said.splitlines(True)[:shown.count("\n") - 1]) + "...\n"
            yield command, shown, said, match


def write(language):
    with tempfile.TemporaryDirectory(prefix="jpki-guide-") as folder:
        out, end, reader = "", 0, Reader(language, folder)
        for command, _, said, match in reader.steps():
            command = MARK.sub(f"‹{reader.fingerprint()}›", command)
            out += reader.text[end:match.start()] + f"```console\n$ {command}\n{said}```"
            end = match.end()
    with open(path_of(language), "w", encoding="utf-8") as file:
        file.write(out + reader.text[end:])


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        sys.exit(__doc__)
    for each in GUIDES:
        write(each)
