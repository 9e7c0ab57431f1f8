"""Our tokens of every kind before the suite: no case fails."""
from harness.tools import module
from harness.world import KIND_VIEWS, PINS, PcscCase

from suite import LABELS, PIN, SO_PIN, OurToken, SoftTokens


class InProcess(OurToken):
    """The module plays the reader itself."""

    def judged(self, kind, view):
        self.assertIn((kind, view), KIND_VIEWS)
        env = {"JPKI_VIRTUAL_CARDS": self.copy_of(kind)}
        return self.conforms(f"{kind}-{view}", module(), LABELS[view], PINS[view], env=env, junit=f"{kind}-{view}")

    def test_mynumber_auth(self):
        self.judged("mynumber", "auth")

    def test_mynumber_sign(self):
        self.judged("mynumber", "sign")

    def test_juki_sign(self):
        self.judged("juki", "sign")


class Pcscd(PcscCase, OurToken):
    """A virtual card in the reader of a real service."""

    def env(self):
        return {**super().env(), "JPKI_PCSC": "1"}

    def judged(self, view):
        self.virtual_card("mynumber")
        return self.conforms(f"pcscd-{view}", module(), LABELS[view], PINS[view], junit=f"pcscd-{view}")

    def test_auth(self):
        self.judged("auth")

    def test_sign(self):
        self.judged("sign")


class Software(OurToken, SoftTokens):
    def test_free(self):
        self.make_free("free")
        self.conforms("soft", module(), "free", PIN, so_pin=SO_PIN, junit="soft")

    def test_auth(self):
        self.half("auth")

    def test_sign(self):
        self.half("sign")

    def half(self, view):
        label, pin = self.make_pair("Hanako")[view]
        self.conforms(f"soft-{view}", module(), label, pin, junit=f"soft-{view}")


del OurToken, SoftTokens, PcscCase  # they have no tests of their own
