"""A real Prometheus scrapes a real run of the program on a real Kafka: every panel's query returns
data, every metric arrives, every rule is evaluated, and none of them fires for a run that is well.

    prometheus_test.py TOCSIN      with the broker's address in the file that TOCSIN_REAL_KAFKA names
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

sys.dont_write_bytecode = True

import broker  # noqa: E402
from rendering import render  # noqa: E402
from source import ANY, DASHBOARDS, RULES, Query, metric_table, queries, tool  # noqa: E402

PATIENCE = 100  # Seconds for anything to become true.
BEGAN = int((time.time() - 8 * 3600) * 1000)

CONFIGURATION = """
app: {app}
kafka: {{brokers: ["{broker}"]}}
streams:
  - name: shop
    topics: [{app}-in]
    entity: [/host]
    time: {{field: /time, unit: ms}}
    sensitivity: sensitive
state: {{snapshot_interval: 1s}}
http: {{listen: "127.0.0.1:0"}}
log: {{format: json}}
"""


def await_true(what, question):
    """Asks until the answer is something, and returns it."""
    end = time.monotonic() + PATIENCE
    while True:
        answer = question()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"not within {PATIENCE} s: {what}")
        time.sleep(0.1)


def listening_port(pid):
    """The port that a process listens on, once it does."""
    sockets = set()
    for entry in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        try:
            match = re.fullmatch(r"socket:\[(\d+)\]", os.readlink(entry))
        except FileNotFoundError:
            continue
        if match:
            sockets.add(match.group(1))
    for line in pathlib.Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[3] == "0A" and fields[9] in sockets:
            return int(fields[1].split(":")[1], 16)
    return None


class Run:
    """Kafka topics, the program, and Prometheus, until the test ends."""

    def __init__(self, program, scratch):
        self.scratch = pathlib.Path(scratch)
        self.broker = broker.address()
        self.app = f"watched-{os.getpid()}"
        broker.make_topics(self.app)
        (self.scratch / "tocsin.yaml").write_text(CONFIGURATION.format(app=self.app, broker=self.broker))
        self.errors = self.scratch / "log"
        self.log = open(self.errors, "w")
        self.program = subprocess.Popen(
            [program, "run", "--config", self.scratch / "tocsin.yaml"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self.log)
        self.http = await_true("the program listens", lambda: listening_port(self.program.pid))
        self.prometheus = None

    def start_prometheus(self):
        (self.scratch / "prometheus.yml").write_text(json.dumps({
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": [str(RULES)],
            "scrape_configs": [{"job_name": "tocsin", "static_configs": [
                {"targets": [f"127.0.0.1:{self.http}"]}]}]}))
        self.prometheus = subprocess.Popen(
            [tool("prometheus"), f"--config.file={self.scratch / 'prometheus.yml'}",
             f"--storage.tsdb.path={self.scratch / 'series'}", "--web.listen-address=127.0.0.1:0"],
            stdin=subprocess.DEVNULL, stderr=self.log)
        self.port = await_true("Prometheus listens", lambda: listening_port(self.prometheus.pid))
        await_true("Prometheus is ready", self.is_ready)
        await_true("Prometheus has scraped", lambda: self.ask("query", query="up == 1")["result"])

    def is_ready(self):
        """It listens before it answers: until then with 503."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/-/ready", timeout=20) as answer:
                return answer.status == 200
        except urllib.error.HTTPError:
            return False

    def ask(self, path, **parameters):
        url = f"http://127.0.0.1:{self.port}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        with urllib.request.urlopen(url, timeout=20) as answer:
            return json.load(answer)["data"]

    def produce(self, lines):
        kcat = subprocess.run(["kcat", "-P", "-b", self.broker, "-t", self.app + "-in", "-K", "|"],
                              input="".join(lines), text=True, check=False)
        assert kcat.returncode == 0

    def end(self):
        for process in (self.program, self.prometheus):
            if process is not None:
                process.kill()
                process.wait()
        self.log.close()


def events(begin):
    """Three hosts, a hundred events each; at first and at times one of them is slower than ever, five times in a
    row; and one that is no JSON. Of this day, at two hundred times its speed."""
    for i in range(begin, begin + 100):
        for host in ("a", "b", "c"):
            at = BEGAN + i * 1000
            yield f'{host}|{{"host": "{host}", "time": {at}, "ms": {120 + i * 7 % 31}, "load": {i * 13 % 17}}}\n'
    number = begin // 105
    for j in range(5 if number < 3 or number % 30 == 0 else 0):
        host, slow = "abc"[number // 30 % 3], 9000 * (1 + number)
        at = BEGAN + (begin + 100 + j) * 1000
        yield f'{host}|{{"host": "{host}", "time": {at}, "ms": {slow}, "load": 3}}\n'
    yield "a|{no json\n"


class PrometheusTest(unittest.TestCase):
    program = ""

    @classmethod
    def setUpClass(cls):
        tool("prometheus")
        cls.scratch = tempfile.TemporaryDirectory()
        cls.run_ = Run(cls.program, cls.scratch.name)
        cls.enough = threading.Event()
        cls.feeder = threading.Thread(target=cls.feed)
        try:
            cls.run_.start_prometheus()
            cls.feeder.start()
        except BaseException:
            cls.run_.end()
            raise

    @classmethod
    def tearDownClass(cls):
        cls.enough.set()
        cls.feeder.join()
        cls.run_.end()
        cls.scratch.cleanup()

    @classmethod
    def feed(cls):
        begin = 0
        while not cls.enough.is_set():
            cls.run_.produce(list(events(begin)))
            begin += 105
            cls.enough.wait(0.5)

    def unanswered(self):
        """Queries without a number, and legends that name a label which no series has."""
        wrong = []
        for query in queries():
            series = self.run_.ask("query", query=query.filled(ANY))["result"]
            numbers = [one for one in series if one["value"][1] not in ("NaN", "+Inf", "-Inf")]
            if not numbers:
                wrong.append(f"{query.where}: no data")
            for label in re.findall(r"\{\{(\w+)\}\}", query.legend):
                if not any(label in one["metric"] for one in numbers):
                    wrong.append(f"{query.where}: no series has a label {label}")
        return wrong

    def test_every_panel_shows_data(self):
        last = []

        def all_answered():
            last[:] = self.unanswered()
            return not last
        try:
            await_true("every panel has data", all_answered)
        except AssertionError as error:
            log = self.run_.errors.read_text()[-2000:]
            raise AssertionError("\n".join([str(error), *last, log])) from None
        if "TOCSIN_RENDER" in os.environ:
            self.render(pathlib.Path(os.environ["TOCSIN_RENDER"]))

    def render(self, directory):
        """Pictures of the dashboards after a minute and a half of this run."""
        began = time.time()
        await_true("there is something to see", lambda: time.time() > began + 90)

        def ask(expression):
            text = Query("", {"title": ""}, {"refId": "", "expr": expression}).filled(dict(ANY, __rate_interval="15s"))
            return self.run_.ask("query_range", query=text, start=began - 5, end=time.time(), step=2)["result"]
        for path in DASHBOARDS:
            (directory / f"{path.stem}.svg").write_text(render(path.read_text(), ask))

    def test_every_metric_arrives(self):
        def missing():
            there = set(self.run_.ask("label/__name__/values"))
            return [name for name, (kind, _) in metric_table().items()
                    if (name + "_bucket" if kind == "histogram" else name) not in there]
        await_true(f"all metrics are there but {missing()}", lambda: not missing())

    def test_every_rule_is_evaluated_and_none_fires(self):
        def rules():
            found = [rule for group in self.run_.ask("rules")["groups"] for rule in group["rules"]]
            return found if found and all(rule["health"] != "unknown" for rule in found) else None
        found = await_true("all rules have been evaluated", rules)
        self.assertEqual([rule["name"] for rule in found if rule["health"] != "ok"], [])
        self.assertEqual([rule["name"] for rule in found if rule["state"] == "firing"], [])


if __name__ == "__main__":
    PrometheusTest.program = sys.argv.pop(1)
    unittest.main()
