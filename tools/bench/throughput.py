#!/usr/bin/env python3
"""A file of 100 MB down and up through `atspec modem` over TCP, beside curl on the same server in the same run.

    throughput.py [MEGABYTES] [ROUNDS] [--tls explicit|implicit]       medians; exits 1 where a rate is under 0.8 of curl's
"""
import argparse
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "system"))
from program import Line, started  # noqa: E402

GOAL = 0.8


def timed(action):
    begun = time.monotonic()
    action()
    return time.monotonic() - begun


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("megabytes", type=int, nargs="?", default=100)
    parser.add_argument("rounds", type=int, nargs="?", default=15)
    parser.add_argument("--tls", choices=("none", "explicit", "implicit"), default="none")
    arguments = parser.parse_args()
    size, rounds, tls = arguments.megabytes * 1_000_000, arguments.rounds, arguments.tls
    times = {}
    with tempfile.TemporaryDirectory() as root, started("ftpd", "--port", "0", "--user", "u", "--password", "p", "--root",
                                                        root, "--tls", tls) as (_, where), \
            started("modem", "--tcp", "127.0.0.1:0") as (process, modem_where), Line(modem_where) as line:
        port = int(where.split()[1])
        content = os.urandom(1_000_000) * (size // 1_000_000)
        here = pathlib.Path(root) / "file.bin"
        here.write_bytes(content)
        line.command(b"ATE0")
        line.command(b"AT+QIACT=1")
        line.command(b'AT+QFTPCFG="account","u","p"')
        ssltype = {"none": 0, "implicit": 1, "explicit": 2}[tls]
        line.command(f'AT+QFTPCFG="ssltype",{ssltype}'.encode())
        line.command(f'AT+QFTPOPEN="127.0.0.1",{port}'.encode(), b"+QFTPOPEN: 0,0\r\n")

        def modem_down():
            line.command(b'AT+QFTPGET="file.bin","COM:"', b"CONNECT\r\n")
            line.skip(size)
            line.until(f"+QFTPGET: 0,{size}\r\n".encode())

        def modem_up():
            line.command(f'AT+QFTPPUT="up.bin","COM:",0,{size},1'.encode(), b"CONNECT\r\n")
            line.send(content)
            line.until(f"+QFTPPUT: 0,{size}\r\n".encode())

        base = f"ftp{'s' if tls == 'implicit' else ''}://127.0.0.1:{port}"
        secure = [] if tls == "none" else ["-k", "--ssl-reqd"]

        def curl(*what):
            subprocess.run(["curl", "-sS", "-u", "u:p", *secure, *what], check=True, stdout=subprocess.DEVNULL)

        actions = {
            "down, modem": modem_down,
            "down, curl": lambda: curl("-o", "/dev/null", f"{base}/file.bin"),
            "up, modem": modem_up,
            "up, curl": lambda: curl("-T", str(here), f"{base}/up2.bin"),
        }
        for _ in range(rounds):
            for name, action in actions.items():
                times.setdefault(name, []).append(timed(action))
        assert (pathlib.Path(root) / "up.bin").read_bytes() == content
        with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
            peak = int(re.search(r"VmHWM:\s+(\d+)", status.read())[1])
    rates = {name: size / statistics.median(all_of) / 1e6 for name, all_of in times.items()}
    for name, rate in rates.items():
        print(f"{name:12} {rate:7.0f} MB/s")
    ratios = [rates[f"{way}, modem"] / rates[f"{way}, curl"] for way in ("down", "up")]
    print(f"of curl's rate: {ratios[0]:.2f} down, {ratios[1]:.2f} up; peak memory of the modem {peak} KiB")
    sys.exit(0 if min(ratios) >= GOAL else 1)


if __name__ == "__main__":
    main()
