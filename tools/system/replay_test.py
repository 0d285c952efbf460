"""What failed is run again as it was: by both oracles, on a device that has what it had; and what fails now and then shows
every attempt in every output."""
import json
import pathlib
import re
import shlex
import tempfile
import unittest
from xml.etree import ElementTree

from program import MUTANTS, atspec, modem, run_cases

MINE = """<mutants>
  <mutant name="other-code" breaks=""><title>t</title><set path="code.invalid-parameter" value="605"/></mutant>
  <mutant name="once" breaks="QFTPSIZE-10"><title>t</title>
    <output kind="urc" command="+QFTPSIZE" match="+QFTPSIZE: 0,*" action="add" text="1" times="1"/></mutant>
</mutants>"""


class Replay(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.mine = self.folder / "mine.xml"
        self.mine.write_text(MINE)

    def again(self, text):
        """The command lines a run prints for what failed."""
        return [shlex.split(line.split("again: atspec ")[1]) for line in text.splitlines() if "again: atspec " in line]

    def test_the_line_that_a_run_prints_fails_again(self):
        status, out, err = atspec("run", "--target", f"sim:?mutant={MUTANTS}#missing-file-601", "--strict",
                                  "--sequences", "0", "--filter", "+QFTPSIZE", "--out", self.folder / "run")
        self.assertEqual(status, 1, out + err)
        self.assertTrue(self.again(out), out)
        for line in self.again(out)[:3]:
            status, text, err = atspec(*line)
            self.assertEqual(status, 1, text + err)
            self.assertRegex(text, r"MAP-550.* \(ambiguous\): .*\n  expected: .*\n  actual: .*\nstill fails\n$")

    def test_what_only_the_reference_tells_fails_again(self):
        with modem("--mutant", f"{self.mine}#other-code") as (_, url):
            status, out, err = atspec("run", "--target", url, "--strict", "--sequences", "0", "--filter", "QFTPPWD-03",
                                      "--out", self.folder / "run")
            self.assertEqual(status, 1, out + err)
            line = self.again(out)[0]
            status, text, err = atspec(*line)
            self.assertEqual(status, 1, text + err)
            self.assertRegex(text, r"reference, AT.*: .* is 610, here 605\n")
            self.assertIn("still fails\n", text)
            status, text, err = atspec(*line, "--reference", "none")
            self.assertEqual(status, 0, text + err)
            self.assertIn("fixed: it passes\n", text)
        self.assertEqual(atspec(*line[:2], "--reference", "nowhere:")[0], 2)

    def test_a_device_has_what_its_profile_says(self):
        status, out, err = atspec("run", "--dry-run", "--tier", "full", "--sequences", "0")
        self.assertEqual(status, 0, err)
        needy = next(one for one in re.split(r"^(?=case )", out, flags=re.M) if " sd=card" in one)
        file = self.folder / "needy.scenario"
        file.write_text(needy)
        status, text, err = atspec("replay", file)
        self.assertEqual(status, 0, text + err)
        self.assertIn("\nit passes\n", text)


class Flaky(unittest.TestCase):
    def test_every_attempt_is_in_every_output(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / "mine.xml").write_text(MINE)
            with modem("--mutant", f"{folder}/mine.xml#once") as (_, url):
                status, result, text = run_cases("--target", url, "--sequences", "0", "--filter", "QFTPSIZE-*",
                                                 "--retries", "2", "--out", folder / "run", "--html", folder / "r.html",
                                                 "--junit", folder / "r.xml")
            page, junit = (folder / "r.html").read_text(), ElementTree.parse(folder / "r.xml").getroot()
            journal = [json.loads(line) for line in (folder / "run/journal.jsonl").read_text().splitlines()]
        self.assertEqual(status, 1, text)
        bad = [case for case in result["cases"] if case["verdict"] not in ("pass", "none")]
        self.assertEqual([case["verdict"] for case in bad], ["flaky"])
        self.assertEqual([attempt["verdict"] for attempt in bad[0]["attempts"]], ["fail", "pass", "pass"])
        self.assertTrue(all(attempt["trace"] for attempt in bad[0]["attempts"]))
        self.assertIn([attempt["verdict"] for attempt in bad[0]["attempts"]],
                      [[attempt["verdict"] for attempt in case.get("attempts", [])] for case in journal])
        failure = junit.find(".//failure")
        self.assertEqual(failure.get("type"), "flaky")
        for words in (text, failure.text):
            self.assertIn("1 of 3 attempts failed\n", words)
            self.assertRegex(words, r"attempt 1: fail: .* \(must\)\n *attempts 2 to 3: pass\n?")
        self.assertEqual(re.findall(r"<summary>Attempt (\d) <span class=\"badge (\w+)\"", page),
                         [("1", "fail"), ("2", "pass"), ("3", "pass")])


if __name__ == "__main__":
    unittest.main()
