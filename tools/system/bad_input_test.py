"""Bad input gives one clear line and the right exit status, and loses nothing."""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from program import MANUAL, ROOT, atspec, modem, run_cases, started


class BadInput(unittest.TestCase):
    def expect(self, status, pattern, *arguments, **options):
        got, out, err = atspec(*arguments, **options)
        lines = [line for line in err.splitlines() if line.strip()]
        self.assertEqual(got, status, err)
        self.assertRegex(err, pattern)
        self.assertEqual(len(lines), 1, err)

    def edited_manual(self, folder, edit):
        copy = pathlib.Path(folder) / "specs"
        shutil.copytree(ROOT / "specs", copy)
        path = copy / "quectel-ftp" / "2.07-qftpsize.xml"
        path.write_text(edit(path.read_text()))
        return copy / "quectel-ftp" / "manual.xml"

    def test_a_wrong_element_is_named_at_its_place(self):
        with tempfile.TemporaryDirectory() as folder:
            manual = self.edited_manual(folder, lambda text: text.replace("<write ", "<wriet ", 1).replace("</write>", "</wriet>", 1))
            got, out, err = atspec("run", "--spec", manual)
            self.assertEqual(got, 2)
            self.assertRegex(err, r"2\.07-qftpsize\.xml:\d+:\d+: .*wriet")

    def test_a_spec_that_is_not_there(self):
        self.expect(2, r"no-such\.xml.*No such file", "run", "--spec", "no-such.xml")

    def test_an_unreadable_spec(self):
        if os.geteuid() == 0:
            # root reads everything but a folder
            self.expect(2, r"Is a directory", "run", "--spec", str(ROOT / "specs"))
            return
        with tempfile.NamedTemporaryFile(suffix=".xml") as file:
            os.chmod(file.name, 0)
            self.expect(2, r"Permission denied", "run", "--spec", file.name)

    def test_a_missing_device(self):
        self.expect(2, r"ttyNONE.*No such file", "run", "--target", "serial:/dev/ttyNONE", "--ftpd-advertise", "127.0.0.1")

    def test_a_target_nobody_knows(self):
        self.expect(2, r"sim:.*serial:.*tcp:.*exec:", "run", "--target", "telepathy:x")

    def test_nobody_listens(self):
        self.expect(3, r"refused", "run", "--target", "tcp://127.0.0.1:1")

    def test_a_busy_port(self):
        with modem() as (_, url):
            folder = tempfile.mkdtemp()
            first = subprocess.Popen([os.environ.get("ATSPEC", str(ROOT / "build/release/bin/atspec")), "run", "--target", url,
                                      "--tier", "full", "--out", folder], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                journal = pathlib.Path(folder) / "journal.jsonl"
                while not (journal.exists() and journal.stat().st_size > 0):
                    self.assertIsNone(first.poll())
                self.expect(2, r"busy|in use", "run", "--target", url)
            finally:
                first.terminate()
                first.wait()
                shutil.rmtree(folder)

    def test_a_real_port_without_a_server_it_can_reach(self):
        self.expect(2, r"--ftpd-advertise", "run", "--target", "serial:/dev/ttyS0")

    def test_a_filter_that_matches_nothing_is_no_pass(self):
        self.expect(2, r"no case", "run", "--filter", "NO-SUCH-CLAUSE")

    def test_a_full_disk_for_the_report(self):
        status, out, err = atspec("run", "--filter", "+QFTPSTAT", "--html", "/dev/full", "--quiet")
        self.assertEqual(status, 4)
        self.assertRegex(err, r"/dev/full.*No space left")

    def test_a_full_disk_for_the_journal_keeps_what_was_written(self):
        if os.geteuid() != 0:
            self.skipTest("mounting a small disk needs root")
        with tempfile.TemporaryDirectory() as folder:
            if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", folder], capture_output=True).returncode != 0:
                self.skipTest("this machine does not let us mount a small disk")
            try:
                status, out, err = atspec("run", "--out", folder + "/run")
                self.assertEqual(status, 4, out + err)
                self.assertRegex(out + err, r"No space left")
                lines = (pathlib.Path(folder) / "run/journal.jsonl").read_text().splitlines()
                self.assertGreater(len(lines), 10)
            finally:
                subprocess.run(["umount", folder], check=True)

    def test_wrong_usage(self):
        for arguments in (["run", "--tier", "medium"], ["run", "--no-such-option"], ["run", "--resume"], [],
                          ["run", "--ftpd-pasv", "9"], ["run", "--strict", "--lenient"], ["run", "--profile", "nobody"]):
            self.assertEqual(atspec(*arguments)[0], 2, arguments)

    def test_a_result_that_is_none(self):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            file.write("{")
            file.flush()
            self.expect(2, re.escape(file.name), "report", file.name)

    def test_a_port_that_is_taken(self):
        with started("ftpd", "--memory", "--port", "0", "--user", "u", "--password", "p") as (_, where):
            port = where.split()[-1].split(":")[-1]
            self.expect(2, r"in use", "ftpd", "--memory", "--port", port, "--user", "u", "--password", "p")


if __name__ == "__main__":
    unittest.main()
