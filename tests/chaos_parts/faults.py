"""What goes wrong: a plan made from the seed, and how each of it is done."""

import collections
import dataclasses
import signal
import threading
import time

from pod import seeded

# Places where a daemon kills or stops itself when told to (fault_points.h).
POINTS = (
    "before_flush", "after_flush", "before_offsets", "after_offsets", "before_commit",
    "after_commit", "before_reopen", "mid_snapshot", "mid_restore", "mid_replay", "mid_revoke",
)
# How often a point may be passed before it is struck: transactions come about ten times a second.
PASSES = {"mid_restore": 3, "mid_replay": 2, "mid_revoke": 2, "mid_snapshot": 8, "before_reopen": 1}
PASSES_OF_OTHERS = 20
AT_START = ("mid_restore", "mid_replay")  # Nobody comes by there but at the start of a life.
HITS_WANTED = 5  # In a long run.
LONG_RUN_KILLS = 100
HIT_PATIENCE = 60.0
TRIES = 3
CUTS = ("refuse", "silence", "mute")


@dataclasses.dataclass
class Fault:
    """One entry of a plan."""

    kind: str
    point: str = ""
    action: str = ""
    tries: int = 0

    def __str__(self):
        return " ".join(word for word in (self.kind, self.point, self.action) if word)


def hits_wanted(kills):
    """Of each point."""
    return HITS_WANTED if kills >= LONG_RUN_KILLS else 1


def plan_for_pods(seed, kills):
    """Faults of processes, in a random order: so many kills, each point among them."""
    dice = seeded(seed, "pods")
    times = hits_wanted(kills)
    plan = [Fault("point", point, "kill") for point in POINTS for _ in range(times)]
    rest = max(0, kills - len(plan))
    plan += [Fault("kill all") for _ in range(rest // 10)]  # Three at a time.
    plan += [Fault("kill") for _ in range(rest - 3 * (rest // 10))]
    stops = POINTS if times > 1 else dice.sample(POINTS, 2)
    plan += [Fault("point", point, "stop") for point in stops]
    plan += [Fault("point", "commit_answer", action) for action in ("lose", "drop")
             for _ in range(times)]
    plan += [Fault(kind) for kind in ("zombie", "restart", "storm")
             for _ in range(max(1, kills // 15))]
    dice.shuffle(plan)
    return plan


def plan_for_world(seed, seconds):
    """Faults of the broker and the network, about one in 20 seconds, each kind at least once."""
    dice = seeded(seed, "world")
    kinds = [Fault("broker killed"), Fault("broker restarted")]
    kinds += [Fault("cut", where, how) for how in CUTS for where in ("one", "all")]
    plan = []
    while len(plan) < max(5, seconds / 20):
        dice.shuffle(kinds)
        plan += kinds
    # A short run has no time for each of them; one cut of each kind, and the broker, it has.
    if seconds < 300:
        plan = [Fault("broker killed")] + [
            Fault("cut", dice.choice(("one", "all")), how) for how in CUTS]
        dice.shuffle(plan)
    return plan


class Faults:
    """Carries out both plans, each in a thread, spread over the time there is."""

    def __init__(self, pods, extra, kafka, seed, say):
        self.pods = pods
        self.extra = extra  # A pod that comes and goes.
        self.kafka = kafka
        self.dice = seeded(seed, "pods at work")
        self.world_dice = seeded(seed, "world at work")
        self.say = say
        self.kills = 0
        self.done = collections.Counter()  # By fault.
        self.missed = collections.Counter()
        self.hits = collections.Counter()  # By point and action.
        self.history = []  # (ms since 1970, fault, names of pods)
        self.stopped = []  # Pods that stopped themselves.
        self.is_over = threading.Event()

    def run(self, plan, do, seconds, dice):
        """Faults at random times, one in each of as many slices of the time as there are faults."""
        begun = time.monotonic()
        slots = len(plan)
        for number, fault in enumerate(plan):
            self.is_over.wait(begun + seconds * (number + dice.random()) / slots - time.monotonic())
            if self.is_over.is_set():
                return
            if do(fault):
                self.done[str(fault)] += 1
            else:
                fault.tries += 1
                if fault.tries < TRIES:
                    plan.append(fault)  # Behind all others, at once.
                else:
                    self.missed[str(fault)] += 1

    def note(self, fault, *pods):
        self.history.append((time.time() * 1000, str(fault), [pod.name for pod in pods]))
        self.say(f"{fault}: {', '.join(pod.name for pod in pods) or 'all'}")

    # ---- Processes.

    def do_to_pods(self, fault):
        if fault.kind == "point":
            return self.strike(fault)
        return {"kill": self.kill, "kill all": self.kill_all, "zombie": self.zombie,
                "restart": self.restart, "storm": self.storm}[fault.kind](fault)

    def away(self):
        """How long a pod stays away: mostly back at once, sometimes after its session has ended."""
        return self.dice.choice((0, 0, 0, self.dice.uniform(0.5, 3), self.dice.uniform(5, 8)))

    def running(self):
        found = [pod for pod in self.pods if pod.is_running()]
        return self.dice.choice(found) if found else None

    def kill(self, fault):
        pod = self.running()
        if pod is None or not pod.kill(self.away()):
            return False
        self.kills += 1
        self.note(fault, pod)
        return True

    def kill_all(self, fault):
        killed = [pod for pod in self.pods if pod.kill(self.away())]
        self.kills += len(killed)
        self.note(fault, *killed)
        return bool(killed)

    def zombie(self, fault):
        """Stopped for longer than its session, and sometimes than its transaction, lives."""
        pod = self.running()
        if pod is None or not pod.signal(signal.SIGSTOP):
            return False
        self.note(fault, pod)
        self.is_over.wait(self.dice.uniform(5, 10))
        pod.signal(signal.SIGCONT)
        return True

    def restart(self, fault):
        pod = self.running()
        if pod is None or not pod.end():
            return False
        self.note(fault, pod)
        pod.await_end(30)
        pod.start()
        return True

    def storm(self, fault):
        """Another member comes and goes: everybody hands over everything, again and again."""
        self.note(fault, self.extra)
        for _ in range(3):
            self.extra.start()
            self.is_over.wait(self.dice.uniform(1, 4))
            self.extra.end()
            if self.dice.random() < 0.5 and self.extra.kill():
                self.kills += 1
            self.extra.await_end(30)
        return True

    def strike(self, fault):
        """A pod does it to itself, at a named point; False: none came by there."""
        for pod in self.pods:
            orders = self.orders(fault)
            pod.next_orders = orders  # For the case that it does not live long enough.
            if pod.has_points:
                for order in orders:
                    pod.order(order)
        if fault.point in AT_START or not any(pod.has_points for pod in self.pods):
            pod = self.running()
            if pod is not None and pod.kill():
                self.kills += 1
        if fault.point != "mid_revoke":
            return self.await_hit(fault)
        self.extra.start()  # Its coming makes the others hand over.
        try:
            return self.await_hit(fault)
        finally:
            self.extra.end()
            self.extra.await_end(30)

    def orders(self, fault):
        passes = self.dice.randint(1, PASSES.get(fault.point, PASSES_OF_OTHERS))
        orders = [f"arm {fault.point} {passes} {fault.action}"]
        if fault.point == "before_reopen":
            orders.append(f"arm commit_answer {self.dice.randint(1, PASSES_OF_OTHERS)} "
                          + self.dice.choice(("lose", "drop")))
        return orders

    def await_hit(self, fault):
        """Until one of them has done it; the others need not any more."""
        deadline = time.monotonic() + HIT_PATIENCE
        hit = False
        while not hit and time.monotonic() < deadline and not self.is_over.is_set():
            self.is_over.wait(0.02)
            for pod in self.pods:
                hit = self.take_hits(pod, fault) or hit
        for pod in self.pods:
            pod.next_orders = []
            pod.order("disarm")
        for pod in list(self.stopped):
            self.is_over.wait(self.dice.uniform(5, 10))
            pod.signal(signal.SIGCONT)
            self.stopped.remove(pod)
        return hit

    def take_hits(self, pod, fault):
        """What a pod has done to itself; True: `fault` was among it."""
        is_among = False
        while not pod.hits.empty():
            point, action = pod.hits.get()
            self.hits[point, action] += 1
            if (point, action) == (fault.point, fault.action):
                is_among = True
                self.note(fault, pod)
            if action == "kill":
                self.kills += 1
                with pod.lock:
                    pod.not_before = time.monotonic() + self.away()
            if action == "stop":
                self.stopped.append(pod)
        return is_among

    def take_late_hits(self):
        """Of pods that were on their way to a point when another one struck."""
        for pod in self.pods:
            self.take_hits(pod, Fault("none"))

    # ---- The world.

    def do_to_world(self, fault):
        dice = self.world_dice
        if fault.kind == "cut":
            gates = range(len(self.kafka.gates))
            if fault.point == "one":
                gates = [dice.choice(gates)]
            pods = [pod for pod in (*self.pods, self.extra) if pod.number in gates]
            self.note(fault, *pods)
            for gate in gates:
                self.kafka.order(f"{fault.action} {gate}")
            self.is_over.wait(dice.uniform(0.5, 8))
            for gate in gates:
                self.kafka.order(f"pass {gate}")
            return True
        self.note(fault)
        self.kafka.stop(by_force=fault.kind == "broker killed")
        self.is_over.wait(dice.uniform(0, 3))
        self.kafka.start()
        return True
