"""Shell completions of jpki, each driven by its own shell: what they offer is what --help lists."""
import os
import re
import unittest

from harness.tools import ROOT, program, run, succeed

COMPLETIONS = os.path.join(ROOT, "completions")
# Bash calls a completion function with these variables; compopt works within its own calls only.
BASH = """
. "$1/jpki.bash"
[ "$(complete -p jpki)" = 'complete -F _jpki jpki' ] || exit 9
compopt() { :; }
shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_jpki
printf '%s\\n' "${COMPREPLY[@]}"
"""
# The widgets that zsh's completion system gives to such a function, as far as it uses them.
ZSH = """
compadd() { if [[ $1 == -a ]]; then print -l -- "${(@P)2}"; else [[ $1 == -- ]] && shift; print -l -- "$@"; fi }
compset() { }
_files() { print -l FILES }
_describe() { print -l -- "${(@)${(@P)2}%%:*}" }
functions[_jpki]="$(<$1/_jpki)"
shift
call() { local -a words=("$@"); local CURRENT=$# PREFIX=${@[-1]}; _jpki }
call "$@"
"""
FISH = "source $argv[1]/jpki.fish; complete -C (string join ' ' -- $argv[2..])"


def shell_bash(*words):
    return run(["bash", "--norc", "-c", BASH, "bash", COMPLETIONS, *words], env=env())


def shell_zsh(*words):
    return run(["zsh", "-f", "-c", ZSH, "zsh", COMPLETIONS, *words], env=env())


def shell_fish(*words):
    return run(["fish", "--no-config", "-c", FISH, COMPLETIONS, *words], env=env())


SHELLS = {"bash": shell_bash, "zsh": shell_zsh, "fish": shell_fish}


def env():
    folder = os.environ.get("JPKI_TEST_FOLDER", "/tmp")
    return {"PATH": os.path.dirname(program("jpki")) + ":" + os.environ["PATH"], "LANGUAGE": "en", "HOME": folder,
            "XDG_DATA_HOME": folder, "XDG_CONFIG_HOME": folder}


def help_of(*words):
    return succeed([program("jpki"), *words, "--help"], env={"LANGUAGE": "en"}).out


def verbs():
    """name -> the words that may follow, as --help shows them."""
    found = {}
    for line in re.findall(r"^jpki ([a-z].*)$", help_of(), re.M):
        words = line.split()
        plain = [word for word in words if re.fullmatch(r"[a-z]+", word)]
        found[" ".join(plain)] = " ".join(words[len(plain):])
    return found


class Completions(unittest.TestCase):
    def offered(self, shell, *words):
        said = SHELLS[shell](*words)
        self.assertEqual((said.status, said.err), (0, ""), str(said))
        return {line.split("\t")[0] for line in said.out.splitlines() if line}

    def test_each_command(self):
        names = list(verbs())
        self.assertIn("cert fingerprint", names)
        for shell in SHELLS:
            self.assertEqual(self.offered(shell, "jpki", ""), {name.split()[0] for name in names})
            for first in {name.split()[0] for name in names if " " in name}:
                self.assertEqual(self.offered(shell, "jpki", "--json", first, ""),
                                 {name.split()[1] for name in names if name.startswith(first + " ")})

    def test_the_words_of_a_command(self):
        for shell in SHELLS:
            for name, words in verbs().items():
                plain = {word for word in re.findall(r"[a-zA-Z0-9-]+", words) if word.islower()}
                self.assertLessEqual(plain, self.offered(shell, "jpki", *name.split(), ""), name)

    def test_the_options_of_a_command(self):
        for shell in SHELLS:
            for name in verbs() if shell == "bash" else ["status"]:
                listed = set(re.findall(r"^  (--[a-z-]+)", help_of(*name.split()), re.M))
                offered = self.offered(shell, "jpki", *name.split(), "--")
                if shell == "fish":  # all options, for every command
                    self.assertLessEqual(listed, offered)
                else:
                    self.assertEqual({word for word in offered if word.startswith("--")}, listed)

    def test_values(self):
        for shell in SHELLS:
            self.assertEqual(self.offered(shell, "jpki", "--lang", ""), {"ja", "en", "zh_CN"})
            self.assertEqual(self.offered(shell, "jpki", "sign", "--format", ""), {"detached", "embedded", "raw"})
            self.assertEqual(self.offered(shell, "jpki", "setup", "ssh", "--view", ""), {"auth", "sign", "both"})
            self.assertEqual(self.offered(shell, "jpki", "--lang", "ja", "trust", ""), {"add", "list", "remove"})
        self.assertEqual(self.offered("bash", "jpki", "--lang", "=", "z"), {"zh_CN"})

    def test_files(self):
        for words in (["sign"], ["verify"], ["cert", "check", "--crl"], ["--pin-file"], ["trust", "add"]):
            for shell in SHELLS:
                target = "FILES" if shell == "zsh" else os.path.join(COMPLETIONS, "_jpki")
                self.assertIn(target, self.offered(shell, "jpki", *words, os.path.join(COMPLETIONS, "_j")), words)

    def test_before_the_program_is_there(self):
        """Without jpki on the path nothing is offered, and nothing is said."""
        said = run(["/bin/bash", "--norc", "-c", BASH, "bash", COMPLETIONS, "jpki", ""], env={"PATH": "/nowhere"})
        self.assertEqual(said.text.strip(), "")
