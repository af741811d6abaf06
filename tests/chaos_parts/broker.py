"""A real Kafka with a proxy before it: one gate for each daemon."""

import os
import pathlib
import subprocess
import sys
import threading

HERE = pathlib.Path(__file__).resolve().parent
SCRIPT = HERE.parent.parent / "deploy" / "dev" / "kafka"
DATA = HERE.parent.parent / "build" / "kafka"

# A broker that notices soon: members that are gone, transactions that nobody ends.
SETTINGS = (
    "transaction.abort.timed.out.transaction.cleanup.interval.ms=500",
    "group.max.session.timeout.ms=60000",
)


class Kafka:
    """Threads: any; what concerns the broker's process is done one at a time."""

    def __init__(self, name, gates):
        self.name = name
        self.lock = threading.Lock()
        self.environment = {**os.environ, "TOCSIN_KAFKA_DIR": str(DATA)}
        self.proxy = subprocess.Popen(
            [sys.executable, str(HERE / "proxy.py"), str(gates)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.gates = [int(port) for port in self.proxy.stdout.readline().split()]
        advertise = [word for port in self.gates for word in ("--advertise", str(port))]
        settings = [word for line in SETTINGS for word in ("--config", line)]
        self.bootstrap = self.run("start", *advertise, *settings)
        behind = (DATA / name / "behind").read_text().split()
        for gate, own in enumerate(behind[1::2]):
            self.order(f"target {gate} {own}")

    def run(self, command, *words):
        done = subprocess.run([str(SCRIPT), command, *words, "--name", self.name], check=False,
                              env=self.environment, stdout=subprocess.PIPE, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"deploy/dev/kafka {command} failed")
        return done.stdout.strip()

    def create(self, topics):
        """Makes topics, given as names and numbers of partitions, at the same time."""
        makers = [threading.Thread(target=self.run, args=("topic", topic, "--partitions", str(count)))
                  for topic, count in topics.items()]
        for maker in makers:
            maker.start()
        for maker in makers:
            maker.join()

    def order(self, line):
        """An order for the proxy."""
        self.proxy.stdin.write(line + "\n")
        self.proxy.stdin.flush()

    def stop(self, by_force):
        with self.lock:
            self.run("stop", *(["--kill"] if by_force else []))

    def start(self):
        """Goes on with the data there is. Some other process may have its port for a moment."""
        with self.lock:
            for attempt in range(5):
                try:
                    self.run("start")
                    return
                except RuntimeError:
                    if attempt == 4:
                        raise

    def end(self, keep):
        self.proxy.stdin.close()
        self.proxy.wait()
        self.run("stop" if keep else "wipe")
