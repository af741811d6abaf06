"""Are the committed outputs those of an unbroken run?

Both come as the lines of `tocsin replay --from-kafka`, committed ones with their partition and the
time they were written before them. Two records are the same if their lines are: key, value and
headers, byte for byte.

A record's partition follows from its key. So what an unbroken run would have left in a partition of
an output, of one partition of the input, is a sequence, and the committed one must be equal to it.
"""

import array
import base64
import collections
import itertools
import json
import re
import statistics

HEAD = re.compile(
    rb'\{"topic":"([^"]*)","source_topic":"([^"]*)","source_partition":(\d+),"source_offset":(\d+),'
    rb'"(key|key_base64)":(null|"(?:[^"\\]|\\.)*")')

Place = collections.namedtuple("Place", "topic partition source_topic source_partition")


def murmur2(data):
    """The hash of Kafka's Java client."""
    m, mask = 0x5BD1E995, 0xFFFFFFFF
    h = (0x9747B28C ^ len(data)) & mask
    whole = len(data) & ~3
    for at in range(0, whole, 4):
        k = int.from_bytes(data[at:at + 4], "little") * m & mask
        k = (k ^ k >> 24) * m & mask
        h = (h * m & mask) ^ k
    if whole < len(data):
        h = (h ^ int.from_bytes(data[whole:], "little")) * m & mask
    h = (h ^ h >> 13) * m & mask
    return h ^ h >> 15


class Places:
    """Where each line belongs; remembers the partitions of keys."""

    def __init__(self, partitions):
        self.partitions = partitions  # By topic.
        self.known = {}

    def of(self, line):
        """The place of a line of an unbroken run, and its offset in the input."""
        head = HEAD.match(line)
        if head is None:
            raise ValueError(f"not a record of ours: {line[:200]!r}")
        topic, source, number, offset, form, key = head.groups()
        name = (topic, form, key)
        if name not in self.known:
            if key == b"null":
                data = b""
            elif form == b"key":
                data = json.loads(key).encode()
            else:
                data = base64.b64decode(key[1:-1], validate=True)
            count = self.partitions[topic.decode()]
            self.known[name] = (murmur2(data) & 0x7FFFFFFF) % count
        place = Place(topic.decode(), self.known[name], source.decode(), int(number))
        return place, int(offset)


def split_committed(line):
    partition, written_ms, record = line.split(b" ", 2)
    return int(partition), int(written_ms), record


class Outputs:
    """Sequences of records, kept as hashes."""

    def __init__(self):
        self.sequences = collections.defaultdict(lambda: array.array("q"))
        self.times = collections.defaultdict(lambda: array.array("q"))  # Of scores, by source.
        self.count = collections.Counter()  # By topic.

    def add(self, place, record):
        self.sequences[place].append(hash(record))
        self.count[place.topic] += 1


def read_expected(files, places):
    outputs = Outputs()
    for file in files:
        with open(file, "rb") as lines:
            for line in lines:
                outputs.add(places.of(line)[0], line)
    return outputs


def read_committed(lines, places, scores):
    outputs = Outputs()
    for line in lines:
        partition, written_ms, record = split_committed(line)
        place = places.of(record)[0]._replace(partition=partition)
        outputs.add(place, record)
        if place.topic == scores:
            outputs.times[place.source_topic, place.source_partition].append(written_ms)
    return outputs


def differences(expected, committed):
    """For each sequence that is not as it should be: its place, the index of the first record that
    differs, and how many are missing and superfluous."""
    found = []
    for place in sorted(expected.sequences.keys() | committed.sequences.keys()):
        should = expected.sequences.get(place, array.array("q"))
        have = committed.sequences.get(place, array.array("q"))
        if should == have:
            continue
        first = next(i for i, (a, b) in enumerate(itertools.zip_longest(should, have)) if a != b)
        missing = collections.Counter(should)
        missing.subtract(have)
        found.append((place, first, sum(n for n in missing.values() if n > 0),
                      -sum(n for n in missing.values() if n < 0)))
    return found


def record_at(lines, place, index, placed):
    """The record of that index within its sequence, as text; `placed` tells a line's place."""
    for line in lines:
        at, record = placed(line)
        if at == place:
            if index == 0:
                return record.decode(errors="replace").rstrip()
            index -= 1
    return "(none)"


def pauses(committed, history):
    """For each kind of fault: the longest times without a score that began within 2 s after one,
    of the partition that waited longest and of the middle one, in seconds."""
    gaps = {}
    for source, times in committed.times.items():
        ordered = sorted(times)
        gaps[source] = [(a, b) for a, b in zip(ordered, ordered[1:]) if b - a >= 200]
    by_kind = collections.defaultdict(list)
    for moment, kind, _ in history:
        longest = [max((b - a for a, b in of if a <= moment + 2_000 and b >= moment), default=0)
                   for of in gaps.values()]
        if longest:
            by_kind[kind].append((max(longest) / 1000, statistics.median(longest) / 1000))
    return {kind: ([worst for worst, _ in of], [middle for _, middle in of])
            for kind, of in by_kind.items()}
