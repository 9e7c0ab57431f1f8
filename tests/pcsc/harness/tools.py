"""Running programs and waiting for what can be seen."""
import glob
import os
import subprocess
import time

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
BUILD = os.path.abspath(os.environ.get("JPKI_BUILD", os.path.join(ROOT, "build", "release")))
SUPPORT = os.path.join(ROOT, "tests", "support")


def built(*names):
    path = os.path.join(BUILD, *names)
    if not os.path.exists(path):
        raise AssertionError(f"{path} is not built (JPKI_BUILD names the build folder)")
    return path


def program(name):
    return built("bin", name)


def module(view=""):
    """Our module: both views, or "auth" or "sign" alone."""
    name = f"jpki-pkcs11-{view}.so" if view else "jpki-pkcs11.so"
    return built("lib", name)


def opensc_module():
    found = glob.glob("/usr/lib/*/opensc-pkcs11.so") + glob.glob("/usr/lib/opensc-pkcs11.so")
    if not found:
        raise FileNotFoundError("opensc-pkcs11.so: is the package opensc-pkcs11 installed?")
    return found[0]


class Result:
    """What a program left behind."""

    def __init__(self, command, done):
        self.command, self.status = command, done.returncode
        self.out, self.err = (done.stdout or b"").decode("utf-8", "replace"), (done.stderr or b"").decode(
            "utf-8", "replace")

    @property
    def text(self):
        return self.out + self.err

    def __str__(self):
        return f"$ {' '.join(self.command)}\n{self.text}(exit status {self.status})"


def run(command, env=None, stdin=None, timeout=60):
    """Runs a program to its end. env is added to ours; a signal or a timeout is an error."""
    done = subprocess.run(command, env={**os.environ, **(env or {})}, input=stdin, capture_output=True,
                          timeout=timeout)
    result = Result(command, done)
    if done.returncode < 0 or done.returncode in (134, 139):
        raise AssertionError(f"the program crashed\n{result}")
    return result


def succeed(command, **options):
    result = run(command, **options)
    if result.status != 0:
        raise AssertionError(f"the program failed\n{result}")
    return result


def wait_until(predicate, what, seconds=15):
    """Polls until predicate() is true and returns its value."""
    deadline = time.monotonic() + seconds
    while True:
        value = predicate()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s in vain for: {what}")
        time.sleep(0.02)


def tail(path, lines=40):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return "".join(file.readlines()[-lines:])
    except FileNotFoundError:
        return ""
