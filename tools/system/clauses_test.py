"""Behind every clause that is exercised stand cases that check it and mutants that break it, or a reason why not. Runs every
case on every mutant, which takes minutes: a part of tools/nightly."""
import csv
import pathlib
import tempfile
import unittest

from program import MUTANTS, atspec

BREACHES = sorted(file for file in MUTANTS.parent.glob("*.xml") if file.name != "benign.xml")


class Clauses(unittest.TestCase):
    def test_behind_every_one_that_is_exercised_stand_cases_and_mutants_or_a_reason(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "clauses.csv"
            status, out, err = atspec("mutants", "--sequences", "0", "--at-least", "0", "--table", path, *BREACHES,
                                      timeout=3600)
            self.assertEqual(status, 0, out + err)
            with open(path, newline="") as table:
                rows = list(csv.DictReader(table))
        self.assertGreater(len(rows), 560)
        without = {row["clause"]: row["reason"] for row in rows if row["cases"] == "0" or row["mutants"] == "0"}
        self.assertEqual([clause for clause, reason in without.items() if not reason], [])
        print(f"{len(rows)} clauses exercised; cases and mutants behind {len(rows) - len(without)}, a reason why not for "
              f"{', '.join(without)}")


if __name__ == "__main__":
    unittest.main()
