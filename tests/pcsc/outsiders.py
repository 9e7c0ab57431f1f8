"""Another program at the same card, without the module."""
from harness.world import PcscCase

READER = "Virtual PCD 00 00"
SELECT_APPLICATION = bytes.fromhex("00A4040C0AD392F000260100000001")
SELECT_KEY = {"auth": bytes.fromhex("00A4020C020017"), "sign": bytes.fromhex("00A4020C02001A")}
SIGN = bytes.fromhex("802A0080333031300d060960864801650304020105000420") + bytes(32) + b"\0"
LEAVE_CARD, UNPOWER_CARD = 0, 2


class Outsiders(PcscCase):
    """Programs that have no PIN."""

    def outsider_signs(self, view):
        """The status word that a program without any PIN gets for a signature: 9000 if it inherits a login."""
        outsider = self.pcsc()
        card = outsider.connect(READER)
        for command in (SELECT_APPLICATION, SELECT_KEY[view]):
            self.assertEqual(outsider.transmit(card, command)[-2:].hex(), "9000")
        answer = outsider.transmit(card, SIGN)
        outsider.disconnect(card, LEAVE_CARD)
        outsider.leave()
        return answer[-2:].hex()

    def keep_powered(self):
        """A program that only holds the card, so that pcscd does not power it off for want of clients."""
        holder = self.pcsc()
        holder.connect(READER)
        return holder
