"""The certificate in the browser: `jpki cert show --open`, and the desktop entry's program. A fake xdg-open looks at the
page as a browser finds it; a fake pinentry answers."""
import configparser
import os
import signal
import stat
import subprocess

from harness.tools import ROOT, program, run, succeed
from harness.world import PINS, WRONG_PINS
from test_tool import DONE, FAILED, NO_CARD, PERSONAL, PIN, ToolCase

DESKTOP = os.path.join(ROOT, "desktop")
# What it was called with, and the modes it found; a copy of the page.
XDG_OPEN = """#!/bin/sh
printf '%s\\n' "$@" > "$SEEN/words"
stat -c %a "$1" "$(dirname "$1")" > "$SEEN/modes"
cp "$1" "$SEEN/page.html"
exit ${XDG_OPEN_STATUS:-0}
"""
# Notes what it is told to say; the PIN comes from a file.
PINENTRY = """#!/bin/sh
echo OK
while read -r line; do
  printf '%s\\n' "$line" >> "$SEEN/asked"
  case "$line" in
    GETPIN) printf 'D %s\\nOK\\n' "$(cat "$SEEN/pin")" ;;
    BYE) echo OK; exit ;;
    *) echo OK ;;
  esac
done
"""


class BrowserCase(ToolCase):
    def setUp(self):
        super().setUp()
        self.programs, self.seen, self.runtime = self.path("programs"), self.path("seen"), self.path("runtime")
        for folder in (self.programs, self.seen, self.runtime):
            os.mkdir(folder, 0o700)
        self.install("xdg-open", XDG_OPEN)
        self.install("pinentry", PINENTRY)
        self.enter(PINS["sign"])
        self.insert("mynumber")

    def install(self, name, text):
        path = os.path.join(self.programs, name)
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        os.chmod(path, 0o755)

    def enter(self, pin):
        with open(os.path.join(self.seen, "pin"), "w", encoding="ascii") as file:
            file.write(pin)

    def env(self):
        return {**super().env(), "PATH": self.programs + ":" + os.environ["PATH"], "SEEN": self.seen,
                "XDG_RUNTIME_DIR": self.runtime, "TMPDIR": self.folder}

    def saw(self, name):
        with open(os.path.join(self.seen, name), encoding="utf-8") as file:
            return file.read()

    def open(self, *words, env=None):
        return self.jpki("cert", "show", "sign", "--open", "--keep", "0", *words, env=env)

    def assertNothingLeft(self):
        self.assertEqual(os.listdir(self.runtime), [])
        self.assertFalse(os.path.exists(self.saw("words").strip()))


class Open(BrowserCase):
    def test_the_page_is_the_owners_alone_and_gone_afterwards(self):
        said = self.open("--lang", "ja")
        self.assertEqual((said.status, said.out), (DONE, ""), str(said))
        self.assertEqual(self.saw("modes").split(), ["600", "700"])
        self.assertTrue(self.saw("words").startswith(self.runtime + "/"))
        page = self.saw("page.html")
        self.assertIn("公的　一郎", page)
        self.assertIn(">詳細<", page)
        self.assertNothingLeft()
        for word in PERSONAL:
            self.assertNotIn(word, said.err + self.saw("words"))

    def test_gone_when_the_browser_command_fails(self):
        said = self.open(env={"XDG_OPEN_STATUS": "3"})
        self.assertEqual(said.status, FAILED)
        self.assertIn("the page is removed", said.err)
        self.assertNothingLeft()

    def test_no_xdg_open(self):
        os.unlink(os.path.join(self.programs, "xdg-open"))
        for name in ("sh", "cat"):  # what the fake pinentry needs, and no more
            os.symlink("/bin/" + name, os.path.join(self.programs, name))
        said = run(["/usr/bin/setsid", "--wait", program("jpki"), "cert", "show", "sign", "--open"],
                   env={**self.env(), "PATH": self.programs})
        self.assertEqual(said.status, FAILED, str(said))
        self.assertIn("xdg-open", said.err)
        self.assertEqual(os.listdir(self.runtime), [])

    def test_a_folder_that_others_may_enter_is_not_used(self):
        os.chmod(self.runtime, 0o755)
        self.assertEqual(self.open().status, DONE)
        self.assertEqual(os.path.dirname(os.path.dirname(self.saw("words").strip())), self.folder)
        self.assertEqual(self.saw("modes").split(), ["600", "700"])
        self.assertFalse(os.path.exists(os.path.dirname(self.saw("words").strip())))

    def test_gone_when_told_to_end(self):
        """The fake browser says that it has the page by closing a pipe; then come the signals."""
        self.install("xdg-open", '#!/bin/sh\nprintf "%s" "$1" > "$SEEN/words"\necho open >&2\n')
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            process = subprocess.Popen([program("jpki"), "cert", "show", "auth", "--open", "--keep", "3600"],
                                       env={**os.environ, **self.env()}, stderr=subprocess.PIPE, text=True)
            lines = iter(process.stderr.readline, "")
            self.assertIn("open\n", lines)
            self.assertTrue(os.path.exists(self.saw("words")))
            process.send_signal(number)
            self.assertEqual(process.wait(timeout=30), DONE)
            process.stderr.close()
            self.assertNothingLeft()

    def test_a_wrong_pin_opens_nothing(self):
        self.enter(WRONG_PINS["sign"])
        self.assertEqual(self.open().status, PIN)
        self.assertEqual(os.listdir(self.runtime), [])
        self.assertNotIn("words", os.listdir(self.seen))


class Desktop(BrowserCase):
    """The program of the desktop entry beside a jpki that does not wait."""

    def start(self, *words):
        link = os.path.join(self.programs, "jpki-my-certificate")
        succeed(["cp", os.path.join(DESKTOP, "jpki-my-certificate"), link])
        self.install("jpki", f'#!/bin/sh\nexec {program("jpki")} "$@" --keep 0\n')
        return run([link, *words], env=self.env())

    def test_pin_then_page(self):
        said = self.start()
        self.assertEqual((said.status, said.text), (DONE, ""), str(said))
        self.assertIn("Signature PIN", self.saw("asked"))
        self.assertIn("公的　一郎", self.saw("page.html"))
        self.assertNothingLeft()

    def test_the_authentication_certificate_needs_no_pin(self):
        self.assertEqual(self.start("auth").status, DONE)
        self.assertNotIn("asked", os.listdir(self.seen))
        self.assertNotIn("公的　一郎", self.saw("page.html"))

    def test_a_fault_is_said_in_a_window(self):
        self.folders = []
        self.assertEqual(self.start().status, NO_CARD)
        asked = self.saw("asked").splitlines()
        self.assertEqual(asked[1], "SETDESC no card: put it into the reader (jpki status shows what is there)")
        self.assertIn("MESSAGE", asked)

    def test_the_entry(self):
        path = os.path.join(DESKTOP, "jpki-my-certificate.desktop")
        said = run(["desktop-file-validate", path])
        self.assertEqual((said.status, said.text), (0, ""))
        entry = configparser.ConfigParser(interpolation=None, delimiters="=")
        entry.optionxform = str
        entry.read(path, encoding="utf-8")
        for section in entry.sections():
            self.assertEqual({key for key in entry[section] if key.startswith("Name")},
                             {"Name", "Name[ja]", "Name[zh_CN]"})
            self.assertEqual(entry[section]["Exec"].split()[0], "jpki-my-certificate")
        self.assertTrue(os.stat(os.path.join(DESKTOP, "jpki-my-certificate")).st_mode & stat.S_IXUSR)
