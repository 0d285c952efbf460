"""Certificates, good and bad, at each security level of an SSL context; and what many sessions over TLS leave behind."""
import contextlib
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import unittest

from program import ROOT, modem_line, started


@contextlib.contextmanager
def modem():
    with modem_line() as (line, process):
        for command in ('AT+CMEE=1', 'AT+QIACT=1', 'AT+QFTPCFG="account","anna","Kn8sesame"', 'AT+QFTPCFG="ssltype",1'):
            line.set(command)
        yield line, process


@contextlib.contextmanager
def ftpd(mode, *arguments):
    with started("ftpd", "--memory", "--port", "0", "--user", "anna", "--password", "Kn8sesame", "--tls", mode,
                 *arguments) as (process, where):
        yield int(where.split()[1]), process


def resident_kib(process):
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status).group(1))


def descriptors(process):
    return len(os.listdir(f"/proc/{process.pid}/fd"))


OK, REFUSED = "0,0", "631,0"
# what a login gives at seclevel 0, 1 and 2, certificates being looked at whatever the time is
BY_LEVEL = {"valid": (OK, OK, OK),
            "wrong-host": (OK, OK, OK),  # of the name no parameter of +QSSLCFG speaks, and the family does not look at it
            "self-signed": (OK, REFUSED, REFUSED),
            "unknown-ca": (OK, REFUSED, REFUSED),
            "expired": (OK, OK, OK),
            "weak-key": (OK, REFUSED, REFUSED)}


@unittest.skipUnless(shutil.which("openssl"), "openssl is not installed")
class Certificates(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        subprocess.run([ROOT / "tools/tls/make-certificates", cls.folder], check=True)

    def certificate(self, name):
        return "--cert", self.folder / f"{name}.pem", "--key", self.folder / f"{name}.key"

    def prepare(self, line):
        for keyword, file in (("cacert", "ca.pem"), ("clientcert", "client.pem"), ("clientkey", "client.key")):
            line.upload(f"UFS:{file}", self.folder / file)
            line.set(f'AT+QSSLCFG="{keyword}",0,"UFS:{file}"')

    def log_in(self, line, port):
        result = line.open(port)
        if result == OK:
            self.assertEqual(line.urc("AT+QFTPCLOSE"), OK)
        return result

    def test_each_certificate_is_taken_or_refused_as_the_level_has_it(self):
        with modem() as (line, _):
            self.prepare(line)
            for name, expected in BY_LEVEL.items():
                for mode, ssltype in (("implicit", 1), ("explicit", 2)):
                    line.set(f'AT+QFTPCFG="ssltype",{ssltype}')
                    with ftpd(mode, *self.certificate(name)) as (port, _):
                        for version in (3, 4):
                            line.set(f'AT+QSSLCFG="sslversion",0,{version}')
                            for level, wanted in enumerate(expected):
                                with self.subTest(certificate=name, mode=mode, sslversion=version, seclevel=level):
                                    line.set(f'AT+QSSLCFG="seclevel",0,{level}')
                                    self.assertEqual(self.log_in(line, port), wanted)

    def test_a_certificate_that_has_expired_is_refused_where_the_time_counts(self):
        with modem() as (line, _), ftpd("implicit", *self.certificate("expired")) as (port, _):
            self.prepare(line)
            line.set('AT+QSSLCFG="seclevel",0,1')
            for ignore, wanted in ((0, REFUSED), (1, OK)):
                line.set(f'AT+QSSLCFG="ignorelocaltime",0,{ignore}')
                self.assertEqual(self.log_in(line, port), wanted)

    def test_a_certificate_of_the_module_is_shown_at_level_2_alone(self):
        demanded = (*self.certificate("valid"), "--client-ca", self.folder / "ca.pem")
        with modem() as (line, _):
            self.prepare(line)
            for mode, ssltype in (("implicit", 1), ("explicit", 2)):
                line.set(f'AT+QFTPCFG="ssltype",{ssltype}')
                with ftpd(mode, *demanded) as (port, _):
                    for version in (3, 4):
                        line.set(f'AT+QSSLCFG="sslversion",0,{version}')
                        for level, wanted in enumerate((REFUSED, REFUSED, OK)):
                            with self.subTest(mode=mode, sslversion=version, seclevel=level):
                                line.set(f'AT+QSSLCFG="seclevel",0,{level}')
                                self.assertEqual(self.log_in(line, port), wanted)

    def test_without_an_authority_nobody_is_trusted(self):
        with modem() as (line, _), ftpd("implicit", *self.certificate("valid")) as (port, _):
            line.set('AT+QSSLCFG="seclevel",0,1')
            self.assertEqual(self.log_in(line, port), REFUSED)
            line.set('AT+QSSLCFG="cacert",0,"UFS:not-there.pem"')
            self.assertEqual(self.log_in(line, port), REFUSED)

    def test_every_version_that_can_be_chosen_is_spoken_and_ssl_3_is_not(self):
        with modem() as (line, _), ftpd("implicit", *self.certificate("valid")) as (port, _):
            for version, wanted in ((0, REFUSED), (1, OK), (2, OK), (3, OK), (4, OK)):
                with self.subTest(sslversion=version):
                    line.set(f'AT+QSSLCFG="sslversion",0,{version}')
                    self.assertEqual(self.log_in(line, port), wanted)

    def test_a_certificate_without_its_key_is_a_usage_error(self):
        done = subprocess.run([os.environ.get("ATSPEC", ROOT / "build/release/bin/atspec"), "ftpd", "--memory", "--port", "0",
                               "--user", "u", "--password", "p", "--tls", "explicit", "--cert", self.folder / "valid.pem",
                               "--key", self.folder / "client.key"], capture_output=True, text=True, timeout=20)
        self.assertEqual(done.returncode, 2)
        self.assertIn("valid.pem", done.stderr)


class ManySessions(unittest.TestCase):
    """ATSPEC_LOGINS=10000 for the figure; fewer where time is short."""
    def test_logins_over_tls_leave_neither_memory_nor_descriptors_behind(self):
        count = int(os.environ.get("ATSPEC_LOGINS", "1000"))
        with tempfile.NamedTemporaryFile("w", suffix=".script") as script:
            script.write("peer file a.bin size=1000 seed=7\npeer on DATA-TLS resume\n")
            script.flush()
            with modem() as (line, device), ftpd("implicit", "--script", script.name) as (port, server):
                def sessions(number):
                    for _ in range(number):
                        assert line.open(port) == OK
                        assert line.urc('AT+QFTPGET="a.bin","RAM:a.bin"') == "0,1000"
                        assert line.urc("AT+QFTPCLOSE") == OK
                sessions(count // 5)
                before = [(resident_kib(one), descriptors(one)) for one in (device, server)]
                sessions(count - count // 5)
                # what the last of them closed may still be on its way out
                deadline = time.monotonic() + 10
                while sum(map(descriptors, (device, server))) > sum(files for _, files in before) and \
                        time.monotonic() < deadline:
                    time.sleep(0.1)
                after = [(resident_kib(one), descriptors(one)) for one in (device, server)]
        print(f"{count} logins with a download each: resident {before[0][0]} -> {after[0][0]} KiB (modem), "
              f"{before[1][0]} -> {after[1][0]} KiB (ftpd)")
        for (kib, files), (kib_after, files_after) in zip(before, after):
            self.assertLess(kib_after - kib, 1024)
            self.assertLessEqual(files_after, files)


if __name__ == "__main__":
    unittest.main()
