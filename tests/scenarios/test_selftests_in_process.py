"""pkcs11-tool's own tests of a module that plays the reader itself."""
import shutil

from harness.selftests import CardSelftests
from harness.world import FolderCase


class ToolSelftestsInProcess(CardSelftests, FolderCase):
    def env(self):
        return {**super().env(), "JPKI_PCSC": "0", "JPKI_VIRTUAL_CARDS": self.path("card")}

    def put(self, kind):
        shutil.rmtree(self.path("card"), ignore_errors=True)
        self.copy_of(kind)


del FolderCase
