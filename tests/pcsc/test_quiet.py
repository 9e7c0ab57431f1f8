"""An application that only looks whether there is a module: what that asks of the system, of the PC/SC service and of the card."""
import os

import strace
from harness.network import PYTHON
from harness.tools import SUPPORT, module
from harness.world import PcscCase

# pcsc-lite's winscard_msg.h
CONNECT, TRANSMIT, GET_READERS_STATE, GET_ATTRIBUTE = 0x04, 0x09, 0x12, 0x0F
TOUCH_A_CARD = range(CONNECT, GET_ATTRIBUTE + 2)  # SCARD_CONNECT to SCARD_SET_ATTRIB


class Quiet(PcscCase):
    def look(self, *words):
        return strace.watch([PYTHON, os.path.join(SUPPORT, "quiet_client.py"), module(), *words],
                            {**self.env(), "JPKI_LOG": ""})

    def test_no_side_effect_and_no_command(self):
        card = self.virtual_card()
        mark = card.mark()
        printed, calls = self.look()
        self.assertEqual(printed, "4\n")  # two readers
        self.assertEqual(strace.trespasses(calls, self.pcscd.socket), [])
        self.assertEqual({step for step, name, _ in calls if name == "socket"}, {"slots"})
        asked = strace.asked_of_pcscd(calls)
        self.assertIn(GET_READERS_STATE, asked)
        self.assertEqual([number for number in asked if number in TOUCH_A_CARD], [])
        self.assertEqual(card.exchanges(mark), [])

    def test_a_look_for_tokens_would_be_seen(self):
        card = self.virtual_card()
        mark = card.mark()
        printed, calls = self.look("tokens")
        self.assertEqual(printed, "2\n")  # one card
        self.assertTrue({CONNECT, TRANSMIT} <= set(strace.asked_of_pcscd(calls)))
        self.assertTrue(card.exchanges(mark))
        self.assertEqual(strace.trespasses(calls, self.pcscd.socket), [])
