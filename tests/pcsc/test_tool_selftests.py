"""pkcs11-tool's own tests of a module, with cards in the reader of a real service."""
from harness.selftests import CardSelftests
from harness.world import PcscCase


class ToolSelftests(CardSelftests, PcscCase):
    def put(self, kind):
        self.virtual_card(kind)

    def tool(self, view, *words):
        said = super().tool(view, *words)
        if "--test" in words:
            self.assertGreater(len([exchange for exchange in self.card.exchanges() if exchange.signs]), 3)
        return said


del PcscCase
