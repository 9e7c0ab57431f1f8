"""docs/hazards.md: every hazard has a row, and every proof that a row names is there."""
import unittest

import hazards


class Hazards(unittest.TestCase):
    def test_every_hazard_has_one_row(self):
        self.assertEqual(list(hazards.rows()), hazards.ALL)

    def test_every_proof_is_there(self):
        self.assertEqual({number: gone for number, (proofs, _) in hazards.rows().items()
                          if (gone := [proof for proof in proofs if not proof.exists()])}, {})

    def test_a_row_without_a_proof_says_why(self):
        for number, (proofs, remark) in hazards.rows().items():
            if not proofs:
                self.assertRegex(remark, "does not apply|not proven yet", number)

    def test_the_search_misses_what_is_not_there(self):
        found = hazards.proofs_in("`unit_pcsc`: `a case that nobody wrote`; `tests/pcsc`: `Pins.test_nothing`; `tests/no.py`; "
                                  "`torture_nothing`; `scenario_life`: `initialized twice, finalized twice, and with what is reserved`")
        self.assertEqual([bool(proof.exists()) for proof in found], [False, False, False, False, True])
        self.assertFalse(found[1].among({"test_pins.Pins.test_nothing_else", "Pins.test_nothings"}))
        self.assertTrue(found[1].among({"test_pins.Pins.test_nothing"}))
