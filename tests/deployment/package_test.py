"""Of the Debian package: it installs, runs, leaves nothing behind; and of the unit in it.

    package_test.py BUILD      the build directory, where the program is built

Installed is in a copy of this system: an overlay that nobody else sees, so dpkg and maintainer scripts
are the real ones and nothing outside changes.
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True

from source import DEPLOY, run, skip  # noqa: E402

EXPOSURE_MAX = 20  # Tenths, as `systemd-analyze security` counts; 96 is a unit without any hardening.

# What happens in the copy: $1 is the package. Each answer is a file in /answers.
STEPS = """
set -eu
mkdir /answers
dpkg -i "$1" > /answers/install 2>&1
tocsin version > /answers/version
tocsin check --config /etc/tocsin/tocsin.yaml > /answers/check 2>&1
printf 'time,v\\n1790000000,1\\n1790000001,2\\n' > /answers/events.csv
printf 'kafka: {brokers: ["localhost:1"]}\\nstreams: [{topics: [t], time: {field: /time}}]\\n' > /answers/c.yaml
tocsin replay --config /answers/c.yaml /answers/events.csv > /answers/replay 2>&1
dpkg -L tocsin > /answers/files
if command -v systemd-analyze > /dev/null; then
  systemd-analyze verify tocsin.service > /answers/verify 2>&1 || echo "failed" >> /answers/verify
fi
echo '# ours' >> /etc/tocsin/tocsin.yaml
echo 'SECRET=x' > /etc/tocsin/environment
dpkg -i "$1" > /answers/again 2>&1
grep -c '# ours' /etc/tocsin/tocsin.yaml > /answers/kept
dpkg -r tocsin > /answers/remove 2>&1
test ! -e /usr/bin/tocsin
test -e /etc/tocsin/tocsin.yaml
dpkg -P tocsin > /answers/purge 2>&1
(dpkg-query -W -f '${db:Status-Status}' tocsin 2>&1 || true) > /answers/status
"""

COPY = """
set -eu
mount -t tmpfs tmpfs "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
if [ "${2:-}" = only ]; then exit 0; fi
mkdir -p "$1/root/package"
cp "$2" "$1/root/package/"
mount --rbind /dev "$1/root/dev"
mount -t proc proc "$1/root/proc" 2> /dev/null || mount --rbind /proc "$1/root/proc"
echo "$3" > "$1/steps"
chroot "$1/root" sh -c "$3" steps "/package/$(basename "$2")" || { cat "$1/upper/answers/"*; exit 1; }
cp -r "$1/upper/answers" "$4/answers"
cd "$1/upper"
find . \\( -type f -o -type l -o -type c \\) ! -path './answers/*' ! -path './package/*' ! -path './var/lib/dpkg/*' \
  ! -path './var/log/*' ! -path './var/cache/*' ! -path './run/*' > "$4/left"
"""


class PackageTest(unittest.TestCase):
    build = ""

    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        place = pathlib.Path(cls.scratch.name)
        run("cpack", "--config", f"{cls.build}/CPackConfig.cmake", "-B", str(place / "package"))
        cls.package = next((place / "package").glob("*.deb"))
        print(f"{cls.package.name}: {cls.package.stat().st_size / 1e6:.1f} MB")
        mounts = place / "mounts"
        mounts.mkdir()
        own = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--mount", "--map-root-user"]
        trial = subprocess.run([*own, "sh", "-c", COPY, "-", mounts, "only"], check=False,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if trial.returncode != 0:
            skip(f"this kernel allows no overlay: {trial.stdout}")
        run(*own, "sh", "-c", COPY, "-", str(mounts), str(cls.package), STEPS, str(place),
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})
        cls.answers = {path.name: path.read_text() for path in (place / "answers").iterdir()}
        cls.left = (place / "left").read_text().split()

    @classmethod
    def tearDownClass(cls):
        cls.scratch.cleanup()

    def test_the_installed_program_is_this_one_and_works(self):
        self.assertEqual(self.answers["version"], run(f"{self.build}/tocsin", "version"))
        self.assertIn("is fine", self.answers["check"])
        self.assertEqual(self.answers["replay"].count('"status":"warming_up"'), 2)

    def test_it_brings_what_the_documents_say(self):
        files = self.answers["files"].split()
        for path in ("/usr/bin/tocsin", "/lib/systemd/system/tocsin.service", "/etc/tocsin/tocsin.yaml",
                     "/usr/share/doc/tocsin/README.md", "/usr/share/doc/tocsin/runbook.md",
                     "/usr/share/doc/tocsin/examples/tocsin.yaml", "/usr/share/tocsin/tocsin.rules.yaml"):
            self.assertTrue(path in files or "/usr" + path in files, path)

    def test_it_names_the_libraries_it_needs(self):
        depends = run("dpkg-deb", "--field", str(self.package), "Depends")
        for library in ("libc6", "librdkafka1", "libyaml-cpp", "libprotobuf", "libsimdjson"):
            self.assertIn(library, depends)

    def test_a_changed_configuration_survives_an_installation(self):
        self.assertEqual(self.answers["kept"].strip(), "1")

    def test_nothing_is_left_after_a_purge(self):
        self.assertEqual(self.left, [])
        self.assertNotIn("installed", self.answers["status"].replace("not-installed", ""))

    def test_systemd_reads_the_unit(self):
        if "verify" not in self.answers:
            skip("there is no systemd-analyze here")
        said = [line for line in self.answers["verify"].splitlines() if "tocsin" in line or line == "failed"]
        self.assertEqual(said, [])

    def test_a_wrong_configuration_is_not_tried_again(self):
        # systemd looks at the main process only: what ExecStartPre ends with prevents nothing.
        unit = (DEPLOY / "systemd" / "tocsin.service").read_text().splitlines()
        self.assertIn("RestartPreventExitStatus=64 78", unit)
        self.assertEqual([line for line in unit if line.startswith("ExecStartPre")], [])

    def test_the_unit_may_do_little(self):
        run("systemd-analyze", "security", "--offline=true", f"--threshold={EXPOSURE_MAX}",
            str(DEPLOY / "systemd" / "tocsin.service"))


if __name__ == "__main__":
    PackageTest.build = os.path.abspath(sys.argv.pop(1))
    unittest.main()
