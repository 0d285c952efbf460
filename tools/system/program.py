"""The program under test and what surrounds it: starting, stopping, reading results. Used by the *_test.py beside it."""
import contextlib
import json
import os
import pathlib
import re
import select
import signal
import socket
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
ATSPEC = os.environ.get("ATSPEC", str(ROOT / "build/release/bin/atspec"))
MANUAL = ROOT / "specs/quectel-ftp/manual.xml"
MUTANTS = ROOT / "specs/mutants/ftp.xml"


def atspec(*arguments, timeout=300, env=None, cwd=None):
    """Runs to the end; gives status, stdout, stderr."""
    done = subprocess.run([ATSPEC, *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=timeout, env={**os.environ, **(env or {})}, cwd=cwd, errors="replace")
    return done.returncode, done.stdout, done.stderr


def run_cases(*arguments, **options):
    """`atspec run` with a JSON result; gives status, result, stdout + stderr."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "result.json"
        status, out, err = atspec("run", "--json", path, *arguments, **options)
        result = json.loads(path.read_text()) if path.exists() else None
        return status, result, out + err


def verdicts(result):
    return {case["id"]: case["verdict"] for case in result["cases"]}


@contextlib.contextmanager
def started(*arguments, ready=r"READY (.*)"):
    """A server of ours in the background; yields (process, what stood behind READY)."""
    process = subprocess.Popen([ATSPEC, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, start_new_session=True)
    try:
        seen, deadline, found = b"", time.monotonic() + 20, None
        while found is None:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([process.stdout], [], [], left)[0]:
                raise AssertionError(f"not ready: {seen!r}")
            got = os.read(process.stdout.fileno(), 4096)
            if not got:
                raise AssertionError(f"ended before it was ready: {seen!r}")
            seen += got
            found = re.search(ready, seen.decode(errors="replace"))
        yield process, found.group(1).strip()
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        process.stdout.close()


@contextlib.contextmanager
def modem(*arguments):
    """An emulated modem on a pseudo-terminal; yields (process, target URL)."""
    with tempfile.TemporaryDirectory() as folder:
        link = pathlib.Path(folder) / "modem"
        with started("modem", "--link", link, *arguments) as (process, _):
            yield process, f"serial:{link}"


class Line:
    """Host side of the line of a modem started with --tcp; `address` is what stood behind READY."""

    def __init__(self, address):
        host, port = address.split()[-1].rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), 10)
        self.socket.settimeout(60)
        self.heard = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, text):
        self.socket.sendall(text)

    def until(self, end):
        while end not in self.heard:
            more = self.socket.recv(1 << 20)
            assert more, "the modem hung up"
            self.heard += more
        before, self.heard = self.heard.split(end, 1)
        return before

    def command(self, text, end=b"\r\nOK\r\n"):
        self.send(text + b"\r")
        return self.until(end)

    def exactly(self, count):
        while len(self.heard) < count:
            more = self.socket.recv(1 << 20)
            assert more, "the modem hung up"
            self.heard += more
        before, self.heard = self.heard[:count], self.heard[count:]
        return before

    def skip(self, count):
        left = count - len(self.heard)
        assert left >= 0
        self.heard = b""
        buffer = bytearray(1 << 20)
        while left:
            got = self.socket.recv_into(buffer, min(left, len(buffer)))
            assert got, "the modem hung up"
            left -= got


class Talk(Line):
    """A line on which commands are answered one by one, with what they answer as text."""

    def __init__(self, address):
        super().__init__(address)
        self.say("ATE0")

    def read(self, until):
        seen = b""
        while not re.search(until, seen):
            got = self.socket.recv(4096)
            assert got, seen
            seen += got
        return seen.decode()

    def say(self, command, until=rb"\r\n(OK|ERROR|\+CME ERROR: \d+)\r\n"):
        self.socket.sendall(command.encode() + b"\r")
        return self.read(until)

    def set(self, command):
        answer = self.say(command)
        assert "OK" in answer, f"{command}: {answer}"

    def upload(self, name, path):
        content = pathlib.Path(path).read_bytes()
        self.say(f'AT+QFDEL="{name}"')
        self.say(f'AT+QFUPL="{name}",{len(content)},60', rb"CONNECT\r\n")
        self.socket.sendall(content)
        self.read(rb"\r\nOK\r\n")

    def urc(self, command):
        """The values of the report that ends the command, after OK."""
        return re.search(r"\+\w+: ([\w,]+)\r\n", self.say(command, rb"\+QFTP\w+: [\w,]+\r\n")).group(1)

    def open(self, port):
        return self.urc(f'AT+QFTPOPEN="127.0.0.1",{port}')


@contextlib.contextmanager
def modem_line():
    """An emulated modem on TCP; yields (its Talk, process)."""
    with started("modem", "--tcp", "0") as (process, where):
        line = Talk(where)
        try:
            yield line, process
        finally:
            line.socket.close()
