"""All 18 commands through the emulated modem against servers of others and ours, and what is on the server's disk then,
byte by byte. Bytes that look like results, escapes, ends of lines or of files must pass as they are."""
import concurrent.futures
import pathlib
import random
import re
import tempfile
import unittest

from program import Line, started
from servers_test import ftpd, server, unpacked

OTHERS = ("vsftpd", "proftpd", "pure-ftpd", "pyftpdlib")
HOSTILE = (b"\r\nOK\r\n", b"+++", b"\0", b"\x1a", b"\x11\x13", b"+QFTPGET: 0,5\r\n", b"\r\nNO CARRIER\r\n", b"\xff\xff", b"\n", b"\r",
           bytes(range(256)))


def payload(seed, size):
    dice = random.Random(seed)
    out = b""
    while len(out) < size:
        out += dice.choice(HOSTILE) if dice.random() < 0.5 else dice.randbytes(dice.randrange(1, 400))
    return out[:size]


class Session:
    """Commands to a modem that has logged in, each to its URC."""

    def __init__(self, line, port, passive):
        self.line = line
        self.line.command(b"ATE0")
        self.line.command(b"AT+QIACT=1")
        self.line.command(b'AT+QFTPCFG="account","anna","Kn8sesame"')
        self.line.command(b'AT+QFTPCFG="transmode",%d' % passive)
        assert self.ask(f'+QFTPOPEN="127.0.0.1",{port}') == "0,0"

    def ask(self, command):
        """What stands in the URC."""
        name = re.match(r"\+\w+", command)[0]
        self.line.command(b"AT" + command.encode())
        self.line.until(f"\r\n{name}: ".encode())
        return self.line.until(b"\r\n").decode()

    def put(self, name, content):
        self.line.command(f'AT+QFTPPUT="{name}","COM:",0,{len(content)},1'.encode(), b"CONNECT\r\n")
        self.line.send(content)
        self.line.until(b"\r\n+QFTPPUT: ")
        return self.line.until(b"\r\n").decode()

    def put_from_ram(self, name, content):
        self.line.command(f'AT+QFUPL="RAM:x",{len(content)}'.encode(), b"CONNECT\r\n")
        self.line.send(content)
        self.line.until(b"\r\nOK\r\n")
        return self.ask(f'+QFTPPUT="{name}","RAM:x"')

    def take(self, command, size):
        """`size` bytes that come behind CONNECT, and the URC."""
        name = re.match(r"\+\w+", command)[0]
        self.line.command(b"AT" + command.encode(), b"CONNECT\r\n")
        content = self.line.exactly(size)
        self.line.until(f"\r\nOK\r\n\r\n{name}: ".encode())
        return content, self.line.until(b"\r\n").decode()

    def show(self, command):
        """A listing and the URC."""
        name = re.match(r"\+\w+", command)[0]
        self.line.command(b"AT" + command.encode(), b"CONNECT\r\n")
        content = self.line.until(f"\r\nOK\r\n\r\n{name}: ".encode())
        return content, self.line.until(b"\r\n").decode()


def drive(check, name, root, port, passive):
    with started("modem", "--tcp", "127.0.0.1:0") as (_, where), Line(where) as line:
        modem = Session(line, port, passive)
        up, ram, down = payload(1, 70_000), payload(2, 5_000), payload(3, 70_000)

        check.assertEqual(modem.ask('+QFTPMKDIR="d"'), "0,0")
        check.assertTrue((root / "d").is_dir())
        check.assertEqual(modem.ask('+QFTPCWD="d"'), "0,0")
        check.assertRegex(modem.ask("+QFTPPWD"), r'^0,"/?(.*/)?d"$')
        check.assertEqual(modem.put("up.bin", up), f"0,{len(up)}")
        check.assertEqual(modem.ask("+QFTPLEN"), f"0,{len(up)}")
        check.assertEqual((root / "d/up.bin").read_bytes(), up)
        check.assertEqual(modem.put_from_ram("ram.bin", ram), f"0,{len(ram)}")
        check.assertEqual((root / "d/ram.bin").read_bytes(), ram)
        check.assertEqual(modem.ask('+QFTPSIZE="up.bin"'), f"0,{len(up)}")
        check.assertRegex(modem.ask('+QFTPMDTM="up.bin"'), r'^0,"?20\d\d')

        (root / "d/down.bin").write_bytes(down)
        (root / "d/down.bin").chmod(0o644)
        check.assertEqual(modem.take('+QFTPGET="down.bin","COM:"', len(down)), (down, f"0,{len(down)}"))
        check.assertEqual(modem.take('+QFTPGET="down.bin","COM:",69000,700', 700), (down[69_000:69_700], "0,700"))
        check.assertEqual(modem.ask('+QFTPGET="down.bin","RAM:down"'), f"0,{len(down)}")

        for verb in ("LIST", "NLST") + (() if name == "vsftpd" else ("MLSD",)):
            listing, result = modem.show(f'+QFTP{verb}=".","COM:"')
            check.assertEqual(result, f"0,{len(listing)}")
            for file in (b"up.bin", b"ram.bin", b"down.bin"):
                check.assertIn(file, listing)

        check.assertEqual(modem.ask('+QFTPRENAME="up.bin","moved.bin"'), "0,0")
        check.assertEqual((root / "d/moved.bin").read_bytes(), up)
        check.assertFalse((root / "d/up.bin").exists())
        for file in ("moved.bin", "ram.bin", "down.bin"):
            check.assertEqual(modem.ask(f'+QFTPDEL="{file}"'), "0,0")
        check.assertEqual(list((root / "d").iterdir()), [])
        check.assertEqual(modem.ask('+QFTPCWD="/"'), "0,0")
        check.assertEqual(modem.ask('+QFTPRMDIR="d"'), "0,0")
        check.assertEqual(list(root.iterdir()), [])
        check.assertEqual(modem.ask("+QFTPSTAT"), "0,1")
        check.assertEqual(modem.ask("+QFTPCLOSE"), "0,0")
        check.assertEqual(modem.ask("+QFTPSTAT"), "0,4")


class OnDisk(unittest.TestCase):
    def one(self, name, passive):
        if name == "ours":
            with tempfile.TemporaryDirectory() as folder, ftpd("--root", folder) as (_, port):
                return drive(self, name, pathlib.Path(folder), port, passive)
        with server(name) as (url, root):
            return drive(self, name, root, int(url.rsplit(":", 1)[1].strip("/")), passive)

    def test_what_all_commands_did_is_on_the_servers_disk_byte_by_byte(self):
        missing = [name for name in OTHERS if not unpacked(name)]
        rows = [(name, passive) for name in (*OTHERS, "ours") if name not in missing for passive in (1, 0)]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            running = [(row, pool.submit(self.one, *row)) for row in rows]
        for (name, passive), one in running:
            with self.subTest(server=name, passive=passive):
                one.result()
                print(f"{name:10} {'passive' if passive else 'active':8} the same on disk")
        if missing:
            self.skipTest(f"{', '.join(missing)}: root and tools/ftp-servers/install.sh are needed before")


if __name__ == "__main__":
    unittest.main()
