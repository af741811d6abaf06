"""Of the alert rules: each fires when it should and is silent when it should not, uses metrics that
exist, and leads to a section of the runbook."""

import re
import sys
import unittest

import yaml

sys.dont_write_bytecode = True

from source import DEPLOY, RULES, Expression, anchors, metric_table, run, tool  # noqa: E402

TESTS = RULES.with_name("tocsin.rules.test.yaml")


def rules():
    return [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]


class RulesTest(unittest.TestCase):
    def test_promtool_accepts_them(self):
        self.assertIn("SUCCESS", run(tool("promtool"), "check", "rules", str(RULES)))

    def test_fire_when_they_should_and_only_then(self):
        self.assertIn("SUCCESS", run(tool("promtool"), "test", "rules", str(TESTS)))

    def test_each_has_series_that_fire_and_series_that_do_not(self):
        fires, silent = set(), set()
        for case in yaml.safe_load(TESTS.read_text())["tests"]:
            for check in case["alert_rule_test"]:
                (fires if check["exp_alerts"] else silent).add(check["alertname"])
        names = {rule["alert"] for rule in rules()}
        self.assertEqual(fires, names)
        self.assertEqual(silent, names)

    def test_use_only_what_the_program_exposes(self):
        table = metric_table()
        self.assertGreater(len(table), 50)
        wrong = [f"{rule['alert']}: {mistake}"
                 for rule in rules() for mistake in Expression(rule["expr"]).mistakes(table)]
        self.assertEqual(wrong, [])

    def test_lead_to_a_section_of_the_runbook_each(self):
        there = anchors(DEPLOY / "runbook.md")
        for rule in rules():
            page, _, anchor = rule["annotations"]["runbook_url"].partition("#")
            self.assertTrue(page.endswith("/runbook.md"), rule["alert"])
            self.assertEqual(anchor, rule["alert"].lower())
            self.assertIn(anchor, there)

    def test_the_runbook_has_no_section_of_a_rule_that_is_gone(self):
        names = {rule["alert"] for rule in rules()}
        sections = re.findall(r"^#+ (Tocsin\w+)$", (DEPLOY / "runbook.md").read_text(), re.MULTILINE)
        self.assertEqual(sorted(sections), sorted(names))

    def test_say_how_bad_it_is_and_what_it_means(self):
        for rule in rules():
            self.assertIn(rule["labels"]["severity"], ("critical", "warning", "info"), rule["alert"])
            self.assertEqual(set(rule["annotations"]), {"summary", "description", "runbook_url"}, rule["alert"])


class ExpressionTest(unittest.TestCase):
    """That the check above sees what is wrong."""

    TABLE = {"tocsin_a_total": ("counter", {"stream"}), "tocsin_b_seconds": ("histogram", set())}

    def mistakes(self, text):
        return list(Expression(text).mistakes(self.TABLE))

    def test_sees_unknown_metrics_and_labels(self):
        self.assertEqual(self.mistakes("rate(tocsin_c_total[5m])"), ["tocsin_c_total is not a metric"])
        self.assertEqual(self.mistakes("tocsin_a_total_count"), ["tocsin_a_total_count is not a metric"])
        self.assertEqual(self.mistakes('tocsin_a_total{kind="x"}'), ["tocsin_a_total has no label kind"])
        self.assertEqual(self.mistakes("sum by (kind) (tocsin_a_total)"), ["nothing in it has a label kind"])
        self.assertEqual(self.mistakes("up == 0"), ["no metric of ours in it"])

    def test_knows_histograms_and_labels_of_targets(self):
        self.assertEqual(self.mistakes('sum by (le, pod) (rate(tocsin_b_seconds_bucket{job=~"x{y}"}[5m]))'), [])
        self.assertEqual(self.mistakes('sum by (stream) (tocsin_a_total{stream!="a, b=c"})'), [])


if __name__ == "__main__":
    unittest.main()
