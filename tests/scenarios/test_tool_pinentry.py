"""jpki where there is no terminal: PINs come by pinentry. Its own programs at a terminal that GPG_TTY names, and fakes for what
they do seldom."""
import os
import pty
import shutil
import subprocess
import threading

from harness.citizen import DONE, PIN, ToolCase
from harness.tools import program
from harness.world import PINS, TRIES

# Answers each GETPIN and CONFIRM with the next of the prepared files; notes what it is asked.
FAKE = """#!/bin/sh
echo 'OK Pleased to meet you'
while read -r line; do
  printf '%s\\n' "$line" >> "$ANSWERS/asked"
  case "$line" in
    GETPIN|CONFIRM)
      at=$(cat "$ANSWERS/at"); echo $((at + 1)) > "$ANSWERS/at"
      [ -e "$ANSWERS/$at" ] || exit 0
      cat "$ANSWERS/$at" ;;
    OPTION*) echo 'ERR 83886254 Unknown option <Pinentry>' ;;
    BYE) echo 'OK closing connection'; exit ;;
    *) echo OK ;;
  esac
done
"""
CANCELLED = "ERR 83886179 Operation cancelled <Pinentry>\n"


class PinentryCase(ToolCase):
    def setUp(self):
        super().setUp()
        self.programs, self.answers = self.path("programs"), self.path("answers")
        for folder in (self.programs, self.answers):
            os.mkdir(folder)
        self.insert("mynumber")

    def env(self):
        return {**super().env(), "PATH": self.programs + ":" + os.environ["PATH"], "ANSWERS": self.answers, "GPG_TTY": ""}


class Fake(PinentryCase):
    def prepare(self, *answers):
        for name in os.listdir(self.answers):
            os.unlink(os.path.join(self.answers, name))
        for number, answer in enumerate(answers):
            with open(os.path.join(self.answers, str(number)), "w", encoding="ascii") as file:
                file.write(answer)
        with open(os.path.join(self.answers, "at"), "w", encoding="ascii") as file:
            file.write("0\n")
        path = os.path.join(self.programs, "pinentry")
        with open(path, "w", encoding="ascii") as file:
            file.write(FAKE)
        os.chmod(path, 0o755)

    def asked(self, word):
        with open(os.path.join(self.answers, "asked"), encoding="utf-8") as file:
            return [line.rstrip("\n") for line in file if line.startswith(word)]

    def show(self):
        return self.jpki("cert", "show", "sign", "--json")

    def test_the_protocols_ways_to_give_a_pin(self):
        coded = "".join(f"%{ord(c):02X}" for c in PINS["sign"])
        for answer in (f"D {PINS['sign']}\nOK\n", f"D {coded}\nOK\n", f"# a comment\nS PASSWORD_FROM_CACHE\nD {PINS['sign']}\nOK\n"):
            self.prepare(answer)
            self.assertEqual(self.show().status, DONE, answer)
        self.assertEqual(self.asked("SETDESC"), ["SETDESC Signature PIN (6 to 16 letters and digits)"])

    def test_cancelled_or_ended_nothing_is_sent(self):
        for answers, text in (([CANCELLED], "nothing was sent"), (["OK\n"], "nothing was sent"), ([], "nobody to ask")):
            self.prepare(*answers)
            said = self.show()
            self.assertEqual(said.status, PIN, str(said))
            self.assertIn(text, said.err)
        self.assertEqual(self.tries("sign"), TRIES["sign"])

    def test_a_change_needs_no_terminal(self):
        fresh = "D XYZ789\nOK\n"
        self.prepare(f"D {PINS['sign']}\nOK\n", fresh, fresh, "OK\n", CANCELLED, "OK\n")
        said = self.jpki("pin", "change", "sign")
        self.assertEqual(said.status, DONE, str(said))
        self.assertEqual([line.split()[1] for line in self.asked("SETDESC")],
                         ["Signature", "New", "New", "Your", "Your", "Changing"])
        self.prepare(fresh, "D QQQ111\nOK\n", "D QQQ111\nOK\n", "OK\n", "OK\n", CANCELLED)
        self.assertIn("nothing was done", self.jpki("pin", "change", "sign").err)
        self.prepare(fresh)
        self.assertEqual(self.show().status, DONE)
        self.prepare(fresh, CANCELLED)
        self.assertIn("nothing was sent", self.jpki("pin", "change", "sign").err)


class Real(PinentryCase):
    def enter(self, name, question):
        """A person who sees the question and types."""
        path = shutil.which(name)
        self.assertIsNotNone(path, f"{name} is not installed")
        link = os.path.join(self.programs, "pinentry")
        os.symlink(path, link)
        controller, terminal = pty.openpty()
        seen = bytearray()

        def person():
            typed = False
            try:
                while True:
                    seen.extend(os.read(controller, 4096))
                    if not typed and question.encode() in seen:
                        typed = True
                        os.write(controller, PINS["sign"].encode() + b"\r")
            except OSError:  # the other end is closed
                pass
        watcher = threading.Thread(target=person)
        watcher.start()
        try:
            done = subprocess.run(["setsid", "--wait", program("jpki"), "cert", "show", "sign", "--json", "--lang", "ja"],
                                  env={**os.environ, **self.env(), "GPG_TTY": os.ttyname(terminal), "TERM": "xterm"},
                                  stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        finally:
            os.close(terminal)
            watcher.join()
        os.close(controller)
        os.unlink(link)
        self.assertEqual(done.returncode, DONE, done.stderr + seen.decode(errors="replace"))
        self.assertIn('"birth"', done.stdout)
        self.assertNotIn(PINS["sign"], seen.decode(errors="replace"))

    def test_on_a_plain_terminal(self):
        self.enter("pinentry-tty", "署名用電子証明書の暗証番号")

    def test_with_curses(self):
        self.enter("pinentry-curses", "署名用電子証明書の暗証番号")
