"""The run's real Kafka: its address is in the file that TOCSIN_REAL_KAFKA names."""

import os
import pathlib
import subprocess

from source import DEPLOY, environment


def _bootstrap():
    if "TOCSIN_REAL_KAFKA" not in os.environ:
        raise AssertionError("run it through ctest: it needs a real Kafka")
    return pathlib.Path(os.environ["TOCSIN_REAL_KAFKA"])


def address():
    return _bootstrap().read_text().strip()


def _environment():
    return environment(TOCSIN_KAFKA_DIR=str(_bootstrap().parent.parent))


def make_topics(app, partitions=2):
    """The input `<app>-in` and the outputs of an application."""
    makers = [subprocess.Popen(
        [DEPLOY / "dev" / "kafka", "topic", app + suffix, "--name", _bootstrap().parent.name,
         "--partitions", str(partitions)], env=_environment(), stdin=subprocess.DEVNULL)
        for suffix in ("-in", "-scores", "-alerts", "-dead-letters")]
    assert all([maker.wait() == 0 for maker in makers]), "topics could not be made"


def members(group):
    """What Kafka calls the members of a group."""
    said = subprocess.run(
        [DEPLOY / "dev" / "kafka", "tool", "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
         "--bootstrap-server", address(), "--describe", "--group", group, "--members"],
        env=_environment(), check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True).stdout
    return [line.split()[1] for line in said.splitlines() if line.startswith(group + " ")]
