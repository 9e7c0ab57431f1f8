"""The guides say what the program says, and the same in three languages."""
import os
import re
import tempfile
import unittest

import guide
from harness.tools import ROOT
from harness.world import shared_folder

REMEDY = "tests/scenarios/guide.py --write puts the new output there; then read what it wrote"


class Guide(unittest.TestCase):
    maxDiff = None

    def follow(self, language):
        with tempfile.TemporaryDirectory(prefix="guide-", dir=shared_folder()) as folder:
            count = 0
            for command, shown, said, _ in guide.Reader(language, folder).steps():
                self.assertEqual(guide.blank(shown), guide.blank(said), f"$ {command}\n{REMEDY}")
                count += 1
        self.assertGreater(count, 10)

    def test_english(self):
        self.follow("en")

    def test_japanese(self):
        self.follow("ja")

    def test_chinese(self):
        self.follow("zh_CN")

    def test_one_structure(self):
        def structure(text):
            return {"headings": re.findall(r"^#+ ", text, re.M),
                    "commands": [guide.blank(command) for command, _ in guide.CONSOLE.findall(text)],
                    "shell": guide.SHELL.findall(text),
                    "links": re.findall(r"\]\(([^)#]+)\)", text)}
        english, *others = (structure(guide.text_of(language)) for language in guide.GUIDES)
        for other in others:
            self.assertEqual(other, english)

    def test_links_within_the_project(self):
        for link in re.findall(r"\]\(([^)#]+)", guide.text_of("en")):
            if not link.startswith("http"):
                self.assertTrue(os.path.exists(os.path.join(ROOT, "docs", link)), link)
        for language in guide.GUIDES:
            text = guide.text_of(language)
            anchors = [heading.lower().replace(" ", "-") for heading in re.findall(r"^## (.*)$", text, re.M)]
            for link in re.findall(r"\]\(#([^)]+)", text):
                self.assertIn(link, anchors)
