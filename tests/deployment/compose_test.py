"""Of what needs docker and is not run here: that its files name what there is, and that the programs
they are for accept them.

    compose_test.py TOCSIN
"""

import json
import os
import pathlib
import re
import sys
import tempfile
import unittest

import yaml

sys.dont_write_bytecode = True

from source import DEPLOY, ROOT, run, tool  # noqa: E402

COMPOSE = DEPLOY / "compose" / "compose.yaml"


class ComposeTest(unittest.TestCase):
    program = ""

    @classmethod
    def setUpClass(cls):
        cls.services = yaml.safe_load(COMPOSE.read_text())["services"]

    def mounts(self):
        for name, service in self.services.items():
            for volume in service.get("volumes", []):
                here, there = volume.split(":")[:2]
                yield name, (COMPOSE.parent / here).resolve(), there

    def test_what_is_mounted_and_built_exists(self):
        for name, here, _ in self.mounts():
            self.assertTrue(here.exists(), f"{name}: {here}")
        build = self.services["tocsin"]["build"]
        context = (COMPOSE.parent / build["context"]).resolve()
        self.assertEqual(context, ROOT)
        self.assertTrue((context / build["dockerfile"]).exists())

    def test_services_that_others_wait_for_exist(self):
        for name, service in self.services.items():
            for other, condition in service.get("depends_on", {}).items():
                self.assertIn(other, self.services, name)
                if condition["condition"] == "service_healthy":
                    self.assertIn("healthcheck", self.services[other])

    def test_tocsin_accepts_its_configuration_and_finds_its_topics_made(self):
        mounted = {there: here for name, here, there in self.mounts() if name == "tocsin"}
        config = mounted["/etc/tocsin/config/tocsin.yaml"]
        self.assertIn("is fine", run(self.program, "check", "--config", str(config)))
        topics = {"events", *(f"tocsin-{output}" for output in ("scores", "alerts", "dead-letters"))}
        made = re.search(r"for topic in ([^;]*);", self.services["topics"]["command"][0]).group(1)
        self.assertEqual(set(made.split()), topics)

    def test_prometheus_accepts_its_configuration(self):
        with tempfile.TemporaryDirectory() as scratch:
            for name, here, there in self.mounts():
                if name == "prometheus":
                    (pathlib.Path(scratch) / pathlib.Path(there).name).symlink_to(here)
            said = run(tool("promtool"), "check", "config", f"{scratch}/prometheus.yml")
        self.assertIn("1 rule files found", said)
        self.assertIn("SUCCESS", said)

    def test_the_dockerfile_makes_the_image_that_the_script_makes(self):
        text = (DEPLOY / "image" / "Dockerfile").read_text()
        script = (DEPLOY / "image" / "build").read_text()
        self.assertIn("USER = 65532", script)
        for line in ("USER 65532:65532", "FROM scratch", 'ENTRYPOINT ["/usr/bin/tocsin"]',
                     "COPY --from=build /source/build/image/rootfs /",
                     'CMD ["run", "--config", "/etc/tocsin/config/tocsin.yaml"]'):
            self.assertIn(line, text.splitlines())
        labels = set(re.findall(r'"(org\.opencontainers\.image\.\w+)"', script)) - {"org.opencontainers.image.created"}
        self.assertEqual(set(re.findall(r"org\.opencontainers\.image\.\w+", text)), labels)
        version = json.loads(run(self.program, "version", "--json"))["version"]
        self.assertIn(f"org.opencontainers.image.version={version} ", text)
        for path in re.findall(r"COPY (deploy/\S+)", text):
            self.assertTrue((ROOT / path).exists(), path)


if __name__ == "__main__":
    ComposeTest.program = os.path.abspath(sys.argv.pop(1))
    unittest.main()
