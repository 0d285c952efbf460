"""A broken reference is caught: the cases that must fail are known from clauses before the mutant runs, and of a whole
catalogue nearly all are noticed, while what the manual allows is left in peace."""
import json
import pathlib
import re
import tempfile
import unittest

from program import MUTANTS, atspec, modem, run_cases, verdicts

CATALOGUE = MUTANTS.parent
BREACHES = sorted(file for file in CATALOGUE.glob("*.xml") if file.name != "benign.xml")


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
        few = ("--strict", "--sequences", "10")  # each takes real time here
        with modem() as (_, url):
            status, clean, text = run_cases(*few, "--target", url)
            self.assertEqual(status, 0, text)
        with modem("--mutant", f"{MUTANTS}#{self.NAME}") as (_, url):
            status, mutated, text = run_cases(*few, "--target", url)
            self.assertEqual(status, 1, text)
        self.check(clean, mutated)


class APlantedSequence(unittest.TestCase):
    """The mutant errs only behind three commands of others, in one order: random sequences meet it, and are made small."""

    def test_is_found_on_nine_of_ten_seeds_and_shrunk_to_its_four_commands(self):
        four = ["+QFTPMKDIR", "+QFTPCWD", "+QFTPPWD", "+QFTPSIZE"]
        found = [self.smallest("size-behind-three", {"QFTPSIZE-10"}, seed) for seed in range(1, 11)]
        print(f"planted sequence: found on {sum(map(bool, found))} of 10 seeds")
        self.assertGreaterEqual(sum(map(bool, found)), 9)
        for commands in sum(found, []):
            self.assertIn(commands, ([], four))

    def test_is_found_where_none_of_the_four_speaks_to_the_server(self):
        for seed in (1, 2, 3):
            # AT+QFDEL needs a file: where the one goes, another may stay that brings it
            self.assertIn(["+QFUPL", "+QFDEL", "+QSSLCFG", "+QFLDS"], self.smallest("room-behind-three", {"AT-09", "GEN-03"}, seed))

    def smallest(self, mutant, clauses, seed):
        """The commands of each failed sequence, as few as could be; none where it was not made smaller."""
        status, result, text = run_cases("--seed", str(seed), "--filter", "SEQ/*", "--target",
                                         f"sim:?mutant={CATALOGUE}/sequences.xml#{mutant}")
        failed = [case for case in result["cases"] if case["verdict"] == "fail"]
        self.assertEqual(status, 1 if failed else 0, text)
        out = []
        for case in failed:
            self.assertTrue(clauses & set(case["findings"][0]["clauses"]), case["findings"])
            body = case["smallest"].split("\nbody\n")[-1].splitlines()
            out.append([re.match(r"> AT(\+?\w+)", line)[1] for line in body if line.startswith("> ")])
            if case["smallest"]:
                self.assertIn("failed 3 of 3 times", case["smallest_note"])
        return out


def measured(*arguments):
    """`atspec mutants` with a JSON result; gives status, result, stdout + stderr."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "mutants.json"
        status, out, err = atspec("mutants", "--json", path, *arguments)
        return status, json.loads(path.read_text()) if path.exists() else None, out + err


class Catalogue(unittest.TestCase):
    def test_of_the_breaches_nearly_all_are_noticed(self):
        status, result, text = measured("--strict", "--at-least", "99", *BREACHES)
        self.assertEqual(status, 0, text)
        self.assertGreaterEqual(result["score"]["of"], 150)
        self.assertGreaterEqual(result["by_manual"]["percent"], 95)
        self.assertLessEqual(result["score"]["equivalent"], 0.03 * result["score"]["of"])
        self.assertEqual(result["unsound"], [])
        self.assertGreaterEqual(len(result["classes"]), 12)
        print(f"mutants: {result['score']['good']} of {result['score']['of']} killed, "
              f"{result['by_manual']['good']} by the manual alone")
        for name, score in sorted(result["classes"].items()):
            print(f"  {name}: {score['good']} of {score['of']}")

    def test_what_the_manual_allows_is_left_in_peace(self):
        for profile in ("manual", "field"):
            status, result, text = measured("--sequences", "100", "--seeds", "5", "--profile", profile,
                                            CATALOGUE / "benign.xml")
            self.assertEqual(status, 0, text)
            self.assertGreater(result["score"]["of"], 15)
            self.assertEqual({one["fate"] for one in result["mutants"]}, {"tolerated"}, text)

    def test_a_file_from_outside_works_the_same_way(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "mine.xml"
            path.write_text("""<mutants>
  <mutant name="mine" class="mine" breaks="QFTPCFG-48"><title>t</title><set path="limit.+QFTPCFG.timeout.max" value="179"/></mutant>
  <mutant name="nothing" class="mine" breaks="QFTPCFG-48"><title>t</title><set path="limit.+QFTPCFG.timeout.max" value="180"/></mutant>
</mutants>""")
            status, result, text = measured("--strict", path)
            self.assertEqual(status, 1, text)
            self.assertEqual([one["fate"] for one in result["mutants"]], ["killed", "survived"])
            self.assertIn("mutants: 1 of 2 killed", text)
            self.assertEqual(measured("--strict", "--at-least", "50", path)[0], 0)
            self.assertEqual(measured("--strict", path, "--filter", "mine")[1]["score"]["of"], 2)

    def test_a_catalogue_is_looked_through_before_anything_is_run(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "mine.xml"
            path.write_text("""<mutants>
  <mutant name="good" breaks="QFTPCFG-48"><title>t</title><set path="limit.+QFTPCFG.timeout.max" value="179"/></mutant>
  <mutant name="clause" breaks="NO-SUCH"><title>t</title><set path="pair.550" value="1"/></mutant>
  <mutant name="path" breaks="QFTPCFG-48"><title>t</title><set path="limit.+QFTPCFG.timeuot.max" value="179"/></mutant>
  <mutant name="state" breaks="QFTPCFG-48"><title>t</title><set path="initial.cfg.rsptimoeut" value="60"/></mutant>
</mutants>""")
            status, result, text = measured(path)
        self.assertEqual(status, 2, text)
        self.assertIsNone(result)
        self.assertEqual([re.sub(r"^atspec: .*/", "", line) for line in text.splitlines()],
                         ["mine.xml:3:33: mutant clause: the spec has no clause NO-SUCH",
                          "mine.xml:4:59: limit.+QFTPCFG.timeuot.max: no such parameter",
                          "mine.xml:5:60: initial.cfg.rsptimoeut: the spec has no such state"])


if __name__ == "__main__":
    unittest.main()
