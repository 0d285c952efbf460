"""The spec is the only place: what leaves it leaves the run, what enters it enters the run."""
import pathlib
import re
import shutil
import tempfile
import unittest

from program import ROOT, atspec, run_cases

# From another maker's manual: the clock of 3GPP TS 27.007 §8.15, as a firmware engineer would write it down.
CLOCK = """<?xml version="1.0" encoding="UTF-8"?>
<spec name="clock" title="Clock" revision="27.007">
  <command name="+CCLK" section="8.15" title="Clock" source="3GPP TS 27.007">
    <clause id="CCLK-01" section="8.15" kind="syntax">The test form answers OK.</clause>
    <clause id="CCLK-02" section="8.15" kind="length">A time has at most 20 bytes.</clause>
    <clause id="CCLK-03" section="8.15" kind="response">Setting the clock answers OK or ERROR.</clause>
    <test clause="CCLK-01"><final>OK</final></test>
    <write clause="CCLK-03">
      <parameter name="time" base="text" max-length="20" clause="CCLK-02" sample="24/05/06,22:10:00+08"/>
      <outcome name="invalid" when="invalid"><final>ERROR</final></outcome>
      <outcome name="set"><final>OK</final></outcome>
    </write>
  </command>
</spec>
"""


class SpecChange(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.specs = pathlib.Path(self.folder.name) / "specs"
        shutil.copytree(ROOT / "specs", self.specs)
        self.manual = self.specs / "quectel-ftp" / "manual.xml"

    def fired(self, result, clause):
        return sum(case["checks"].get(clause, {}).get("fired", 0) for case in result["cases"])

    def test_a_deleted_range_takes_its_checks_along(self):
        status, before, text = run_cases("--spec", self.manual, "--filter", "+QFTPOPEN")
        self.assertEqual(status, 0, text)
        self.assertGreater(self.fired(before, "QFTPOPEN-10"), 0)
        path = self.specs / "quectel-ftp" / "2.02-qftpopen.xml"
        text = path.read_text()
        # the port keeps its meaning and loses its limits, and with them the clause that states them
        changed = re.sub(r'(<parameter name="port"[^>]*?) min="1" max="65535"', r"\1", text)
        self.assertNotEqual(changed, text)
        changed = re.sub(r'(<parameter name="port"[^>]*?) clause="QFTPOPEN-10"', r"\1", changed)
        changed = re.sub(r'<clause id="QFTPOPEN-10".*?</clause>', "", changed, flags=re.S)
        path.write_text(changed)
        self.assertEqual(atspec("lint", self.manual)[0], 0, atspec("lint", self.manual)[1])
        status, after, text = run_cases("--spec", self.manual, "--filter", "+QFTPOPEN")
        self.assertEqual(status, 0, text)
        self.assertEqual(self.fired(after, "QFTPOPEN-10"), 0)
        self.assertLess(len(after["cases"]), len(before["cases"]))

    def test_a_command_of_another_manual_gets_cases_lint_and_report_rows(self):
        clock = self.specs / "clock.xml"
        clock.write_text(CLOCK)
        self.assertEqual(atspec("lint", clock)[0], 0, atspec("lint", clock)[1])
        status, out, err = atspec("run", "--spec", self.manual, "--spec", clock, "--filter", "+CCLK", "--list")
        self.assertEqual(status, 0, err)
        self.assertRegex(out, r"CCLK-02/")
        page = pathlib.Path(self.folder.name) / "page.html"
        status, result, text = run_cases("--spec", self.manual, "--spec", clock, "--filter", "+CCLK", "--html", page)
        self.assertEqual({case["command"] for case in result["cases"]}, {"+CCLK"})
        self.assertIn("<code>+CCLK</code>", page.read_text())
        # the reference does not have the command, so the manual's oracle must object to its ERROR
        self.assertEqual(status, 1, text)
        clock.write_text(CLOCK.replace('max-length="20"', 'max-length="few"'))
        status, out, err = atspec("lint", clock)
        self.assertEqual(status, 2)
        self.assertRegex(out, r"clock\.xml:9:\d+: .*few")


if __name__ == "__main__":
    unittest.main()
