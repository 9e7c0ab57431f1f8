"""Chromium on a display of its own (Xvfb), with a PKCS #11 module: driven over the DevTools protocol, JSON through a pipe.

    with Chromium(folder, module=path, authorities=[ca_pem], pins=["1234"], issuer="JPKI for user authentication") as browser:
        text = browser.go("https://localhost:4433/")

Headless, Chromium has no dialog for a PIN. So it has a screen, and xdotool types: into each dialog the next of `pins`, and
Escape when there are none left. `browser.prompts` counts the dialogs. The certificate is chosen by policy (`issuer`, the
OU of who issued it); the folder of settings is covered by a mount of the browser's own. Packages: chromium, xvfb,
xdotool, libnss3-tools.
"""
import json
import os
import select
import signal
import subprocess
import time

from firefox import WAIT, profile_with
from harness.launch import die_with_parent

SETTINGS = "/etc/chromium"
DIALOG = "Unlock Security Device"
FLAGS = ["--no-sandbox",  # root has none
         "--disable-gpu", "--no-first-run", "--password-store=basic", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--disable-features=Translate,OptimizationHints,MediaRouter", "--remote-debugging-pipe", "--window-size=900,700"]
# Descriptors 3 and 4 are the pipe's ends. A tmpfs of its own holds the policy.
START = 'mount -t tmpfs tmpfs "$SETTINGS"; mkdir -p "$SETTINGS/policies/managed"; cp "$POLICY" "$SETTINGS/policies/managed"; exec /usr/bin/chromium "$@"'


class Display:
    """An X server that listens on no network, with a number of its own choice."""

    def __init__(self):
        ours, theirs = os.pipe()
        self.process = subprocess.Popen(["Xvfb", "-displayfd", str(theirs), "-screen", "0", "1000x800x24", "-nolisten", "tcp"],
                                        pass_fds=[theirs], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL, preexec_fn=die_with_parent)
        os.close(theirs)
        with os.fdopen(ours, encoding="ascii") as pipe:
            self.name = ":" + pipe.readline().strip()

    def tool(self, *words, stdin=None):
        done = subprocess.run(["xdotool", *words], env={**os.environ, "DISPLAY": self.name}, input=stdin, text=True,
                              capture_output=True, timeout=WAIT, check=False)
        return done.stdout.split()

    def windows(self, title):
        return self.tool("search", "--onlyvisible", "--name", title)

    def type(self, window, text):
        """The keys come after the window has the focus: X keeps the order of events. No PIN is in a command line."""
        self.tool("windowfocus", "--sync", window)
        self.tool("type", "--delay", "20", "--file", "-", stdin=text)

    def press(self, window, key):
        self.tool("windowfocus", "--sync", window, "key", key)

    def close(self):
        self.process.terminate()
        self.process.wait()


class Pipe:
    """DevTools: JSON and a zero byte, both ways. Answers and events are kept until they are asked for."""

    def __init__(self, to_browser, from_browser):
        self.to_browser, self.from_browser = to_browser, from_browser
        self.buffer, self.number, self.answers, self.events = b"", 0, {}, []

    def send(self, method, session=None, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters, **({"sessionId": session} if session else {})}
        os.write(self.to_browser, json.dumps(message).encode() + b"\0")
        return self.number

    def poll(self, seconds):
        """Takes what comes within this time."""
        if not select.select([self.from_browser], [], [], seconds)[0]:
            return
        data = os.read(self.from_browser, 1 << 16)
        if not data:
            raise AssertionError("Chromium has closed its pipe")
        *messages, self.buffer = (self.buffer + data).split(b"\0")
        for message in map(json.loads, messages):
            if "id" in message:
                self.answers[message["id"]] = message
            else:
                self.events.append(message["method"])


class Chromium:
    def __init__(self, folder, *, module=None, authorities=(), pins=(), issuer="", env=None):
        self.folder, self.pins, self.prompts, self.answered = folder, list(pins), 0, set()
        self.log, self.process, self.display = os.path.join(folder, "chromium.log"), None, Display()
        try:
            profile_with(os.path.join(folder, ".pki", "nssdb"), authorities, module)
            self._start(issuer, env or {})
            target = self._ask("Target.createTarget", url="about:blank")["targetId"]
            self.page = self._ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
            self._ask("Page.enable", self.page)
        except BaseException:
            self.close()
            raise

    def _start(self, issuer, env):
        policy = os.path.join(self.folder, "policy.json")
        choice = json.dumps({"pattern": "https://localhost", "filter": {"ISSUER": {"OU": issuer}}})
        with open(policy, "w", encoding="ascii") as file:
            json.dump({"AutoSelectCertificateForUrls": [choice]}, file)
        environment = {**os.environ, **env, "HOME": self.folder, "DISPLAY": self.display.name, "SETTINGS": SETTINGS, "POLICY": policy}
        theirs_in, to_browser = os.pipe()
        from_browser, theirs_out = os.pipe()
        # 3 and 4 may be taken here: the shell moves them there.
        shell = f'exec 3<&{theirs_in} 4>&{theirs_out}; {START}'
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                ["unshare", *([] if os.getuid() == 0 else ["-r"]), "-m", "bash", "-euc", shell, "chromium", *FLAGS,
                 "--user-data-dir=" + os.path.join(self.folder, "chromium"), "about:blank"], stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, env=environment, pass_fds=[theirs_in, theirs_out], start_new_session=True,
                preexec_fn=die_with_parent)
        os.close(theirs_in)
        os.close(theirs_out)
        self.pipe = Pipe(to_browser, from_browser)

    def _ask(self, method, session=None, **parameters):
        number = self.pipe.send(method, session, **parameters)
        answer = self._until(lambda: self.pipe.answers.pop(number, None), f"{method}'s answer")
        if "error" in answer:
            raise AssertionError(f"{method}: {answer['error']}")
        return answer["result"]

    def _until(self, predicate, what):
        """Takes what the browser says, and answers its dialogs, until something has come true."""
        deadline = time.monotonic() + WAIT
        while not (value := predicate()):
            if self.process.poll() is not None or time.monotonic() > deadline:
                with open(self.log, encoding="utf-8", errors="replace") as file:
                    raise AssertionError(f"Chromium: no {what}; exit status {self.process.poll()}\n{file.read()[-2000:]}")
            self.pipe.poll(0.1)
            self._answer_dialogs()
        return value

    def _answer_dialogs(self):
        for window in self.display.windows(DIALOG):
            if window in self.answered:
                continue
            self.answered.add(window)
            self.prompts += 1
            if self.pins:
                self.display.type(window, self.pins.pop(0) + "\n")
            else:
                self.display.press(window, "Escape")

    def go(self, url):
        """Loads a page, an error page too; returns its text, and what the browser calls the error."""
        self.pipe.events.clear()
        answer = self._ask("Page.navigate", self.page, url=url)
        self._until(lambda: "Page.loadEventFired" in self.pipe.events, f"a page after {url}")
        state = self._ask("Runtime.evaluate", self.page, expression="document.body.innerText", returnByValue=True)
        return state["result"].get("value") or "", answer.get("errorText", "")

    def close(self):
        if self.process and self.process.poll() is None:
            try:
                self.pipe.send("Browser.close")
                self.process.wait(timeout=20)
            except (OSError, subprocess.TimeoutExpired):
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        if self.process:
            for end in (self.pipe.to_browser, self.pipe.from_browser):
                os.close(end)
            self.process = None
        self.display.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
