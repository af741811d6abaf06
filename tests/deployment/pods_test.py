"""What a kubelet would do with the chart's pods, where there is none: their commands are run in the image, with
the configuration, the Secrets and the name that the chart gives them, and their probes are asked.

    pods_test.py TOCSIN      with the broker's address in the file that TOCSIN_REAL_KAFKA names
"""

import json
import os
import pathlib
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

import yaml

sys.dont_write_bytecode = True

import broker  # noqa: E402
from sandbox import CONFIGURATION, Image, Sandbox  # noqa: E402
from source import DEPLOY, tool  # noqa: E402

CHART = DEPLOY / "helm" / "tocsin"
HOST = "watch-tocsin-0"  # As the StatefulSet's controller names its first pod.
PATIENCE = 60


def values(app, port, topic):
    return {
        "config": {"app": app, "kafka": {"brokers": [broker.address()],
                                         "properties": {"client.rack": "${env:RACK}"}},
                   "streams": [{"topics": [topic]}]},
        "secrets": {"environment": [{"name": "RACK", "secret": "where", "key": "rack"}]},
        "port": port}


def rendered(given, place):
    path = pathlib.Path(place) / "values.yaml"
    path.write_text(json.dumps(given))
    done = subprocess.run([tool("helm"), "template", "watch", str(CHART), "--values", str(path)], check=True,
                          text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return [part for part in yaml.safe_load_all(done.stdout) if part]


class Pod:
    """One container as its manifest has it."""

    def __init__(self, image, parts, spec, work, host):
        self.container, = spec["containers"]
        assert [mount["mountPath"] for mount in self.container["volumeMounts"]] == [CONFIGURATION]
        config, = [part["data"] for part in parts if part["kind"] == "ConfigMap"]
        work.mkdir(mode=0o755)
        for name, text in config.items():
            (work / name).write_text(text)
        secrets = {one["name"]: "r1" for one in self.container["env"] if "secretKeyRef" in one["valueFrom"]}
        self.sandbox = Sandbox(image.rootfs, work, host, secrets)
        self.sandbox.choose()

    def start(self):
        return subprocess.Popen(self.sandbox.command(*self.container["args"]), stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def probe(self, name):
        """The answer's status; 0 where nobody answers."""
        asked = self.container[name]["httpGet"]
        port, = [one["containerPort"] for one in self.container["ports"] if one["name"] == asked["port"]]
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{asked['path']}", timeout=5) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code
        except (urllib.error.URLError, ConnectionError):
            return 0


class PodsTest(unittest.TestCase):
    program = ""

    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.place = pathlib.Path(cls.scratch.name)
        cls.image = Image(cls.program, cls.place)
        cls.app = f"pods-{os.getpid()}"
        broker.make_topics(cls.app)

    @classmethod
    def tearDownClass(cls):
        cls.scratch.cleanup()

    def pod(self, kind, topic):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        parts = rendered(values(self.app, port, topic), self.place)
        part, = [part for part in parts if part["kind"] == kind]
        spec = part["spec"]["template"]["spec"] if kind == "StatefulSet" else part["spec"]
        work = self.place / f"work-{kind}-{topic}"
        return spec, Pod(self.image, parts, spec, work, HOST if kind == "StatefulSet" else "watch-tocsin-test")

    def test_the_daemon_is_ready_under_its_pods_name_and_ends_within_its_grace(self):
        spec, pod = self.pod("StatefulSet", self.app + "-in")
        startup = pod.container["startupProbe"]
        began = time.monotonic()
        daemon = pod.start()
        try:
            while pod.probe("startupProbe") != 200:
                self.assertIsNone(daemon.poll())
                self.assertLess(time.monotonic() - began, startup["periodSeconds"] * startup["failureThreshold"])
                time.sleep(0.02)
            started = time.monotonic() - began
            while pod.probe("readinessProbe") != 200:
                self.assertLess(time.monotonic() - began, PATIENCE)
                time.sleep(0.02)
            print(f"in the image: /startupz after {started:.2f} s, /readyz after {time.monotonic() - began:.2f} s")
            self.assertEqual(pod.probe("livenessProbe"), 200)
            names = broker.members(self.app)
            self.assertTrue(names and all(name.startswith(HOST) for name in names), names)
            asked = time.monotonic()
            os.kill(pod.sandbox.inmost(daemon.pid), signal.SIGTERM)
            said, _ = daemon.communicate(timeout=spec["terminationGracePeriodSeconds"])
            self.assertEqual(daemon.returncode, 0, said)
            print(f"ended {time.monotonic() - asked:.2f} s after SIGTERM, "
                  f"of {spec['terminationGracePeriodSeconds']} s")
        finally:
            daemon.kill()
            daemon.communicate()

    def helm_test(self, topic):
        _, pod = self.pod("Pod", topic)
        test = pod.start()
        said, _ = test.communicate(timeout=PATIENCE)
        return test.returncode, said, pod

    def test_helm_test_passes_where_the_topics_are(self):
        code, said, pod = self.helm_test(self.app + "-in")
        self.assertEqual(code, 0, said)
        self.assertIn("is fine", said)
        # Of all children so far: more than it needed.
        limit = int(pod.container["resources"]["limits"]["memory"].removesuffix("Mi"))
        self.assertLess(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, limit)

    def test_helm_test_fails_where_one_is_missing_and_names_it(self):
        code, said, _ = self.helm_test(self.app + "-elsewhere")
        self.assertNotEqual(code, 0)
        self.assertIn(self.app + "-elsewhere", said)


if __name__ == "__main__":
    PodsTest.program = os.path.abspath(sys.argv.pop(1))
    tool("helm"), tool("bwrap")
    unittest.main()
