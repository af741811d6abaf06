"""Of the image: small, without a shell, the same bytes each time, and the program in it runs as a user
that may write nothing.

    image_test.py TOCSIN
"""

import gzip
import hashlib
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest

sys.dont_write_bytecode = True

from sandbox import USER, Image, Sandbox  # noqa: E402
from source import DEPLOY, run, tool  # noqa: E402

COMPRESSED_MAX = 60_000_000
PATIENCE = 60

CONFIGURATION = """\
kafka: {{brokers: ["127.0.0.1:1"]}}
streams:
  - name: requests
    topics: [requests]
    entity: [/service]
    time: {{field: /time}}
    sensitivity: 0.001
http: {{listen: "127.0.0.1:{port}"}}
"""


def events():
    lines = ["time,service,duration_ms"]
    lines += [f"{1790000000 + i},checkout,{9000 if i == 900 else 120 + i * 7 % 31}" for i in range(1000)]
    return "\n".join(lines) + "\n"


class ImageTest(unittest.TestCase):
    program = ""

    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        place = pathlib.Path(cls.scratch.name)
        cls.image = Image(cls.program, place)
        cls.manifest, cls.config = cls.image.manifest, cls.image.config
        cls.rootfs, cls.names = cls.image.rootfs, cls.image.names
        cls.work = place / "work"
        cls.work.mkdir()
        cls.work.chmod(0o755)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        (cls.work / "tocsin.yaml").write_text(CONFIGURATION.format(port=port))
        (cls.work / "events.csv").write_text(events())
        cls.sandbox = Sandbox(cls.rootfs, cls.work)
        print(f"run with {cls.sandbox.choose()}")

    @classmethod
    def tearDownClass(cls):
        cls.scratch.cleanup()

    def inside(self, *arguments, exit_code=0):
        done = subprocess.run(self.sandbox.command(*arguments), check=False, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=PATIENCE)
        self.assertEqual(done.returncode, exit_code, done.stderr)
        return done.stdout

    def test_is_small(self):
        self.assertLess(self.manifest["layers"][0]["size"], COMPRESSED_MAX)
        self.assertEqual(len(self.manifest["layers"]), 1)

    def test_its_parts_fit_together(self):
        layer = gzip.decompress(self.image.blob(self.manifest["layers"][0]))
        self.assertEqual(self.config["rootfs"]["diff_ids"], ["sha256:" + hashlib.sha256(layer).hexdigest()])
        tags = [one["annotations"]["org.opencontainers.image.ref.name"] for one in self.image.index["manifests"]]
        self.assertIn("latest", tags)
        for name in ("title", "description", "version", "revision", "created"):
            self.assertTrue(self.config["config"]["Labels"][f"org.opencontainers.image.{name}"])

    def test_is_made_of_the_same_bytes_again(self):
        with tempfile.TemporaryDirectory() as again:
            run(str(DEPLOY / "image" / "build"), "--program", self.program, "--output", again)
            self.assertEqual((pathlib.Path(again) / "tocsin.oci.tar").read_bytes(),
                             (self.image.output / "tocsin.oci.tar").read_bytes())

    def test_another_tool_unpacks_it_to_the_same(self):
        bundle = pathlib.Path(self.scratch.name) / "bundle"
        rootless = [] if os.geteuid() == 0 else ["--rootless"]
        run(tool("umoci"), "unpack", *rootless, "--image", f"{self.image.layout}:latest", str(bundle))
        theirs = {str(path.relative_to(bundle / "rootfs")) for path in (bundle / "rootfs").rglob("*")}
        self.assertEqual(theirs, set(self.names))
        process = json.loads((bundle / "config.json").read_text())["process"]
        self.assertEqual((process["user"]["uid"], process["args"][0]), (USER, "/usr/bin/tocsin"))
        shutil.rmtree(bundle)

    def test_has_no_shell_and_nothing_that_lends_rights(self):
        programs = [name for name, member in self.names.items()
                    if member.isfile() and member.mode & 0o111 and "/lib" not in name]
        self.assertEqual(programs, ["usr/bin/tocsin"])
        self.assertEqual([name for name, member in self.names.items() if member.mode & 0o6000], [])
        self.assertEqual(self.config["config"]["User"], f"{USER}:{USER}")

    def test_the_program_runs_and_is_this_one(self):
        self.assertEqual(self.inside("version"), run(self.program, "version"))
        began = time.monotonic()
        self.inside("version")
        print(f"`tocsin version` in the sandbox took {time.monotonic() - began:.3f} s")

    def test_a_replay_in_it_gives_the_same_bytes(self):
        there = self.inside("replay", "--config", "/etc/tocsin/config/tocsin.yaml", "/etc/tocsin/config/events.csv")
        here = subprocess.run(
            [self.program, "replay", "--config", self.work / "tocsin.yaml", self.work / "events.csv"], check=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
        self.assertEqual(there, here)
        self.assertGreater(there.count('"is_anomaly":true'), 0)

    def test_its_health_check_knows_whether_it_lives(self):
        health = self.config["config"]["Healthcheck"]["Test"]
        self.assertEqual(health[:2], ["CMD", "/usr/bin/tocsin"])
        self.inside(*health[2:], exit_code=1)
        daemon = subprocess.Popen(self.sandbox.command(*self.config["config"]["Cmd"]), stdin=subprocess.DEVNULL,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            end = time.monotonic() + PATIENCE
            while subprocess.run(self.sandbox.command(*health[2:]), check=False, stdin=subprocess.DEVNULL,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode != 0:
                self.assertIsNone(daemon.poll())
                self.assertLess(time.monotonic(), end)
            # No broker is there, so it lives and is not ready.
            self.inside("health", "--config", "/etc/tocsin/config/tocsin.yaml", "--probe", "readyz", exit_code=1)
        finally:
            daemon.kill()
            daemon.wait()

    def test_can_write_nothing(self):
        self.inside("replay", "--config", "/etc/tocsin/config/tocsin.yaml", "--alerts", "/tmp/alerts",
                    "/etc/tocsin/config/events.csv", exit_code=64)

    def test_the_bill_of_materials_names_what_is_in_it(self):
        bill = json.loads((self.image.output / "tocsin.spdx.json").read_text())
        self.assertEqual((self.rootfs / "usr/share/sbom/tocsin.spdx.json").read_text(),
                         (self.image.output / "tocsin.spdx.json").read_text())
        packages = {package["name"]: package for package in bill["packages"]}
        status = {path.name for path in (self.rootfs / "var/lib/dpkg/status.d").iterdir()}
        self.assertEqual(set(packages), status | {"tocsin"})
        for name in ("librdkafka1", "libssl3", "libc6", "ca-certificates"):
            self.assertIn(f"pkg:deb/debian/{name}@", packages[name]["externalRefs"][0]["referenceLocator"])
            self.assertTrue((self.rootfs / "usr/share/doc" / name / "copyright").exists())
        digest = hashlib.sha256((self.rootfs / "usr/bin/tocsin").read_bytes()).hexdigest()
        self.assertEqual(packages["tocsin"]["checksums"][0]["checksumValue"], digest)
        known = {package["SPDXID"] for package in bill["packages"]} | {"SPDXRef-DOCUMENT"}
        for relation in bill["relationships"]:
            self.assertLessEqual({relation["spdxElementId"], relation["relatedSpdxElement"]}, known)
        self.assertEqual(bill["spdxVersion"], "SPDX-2.3")


if __name__ == "__main__":
    ImageTest.program = os.path.abspath(sys.argv.pop(1))
    tool("umoci"), tool("bwrap")
    unittest.main()
