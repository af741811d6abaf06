"""Of the documents in deploy/: each command is run, or the text before it says that none could.

    documents_test.py TOCSIN [--cluster]

What follows ```sh marks a block: nothing: always run; `cluster`: with a real Kafka, where `broker`,
`TOCSIN_HTTP` and tocsin.yaml are there and the program runs already; `setup`: installs or builds, run
by tests of its own; `kubernetes`, `docker`, `systemd`: not run here, and the text must say so.
"""

import itertools
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True

from source import DEPLOY, ROOT, anchors, environment, metric_table  # noqa: E402

DOCUMENTS = [DEPLOY / name for name in ("README.md", "runbook.md", "recovery.md")]
RUN = {"sh", "sh cluster"}
NOT_RUN = {"sh kubernetes", "sh docker", "sh systemd"}
OTHER = {"text", "yaml", "sh setup"}

CONFIGURATION = """\
app: api-watch
kafka:
  brokers: ["{broker}"]
  properties: {{session.timeout.ms: 6000}}
streams:
  - name: api
    topics: [api-metrics]
    entity: [/service]
    time: {{field: /time}}
    features: [{{name: duration, field: /duration_ms}}]
    sensitivity: balanced
http: {{listen: "127.0.0.1:{port}"}}
"""

# Before the first block: topics, some events and one that is none, and a process that has scored them.
BEFORE = """
trap 'kill $(jobs -p) 2> /dev/null || true' EXIT
for topic in api-metrics api-watch-scores api-watch-alerts api-watch-dead-letters; do
  kafka-topics --bootstrap-server "$broker" --create --topic "$topic" --partitions 2 > /dev/null &
done
wait
for i in $(seq 300); do
  echo "checkout|{\\"service\\": \\"checkout\\", \\"time\\": $((1790000000 + i)), \\"duration_ms\\": $((120 + i % 7))}"
done | kcat -P -b "$broker" -t api-metrics -K '|'
echo 'checkout|{"service": "checkout", "time": 1790000400, "duration_ms": "fast"}' |
  kcat -P -b "$broker" -t api-metrics -K '|'
"""
START = """
tocsin run --config tocsin.yaml 2> tocsin.log &
until tocsin health --config tocsin.yaml --probe readyz > /dev/null 2>&1; do sleep 0.2; done
TOCSIN_HTTP=$(sed -n 's/.*"http":"\\([^"]*\\)".*/\\1/p' tocsin.log)
"""
SCORED = """
until curl -s "http://$TOCSIN_HTTP/metrics" | grep -q 'outcome="rejected"} 1'; do sleep 0.1; done
until curl -s "http://$TOCSIN_HTTP/metrics" | grep -q tocsin_last_commit_timestamp_seconds; do sleep 0.1; done
"""
STOP = "kill %1; wait %1\n"

TOOLS = {
    "kafka-topics": "org.apache.kafka.tools.TopicCommand",
    "kafka-consumer-groups": "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
    "kafka-delete-records": "org.apache.kafka.tools.DeleteRecordsCommand",
}


def free_port():
    """One that nobody has now; the program must know it beforehand, as an operator does."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Block:
    def __init__(self, path, line, mark, before):
        self.where = f"{path.relative_to(ROOT)}:{line}"
        self.mark = mark
        self.before = before  # The text since the last block or heading.
        self.lines = []

    def script(self):
        return f'echo; echo "{self.where}"\n' + "\n".join(self.lines) + "\n"


def blocks(path):
    found, inside, before = [], None, []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if line.startswith("```"):
            if inside is None:
                inside = Block(path, number, line[3:], " ".join(before))
            else:
                found.append(inside)
                inside, before = None, []
        elif inside is not None:
            inside.lines.append(line)
        else:
            before = [] if line.startswith("#") else before + [line]
    return found


def scripts(path, wanted):
    return "".join(block.script() for block in blocks(path) if block.mark in wanted)


class DocumentsTest(unittest.TestCase):
    program = ""
    has_cluster = False

    def test_every_block_is_marked_and_what_is_not_run_says_so(self):
        wrong = []
        for path in DOCUMENTS:
            for block in blocks(path):
                if block.mark in NOT_RUN:
                    if "not run by a test" not in block.before:
                        wrong.append(f"{block.where}: say before it that it is not run by a test, and why")
                elif block.mark not in RUN and block.mark not in OTHER:
                    wrong.append(f"{block.where}: what is a block marked `{block.mark}`?")
        self.assertEqual(wrong, [])

    def test_links_lead_to_headings(self):
        wrong = []
        for path in DOCUMENTS:
            for page, anchor in re.findall(r"\]\(([\w./-]*)#([\w-]+)\)", path.read_text()):
                target = path.parent / page if page else path
                if anchor not in anchors(target):
                    wrong.append(f"{path.name}: no heading for {page}#{anchor}")
        self.assertEqual(wrong, [])

    def test_log_messages_are_the_programs(self):
        """What is in double quotes in the runbook's words is a message of the log."""
        text = re.sub(r"```.*?```", "", (DEPLOY / "runbook.md").read_text(), flags=re.DOTALL)
        quoted = {" ".join(words.split()) for words in re.findall(r'"([^"]+)"', text)}
        source = (ROOT / "daemon" / "log_observer.cc").read_text()
        self.assertGreater(len(quoted), 1)
        self.assertEqual([words for words in quoted if f'("{words}"' not in source], [])

    def test_options_and_metrics_are_the_programs(self):
        known = set(metric_table())
        reference = (DEPLOY / "reference.md").read_text()
        options = {(section, option) for section, rows in re.findall(r"^## `(\w+)`\n(.*?)(?=^## )", reference,
                                                                     re.DOTALL | re.MULTILINE)
                   for option in re.findall(r"^\| `(\w+)` ", rows, re.MULTILINE)}
        self.assertIn(("pipeline", "epoch"), options)
        sections = {section for section, _ in options}
        wrong = []
        for path in DOCUMENTS:
            for span in re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", path.read_text(), flags=re.DOTALL)):
                wrong += [f"{path.name}: {name}" for name in re.findall(r"\btocsin_\w+", span) if name not in known]
                wrong += [f"{path.name}: {section}.{option}" for section, option in re.findall(
                    r"(?<![\w.])(\w+)\.(\w+)(?!\w*\.)", span)
                    if section in sections and (section, option) not in options]
        self.assertEqual(wrong, [])

    def run_script(self, script):
        with tempfile.TemporaryDirectory() as scratch:
            place = pathlib.Path(scratch)
            (place / "bin").mkdir()
            (place / "bin" / "tocsin").symlink_to(pathlib.Path(self.program).resolve())
            (place / "deploy").symlink_to(DEPLOY)
            for name, main in TOOLS.items():
                wrapper = place / "bin" / name
                wrapper.write_text(f'#!/bin/sh\nexec {DEPLOY}/dev/kafka tool {main} "$@"\n')
                wrapper.chmod(0o755)
            more = {"PATH": f"{place / 'bin'}:{ROOT / 'build' / 'tools' / 'bin'}:{os.environ['PATH']}"}
            if self.has_cluster:
                more["TOCSIN_KAFKA_DIR"] = str(self.own_kafka(place))
                more["broker"] = self.kafka("start", more).strip()
                (place / "tocsin.yaml").write_text(
                    CONFIGURATION.format(broker=more["broker"], port=free_port()))
            try:
                done = subprocess.run(
                    ["timeout", "540", "bash", "-euo", "pipefail", "-c", script], cwd=place, check=False, text=True,
                    stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                    env=environment(**more))
                self.assertEqual(done.returncode, 0, f"the last place named is where it failed\n{done.stdout}")
                return done.stdout
            finally:
                if self.has_cluster:
                    self.kafka("wipe", more)

    @staticmethod
    def own_kafka(place):
        """A Kafka of its own; what was fetched is shared."""
        home = place / "kafka"
        home.mkdir()
        jars = ROOT / "build" / "kafka" / "jars"
        if (jars / ".complete").exists():
            (home / "jars").symlink_to(jars)
        return home

    @staticmethod
    def kafka(command, more):
        return subprocess.run([DEPLOY / "dev" / "kafka", command], check=True, text=True, stdout=subprocess.PIPE,
                              stdin=subprocess.DEVNULL, env=environment(**more)).stdout


class WithoutCluster(DocumentsTest):
    def bytes_an_entity(self, features, detectors):
        """What `tocsin check` says of a stream."""
        stream = {"topics": ["t"], "features": [{"field": f"/f{i}"} for i in range(features)], **detectors}
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            json.dump({"kafka": {"brokers": ["127.0.0.1:1"]}, "streams": [stream]}, file)
            file.flush()
            said = subprocess.run([self.program, "check", "--config", file.name], check=True, text=True,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE).stdout
        return int(re.search(r"([\d,]+) bytes an entity", said).group(1).replace(",", ""))

    def test_commands_in_the_text_are_the_programs(self):
        """Each `tocsin COMMAND --option` in a line of text: help knows it."""
        helps, wrong = {}, []
        for path in DOCUMENTS:
            for span in re.findall(r"`tocsin ([^`]+)`", path.read_text()):
                words = tuple(itertools.takewhile(lambda word: re.fullmatch("[a-z][a-z-]*", word), span.split()))[:2]
                if words[:1] not in {("state",), ("dead-letters",)}:
                    words = words[:1]
                if words not in helps:
                    helps[words] = subprocess.run([self.program, *words, "--help"], check=False, text=True,
                                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                                  stderr=subprocess.STDOUT).stdout
                if f"Usage: tocsin {' '.join(words)} " not in helps[words]:
                    wrong.append(f"{path.name}: {span}: no such command")
                wrong += [f"{path.name}: {span}: no {option}" for option in re.findall(r"--[a-z-]+", span)
                          if option not in helps[words]]
        self.assertGreater(len(helps), 10)
        self.assertEqual(wrong, [])

    def test_sizes_of_an_entity_are_what_check_says(self):
        row = next(line for line in (DEPLOY / "README.md").read_text().splitlines()
                   if line.startswith("| memory of an entity |"))
        said = [int(number.replace(",", "")) for number in re.findall(r"\b(\d[\d,]{2,})\b", row)]
        spike = {"detectors": [{"type": "spike"}]}
        for number, (features, detectors) in zip(said, ((1, {}), (16, {}), (1, spike), (16, spike)), strict=True):
            self.assertAlmostEqual(number / self.bytes_an_entity(features, detectors), 1, delta=0.02)

    def test_commands_run(self):
        for path in DOCUMENTS:
            if any(block.mark == "sh" for block in blocks(path)):
                self.run_script(scripts(path, {"sh"}))


class WithCluster(DocumentsTest):
    has_cluster = True

    def test_commands_run_and_recovery_recovers(self):
        # One Kafka for all: while it runs, what one looks at; then what is done when it does not.
        readme, runbook, recovery = (scripts(path, {"sh cluster"}) for path in DOCUMENTS)
        said = self.run_script(
            BEFORE + START + SCORED + readme + runbook + STOP + recovery + START + STOP)
        self.assertIn("a start would take all of them", said)
        self.assertIn('"name":"assignment"', said)
        self.assertIn("tocsin_last_commit_timestamp_seconds", said)
        self.assertIn("the state topic lacks record", said)
        self.assertIn("ended with 1", said)
        self.assertIn("ended with 78", said)
        self.assertIn("did you mean `entity`?", said)
        self.assertIn("tocsin.reason=not_a_number", said)
        self.assertRegex(said, "[1-9] dead letters? put back")


if __name__ == "__main__":
    DocumentsTest.program = sys.argv[1]
    chosen = WithCluster if "--cluster" in sys.argv else WithoutCluster
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(chosen)
    sys.exit(not unittest.TextTestRunner(verbosity=2).run(suite).wasSuccessful())
