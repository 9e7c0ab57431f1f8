"""Firefox, headless, with a PKCS #11 module: driven over Marionette, which speaks JSON over TCP.

    with Firefox(folder, module=path, authorities=[ca_pem], pins={"authentication": "1234"}, env=env) as browser:
        text = browser.go("https://localhost:4433/")

A profile of its own in `folder`; `authorities` are trusted for servers. A prompt for a PIN is answered where its text
holds a key of `pins`, and cancelled otherwise; `browser.prompts()` tells which came. Each prompt is answered once a key:
a browser that asks again because a PIN was wrong spends no second try. Packages: firefox-esr, libnss3-tools.
"""
import base64
import json
import os
import signal
import socket
import subprocess
import time

from harness.launch import die_with_parent

WAIT = 100  # seconds; how long anything may take on a busy machine
LEAVING = "document.documentElement.setAttribute('data-left', '1')"
# Which document is there, and what it says. The text may be null while it loads.
STATE = """return [document.readyState, document.documentURI, document.body ? document.body.innerText || "" : "",
                   document.documentElement ? document.documentElement.hasAttribute("data-left") : true]"""
PREFERENCES = {
    "marionette.port": 0,  # any: it is written to the profile
    "security.default_personal_cert": "Select Automatically",
    "app.normandy.enabled": False, "app.update.auto": False, "browser.shell.checkDefaultBrowser": False,
    "browser.startup.page": 0, "browser.startup.homepage_override.mstone": "ignore",
    "datareporting.policy.dataSubmissionEnabled": False, "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False, "network.proxy.type": 0, "security.OCSP.enabled": 0,
    # One connection, hence one handshake and one PIN, for one page.
    "network.http.speculative-parallel-limit": 0, "network.http.connection-retry-timeout": 0, "network.dns.disableIPv6": True,
    "toolkit.telemetry.enabled": False, "browser.aboutwelcome.enabled": False,
}
ANSWER_PROMPTS = """
const pins = JSON.parse(arguments[0]);
const seen = [];
Services.obs.addObserver({observe(shown) {
  const dialog = shown.Dialog, text = String(dialog.args.text);
  // Not before the dialog's frame is ready: one that closes while it opens counts as cancelled.
  const ready = shown.browsingContext.embedderElement?._dialogReady;
  const press = button => Promise.resolve(ready).then(() => { button.disabled = false; button.click(); });
  seen.push(text);
  Services.prefs.setStringPref("jpki.prompts", JSON.stringify(seen));
  if (dialog.args.promptType == "promptPassword") {
    const key = Object.keys(pins).find(word => text.includes(word));
    if (key === undefined) { press(dialog.ui.button1); return; }
    dialog.ui.password1Textbox.value = pins[key];
    delete pins[key];
  }
  press(dialog.ui.button0);
}}, "common-dialog-loaded");
"""
PROMPTS = 'return Services.prefs.getStringPref("jpki.prompts", "[]")'


class MarionetteError(Exception):
    """What the browser answers to a command that it does not carry out."""


class Marionette:
    """The wire: "LENGTH:JSON" both ways."""

    def __init__(self, port):
        self.link, self.buffer, self.number = socket.create_connection(("127.0.0.1", port), timeout=WAIT), b"", 0
        self._receive()  # its greeting

    def _receive(self):
        while b":" not in self.buffer:
            self._more()
        length, self.buffer = self.buffer.split(b":", 1)
        while len(self.buffer) < int(length):
            self._more()
        message, self.buffer = self.buffer[:int(length)], self.buffer[int(length):]
        return json.loads(message)

    def _more(self):
        data = self.link.recv(1 << 16)
        if not data:
            raise ConnectionError("Firefox has closed Marionette's connection")
        self.buffer += data

    def __call__(self, name, **parameters):
        self.number += 1
        message = json.dumps([0, self.number, name, parameters]).encode()
        self.link.sendall(b"%d:%s" % (len(message), message))
        _, _, error, value = self._receive()
        if error:
            raise MarionetteError(f"{name}: {error.get('error')}: {error.get('message')}")
        return value.get("value") if isinstance(value, dict) and list(value) == ["value"] else value

    def close(self):
        self.link.close()


def profile_with(folder, authorities, module):
    """NSS's files. The CAs come first: with a module loaded, NSS would store their trust on its token."""
    os.makedirs(folder)
    database = ["-d", "sql:" + folder]
    environment = {**os.environ, "HOME": folder}
    subprocess.run(["certutil", "-N", *database, "--empty-password"], check=True, env=environment)
    for number, path in enumerate(authorities):
        subprocess.run(["certutil", "-A", *database, "-n", f"ca{number}", "-t", "C,C,C", "-a", "-i", path], check=True,
                       env=environment)
    if module:
        with open(os.path.join(folder, "pkcs11.txt"), "a", encoding="utf-8") as file:
            file.write(f"library={module}\nname=jpki\n\n")


class Firefox:
    """One browser. `env` is added to the environment; `languages` is what it says in Accept-Language."""

    poll = 0.05  # seconds between two looks

    def __init__(self, folder, *, module=None, authorities=(), pins=None, env=None, languages="en", preferences=None):
        self.profile, self.log = os.path.join(folder, "profile"), os.path.join(folder, "firefox.log")
        self.process = self.marionette = None
        profile_with(self.profile, authorities, module)
        wanted = {**PREFERENCES, "intl.accept_languages": languages, **(preferences or {})}
        with open(os.path.join(self.profile, "user.js"), "w", encoding="ascii") as file:
            file.writelines(f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in wanted.items())
        try:
            self._start(folder, env or {})
            self._prepare(pins or {})
        except BaseException:
            self.close()
            raise

    def _start(self, folder, env):
        environment = {**os.environ, "HOME": folder, "MOZ_HEADLESS": "1", "MOZ_CRASHREPORTER_DISABLE": "1", **env}
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                ["firefox-esr", "--headless", "--no-remote", "--marionette", "--remote-allow-system-access", "--profile",
                 self.profile, "about:blank"], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment,
                start_new_session=True, preexec_fn=die_with_parent)  # a killed test leaves no browser
        path = os.path.join(self.profile, "MarionetteActivePort")
        port = self._until(lambda: os.path.exists(path) and open(path, encoding="ascii").read(), "Marionette's port")
        self.marionette = Marionette(int(port))

    def _prepare(self, pins):
        self.marionette("WebDriver:NewSession", capabilities={"alwaysMatch": {
            "unhandledPromptBehavior": "ignore", "pageLoadStrategy": "none"}})
        self.system(ANSWER_PROMPTS, json.dumps(pins))

    def _until(self, predicate, what):
        deadline = time.monotonic() + WAIT
        while not (value := predicate()):
            if self.process.poll() is not None:
                raise AssertionError(f"Firefox ended with status {self.process.returncode}\n{self._said()}")
            if time.monotonic() > deadline:
                raise AssertionError(f"waited {WAIT} s in vain for: {what}\n{self._said()}")
            time.sleep(self.poll)
        return value

    def _said(self):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()[-2000:]

    def system(self, script, *arguments):
        """Runs a script with the browser's own rights."""
        self.marionette("Marionette:SetContext", value="chrome")
        try:
            return self.marionette("WebDriver:ExecuteScript", script=script, args=list(arguments), newSandbox=True)
        finally:
            self.marionette("Marionette:SetContext", value="content")

    def script(self, script, *arguments):
        """Runs a script in the page."""
        return self.marionette("WebDriver:ExecuteScript", script=script, args=list(arguments))

    def go(self, url):
        """Loads a page, an error page too; returns its text."""
        return self._after(lambda: self.marionette("WebDriver:Navigate", url=url), url)

    def click(self, selector):
        """Follows a link or sends a form; returns the next page's text."""
        return self._after(lambda: self.script("document.querySelector(arguments[0]).click()", selector), selector)

    def fill(self, selector, text):
        self.script("document.querySelector(arguments[0]).value = arguments[1]", selector, text)

    def _after(self, action, what):
        self.script(LEAVING)
        try:
            action()
        except MarionetteError as error:  # an error page is a page
            if not any(word in str(error) for word in ("about:neterror", "about:certerror", "insecure certificate")):
                raise
        return self._until(self._loaded, f"a page after {what}")[2]

    def _loaded(self):
        try:
            state = self.script(STATE)
        except MarionetteError:  # between two documents
            return None
        if not state or state[3] or state[1] == "about:blank":
            return None
        # An error page may stay "interactive" for good.
        return state if state[0] == "complete" or state[1].startswith(("about:neterror", "about:certerror")) else None

    def text(self):
        return self.script(STATE)[2]

    def url(self):
        return self.script(STATE)[1]

    def prompts(self):
        """The texts of all prompts so far."""
        return json.loads(self.system(PROMPTS))

    def screenshot(self, path):
        """The whole page as PNG."""
        image = self.marionette("WebDriver:TakeScreenshot", full=True)
        with open(path, "wb") as file:
            file.write(base64.b64decode(image))

    def close(self):
        if self.marionette:
            try:
                self.marionette("Marionette:Quit", flags=["eForceQuit"])
            except (OSError, MarionetteError):
                pass
            self.marionette.close()
            self.marionette = None
        if self.process:
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
            self.process = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
