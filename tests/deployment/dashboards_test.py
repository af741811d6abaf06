"""Of the dashboards: written by their script, of metrics that exist, in PromQL that Prometheus reads."""

import html
import json
import pathlib
import re
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True

from source import ANY, DASHBOARDS, DEPLOY, Expression, metric_table, queries, run, tool  # noqa: E402


class DashboardsTest(unittest.TestCase):
    def test_are_what_their_script_writes(self):
        with tempfile.TemporaryDirectory() as scratch:
            run(str(DEPLOY / "grafana" / "make_dashboards"), scratch)
            written = {path.name: path.read_text() for path in pathlib.Path(scratch).iterdir()}
        self.assertEqual(written, {path.name: path.read_text() for path in DASHBOARDS})
        self.assertEqual(len(written), 2)

    def test_use_only_what_the_program_exposes(self):
        table = metric_table()
        wrong = [f"{query.where}: {mistake}"
                 for query in queries() for mistake in Expression(query.text).mistakes(table)]
        self.assertEqual(wrong, [])

    def test_show_every_metric_of_the_program(self):
        """What is worth a metric is worth a panel, but for a few."""
        elsewhere = {
            "process_start_time_seconds", "process_virtual_memory_bytes", "process_max_fds",
            "tocsin_backpressure_pauses_total", "tocsin_batches_total", "tocsin_state_topic_changes_total",
            "tocsin_workers"}
        shown = {re.sub(r"_(bucket|sum|count)$", "", name) if name not in metric_table() else name
                 for query in queries() for name, _ in Expression(query.text).selectors}
        self.assertEqual(set(metric_table()) - shown, elsewhere)

    def test_prometheus_reads_every_query(self):
        rules = [{"record": f"panel:query:{number}", "expr": query.filled(ANY)}
                 for number, query in enumerate(queries())]
        self.assertGreater(len(rules), 60)
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            json.dump({"groups": [{"name": "panels", "rules": rules}]}, file)
            file.flush()
            self.assertIn(f"{len(rules)} rules found", run(tool("promtool"), "check", "rules", file.name))

    def test_panels_have_a_place_and_a_number_of_their_own(self):
        for path in DASHBOARDS:
            panels = json.loads(path.read_text())["panels"]
            self.assertEqual([panel["id"] for panel in panels], list(range(1, len(panels) + 1)))
            taken = set()
            for panel in panels:
                at = panel["gridPos"]
                self.assertLessEqual(at["x"] + at["w"], 24, panel["title"])
                cells = {(x, y) for x in range(at["x"], at["x"] + at["w"])
                         for y in range(at["y"], at["y"] + at["h"])}
                self.assertFalse(cells & taken, f"{panel['title']} lies over another panel")
                taken |= cells

    def test_pictures_show_every_panel_with_data(self):
        """Draw them anew: TOCSIN_RENDER=deploy/grafana ctest --preset dev -R deployment.prometheus"""
        for path in DASHBOARDS:
            picture = path.with_suffix(".svg").read_text()
            shown = re.findall(r'font-weight="bold">([^<]*)<', picture)
            self.assertEqual([html.unescape(title) for title in shown],
                             [panel["title"] for panel in json.loads(path.read_text())["panels"]])
            self.assertNotIn("no data", picture)

    def test_variables_that_queries_use_are_declared(self):
        for path in DASHBOARDS:
            dashboard = json.loads(path.read_text())
            declared = {variable["name"] for variable in dashboard["templating"]["list"]}
            used = set(re.findall(r"\$\{?(\w+)", json.dumps(dashboard["panels"])))
            self.assertEqual(used - {"__rate_interval", "__range"}, declared)


if __name__ == "__main__":
    unittest.main()
