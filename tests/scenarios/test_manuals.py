"""The man pages: what the programs' --help lists is in them, and nothing else is; their markup is clean."""
import glob
import os
import re
import unittest

from harness.tools import ROOT, program, run, succeed

MAN = os.path.join(ROOT, "man")
PROGRAMS = ["jpki", "jpki-counter", "jpki-vcard", "jpki-bench", "jpki-conformance"]


def page(name):
    with open(os.path.join(MAN, name), encoding="ascii") as file:
        return file.read()


def section(text, title):
    return re.search(rf"^\.Sh {title}\n(.*?)(?=^\.Sh |\Z)", text, re.M | re.S)[1]


def help_of(name, *words):
    return succeed([program(name), *words, "--help"], env={"LANGUAGE": "en"}).out


def commands(name):
    """The commands that --help lists: jpki's are of one or two words, the others' are in CLI11's list."""
    text = help_of(name)
    if name == "jpki":
        return [match[1].split() for match in re.finditer(r"^jpki ((?:[a-z]+ ?)+?)(?= *$| [a-z]+\||  | *[\[A-Z])", text, re.M)]
    listed = re.search(r"^Subcommands:\n((?:  .*\n)+)", text, re.M)
    return [[word] for word in re.findall(r"^  ([a-z-]+) ", listed[1], re.M)] if listed else []


def options(text):
    """Where options are listed: at the beginnings of lines."""
    return set(re.findall(r"^ +(?:-\w,)?--([a-z-]+)", text, re.M))


class Options(unittest.TestCase):
    def test_both_ways(self):
        for name in PROGRAMS:
            with self.subTest(name):
                listed = set().union(*(options(help_of(name, *words)) for words in [[], *commands(name)]))
                if name == "jpki-conformance":
                    listed.discard("help")
                described = set(re.findall(r"^\.(?:It )?Fl -([a-z-]+)", section(page(name + ".1"), "OPTIONS"), re.M))
                self.assertEqual(described, listed)

    def test_commands_both_ways(self):
        for name in PROGRAMS:
            with self.subTest(name):
                described = re.findall(r"^\.It Cm ([a-z -]+)$", section(page(name + ".1"), "DESCRIPTION"), re.M)
                self.assertEqual(sorted(described), sorted(" ".join(words) for words in commands(name)))

    def test_values(self):
        """An option with a value in one has one in the other (jpki and jpki-conformance name theirs)."""
        for name in ("jpki", "jpki-conformance"):
            listed = dict(re.findall(r"^ +--([a-z-]+)((?: [A-Z]+(?:=[A-Z]+)?)?)(?=  | ?[a-z])", help_of(name), re.M))
            for option, value in re.findall(r"^\.It Fl -([a-z-]+)(.*)$", page(name + ".1"), re.M):
                with self.subTest(f"{name} --{option}"):
                    plain = value.replace(" Ar ", " ").replace(" Ns = Ns ", "=")
                    self.assertEqual(plain, listed[option])

    def test_exit_statuses_of_jpki(self):
        told = re.search(r"^Exit status: (.*)\.$", help_of("jpki"), re.M)[1]
        described = re.findall(r"^\.It (\d)\n", section(page("jpki.1"), "EXIT STATUS"), re.M)
        self.assertEqual(described, re.findall(r"\b\d\b", told))


class Configuration(unittest.TestCase):
    def test_keys_as_the_configuration_has_them(self):
        with open(os.path.join(ROOT, "docs", "configuration.md"), encoding="utf-8") as file:
            rows = re.findall(r"^\| `([a-z_.]+)` \| (?:`([A-Z_]+)`)? ?\|", file.read(), re.M)
        described = re.findall(r"^\.It Va ([a-z_.]+)(?: , Ev ([A-Z_]+))?$", page("jpki-pkcs11.toml.5"), re.M)
        self.assertEqual(described, rows)
        self.assertGreater(len(rows), 5)


class Markup(unittest.TestCase):
    def test_clean(self):
        pages = sorted(os.listdir(MAN))
        self.assertEqual(pages, sorted([name + ".1" for name in PROGRAMS] + ["jpki-pkcs11.toml.5"]))
        for name in pages:
            with self.subTest(name):
                for command in (["mandoc", "-Tlint", "-Wwarning"], ["groff", "-ww", "-mandoc", "-Tutf8", "-z"]):
                    said = run([*command, os.path.join(MAN, name)])
                    self.assertEqual((said.status, said.text), (0, ""), str(said))
                for other, number in re.findall(r"^\.Xr (jpki[a-z0-9.-]*) (\d)", page(name), re.M):
                    self.assertIn(f"{other}.{number}", pages)

    def test_installed(self):
        with open(os.path.join(ROOT, "cmake", "install.cmake"), encoding="utf-8") as file:
            self.assertEqual(sorted(re.findall(r"man/(\S+?\.\d)\b", file.read())), sorted(os.path.basename(path)
                             for path in glob.glob(os.path.join(MAN, "*"))))
