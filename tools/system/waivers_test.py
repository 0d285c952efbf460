"""Known deviations: a run fails on what is not listed, and on what is listed and not so. Every rule is broken once, all else
being as the file says: the exit status and the line that says why."""
import pathlib
import re
import tempfile
import unittest

from program import ATSPEC, MUTANTS, atspec, run_cases

MUTANT = f"{MUTANTS}#missing-file-601"
STRICT = ("--strict", "--sequences", "0", "--target")
TARGET = (*STRICT, f"sim:?mutant={MUTANT}")
FEW = (*TARGET, "--filter", "PROTO-550", "--filter", "+QFTPSIZE")
REST = "owner=anna link=https://t/1 until=2999-12-31"


def waive(case, rest=REST, **more):
    words = [f"waive {case}", *(f'{key}="{value}"' for key, value in more.items()), rest]
    return " ".join(word for word in words if word)


def quoted(text):
    return text.replace("\\", "\\\\").replace('"', '\\"')


class Waivers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        status, result, text = run_cases(*FEW)
        assert status == 1, text
        cls.failed = [case for case in result["cases"] if case["verdict"] == "fail"]
        cls.passed = [case["id"] for case in result["cases"] if case["verdict"] == "pass"]
        cls.all = [waive(case["id"]) for case in cls.failed]
        assert len(cls.failed) > 2 and len(cls.passed) > 2, text

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = pathlib.Path(folder.name) / "known.txt"

    def run_with(self, lines, *arguments):
        """Status and what was printed, with "known.txt" for the file's whole path."""
        self.file.write_text("".join(line + "\n" for line in lines))
        status, out, err = atspec("run", "--waivers", self.file, *(arguments or FEW))
        return status, (out + err).replace(str(self.file), "known.txt")

    def complaints(self, text):
        return [line for line in text.splitlines() if line.startswith("known.txt:")]

    def expect_complaint(self, lines, complaint, failed=0, arguments=()):
        """The run fails for this one line and nothing else."""
        status, text = self.run_with(lines, *arguments)
        self.assertEqual(status, 1, text)
        self.assertEqual(self.complaints(text), [complaint], text)
        self.assertIn(f", {failed} failed, 0 inconclusive, 0 errors, ", text)

    def test_where_all_that_fails_is_listed_the_run_passes(self):
        status, text = self.run_with(["# the vendor knows", *self.all])
        self.assertEqual(status, 0, text)
        self.assertEqual(self.complaints(text), [])
        self.assertIn(f", {len(self.failed)} waived", text)
        self.assertNotIn("  fail ", text)

    def test_what_is_not_listed_fails(self):
        status, text = self.run_with(self.all[1:])
        self.assertEqual(status, 1, text)
        self.assertEqual(self.complaints(text), [])
        finding = self.failed[0]["findings"][0]
        self.assertIn(f"  fail   {self.failed[0]['id']}  {finding['command']}: {finding['message']}", text)
        self.assertIn(", 1 failed, ", text)

    def test_what_is_listed_and_passes_fails(self):
        self.expect_complaint([*self.all, waive(self.passed[0])],
                              f"known.txt:{len(self.all) + 1}: {self.passed[0]}: passes: the waiver is no longer needed")

    def test_what_is_listed_and_was_not_run_fails(self):
        # nobody said that this device has an SD card
        dry = atspec("run", "--dry-run", "--tier", "full", "--sequences", "0")[1]
        needy = next(re.search(r"^case (\S+)", one)[1] for one in dry.split("\n\n") if " sd=card" in one)
        live = (*STRICT, f"exec:{ATSPEC} modem --stdio --mutant {MUTANT}", "--tier", "full", "--filter", needy)
        failed = [case["id"] for case in self.failed if case["command"] == "+QFTPSIZE"]
        for case in failed:
            live += ("--filter", case)
        known = [waive(case) for case in failed]
        status, text = self.run_with(known, *live)
        self.assertEqual(status, 0, text)
        self.expect_complaint([*known, waive(needy)], f"known.txt:{len(known) + 1}: {needy}: was not run: needs sd=card",
                              arguments=live)

    def test_a_name_nothing_has_fails(self):
        self.expect_complaint([*self.all, waive("QFTPSIZE-05/gone")],
                              f"known.txt:{len(self.all) + 1}: QFTPSIZE-05/gone: no case has such a name")
        self.expect_complaint([*self.all, waive("NO-SUCH")],
                              f"known.txt:{len(self.all) + 1}: NO-SUCH: no clause has such a name")

    def test_a_sequence_that_this_run_does_not_make_is_no_complaint(self):
        status, text = self.run_with([*self.all, waive("SEQ/0a1b2c3d")])
        self.assertEqual(status, 0, text)
        self.expect_complaint([*self.all, waive("SEQ/gone")],
                              f"known.txt:{len(self.all) + 1}: SEQ/gone: no case has such a name")

    def test_where_nothing_but_the_waivers_fails_the_last_line_says_so(self):
        status, text = self.run_with([*self.all, waive(self.passed[0])])
        self.assertEqual(status, 1, text)
        self.assertTrue(text.endswith("; fails for the waivers alone (1 complaint above)\n"), text)
        status, text = self.run_with([*self.all[1:], waive(self.passed[0])])
        self.assertNotIn("for the waivers alone", text)

    def test_what_is_left_out_on_purpose_is_no_complaint(self):
        status, text = self.run_with([*self.all, waive(self.passed[0])], *FEW, "--exclude", self.passed[0])
        self.assertEqual(status, 0, text)

    def test_another_message_fails(self):
        message = self.failed[0]["findings"][0]["message"]
        status, text = self.run_with([waive(self.failed[0]["id"], message=quoted(message)), *self.all[1:]])
        self.assertEqual(status, 0, text)
        self.expect_complaint([waive(self.failed[0]["id"], message="the answer is late"), *self.all[1:]],
                              f"known.txt:1: {self.failed[0]['id']}: fails with another message: {message}", failed=1)

    def test_one_that_is_expired_holds_nothing(self):
        self.expect_complaint([waive(self.failed[0]["id"], "owner=anna link=https://t/1 until=2020-02-29"), *self.all[1:]],
                              f"known.txt:1: {self.failed[0]['id']}: expired on 2020-02-29", failed=1)

    def test_a_pattern_that_covers_more_than_it_says_fails(self):
        count = len(self.failed)
        status, text = self.run_with([f"waive MAP-550 at-most={count} {REST}"])
        self.assertEqual(status, 0, text)
        self.expect_complaint([f"waive MAP-550 at-most={count - 1} {REST}"],
                              f"known.txt:1: MAP-550: covers {count} cases, and is to cover at most {count - 1}")

    def test_one_for_other_firmware_holds_nothing_here_and_is_no_complaint(self):
        status, text = self.run_with([waive(self.failed[0]["id"], firmware="*REF01*"), *self.all[1:]])
        self.assertEqual(status, 0, text)
        status, text = self.run_with([waive(self.failed[0]["id"], firmware="*REF02*"), *self.all[1:]])
        self.assertEqual(status, 1, text)
        self.assertEqual(self.complaints(text), [])
        self.assertIn(", 1 failed, ", text)

    def test_a_file_that_is_wrong_is_said_at_its_place_before_anything_is_run(self):
        for line, complaint in ((f"wave MAP-550 {REST}", "known.txt:2:1: a line begins with `waive`"),
                                ("waive MAP-550 owner=a link=b until=2027-02-30", "known.txt:2:30: until= wants a day like 2027-03-01"),
                                ("waive MAP-550 owner=a until=2027-02-03", "known.txt:2:15: link= is missing: a waiver has an owner, a link and an end")):
            status, text = self.run_with(["# ours", line])
            self.assertEqual(status, 2, text)
            self.assertEqual(text, f"atspec: {complaint}\n")
        self.file.unlink()
        self.assertEqual(atspec("run", "--waivers", self.file, *FEW)[0], 2)

    def test_an_update_keeps_comments_and_fits_the_run(self):
        everything = ("--tier", "full", *TARGET)
        case = self.failed[0]["id"]
        begin = ["# ours", waive(case, message="the answer is late"), "", "# soon gone", waive(self.passed[0]),
                 waive(self.passed[1], firmware="*REF02*")]
        status, text = self.run_with(begin, *everything, "--update-waivers")
        self.assertEqual(status, 1, text)
        updated = self.file.read_text().splitlines()
        message = quoted(self.failed[0]["findings"][0]["message"])
        self.assertEqual(updated[:5], ["# ours", waive(case, message=message), "", "# soon gone",
                                       waive(self.passed[1], firmware="*REF02*")])
        self.assertGreaterEqual(len(updated), 5 + len(self.failed) - 1)
        self.assertTrue(all(line.startswith("waive ") and " link=none until=" in line for line in updated[5:]))
        status, text = self.run_with(updated, *everything)
        self.assertEqual(status, 0, text)
        status, text = self.run_with(updated, *everything, "--update-waivers")
        self.assertEqual(status, 0, text)
        self.assertEqual(self.file.read_text().splitlines(), updated)

    def test_a_part_of_the_cases_updates_nothing(self):
        for part in (("--filter", "+QFTPSIZE"), ("--exclude", "SEQ/*"), ("--shard", "1/2"), ("--budget", "90s"), ()):
            tier = ("--tier", "full") if part else ()
            status, text = self.run_with(self.all, *TARGET, *tier, *part, "--update-waivers")
            self.assertEqual(status, 2, text)
            self.assertRegex(text, "^atspec: --update-waivers wants all cases")
            self.assertEqual(self.file.read_text().splitlines(), self.all)
        status, out, err = atspec("run", *TARGET, "--tier", "full", "--update-waivers")
        self.assertEqual(status, 2, out + err)
        self.assertEqual(err, "atspec: --update-waivers needs --waivers, the file to write\n")


if __name__ == "__main__":
    unittest.main()
