"""Runs as their users see them: the same suite everywhere, a killed modem, an interrupted run, masked secrets."""
import collections
import contextlib
import json
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest
from xml.etree import ElementTree

from program import ATSPEC, MUTANTS, ROOT, atspec, modem, run_cases, started, verdicts


@contextlib.contextmanager
def silent_device():
    """Answers AT and ATI, and nothing else; yields its URL and an event that is set once something else was asked."""
    asked = threading.Event()

    def serve(listening):
        line, _ = listening.accept()
        with line:
            heard = b""
            while got := line.recv(4096):
                heard += got
                while b"\r" in heard:
                    command, heard = heard.split(b"\r", 1)
                    if command in (b"AT", b"ATI"):
                        line.sendall(b"\r\nOK\r\n")
                    else:
                        asked.set()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, args=(listening,), daemon=True)
        thread.start()
        yield f"tcp://127.0.0.1:{listening.getsockname()[1]}", asked
        thread.join(10)


@contextlib.contextmanager
def slow_modem(seconds):
    """An emulated modem on TCP whose every word comes so much later; yields its URL."""
    def forward(source, target, wait):
        with contextlib.suppress(OSError), source:
            while got := source.recv(4096):
                time.sleep(wait)
                target.sendall(got)
            target.shutdown(socket.SHUT_RDWR)

    def serve(listening, port):
        with contextlib.suppress(OSError):
            while True:
                host, _ = listening.accept()
                device = socket.create_connection(("127.0.0.1", port))
                for source, target, wait in ((host, device, 0), (device, host, seconds)):
                    threading.Thread(target=forward, args=(source, target, wait), daemon=True).start()

    with started("modem", "--tcp", "127.0.0.1:0") as (_, where), socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=serve, args=(listening, int(where.rsplit(":", 1)[1])), daemon=True).start()
        yield f"tcp://127.0.0.1:{listening.getsockname()[1]}"


class Run(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def test_the_same_suite_passes_in_simulation_and_over_a_pseudo_terminal(self):
        few = ("--sequences", "50")  # each takes a device seconds
        status, simulated, text = run_cases(*few)
        self.assertEqual(status, 0, text)
        print(f"sim: {len(simulated['cases'])} cases in {simulated['wall_ms']} ms")
        with modem() as (_, url):
            status, live, text = run_cases("--target", url, *few)
        self.assertEqual(status, 0, text)
        print(f"pseudo-terminal: {len(live['cases'])} cases in {live['wall_ms']} ms")
        self.assertIn("Left out for time: ", text)
        compared = [case for case in live["cases"] if case["reference"]]
        self.assertEqual(live["reference"], "sim:")
        self.assertGreater(len(compared), 0.85 * len(live["cases"]))
        self.assertEqual({difference["breaks"] for case in compared for difference in case["differences"]} - {"nobody"}, set())
        print(f"  {len(compared)} of them compared with the reference")
        # a pseudo-terminal has no DTR, nobody can restart a module over it, and nobody said that it has an SD card
        unable = {case["id"] for case in live["cases"] if case["verdict"] == "none"}
        self.assertEqual({case["id"] for case in live["cases"]
                          if any(thing in case["scenario"] for thing in ("\nreset\n", "\ndtr off\n", " sd=card"))}, unable)
        self.assertEqual({case: verdict for case, verdict in verdicts(live).items() if case not in unable},
                         {case: verdict for case, verdict in verdicts(simulated).items() if case not in unable})

    def test_the_full_tier_passes_in_simulation_in_both_modes(self):
        for mode in ("--lenient", "--strict"):
            status, result, text = run_cases("--tier", "full", mode)
            self.assertEqual(status, 0, text)
            self.assertEqual(result["left_out"], [])

    def test_a_module_as_seen_in_the_field_passes_under_its_profile_and_leniently_under_the_manual(self):
        target = ("--tier", "full", "--target", "sim:?profile=field")
        for arguments in (("--profile", "field", "--strict"), ("--profile", "manual", "--lenient")):
            status, _, text = run_cases(*target, *arguments)
            self.assertEqual(status, 0, text)
        self.assertEqual(run_cases(*target, "--profile", "manual", "--strict")[0], 1)

    def test_what_needs_a_session_is_inconclusive_on_a_module_that_cannot_log_in(self):
        with tempfile.TemporaryDirectory() as folder:
            catalogue = pathlib.Path(folder) / "login.xml"
            catalogue.write_text('<mutants><mutant name="no-login" breaks="QFTPOPEN-01">'
                                 '<set path="fault.refused.+QFTPOPEN" value="network"/></mutant></mutants>')
            status, result, text = run_cases("--target", f"sim:?mutant={catalogue}#no-login", "--sequences", "0",
                                             "--reference", "none")
        self.assertEqual(status, 1, text)
        needing = [case for case in result["cases"] if " ftp=idle" in case["scenario"].split("\n> ")[0]]
        self.assertGreater(len(needing), 800)
        by_verdict = collections.Counter(case["verdict"] for case in needing)
        self.assertEqual(by_verdict["pass"], 0, by_verdict)
        self.assertGreater(by_verdict["inconc"], 800, by_verdict)
        self.assertIn("AT+QFTPOPEN", next(case["reason"] for case in needing if case["verdict"] == "inconc"))

    def test_worked_examples_accuse_nobody_in_modes_they_were_not_printed_in(self):
        for mode in ("verbose=0", "cfg.filetype=1", "cfg.ssltype=1", "cfg.contextid=2"):
            status, _, text = run_cases("--with", mode, "--sequences", "0")
            self.assertEqual(status, 0, text)

    def test_where_device_and_reference_differ_the_manual_decides_or_is_silent(self):
        status, result, text = run_cases("--target", "sim:?mutant=" + str(MUTANTS) + "#missing-file-601", "--reference", "sim:",
                                         "--filter", "+QFTPSIZE", "--sequences", "0", "--strict")
        self.assertEqual(status, 1, text)
        failed = [case for case in result["cases"] if case["verdict"] == "fail"]
        self.assertEqual({case["reference"] for case in failed}, {"pass"})
        self.assertTrue(all(any(difference["breaks"] == "device" for difference in case["differences"]) for case in failed))
        self.assertIn("were run on the reference sim: as well: it answered differently in", text)
        # a code the manual does not fix: told, and held against it in strict judging only
        benign = "sim:?mutant=" + str(MUTANTS.parent / "benign.xml") + "#other-timeout"
        status, result, text = run_cases("--target", benign, "--reference", "sim:", "--tier", "full", "--sequences", "0")
        self.assertEqual(status, 0, text)
        told = [difference for case in result["cases"] for difference in case["differences"]]
        self.assertTrue(told)
        self.assertEqual({difference["breaks"] for difference in told}, {"nobody"})

    def test_a_reference_can_be_another_device_or_none(self):
        with modem() as (_, one), modem() as (_, other):
            few = ("--filter", "QFTPCFG-4*", "--sequences", "0", "--target", one)
            status, result, text = run_cases(*few, "--reference", other)
            self.assertEqual(status, 0, text)
            self.assertLessEqual({"pass"}, {case["reference"] for case in result["cases"]}, "what it cannot be brought to is left out")
            status, result, text = run_cases(*few, "--reference", "none")
            self.assertEqual(status, 0, text)
            self.assertEqual({case["reference"] for case in result["cases"]}, {""})
        self.assertEqual(atspec("run", "--reference", "nowhere:")[0], 2)

    def test_every_code_of_both_tables_is_provoked_with_its_pair(self):
        tables = {table.get("name"): list(table) for table in
                  ElementTree.parse(ROOT / "specs/quectel-ftp/codes.xml").getroot().iter("codes")}
        results = {int(code.get("v")) for code in tables["result"]}
        pairs = {(int(code.get("pair")), int(code.get("v"))) for code in tables["protocol"]}
        reached, paired = set(), set()
        for case in run_cases("--tier", "full")[1]["cases"]:
            said = "".join(text for _, channel, text in case["trace"] if channel == "from_device")
            reached |= {int(code) for code in re.findall(r"\+CME ERROR: (\d+)", said)}
            for result, protocol in re.findall(r"\+QFTP\w+: (\d+),(\d+)\\r", said):
                reached.add(int(result))
                if int(result):
                    paired.add((int(result), int(protocol)))
        self.assertEqual(results - reached, set())
        self.assertEqual(pairs - paired, set())
        print(f"{len(results)} result codes and {len(pairs)} protocol codes provoked")

    def test_two_runs_with_one_seed_are_the_same(self):
        def strip(result):
            return [{**case} for case in result["cases"]]
        first, second = run_cases("--seed", "5")[1], run_cases("--seed", "5")[1]
        self.assertEqual(strip(first), strip(second))

    def test_over_tcp_and_as_a_child_process(self):
        with started("modem", "--tcp", "127.0.0.1:0") as (_, where):
            status, _, text = run_cases("--target", f"tcp://{where.split()[-1]}", "--filter", "+QFTPSIZE")
            self.assertEqual(status, 0, text)
        status, _, text = run_cases("--target", f"exec:{ATSPEC} modem --stdio", "--filter", "+QFTPSIZE")
        self.assertEqual(status, 0, text)

    def test_a_killed_modem_loses_no_finished_case_and_resume_completes_the_run(self):
        out, page = self.folder / "run", self.folder / "report.html"
        link = self.folder / "modem"
        url = f"serial:{link}"
        arguments = ["--filter", "+QFTP*"]
        with started("modem", "--link", link) as (process, _):
            run = subprocess.Popen([ATSPEC, "run", "--target", url, "--out", str(out), "--html", str(page), *arguments],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            journal = out / "journal.jsonl"
            while not journal.exists() or journal.read_bytes().count(b"\n") < 21:
                self.assertIsNone(run.poll())
                time.sleep(0.001)
            process.send_signal(signal.SIGKILL)
            text = "".join(run.communicate(timeout=120))
            self.assertEqual(run.returncode, 3, text)
        link.unlink(missing_ok=True)
        partial = json.loads((out / "result.json").read_text())
        self.assertGreaterEqual(len(partial["cases"]), 20)
        self.assertLess(len(partial["cases"]), partial["planned"])
        self.assertIn(partial["stopped"].split(" (")[0], page.read_text().replace("&#39;", "'"))
        self.assertTrue(all(case["verdict"] == "pass" for case in partial["cases"] if case["verdict"] != "none"))
        with started("modem", "--link", link):
            status, text, err = atspec("run", "--target", url, "--out", out, "--html", page, "--resume", *arguments)
        self.assertEqual(status, 0, text + err)
        whole = json.loads((out / "result.json").read_text())
        self.assertEqual(len(whole["cases"]), whole["planned"])
        self.assertEqual(len(set(verdicts(whole))), whole["planned"])
        self.assertEqual(whole["stopped"], "")

    def test_an_interrupted_run_keeps_what_it_has(self):
        out = self.folder / "run"
        with modem() as (_, url):
            run = subprocess.Popen([ATSPEC, "run", "--target", url, "--out", str(out)], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
            journal = out / "journal.jsonl"
            while not journal.exists() or journal.stat().st_size == 0:
                time.sleep(0.001)
            run.send_signal(signal.SIGINT)
            text = "".join(run.communicate(timeout=60))
        self.assertEqual(run.returncode, 130, text)
        self.assertIn("stopping after this case; press Ctrl-C again to stop at once\n", text)
        self.assertRegex(text, r"Ended early: interrupted before \S+, after \d+ of \d+ cases; --resume goes on\n")
        self.assertGreater(len(json.loads((out / "result.json").read_text())["cases"]), 0)

    def test_a_second_interrupt_gives_the_case_under_way_up_and_leaves_every_output(self):
        out, page = self.folder / "run", self.folder / "report.html"
        with silent_device() as (url, asked):
            arguments = ("run", "--target", url, "--filter", "QFTPSTAT-*", "--tier", "full", "--sequences", "0", "--out", str(out))
            run = subprocess.Popen([ATSPEC, *arguments, "--html", str(page)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   text=True)
            self.assertTrue(asked.wait(20))
            time.sleep(0.1)
            run.send_signal(signal.SIGINT)
            self.assertEqual(run.stderr.readline(), "stopping after this case; press Ctrl-C again to stop at once\n")
            begun = time.monotonic()
            run.send_signal(signal.SIGINT)
            text = "".join(run.communicate(timeout=60))
        self.assertLess(time.monotonic() - begun, 2, text)
        self.assertEqual(run.returncode, 130, text)
        self.assertIn("Ended early: interrupted in ", text)
        result = json.loads((out / "result.json").read_text())
        self.assertNotIn(result["stopped"].split()[-1], verdicts(result))
        self.assertIn("Ended early: interrupted in ", page.read_text())

    def test_resume_refuses_the_journal_of_another_run_and_says_what_differs(self):
        out = self.folder / "run"
        same = ("run", "--out", out, "--filter", "+QFTPSIZE")
        status, text, err = atspec(*same, "--resume", "--sequences", "3")
        self.assertEqual(status, 0, text + err)
        self.assertEqual(err, f"atspec: --resume: there is no {out}/journal.jsonl: the run begins anew\n")
        journal = (out / "journal.jsonl").read_bytes()
        for other, difference in ((("--seed", "7"), "seed was 1, is 7"),
                                  (("--strict",), "mode was lenient, is strict"),
                                  (("--tier", "full"), "tier was quick, is full"),
                                  (("--profile", "field"), "profile was manual, is field"),
                                  (("--with", "cfg.transmode=0"), "with was nothing, is cfg.transmode=0"),
                                  (("--target", "sim:?profile=field"), "target was sim:, is sim:?profile=field"),
                                  (("--sequences", "4"), "sequences was 3, is 4")):
            few = () if "--sequences" in other else ("--sequences", "3")
            status, text, err = atspec(*same, "--resume", *few, *other)
            self.assertEqual(status, 2, text + err)
            self.assertEqual(err, f"atspec: --resume: {out}/journal.jsonl is of another run: {difference}; "
                             "without --resume it is kept aside and a new run begins\n")
            self.assertEqual((out / "journal.jsonl").read_bytes(), journal)
        status, text, err = atspec(*same, "--resume", "--sequences", "3")
        self.assertEqual(status, 0, text + err)
        self.assertRegex(err, r"^resuming: \d+ cases are already done, 0 of them failed\n$")
        (out / "journal.jsonl").write_bytes(journal.split(b"\n", 1)[1])
        status, text, err = atspec(*same, "--resume", "--sequences", "3")
        self.assertEqual(status, 2, text + err)
        self.assertRegex(err, r"^atspec: --resume: \S+ does not say what it was run with \(an older atspec wrote it\); .*\n$")

    def test_resume_refuses_another_spec(self):
        specs = self.folder / "specs"
        shutil.copytree(ROOT / "specs", specs)
        same = ("run", "--out", self.folder / "run", "--filter", "+QFTPSIZE", "--sequences", "0", "--spec",
                specs / "quectel-ftp/manual.xml")
        self.assertEqual(atspec(*same)[0], 0)
        with (specs / "quectel-ftp/codes.xml").open("a") as file:
            file.write("<!-- edited -->\n")
        status, text, err = atspec(*same, "--resume")
        self.assertEqual(status, 2, text + err)
        self.assertRegex(err, r"is of another run: spec was quectel-ftp 1\.1\.0 \(\w+\), is quectel-ftp 1\.1\.0 \(\w+\); without")

    def test_a_second_run_says_where_the_journal_of_the_first_is_kept(self):
        out = self.folder / "run"
        arguments = ("run", "--out", out, "--filter", "+QFTPSIZE", "--sequences", "0")
        self.assertEqual(atspec(*arguments)[2], "")
        first = (out / "journal.jsonl").read_bytes()
        self.assertEqual(atspec(*arguments)[2], f"atspec: the journal of the earlier run is kept in {out}/journal.1.jsonl\n")
        self.assertEqual((out / "journal.1.jsonl").read_bytes(), first)

    def test_a_budget_bounds_real_time_and_is_no_error(self):
        out, page, junit = self.folder / "run", self.folder / "r.html", self.folder / "r.xml"
        # every case is planned as if each answer came at once
        with slow_modem(0.05) as url:
            arguments = ("run", "--target", url, "--filter", "+QFTPCFG", "--sequences", "0", "--budget", "2s", "--out", out)
            begun = time.monotonic()
            status, text, err = atspec(*arguments, "--html", page, "--junit", junit)
            self.assertLess(time.monotonic() - begun, 8)
            self.assertEqual(status, 0, text + err)
            found = re.search(r"\nEnded early: the budget of 2s is used up, (\d+) of (\d+) cases were not run; --resume goes on\n", text)
            self.assertTrue(found, text)
            result = json.loads((out / "result.json").read_text())
            self.assertEqual((result["stopped"], result["planned"]), ("", int(found[2])))
            self.assertEqual(len(result["cases"]), int(found[2]) - int(found[1]))
            self.assertGreater(result["left_out_cases"], 0)
            self.assertIn(f"\nLeft out for time: {result['left_out_cases']} cases", text)
            self.assertEqual(ElementTree.parse(junit).getroot().find("testsuite").get("errors"), "0")
            self.assertIn("the budget of 2s is used up", page.read_text())
            status, text, err = atspec(*arguments, "--resume")
            self.assertEqual(status, 0, text + err)
            self.assertGreater(len(json.loads((out / "result.json").read_text())["cases"]), len(result["cases"]))

    def test_a_report_is_made_from_the_folder_or_the_journal_of_a_killed_run(self):
        out, page = self.folder / "run", self.folder / "report.html"
        with modem() as (_, url):
            run = subprocess.Popen([ATSPEC, "run", "--target", url, "--out", str(out)], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
            journal = out / "journal.jsonl"
            while not journal.exists() or journal.read_bytes().count(b"\n") < 6:
                self.assertIsNone(run.poll())
                time.sleep(0.001)
            run.kill()
            run.wait()
        for where in (out, journal):
            status, text, err = atspec("report", where, "--html", page)
            self.assertEqual(status, 0, text + err)
            self.assertEqual(err, f"atspec: {journal}: from the journal: without waivers, and no failed sequence is made small\n")
            self.assertRegex(text, r"\nEnded early: the run did not come to its end, after \d+ of \d+ cases\n")
            self.assertIn("EC200-REF", page.read_text())
        for wrong, complaint in ((self.folder, "no folder of a run"), (ROOT / "README.md", "no result of a run"),
                                 (self.folder / "none.jsonl", "no such file")):
            status, text, err = atspec("report", wrong)
            self.assertEqual((status, text), (2, ""), err)
            self.assertRegex(err, rf"^atspec: {re.escape(str(wrong))}: .*{complaint}.*\n$")
            self.assertNotIn("json.exception", err)

    def test_a_list_has_titles_beside_it(self):
        status, out, err = atspec("run", "--list", "--filter", "+QFTPSIZE", "--sequences", "0")
        self.assertEqual(status, 0)
        self.assertEqual(err.split(), ["CASE", "TIME", "PURPOSE"])
        self.assertRegex(out.splitlines()[0][err.index("PURPOSE") - 2:], r"^  \S", "below their titles")

    def test_passwords_are_masked_everywhere(self):
        root = self.folder / "root"
        root.mkdir()
        with started("ftpd", "--root", root, "--port", "0", "--user", "anna", "--password", "Kn8sesame") as (_, where):
            port = where.split()[-1].split(":")[-1]
            out = self.folder / "run"
            with modem() as (_, url):
                status, text, err = atspec("run", "--target", url, "--ftp", f"ftp://anna:Kn8sesame@127.0.0.1:{port}/", "--out", out,
                                           "--html", self.folder / "r.html", "--junit", self.folder / "r.xml", "--filter", "+QFTP*")
        self.assertEqual(status, 0, text + err)
        for path in [*out.iterdir(), self.folder / "r.html", self.folder / "r.xml"]:
            self.assertNotIn(b"Kn8sesame", path.read_bytes(), path)
        self.assertNotIn("Kn8sesame", text + err)

    def test_sequences_are_made_small_however_many_other_cases_failed_before(self):
        status, result, text = run_cases("--target", f"sim:?mutant={MUTANTS}#missing-file-601", "--strict",
                                         "--sequences", "100", "--shrink", "50")
        self.assertEqual(status, 1, text)
        failed = [case for case in result["cases"] if case["verdict"] == "fail"]
        sequences = [case for case in failed if case["id"].startswith("SEQ/")]
        self.assertGreater(len(failed) - len(sequences), 5)
        self.assertGreater(len(sequences), 0)
        small = [case["id"] for case in failed if case["smallest"]]
        self.assertEqual(small, [case["id"] for case in sequences[:5]])

    def test_what_dry_run_prints_is_scenarios(self):
        status, out, err = atspec("run", "--dry-run", "--filter", "+QFTPSIZE")
        self.assertEqual(status, 0, err)
        self.assertIn("body", out)
        self.assertIn("> AT+QFTPSIZE=", out)


if __name__ == "__main__":
    unittest.main()
