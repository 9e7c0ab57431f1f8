"""The canary: PINs, name and address are in no log, no argument, no temporary file, no JSON that was not asked for them."""
import json
import os
import subprocess
import threading

from harness.citizen import DONE, PERSONAL, PIN, TrustCase
from harness.tools import program
from harness.world import PINS, WRONG_PINS

# The service's own name begins with the specimen's surname.
OWN = [word for word in PERSONAL if word != "公的"] + ["公的　一郎"]
LEVELS = ("error", "warning", "info", "debug", "trace")
# The same text as bytes in the encodings in which it may leak.
SPELLINGS = (lambda text: text.encode(), lambda text: text.encode("utf-16-be"),
             lambda text: text.encode().hex().encode(), lambda text: text.encode().hex().upper().encode())


def canaries():
    for text in OWN + [PINS["sign"], WRONG_PINS["sign"]]:
        for spell in SPELLINGS:
            yield text, spell(text)


class Canary(TrustCase):
    def runs(self):
        """All that goes near a PIN or a name, without the word that asks for the name."""
        data = self.path("data")
        with open(data, "wb") as file:
            file.write(b"hello\n")
        right, wrong = self.path("right"), self.path("wrong")
        for path, pin in ((right, PINS["sign"]), (wrong, WRONG_PINS["sign"])):
            with open(path, "w", encoding="ascii") as file:
                file.write(pin + "\n")
        yield ["status"], DONE
        yield ["status", "--json"], DONE
        yield ["cert", "show", "auth", "--json"], DONE
        yield ["cert", "fingerprint", "sign-ca", "--json"], DONE
        yield ["cert", "check", "sign", "--json", "--pin-file", right], None
        yield ["cert", "show", "sign", "--pin-file", wrong], PIN
        yield ["sign", data, "--pin-file", right, "--format", "raw"], DONE
        yield ["sign", data, "--pin-file", right], DONE
        yield ["verify", data, "--json"], None
        yield ["verify", data], None
        yield ["pin", "change", "sign", "--yes", "--pin-file", wrong, "--new-pin-file", right], PIN
        yield ["pin", "change", "sign", "--yes", "--pin-file", right, "--new-pin-file", wrong], DONE
        yield ["pin", "change", "sign", "--yes", "--pin-file", wrong, "--new-pin-file", right], DONE
        yield ["doctor", "--json"], None

    def nothing_in(self, where, content):
        for text, spelling in canaries():
            self.assertNotIn(spelling, content, f"{text!r} in {where}")

    def test_logs_output_and_files(self):
        self.trust("sign")
        for level in LEVELS:
            log, temporary = self.path(level + ".log"), self.path(level + ".tmp")
            os.mkdir(temporary)
            for words, status in self.runs():
                said = self.jpki(*words, env={"JPKI_LOG": f"{level}:{log}", "TMPDIR": temporary})
                if status is not None:
                    self.assertEqual(said.status, status, str(said))
                self.nothing_in(" ".join(words), (said.out + said.err).encode())
            self.assertEqual(os.listdir(temporary), [])
            if os.path.exists(log):
                with open(log, "rb") as file:
                    content = file.read()
                self.nothing_in(log, content)
            for name in ("data.sig", "data.p7s"):
                os.unlink(self.path(name))
        self.assertIn(b"C_SetPIN", content)  # the last level says most
        self.assertEqual(sorted(name for name in os.listdir(self.path()) if name.startswith("data")), ["data"])

    def test_the_canary_sings(self):
        """The search finds what was asked for."""
        said = self.jpki("cert", "show", "sign", "--json", "--pin-file", self.pin(PINS["sign"]))
        self.assertIn("公的", json.loads(said.out)["holder"]["name"]["text"])
        with self.assertRaises(AssertionError):
            self.nothing_in("the answer", said.out.encode())

    def test_arguments_and_environment(self):
        """While it signs, the card being slow, its argv and its environment are as the user wrote them."""
        with open(self.path("data"), "wb") as file:
            file.write(b"hello\n")
        subprocess.run([program("jpki-vcard"), "set", self.folders[0], "slow_sign_ms", "1500"], check=True)
        words = [program("jpki"), "sign", self.path("data"), "--pin-file", self.pin(PINS["sign"])]
        process = subprocess.Popen(words, env={**os.environ, **self.env()}, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        looks, done = [], threading.Event()

        def look():
            while not done.is_set():
                try:
                    with open(f"/proc/{process.pid}/cmdline", "rb") as line, \
                            open(f"/proc/{process.pid}/environ", "rb") as environment:
                        looks.append(line.read() + environment.read())
                except OSError:
                    return
        watcher = threading.Thread(target=look)
        watcher.start()
        process.communicate(timeout=60)
        done.set()
        watcher.join()
        self.assertEqual(process.returncode, DONE)
        self.assertTrue(any(b"--pin-file" in seen for seen in looks))
        for seen in looks:
            self.nothing_in("argv and environment", seen)
