"""Our servers under other people's clients, and our runs against another people's server. Skipped, with the reason,
where a client or server is not installed."""
import collections
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

from program import ATSPEC, ROOT, atspec, modem, modem_line, run_cases, started

SEED = os.environ.get("ATSPEC_SEED", "1")  # of the random sequences
LAUNCHERS = ROOT / "tools/ftp-servers"
PREFIX = pathlib.Path(os.environ.get("FTP_SERVERS_PREFIX", "/opt/ftp-servers"))


def unpacked(name):
    return os.geteuid() == 0 and (PREFIX / name / ".complete").exists()


needs_vsftpd = unittest.skipUnless(unpacked("vsftpd"), "vsftpd wants root, and tools/ftp-servers/install.sh vsftpd before")


def needs(program):
    return unittest.skipUnless(shutil.which(program), f"{program} is not installed")


@contextlib.contextmanager
def server(name, tls="none", **settings):
    """A server of others, by its launcher, or "ours"; yields (URL, root directory). `tls`: none, explicit or implicit."""
    scheme = {"none": "ftp", "explicit": "ftpes", "implicit": "ftps"}[tls]
    if name == "ours":
        with tempfile.TemporaryDirectory() as root, \
                ftpd("--root", root, *(() if tls == "none" else ("--tls", tls))) as (_, port):
            yield f"{scheme}://anna:Kn8sesame@127.0.0.1:{port}/", pathlib.Path(root)
        return
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        root = pathlib.Path(folder) / "root"
        root.mkdir()
        process = subprocess.Popen([LAUNCHERS / f"{name}.sh", root, "0", "anna", "Kn8sesame", tls], stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL, text=True, env={**os.environ, **settings})
        try:
            ready = next((line.split() for line in process.stdout if line.startswith("READY")), None)
            assert ready, f"{name} did not start"
            yield f"{scheme}://anna:Kn8sesame@127.0.0.1:{ready[2]}/", root
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


COMMANDS = ("CFG", "OPEN", "CWD", "PWD", "PUT", "GET", "SIZE", "DEL", "MKDIR", "RMDIR", "LIST", "NLST", "MLSD", "MDTM",
            "RENAME", "LEN", "STAT", "CLOSE")  # of +QFTP…
NAMES = ("vsftpd", "proftpd", "pure-ftpd", "pyftpdlib", "ftp-srv", "ours")


def there(name):
    return name == "ours" or unpacked(name)


def has_tls(name):
    # an installation made before TLS was tested lacks the module
    return there(name) and (name != "proftpd" or any((PREFIX / name).rglob("mod_tls.so")))


# without and with the demand that data connections take up the session of the control connection
TLS_ROWS = [("vsftpd", "explicit", "0"), ("vsftpd", "implicit", "0"), ("vsftpd", "explicit", "1"),
            ("proftpd", "explicit", "0"), ("proftpd", "implicit", "0"), ("proftpd", "explicit", "1"),
            ("pure-ftpd", "explicit", "0"), ("pyftpdlib", "explicit", "0"),
            ("ours", "explicit", "0"), ("ours", "implicit", "0")]
NO_ROW = {"ftp-srv explicit": "it loses one in twenty of the handshakes that follow its 234 at once",
          "ftp-srv implicit": "it answers libcurl's looks with 451; files move, see below",
          "pure-ftpd implicit": "it has none", "pyftpdlib implicit": "libcurl cannot look at it; files move, see below",
          "active over TLS": "the manual has none: tried once per TLS mode, as a refusal"}


SSL_TYPE = {"none": 0, "implicit": 1, "explicit": 2}


class Matrix(unittest.TestCase):
    """All commands, passive and active and over TLS, against servers that others wrote, at once: each run mostly waits."""
    # guard times tell nothing of a server
    SHORT = [word for pattern in ("DATA-*", "AT-0*", "QFTPPUT-17", "QFTPPUT-08", "EX-*") for word in ("--exclude", pattern)]

    def one(self, row):
        name, mode, tls, reuse = row
        with server(name, tls, FTP_TLS_REUSE=reuse) as (ftp, root), modem() as (_, target):
            short = [] if (name, mode, tls) == ("vsftpd", 1, "none") else self.SHORT
            if name == "pyftpdlib" or reuse == "1":
                # libcurl 7.88 begins the handshake of data before the command, which pyftpdlib resets, and takes sessions up
                # only now and then: we look in the clear
                ftp = ftp.replace("ftpes://", "ftp://")
            status, result, text = run_cases("--target", target, "--ftp", ftp, "--with", f"cfg.transmode={mode}",
                                             "--with", f"cfg.ssltype={SSL_TYPE[tls]}", "--sequences", "10", "--seed", SEED, *short)
            return status, result, text, list(root.iterdir())

    def play(self, rows):
        missing = sorted({row[0] for row in rows if not (there(row[0]) if row[2] == "none" else has_tls(row[0]))})
        rows = [row for row in rows if row[0] not in missing]
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            done = list(pool.map(self.one, rows))
        print(f"\n{'':26} " + " ".join(f"{command:>6}" for command in COMMANDS))
        for (name, mode, tls, reuse), (status, result, text, left) in zip(rows, done):
            totals = result["totals"] if result else {"pass": 0, "none": 0}
            how = ("passive" if mode else "active") if tls == "none" else tls + (" reuse" if reuse == "1" else "")
            counts = collections.Counter(case["command"] for case in (result or {"cases": []})["cases"] if case["verdict"] == "pass")
            print(f"{name:10} {how:15} " + " ".join(f"{counts['+QFTP' + command]:6}" for command in COMMANDS) +
                  f" {totals['pass']:6} passed, {totals['none']:4} not run")
            with self.subTest(server=name, how=how):
                self.assertEqual(status, 0, text)
                self.assertGreater(totals["pass"], 200)
                # what is left out needs a server that misbehaves when told to or knows MLSD, DTR, a restart, or a card
                reasons = {case["reason"] for case in result["cases"] if case["verdict"] == "none"}
                for reason in reasons - {"needs scripted peer"}:
                    self.assertRegex(reason, "DTR|restart|knows MLSD|sd=card|flash|ftp.name")
                self.assertEqual(left, [], "cases must leave nothing behind")
        if missing:
            self.skipTest(f"{', '.join(missing)}: root and tools/ftp-servers/install.sh are needed before")

    def test_the_suite_passes_over_a_pseudo_terminal_whoever_the_server_is(self):
        self.play([*((name, mode, "none", "0") for name in NAMES for mode in (1, 0)),
                   *((name, 1, tls, reuse) for name, tls, reuse in TLS_ROWS)])
        for row, reason in NO_ROW.items():
            print(f"no row: {row}: {reason}")


class FilesOverTls(unittest.TestCase):
    """Up, down and up again, and both are on the server's disk as they were: nobody's client looks, so no server is left out."""
    CONTENT = os.urandom(300_000)

    def session(self, port, tls, root):
        with tempfile.NamedTemporaryFile() as file, modem_line() as (line, _):
            file.write(self.CONTENT)
            file.flush()
            for command in ('AT+CMEE=1', 'AT+QIACT=1', 'AT+QFTPCFG="account","anna","Kn8sesame"',
                            f'AT+QFTPCFG="ssltype",{SSL_TYPE[tls]}', 'AT+QSSLCFG="seclevel",0,0'):
                line.set(command)
            line.upload("RAM:a.bin", file.name)
            self.assertEqual(line.open(port), "0,0")
            for command in ('AT+QFTPPUT="up.bin","RAM:a.bin"', 'AT+QFTPGET="up.bin","UFS:b.bin"',
                            'AT+QFTPPUT="again.bin","UFS:b.bin"'):
                self.assertEqual(line.urc(command), f"0,{len(self.CONTENT)}", command)
            self.assertEqual(line.urc("AT+QFTPCLOSE"), "0,0")
        for name in ("up.bin", "again.bin"):
            self.assertEqual((root / name).read_bytes(), self.CONTENT)

    def test_files_move_byte_for_byte_on_every_server(self):
        # and those that libcurl cannot look at
        rows = [*TLS_ROWS, ("vsftpd", "implicit", "1"), ("proftpd", "implicit", "1"), ("pyftpdlib", "implicit", "0"),
                ("ftp-srv", "implicit", "0")]
        for name, tls, reuse in rows:
            if not has_tls(name):
                continue
            with self.subTest(server=name, tls=tls, reuse=reuse), server(name, tls, FTP_TLS_REUSE=reuse) as (ftp, root):
                self.session(int(ftp.rsplit(":", 1)[1].strip("/")), tls, root)
        missing = sorted({name for name, _, _ in rows if not has_tls(name)})
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

    @needs("curl")
    def test_curl_goes_up_and_down_over_tls_explicit_and_implicit(self):
        content = os.urandom(3_000_000)
        for tls in ("explicit", "implicit"):
            for version in ("1.2", "1.3"):
                with self.subTest(tls=tls, version=version), tempfile.TemporaryDirectory() as root, \
                        ftpd("--root", root, "--tls", tls) as (_, port):
                    here = pathlib.Path(root) / "here.bin"
                    here.write_bytes(content)
                    url = f"ftp{'s' if tls == 'implicit' else ''}://127.0.0.1:{port}/up.bin"
                    for more in (["-T", here], ["-o", pathlib.Path(root) / "back.bin"]):
                        done = subprocess.run(["curl", "-sS", "-k", "--ssl-reqd", "--tls-max", version, "-u", "anna:Kn8sesame",
                                               url, *more], capture_output=True, timeout=60)
                        self.assertEqual(done.returncode, 0, done.stderr)
                    self.assertEqual((pathlib.Path(root) / "up.bin").read_bytes(), content)
                    self.assertEqual((pathlib.Path(root) / "back.bin").read_bytes(), content)

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
