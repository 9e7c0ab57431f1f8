"""OpenSSH: ssh-keygen -D, ssh -I and the agent against a real sshd, signatures over files and git commits."""
import os

from client_case import DATA, PINS, VIEWS, WRONG_PINS, OnCard, OnSoft
from harness.tools import BUILD, module, succeed, tail, wait_until

SSHD = """Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
AuthorizedKeysFile {folder}/authorized
PidFile {folder}/sshd.pid
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
LogLevel VERBOSE
"""
PORT = 2222


class Ssh:
    def public_key(self, view):
        """By ssh-keygen -i from what OpenSSL knows of the certificate, not from the module."""
        return succeed(["ssh-keygen", "-i", "-m", "PKCS8", "-f", self.key_file(view)]).out.strip()

    def askpass(self, pin):
        """What ssh calls in place of a terminal. It writes down each question, and answers with the PIN; with none, it is a
        user who cancels."""
        self.write("askpass", b'#!/bin/sh\necho "$1" >> "$ASKED"\n[ -n "$TOKEN_PIN" ] || exit 1\necho "$TOKEN_PIN"\n')
        os.chmod(self.path("askpass"), 0o755)
        return {"SSH_ASKPASS": self.path("askpass"), "SSH_ASKPASS_REQUIRE": "force", "ASKED": self.path("asked"),
                "TOKEN_PIN": pin or ""}

    def questions(self):
        return self.read("asked").decode().splitlines() if os.path.exists(self.path("asked")) else []

    def sshd(self, view="auth"):
        os.makedirs("/run/sshd", exist_ok=True)
        succeed(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.path("host")])
        self.write("authorized", self.public_key(view).encode() + b"\n")
        self.port = PORT if self.network.enter else self.free_port()
        self.write("sshd.conf", SSHD.format(port=self.port, folder=self.folder).encode())
        self.sshd_log = self.path("sshd.log")
        with open(self.sshd_log, "wb") as log:
            self.start(["/usr/sbin/sshd", "-D", "-e", "-f", self.path("sshd.conf")], stdout=log, stderr=log)
        wait_until(lambda: "Server listening" in tail(self.sshd_log), "sshd")
        with open(self.path("host.pub"), encoding="ascii") as file:
            self.write("known", f"[127.0.0.1]:{self.port} {file.read()}".encode())

    def ssh(self, *words, pin=None, env=None):
        user = succeed(["id", "-un"]).out.strip()
        return self.client_run(["ssh", "-F", "none", "-p", str(self.port), "-o", f"UserKnownHostsFile={self.path('known')}",
                                *words, f"{user}@127.0.0.1", "echo in"], env={**self.askpass(pin), **(env or {})})

    def accepted(self):
        """The fingerprints of the keys with which sshd let somebody in."""
        return [line.split()[-1] for line in tail(self.sshd_log, 200).splitlines() if line.startswith("Accepted publickey")]

    def key_fingerprint(self, view):
        self.write("one.pub", self.public_key(view).encode())
        return succeed(["ssh-keygen", "-l", "-f", self.path("one.pub")]).out.split()[1]

    def agent(self):
        path = self.path("agent")
        self.start(["ssh-agent", "-D", "-a", path, "-P", os.path.join(BUILD, "lib", "*")], stdout=-3)
        wait_until(lambda: os.path.exists(path), "ssh-agent's socket")
        return {"SSH_AUTH_SOCK": path}

    def add(self, view, agent, pin=None):
        return self.client_run(["ssh-add", "-s", module(view)], env={**agent, **self.askpass(pin or PINS[view])})

    def test_lists_keys(self):
        said = self.client_succeeds(["ssh-keygen", "-D", module("auth")])
        self.assertIn(self.public_key("auth").split()[1], [line.split()[1] for line in said.out.splitlines()])

    def test_login(self):
        self.sshd()
        said = self.ssh("-I", module("auth"), pin=PINS["auth"])
        self.assertEqual((said.status, said.out), (0, "in\n"), str(said))
        self.assertEqual(self.accepted(), [self.key_fingerprint("auth")])
        self.assertEqual(len(self.questions()), 1)

    def test_login_with_a_wrong_pin(self):
        """A try for each time that the PIN was asked."""
        self.sshd()
        before = self.tries_left("auth")
        said = self.ssh("-I", module("auth"), "-o", "NumberOfPasswordPrompts=1", pin=WRONG_PINS["auth"])
        self.assertEqual(said.status, 255)
        self.assertIn("Permission denied (publickey)", said.text)
        asked = len(self.questions())
        self.assertEqual(self.tries_left("auth"), before - asked)
        self.assertEqual((self.accepted(), asked), ([], 1))

    def test_login_cancelled(self):
        self.sshd()
        before = self.tries_left("auth")
        said = self.ssh("-I", module("auth"), pin=None)
        self.assertEqual(said.status, 255)
        self.assertIn("Permission denied (publickey)", said.text)
        self.assertEqual(self.tries_left("auth"), before)
        self.assertEqual(self.accepted(), [])

    def test_login_without_a_token(self):
        self.sshd()
        self.no_token()
        said = self.ssh("-I", module("auth"), pin=PINS["auth"])
        self.assertEqual(said.status, 255)
        self.assertIn("Permission denied (publickey)", said.text)
        self.assertEqual(self.questions(), [])

    def test_agent(self):
        self.sshd()
        agent = self.agent()
        added = self.add("auth", agent)
        self.assertEqual(added.status, 0, str(added))
        for count in (1, 2):
            said = self.ssh(env=agent)
            self.assertEqual((said.status, said.out), (0, "in\n"), str(said))
            self.assertEqual(self.accepted(), [self.key_fingerprint("auth")] * count)
        self.assertEqual(len(self.questions()), 1)

    def test_agent_with_a_wrong_pin(self):
        before = self.tries_left("auth")
        said = self.add("auth", self.agent(), WRONG_PINS["auth"])
        self.assertEqual(said.status, 1)
        self.assertIn("agent refused operation", said.text)
        self.assertEqual(self.tries_left("auth"), before - 1)

    def test_signs_files_and_commits(self):
        """The signature key: by the agent."""
        agent = self.agent()
        self.assertEqual(self.add("sign", agent).status, 0)
        key = self.write("sign.key.pub", self.public_key("sign").encode() + b"\n")
        self.client_succeeds(["ssh-keygen", "-Y", "sign", "-f", key, "-n", "file", self.text_file()], env=agent)
        allowed = self.write("allowed", b"me@example.org " + self.read("sign.key.pub"))
        said = succeed(["ssh-keygen", "-Y", "verify", "-f", allowed, "-I", "me@example.org", "-n", "file", "-s",
                        self.path("text.sig")], stdin=DATA)
        self.assertIn('Good "file" signature', said.out)
        self.commit(agent, key, allowed)

    def commit(self, agent, key, allowed):
        git = ["git", "-C", self.path("repository"), "-c", "gpg.format=ssh", "-c", f"user.signingkey={key}",
               "-c", "user.name=Me", "-c", "user.email=me@example.org", "-c", f"gpg.ssh.allowedSignersFile={allowed}"]
        os.mkdir(self.path("repository"))
        self.client_succeeds([*git, "init", "-q"])
        self.client_succeeds([*git, "commit", "-q", "-S", "--allow-empty", "-m", "signed by a card"], env=agent)
        # No token any more: git and ssh-keygen verify with the file of allowed signers alone.
        said = run_git = succeed([*git, "verify-commit", "-v", "HEAD"], env={"HOME": self.folder})
        self.assertIn('Good "git" signature for me@example.org', said.text, str(run_git))


class Card(Ssh, OnCard):
    def test_commands_of_a_login(self):
        self.sshd()
        self.assertEqual(self.ssh("-I", module("auth"), pin=PINS["auth"]).status, 0)
        self.assert_within_goal("ssh -I, one login")

    def test_commands_of_the_agents_further_login(self):
        self.sshd()
        agent = self.agent()
        self.assertEqual(self.add("auth", agent).status, 0)
        self.assertEqual(self.ssh(env=agent).status, 0)
        mark = self.card.mark()
        self.assertEqual(self.ssh(env=agent).status, 0)
        self.assert_within_goal("ssh with ssh-agent, a further login", mark)

    def test_card_pulled_at_the_login(self):
        self.sshd()
        card = self.leaving_card()
        said = self.ssh("-I", module("auth"), pin=PINS["auth"])
        self.assertEqual(said.status, 255)
        self.assertIn("Permission denied (publickey)", said.text)
        self.assertEqual((self.accepted(), card.tries), ([], len(self.questions())))


class Software(Ssh, OnSoft):
    pass
