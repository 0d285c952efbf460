#!/usr/bin/env python3
"""Memory of `atspec modem` over a million commands: resident size after a warm-up and at the end, and the slope.

    modem_memory.py [COMMANDS]          exits 1 where it grew by a MiB or more after the warm-up
"""
import os
import pathlib
import select
import sys
import termios
import tty

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "system"))
from program import modem  # noqa: E402

LINE = b'AT+QFTPCFG="rsptimeout",90;+QFTPSTAT=?\r'
ANSWER = b"\r\nOK\r\n"
BATCH = 50


def resident_kib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))


def main():
    commands = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with modem() as (process, url):
        line = os.open(url.removeprefix("serial:"), os.O_RDWR | os.O_NOCTTY)
        tty.setraw(line, termios.TCSANOW)
        os.write(line, b"ATE0\r")
        heard = b""
        while not heard.endswith(ANSWER):
            heard += os.read(line, 4096)
        warm = None
        for done in range(0, commands, BATCH):
            os.write(line, LINE * BATCH)
            heard = b""
            while heard.count(ANSWER) < BATCH:
                if not select.select([line], [], [], 5)[0]:
                    sys.exit(f"no answer after {done} commands")
                heard += os.read(line, 65536)
            if warm is None and done >= commands // 10:
                warm = resident_kib(process.pid)
        last = resident_kib(process.pid)
    print(f"{commands} command lines: {warm} KiB resident after a tenth, {last} KiB at the end, grown by {last - warm} KiB")
    sys.exit(0 if last - warm < 1024 else 1)


if __name__ == "__main__":
    main()
