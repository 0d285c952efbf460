"""Our servers under other people's clients, and our runs against another people's server. Skipped, with the reason,
where a client or server is not installed."""
import concurrent.futures
import contextlib
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

from program import ATSPEC, ROOT, atspec, modem, run_cases, started

LAUNCHERS = ROOT / "tools/ftp-servers"
PREFIX = pathlib.Path(os.environ.get("FTP_SERVERS_PREFIX", "/opt/ftp-servers"))


def unpacked(name):
    return os.geteuid() == 0 and (PREFIX / name / ".complete").exists()


needs_vsftpd = unittest.skipUnless(unpacked("vsftpd"), "vsftpd wants root, and tools/ftp-servers/install.sh vsftpd before")


def needs(program):
    return unittest.skipUnless(shutil.which(program), f"{program} is not installed")


@contextlib.contextmanager
def server(name, **settings):
    """A server of others, by its launcher; yields (URL, root directory)."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        root = pathlib.Path(folder) / "root"
        root.mkdir()
        process = subprocess.Popen([LAUNCHERS / f"{name}.sh", root, "0", "anna", "Kn8sesame", "none"], stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL, text=True, env={**os.environ, **settings})
        try:
            ready = next((line.split() for line in process.stdout if line.startswith("READY")), None)
            assert ready, f"{name} did not start"
            yield f"ftp://anna:Kn8sesame@127.0.0.1:{ready[2]}/", root
        finally:
            process.terminate()
            process.wait(10)
            process.stdout.close()


def vsftpd(**settings):
    return server("vsftpd", **settings)


@contextlib.contextmanager
def ftpd(*arguments):
    """`atspec ftpd`; yields (process, port)."""
    with started("ftpd", "--port", "0", "--user", "anna", "--password", "Kn8sesame", *arguments) as (process, where):
        yield process, int(where.split()[1])


def curl(port, path="", *arguments, timeout=60):
    done = subprocess.run(["curl", "-sS", "-u", "anna:Kn8sesame", f"ftp://127.0.0.1:{port}/{path}", *map(str, arguments)],
                          capture_output=True, timeout=timeout)
    return done.returncode, done.stdout, done.stderr.decode()


class Matrix(unittest.TestCase):
    """All commands, passive and active, against servers that others wrote, at once: each run mostly waits."""
    # guard times tell nothing of a server
    SHORT = [word for pattern in ("DATA-*", "AT-0*", "QFTPPUT-17", "QFTPPUT-08", "EX-*") for word in ("--exclude", pattern)]

    def one(self, name, mode):
        with server(name) as (ftp, root), modem() as (_, target):
            short = [] if (name, mode) == ("vsftpd", 1) else self.SHORT
            status, result, text = run_cases("--target", target, "--ftp", ftp, "--with", f"cfg.transmode={mode}", *short)
            return status, result, text, list(root.iterdir())

    def test_the_suite_passes_over_a_pseudo_terminal_whoever_the_server_is(self):
        missing = [name for name in ("vsftpd", "proftpd", "pure-ftpd", "pyftpdlib") if not unpacked(name)]
        rows = [(name, mode) for name in ("vsftpd", "proftpd", "pure-ftpd", "pyftpdlib") if name not in missing
                for mode in (1, 0)]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            done = list(pool.map(lambda row: self.one(*row), rows))
        for (name, mode), (status, result, text, left) in zip(rows, done):
            totals = result["totals"]
            print(f"{name:10} {'passive' if mode else 'active':8} {totals['pass']:4} passed, {totals['none']:4} not run")
            with self.subTest(server=name, passive=mode):
                self.assertEqual(status, 0, text)
                self.assertGreater(totals["pass"], 200)
                # what is left out needs a server that misbehaves when told to or knows MLSD, DTR, a restart, or a card
                reasons = {case["reason"] for case in result["cases"] if case["verdict"] == "none"}
                for reason in reasons - {"needs scripted peer"}:
                    self.assertRegex(reason, "DTR|restart|knows MLSD|sd=card|flash=kept")
                self.assertEqual(left, [], "cases must leave nothing behind")
        if missing:
            self.skipTest(f"{', '.join(missing)}: root and tools/ftp-servers/install.sh are needed before")


@needs_vsftpd
class AgainstVsftpd(unittest.TestCase):
    def test_a_directory_with_somebodys_files_is_left_alone(self):
        with vsftpd() as (ftp, root), modem() as (_, target):
            (root / "precious").write_text("x")
            status, _, err = atspec("run", "--target", target, "--ftp", ftp, "--filter", "+QFTPSIZE")
            self.assertEqual(status, 2, err)
            self.assertIn("precious", err)
            self.assertEqual([one.name for one in root.iterdir()], ["precious"])

    def test_what_a_killed_run_left_is_taken_over_by_the_next(self):
        with vsftpd() as (ftp, root), modem() as (_, target):
            run = subprocess.Popen([ATSPEC, "run", "--quiet", "--target", target, "--ftp", ftp], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
            deadline = time.monotonic() + 60
            while len(list(root.iterdir())) < 2 and run.poll() is None and time.monotonic() < deadline:
                time.sleep(0.001)
            run.kill()
            run.wait()
            self.assertGreaterEqual(len(list(root.iterdir())), 1, "nothing was left to take over")
        with vsftpd() as (ftp, root), modem() as (_, target):
            (root / "left.bin").write_text("x")
            (root / "atspec-was-here.txt").write_text("x")
            status, _, text = run_cases("--target", target, "--ftp", ftp, "--filter", "+QFTPSIZE")
            self.assertEqual(status, 0, text)
            self.assertEqual(list(root.iterdir()), [])

    def test_a_read_only_account_is_no_test_bed(self):
        with vsftpd(FTP_READONLY="1") as (ftp, _), modem() as (_, target):
            status, _, err = atspec("run", "--target", target, "--ftp", ftp, "--filter", "+QFTPSIZE")
            self.assertEqual(status, 2, err)
            self.assertNotIn("Kn8sesame", err)


class OurServer(unittest.TestCase):
    @needs("curl")
    def test_files_go_up_come_down_and_resume_with_curl(self):
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as root:
            content = os.urandom(3_000_000)
            here = pathlib.Path(folder) / "file.bin"
            here.write_bytes(content)
            with ftpd("--root", root) as (_, port):
                self.assertEqual(curl(port, "up.bin", "-T", here)[0], 0)
                self.assertEqual((pathlib.Path(root) / "up.bin").read_bytes(), content)
                self.assertEqual(curl(port, "up.bin")[1], content)
                self.assertEqual(curl(port, "up.bin", "-r", "1000-1999")[1], content[1000:2000])
                (pathlib.Path(root) / "part.bin").write_bytes(content[:1234])
                self.assertEqual(curl(port, "part.bin", "-C", "-", "-T", here)[0], 0)
                self.assertEqual((pathlib.Path(root) / "part.bin").read_bytes(), content)

    @needs("lftp")
    def test_a_tree_is_mirrored_with_lftp(self):
        with tempfile.TemporaryDirectory() as folder, ftpd("--memory") as (_, port):
            tree = pathlib.Path(folder) / "tree"
            (tree / "a b").mkdir(parents=True)
            (tree / "a b" / "file").write_bytes(b"\0\r\n\xff" * 1000)
            done = subprocess.run(["lftp", "-u", "anna,Kn8sesame", "-p", str(port), "127.0.0.1", "-e",
                                   f"set net:max-retries 1; mirror -R {tree} tree; mirror tree {folder}/back; bye"],
                                  capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual((pathlib.Path(folder) / "back/a b/file").read_bytes(), b"\0\r\n\xff" * 1000)

    @needs("curl")
    def test_a_script_makes_files_and_misbehaves(self):
        with tempfile.NamedTemporaryFile("w", suffix=".script") as script:
            script.write("# a slow server\npeer file a.txt text=\"hello\"\npeer on SIZE delay 300ms\n"
                         "on RETR reply \"550 Not today\" times 1\n")
            script.flush()
            with ftpd("--memory", "--script", script.name) as (_, port):
                begun = time.monotonic()
                status, _, err = curl(port, "a.txt")
                self.assertGreater(time.monotonic() - begun, 0.3)
                self.assertEqual(status, 78, err)
                self.assertEqual(curl(port, "a.txt")[1], b"hello")

    def test_a_script_that_is_wrong_names_its_line(self):
        with tempfile.NamedTemporaryFile("w", suffix=".script") as script:
            script.write("peer file a.txt size=1\npeer nonsense\n")
            script.flush()
            status, _, err = atspec("ftpd", "--memory", "--port", "0", "--user", "u", "--password", "p", "--script",
                                    script.name)
            self.assertEqual(status, 2)
            self.assertIn(f"{script.name}:2:", err)

    @needs("curl")
    def test_passive_ports_and_the_advertised_address_are_those_given(self):
        with ftpd("--memory", "--pasv", "23400-23402", "--advertise", "203.0.113.9") as (_, port):
            text = curl(port, "", "-v", "--disable-epsv", "--max-time", "5")[2]
            high, low = re.search(r"227 .*\(203,0,113,9,(\d+),(\d+)\)", text).groups()
            self.assertIn(int(high) * 256 + int(low), range(23400, 23403))

    def test_ends_cleanly_when_told_to(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with ftpd("--memory") as (process, _):
                process.send_signal(number)
                self.assertEqual(process.wait(5), 0)


class OurModem(unittest.TestCase):
    def test_ends_cleanly_when_told_to_and_takes_its_link_along(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with modem() as (process, url):
                link = pathlib.Path(url.removeprefix("serial:"))
                self.assertTrue(link.is_symlink())
                process.send_signal(number)
                self.assertEqual(process.wait(5), 0)
                self.assertFalse(link.is_symlink())

    def test_stdin_and_stdout_are_a_line(self):
        done = subprocess.run([ATSPEC, "modem", "--stdio"], input=b"ATE0\rAT\r", capture_output=True, timeout=20)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(done.stdout.endswith(b"\r\nOK\r\n\r\nOK\r\n"), done.stdout)

    def test_a_tcp_client_gets_the_line_when_the_one_before_left(self):
        with started("modem", "--tcp", "0") as (_, where):
            address = ("127.0.0.1", int(where.rsplit(":", 1)[1]))
            for _ in range(3):
                with socket.create_connection(address, 5) as client:
                    client.settimeout(10)
                    client.sendall(b"AT\r")
                    seen = b""
                    while not seen.endswith(b"OK\r\n"):
                        seen += client.recv(100)

    def test_a_wrong_mutant_is_a_usage_error(self):
        status, _, err = atspec("modem", "--tcp", "0", "--mutant", f"{ROOT}/specs/mutants/ftp.xml#no-such-one")
        self.assertEqual(status, 2)
        self.assertIn("no-such-one", err)


if __name__ == "__main__":
    unittest.main()
