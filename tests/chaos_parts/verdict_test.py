"""Of the verdict: that it sees what is wrong, also in a daemon's log. And of the plans: that they
hold what they must."""

import json
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True

from faults import HITS_WANTED, POINTS, plan_for_pods, plan_for_world  # noqa: E402
from pod import Pod, seeded  # noqa: E402
import verdict  # noqa: E402

PARTITIONS = {"scores": 4, "letters": 2}


def line(offset, key='"k"', value='"v"', topic="scores", form="key"):
    return (f'{{"topic":"{topic}","source_topic":"in","source_partition":3,"source_offset":{offset},'
            f'"{form}":{key},"value":{value},"headers":[]}}\n').encode()


def found(expected, committed):
    """The differences between lines of an unbroken run and committed ones, as written in order to
    the partitions of their keys."""
    places = verdict.Places(PARTITIONS)
    should = verdict.Outputs()
    for one in expected:
        should.add(places.of(one)[0], one)
    have = verdict.read_committed(
        [f"{places.of(one)[0].partition} 1700000000000 ".encode() + one for one in committed],
        places, "scores")
    return verdict.differences(should, have)


class VerdictTest(unittest.TestCase):
    LINES = [line(offset, key=f'"entity {offset % 5}"') for offset in range(20)]

    def test_places_keys_as_java_does(self):
        # Of Kafka's own UtilsTest.
        for key, hash_of_java in ((b"21", -973932308), (b"foobar", -790332482),
                                  (b"a-little-bit-long-string", -985981536),
                                  (b"a-little-bit-longer-string", -1486304829), (b"abc", 479470107)):
            self.assertEqual(verdict.murmur2(key), hash_of_java & 0xFFFFFFFF)

    def test_finds_nothing_where_nothing_is_wrong(self):
        self.assertEqual(found(self.LINES, self.LINES), [])

    def test_order_counts_only_within_a_partition_of_an_output(self):
        by_key = sorted(self.LINES, key=lambda one: verdict.Places(PARTITIONS).of(one)[0].partition)
        self.assertNotEqual(by_key, self.LINES)
        self.assertEqual(found(self.LINES, by_key), [])

    def test_sees_a_missing_record(self):
        (_, first, missing, superfluous), = found(self.LINES, self.LINES[:7] + self.LINES[8:])
        self.assertEqual((missing, superfluous), (1, 0))
        self.assertLessEqual(first, 7)

    def test_sees_a_record_that_is_there_twice(self):
        (_, _, missing, superfluous), = found(self.LINES, self.LINES[:8] + self.LINES[7:])
        self.assertEqual((missing, superfluous), (0, 1))

    def test_sees_records_out_of_order(self):
        lines = list(self.LINES)
        lines[4], lines[9] = lines[9], lines[4]  # Of the same key.
        (_, _, missing, superfluous), = found(self.LINES, lines)
        self.assertEqual((missing, superfluous), (0, 0))

    def test_sees_a_changed_byte(self):
        key = '"entity 0"'
        for changed in (line(5, key, value='"V"'), line(6, key),
                        line(5, key).replace(b"[]", b'[{"name":"a","value":null}]')):
            (_, _, missing, superfluous), = found(
                self.LINES, self.LINES[:5] + [changed] + self.LINES[6:])
            self.assertEqual((missing, superfluous), (1, 1))

    def test_tells_a_key_in_base64_from_one_that_looks_like_it(self):
        places = verdict.Places(PARTITIONS)
        self.assertEqual(places.of(line(1, '"YWJj"', form="key_base64"))[0],
                         places.of(line(1, '"abc"'))[0])
        self.assertEqual(len(found([line(1, '"YWJj"', form="key_base64")], [line(1, '"abc"')])), 1)

    def test_sees_a_record_in_a_partition_that_is_not_its_keys(self):
        places = verdict.Places(PARTITIONS)
        expected, committed = verdict.Outputs(), verdict.Outputs()
        place = places.of(self.LINES[0])[0]
        expected.add(place, self.LINES[0])
        committed.add(place._replace(partition=place.partition ^ 1), self.LINES[0])
        self.assertEqual(len(verdict.differences(expected, committed)), 2)

    def test_a_record_without_a_key_is_where_an_empty_key_is(self):
        places = verdict.Places(PARTITIONS)
        self.assertEqual(places.of(line(1, key="null"))[0], places.of(line(1, key='""'))[0])

    def test_refuses_what_is_not_a_record_of_ours(self):
        with self.assertRaises(ValueError):
            verdict.Places(PARTITIONS).of(b'{"topic":"scores","key":"k","value":"v"}\n')

    def test_pauses_are_of_the_faults_that_they_follow(self):
        outputs = verdict.Outputs()
        outputs.times["in", 0].extend([0, 100, 5_000, 5_100, 20_000])
        outputs.times["in", 1].extend([0, 100, 200, 20_000, 20_100])
        times = verdict.pauses(outputs, [(50, "kill", []), (30_000, "late", [])])
        self.assertEqual(times["kill"], ([19.8], [12.35]))
        self.assertEqual(times["late"], ([0.0], [0.0]))


class PodTest(unittest.TestCase):
    @staticmethod
    def pod_after(entries):
        with tempfile.TemporaryDirectory() as directory:
            pod = Pod(0, (), None, directory, seeded("test"))
            with pod.log:
                pod.read_log(json.dumps(entry) + "\n" for entry in entries)
            return pod

    def wrong_after(self, entries):
        return self.pod_after(entries).wrong

    def test_state_of_another_source_is_said_once(self):
        anew = {"message": "state restored", "what": "news starts anew: its algorithm changed"}
        wrong = self.wrong_after([anew, dict(anew, partition=3)])
        self.assertEqual(len(wrong), 1)
        self.assertIn("news starts anew: its algorithm changed", wrong[0])

    def test_state_of_the_same_source_is_right(self):
        suppressed = {"message": "state restored", "suppressed": 7}
        self.assertEqual(self.wrong_after([{"message": "state rebuilt"}, suppressed]), [])

    def test_why_it_stops_is_its_last_word(self):
        pod = self.pod_after([{"level": "error", "message": "stopped", "reason": "the drain"},
                              {"level": "error", "message": "librdkafka ADDOFFSETS"}])
        self.assertEqual(pod.last_error, "stopped the drain")


class PlanTest(unittest.TestCase):
    def test_a_long_run_strikes_each_point_often_and_a_short_one_once(self):
        for kills, times in ((200, HITS_WANTED), (12, 1)):
            plan = plan_for_pods(1, kills)
            for point in POINTS:
                kinds = [fault for fault in plan if (fault.point, fault.action) == (point, "kill")]
                self.assertEqual(len(kinds), times, point)

    def test_a_plan_has_the_kills_that_were_asked_for(self):
        plan = plan_for_pods(1, 200)
        kills = sum(3 if fault.kind == "kill all" else fault.kind == "kill" or fault.action == "kill"
                    for fault in plan)
        self.assertEqual(kills, 200)

    def test_the_same_seed_makes_the_same_plan(self):
        self.assertEqual(plan_for_pods(7, 50), plan_for_pods(7, 50))
        self.assertNotEqual(plan_for_pods(7, 50), plan_for_pods(8, 50))
        self.assertEqual(plan_for_world(7, 600), plan_for_world(7, 600))

    def test_the_world_breaks_in_every_way_in_a_long_run(self):
        kinds = {str(fault) for fault in plan_for_world(1, 600)}
        self.assertEqual(len(kinds), 8)


if __name__ == "__main__":
    unittest.main()
