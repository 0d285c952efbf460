"""A broken reference is caught: the cases that must fail are known from clauses before the mutant runs."""
import unittest

from program import MUTANTS, modem, run_cases, verdicts


def predicted(clean, clauses):
    """Cases of a clean run in which a check of one of these clauses fired."""
    return {case["id"] for case in clean["cases"]
            if any(case["checks"].get(clause, {}).get("fired", 0) > 0 for clause in clauses)}


class MissingFileAnswered601(unittest.TestCase):
    """The mutant answers a server's 550 with 601; MAP-550 says that 627 is paired with it."""
    NAME = "missing-file-601"
    CLAUSES = ["MAP-550"]

    def check(self, clean, mutated):
        expected = predicted(clean, self.CLAUSES)
        self.assertGreater(len(expected), 3)
        failed = {case for case, verdict in verdicts(mutated).items() if verdict == "fail"}
        self.assertEqual(failed, expected)
        for case in mutated["cases"]:
            if case["verdict"] == "fail":
                cited = {clause for finding in case["findings"] for clause in finding["clauses"]}
                self.assertTrue(cited & set(self.CLAUSES), case["id"])
        print(f"{self.NAME}: {len(expected)} cases predicted, {len(failed)} failed, the same ones")

    def test_in_simulation(self):
        status, clean, text = run_cases("--strict")
        self.assertEqual(status, 0, text)
        status, mutated, text = run_cases("--strict", "--target", f"sim:?mutant={MUTANTS}#{self.NAME}")
        self.assertEqual(status, 1, text)
        self.check(clean, mutated)

    def test_over_a_pseudo_terminal(self):
        with modem() as (_, url):
            status, clean, text = run_cases("--strict", "--target", url)
            self.assertEqual(status, 0, text)
        with modem("--mutant", f"{MUTANTS}#{self.NAME}") as (_, url):
            status, mutated, text = run_cases("--strict", "--target", url)
            self.assertEqual(status, 1, text)
        self.check(clean, mutated)


if __name__ == "__main__":
    unittest.main()
