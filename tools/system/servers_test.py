"""The suite with a server that nobody here wrote, reached by the harness through libcurl and by the modem through its own client."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from program import ROOT, modem, run_cases

SCRIPTS = ROOT / "tools/ftp-servers"
PREFIX = pathlib.Path(os.environ.get("FTP_SERVERS_PREFIX", "/opt/ftp-servers"))


class Vsftpd(unittest.TestCase):
    def setUp(self):
        if os.geteuid() != 0:
            self.skipTest("vsftpd wants root")
        if not (PREFIX / "vsftpd/.complete").exists():
            self.skipTest("vsftpd is not installed: tools/ftp-servers/install.sh vsftpd")
        self.root = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.root)
        self.root.chmod(0o755)
        (self.root / "files").mkdir()
        self.server = subprocess.Popen([SCRIPTS / "vsftpd.sh", self.root / "files", "0", "harness", "Sesame-7", "none"],
                                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.addCleanup(self.server.stdout.close)
        self.addCleanup(self.server.wait)
        self.addCleanup(self.server.terminate)
        words = self.server.stdout.readline().split()
        self.assertEqual(words[:1], ["READY"])
        self.url = f"ftp://harness:Sesame-7@127.0.0.1:{words[2]}/"

    def test_the_suite_passes_over_a_pseudo_terminal(self):
        with modem() as (_, target):
            status, result, text = run_cases("--target", target, "--ftp", self.url)
        self.assertEqual(status, 0, text)
        totals = result["totals"]
        print(f"vsftpd: {totals['pass']} passed, {totals['none']} not run")
        self.assertGreater(totals["pass"], 200)
        # what is left out needs a server that can be told to misbehave, and says so
        self.assertEqual({case["reason"] for case in result["cases"] if case["verdict"] == "none"}, {"needs scripted peer"})
        self.assertEqual(list((self.root / "files").iterdir()), [], "cases must leave nothing behind")


if __name__ == "__main__":
    unittest.main()
