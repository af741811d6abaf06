"""One daemon as a pod runs it: ended in any way, it is started again under the same name."""

import collections
import json
import os
import pathlib
import queue
import random
import resource
import signal
import subprocess
import threading
import time

# Ends of its own accord that are right: something else was wrong, and a new process helps. That
# stopping takes too long is none: a daemon that has to be ended by its own watchdog hangs.
EXPECTED_ENDS = (
    "this is the second time within a minute",
    "could not be committed within the drain timeout",
    # After a cut the coordinator may have answered a join that was made twice.
    "Static consumer fenced by other consumer with same group.instance.id",
)


def forbid_files():
    """In the child: the first byte written to any file ends the process (SIGXFSZ)."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


class Pod:
    """Threads: any. `lock` guards what changes with each life."""

    def __init__(self, number, programs, configuration, directory, dice):
        self.name = f"chaos-{number}"
        self.number = number
        self.programs = programs  # The program itself, and the one with fault points.
        self.configuration = configuration
        self.directory = pathlib.Path(directory)
        self.dice = dice
        self.lock = threading.RLock()
        self.process = None
        self.is_wanted = False
        self.not_before = 0.0
        self.next_orders = []  # For the next life, from its beginning.
        self.has_points = False
        self.is_told_to_end = False
        self.hits = queue.Queue()  # (point, action)
        self.http = None
        self.has_spoken = False  # In this life.
        self.lives = 0
        self.looks = 0  # At its open files.
        self.wrong = []  # Sentences: what must not happen.
        self.ends = collections.Counter()  # Of its own accord, by reason.
        self.last_error = ""
        self.log = open(self.directory / f"{self.name}.log", "w", encoding="utf-8")

    # ---- Beginning and ending.

    def start(self):
        with self.lock:
            self.is_wanted = True
            self.not_before = 0.0

    def supervise(self):
        """To be called often: notes an end, and starts what should run."""
        with self.lock:
            if self.process is not None and self.process.poll() is not None:
                self.note_end(self.process.returncode)
            if self.process is None and self.is_wanted and time.monotonic() >= self.not_before:
                self.launch()
            self.look_at_files()

    def launch(self):
        orders, self.next_orders = self.next_orders, []
        self.has_points = bool(orders) or self.dice.random() < 2 / 3
        self.is_told_to_end = False
        self.last_error = ""
        self.http = None
        self.has_spoken = False
        self.lives += 1
        path = self.directory / f"{self.name}.yaml"
        path.write_text(self.configuration(self), encoding="utf-8")
        self.log.write(f"== life {self.lives}, {self.programs[self.has_points]} {orders}\n")
        self.process = subprocess.Popen(
            [self.programs[self.has_points], "run", "--config", str(path)], cwd="/",
            env={**os.environ, "POD_NAME": self.name}, preexec_fn=forbid_files,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            errors="replace")
        for order in orders:
            self.order(order)
        process = self.process
        for target, stream in ((self.listen, process.stdout), (self.read_log, process.stderr)):
            threading.Thread(target=target, args=(stream,), daemon=True).start()

    def note_end(self, code):
        self.process = None
        self.not_before = max(self.not_before, time.monotonic() + 0.2)
        if code == -signal.SIGKILL or (code == 0 and self.is_told_to_end):
            return
        if code == -signal.SIGTERM and self.is_told_to_end and not self.has_spoken:
            return  # It had not begun to listen to signals.
        reason = self.last_error or f"exit code {code}, without a word"
        self.ends[reason] += 1
        self.not_before = time.monotonic() + 1.0
        if code != 1 or not any(words in reason for words in EXPECTED_ENDS):
            self.wrong.append(f"{self.name} ended with {code}: {reason}")

    def kill(self, down_for=0.0):
        """By SIGKILL; it stays away for so long. False: it was not running."""
        with self.lock:
            self.not_before = time.monotonic() + down_for
            return self.signal(signal.SIGKILL)

    def end(self):
        """In order, and for good until `start`."""
        with self.lock:
            self.is_wanted = False
            self.is_told_to_end = True
            return self.signal(signal.SIGTERM)

    def await_end(self, patience):
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            with self.lock:
                if self.process is None or self.process.poll() is not None:
                    self.supervise()
                    return True
            time.sleep(0.02)
        self.wrong.append(f"{self.name} was told to end, and had not after {patience:.0f} s")
        self.kill()
        return False

    def signal(self, number):
        with self.lock:
            if self.process is None or self.process.poll() is not None:
                return False
            self.process.send_signal(number)
            return True

    def is_running(self):
        with self.lock:
            return self.process is not None and self.process.poll() is None

    # ---- Faults at points.

    def order(self, line):
        """To whom has no points, or has just ended, it says nothing."""
        with self.lock:
            if self.process is None or not self.has_points:
                return
            try:
                self.process.stdin.write(line + "\n")
                self.process.stdin.flush()
            except OSError:
                pass

    def listen(self, stream):
        for line in stream:
            words = line.split()
            if len(words) == 3 and words[0] == "hit":
                self.hits.put((words[1], words[2]))
            else:
                self.wrong.append(f"{self.name} said: {line.strip()}")

    # ---- What it tells and does.

    def read_log(self, stream):
        for line in stream:
            self.log.write(line)
            self.log.flush()
            self.has_spoken = True
            try:
                entry = json.loads(line)
            except ValueError:
                self.last_error = line.strip()
                continue
            if entry.get("message") == "state restored" and "starts anew" in entry.get("what", ""):
                self.note_other_state(entry["what"])
            if "http" in entry:
                self.http = entry["http"]
            # Why it stops is its last word, whatever librdkafka says after it.
            if entry.get("level") == "error" and not self.last_error.startswith("stopped "):
                self.last_error = " ".join(
                    str(entry[name]) for name in ("message", "reason") if name in entry)

    def note_other_state(self, what):
        """No setting that differs from life to life decides of state: the two programs are not of
        one source."""
        sentence = f"{self.name} restored state of another program than its own: {what}"
        if sentence not in self.wrong:
            self.wrong.append(sentence)

    def look_at_files(self):
        """No file is open for writing. (That none is written to is seen to by `forbid_files`.)"""
        if self.process is None:
            return
        try:
            place = pathlib.Path("/proc") / str(self.process.pid)
            for descriptor in (place / "fd").iterdir():
                flags = int((place / "fdinfo" / descriptor.name).read_text().split()[3], 8)
                is_writable = flags & os.O_ACCMODE != os.O_RDONLY
                if is_writable and descriptor.is_file():
                    self.wrong.append(f"{self.name} has {os.readlink(descriptor)} open for writing")
            self.looks += 1
        except OSError:
            pass  # It has just ended.


def seeded(*words):
    """Dice of their own for each purpose, so that one does not disturb another."""
    return random.Random(" ".join(str(word) for word in words))
