"""The generated suite as a GoogleTest program does what GoogleTest programs do."""
import os
import pathlib
import re
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree

from program import MUTANTS, ROOT, modem

PROGRAM = ROOT / "build/dev/bin/atspec-gtest"


def gtest(*arguments, env=None):
    done = subprocess.run([PROGRAM, *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300,
                          env={**os.environ, **(env or {})})
    return done.returncode, done.stdout + done.stderr


def ran(text):
    return int(re.search(r"\[==========\] (\d+) tests? from \d+ test suites? ran", text).group(1))


class GoogleTest(unittest.TestCase):
    def test_lists_and_filters_cases_by_clause(self):
        status, text = gtest("--gtest_list_tests", "--gtest_filter=QFTPSIZE*", "--target", "serial:/nowhere")
        self.assertEqual(status, 0, text)
        self.assertIn("QFTPSIZE_04.\n", text)
        self.assertNotIn("QFTPCFG", text)
        status, text = gtest("--gtest_filter=QFTPSIZE*-QFTPSIZE_09*")
        self.assertEqual(status, 0, text)
        self.assertNotIn("] QFTPSIZE_09", text)

    def test_shards_share_the_cases_out(self):
        few = "--gtest_filter=QFTPCFG*"
        whole = ran(gtest(few)[1])
        parts = [ran(gtest(few, env={"GTEST_TOTAL_SHARDS": "3", "GTEST_SHARD_INDEX": str(i)})[1]) for i in range(3)]
        self.assertEqual(sum(parts), whole)
        self.assertLess(max(parts), whole)

    def test_a_breach_fails_with_its_clause_and_stands_in_the_xml(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "out.xml"
            status, text = gtest("--gtest_filter=PROTO_550*", f"--gtest_output=xml:{path}", "--target",
                                 f"sim:?mutant={MUTANTS}#missing-file-601", "--strict")
            self.assertEqual(status, 1, text)
            self.assertIn("MAP-550", text)
            self.assertIn("expected:", text)
            suites = xml.etree.ElementTree.parse(path).getroot()
            self.assertGreater(int(suites.get("failures")), 3)
            case = suites.find(".//testcase")
            self.assertTrue(case.get("file").endswith(".xml"), case.attrib)
            properties = {one.get("name"): one.get("value") for one in case.iter("property")}
            self.assertIn("PROTO-550", properties["clauses"])

    def test_runs_against_a_device_and_says_when_there_is_none(self):
        with modem() as (_, url):
            status, text = gtest("--gtest_filter=QFTPCFG_48*", "--target", url)
            self.assertEqual(status, 0, text)
            self.assertGreater(ran(text), 3)
        status, text = gtest("--gtest_filter=QFTPCFG_48*", "--target", "serial:/nowhere")
        self.assertEqual(status, 1)
        self.assertIn("/nowhere", text)
        self.assertEqual(gtest("--target", "nowhere:")[0], 2)


if __name__ == "__main__":
    unittest.main()
