"""What deploy/ holds, as the tests of it see it: rules, dashboards, the table of metrics, documents."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
DEPLOY = ROOT / "deploy"
RULES = DEPLOY / "prometheus" / "tocsin.rules.yaml"
DASHBOARDS = sorted((DEPLOY / "grafana").glob("*.json"))

# What Prometheus adds to a series of ours, and what is only in histograms.
TARGET_LABELS = {"job", "instance", "namespace", "pod"}

SKIPPED = 77  # CMake's SKIP_RETURN_CODE.


def skip(reason):
    """Ends a test that cannot be run here; ctest lists it as skipped."""
    print(f"SKIPPED: {reason}", flush=True)
    sys.exit(SKIPPED)


def tool(name):
    """A program that tests/run fetches or builds, or that is installed."""
    for path in (ROOT / "build" / "tools" / "usr" / "bin" / name, ROOT / "build" / "tools" / "bin" / name):
        if path.exists():
            return str(path)
    found = shutil.which(name)
    if found is None:
        skip(f"there is no {name} here; tests/run fetches it")
    return found


def run(*words, **options):
    """Runs a command and returns what it said, both outputs; fails with that if it fails."""
    done = subprocess.run(words, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          stdin=subprocess.DEVNULL, **options)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, words))}: exit code {done.returncode}\n{done.stdout}")
    return done.stdout


def metric_table():
    """Name -> (type, labels) of every metric: the table of deploy/README.md, which a test of the
    program holds to what the program exposes."""
    table = {}
    for line in (DEPLOY / "README.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 4 and re.fullmatch(r"`(tocsin|process)_\w+`", cells[0]):
            table[cells[0].strip("`")] = (cells[1], set(re.findall(r"`(\w+)`", cells[2])))
    return table


def anchors(path):
    """The anchors of a Markdown document's headings, as its readers' sites make them."""
    found = set()
    inside = False
    for line in path.read_text().splitlines():
        if line.startswith("```"):
            inside = not inside
        elif not inside and line.startswith("#"):
            title = line.lstrip("#").strip().lower()
            found.add(re.sub(r"[^\w\- ]", "", title).replace(" ", "-"))
    return found


class Expression:
    """What a PromQL expression uses. No parser: good enough for selectors and lists of labels."""

    def __init__(self, text):
        self.text = text
        bare = re.sub(r'"(?:[^"\\]|\\.)*"', '""', text)
        self.selectors = [
            (name, set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", labels or "")))
            for name, labels in re.findall(r"\b((?:tocsin|process)_\w+)\s*(?:\{([^}]*)\})?", bare)]
        self.lists = set()
        for labels in re.findall(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)", bare):
            self.lists |= {label.strip() for label in labels.split(",") if label.strip()}

    def mistakes(self, table):
        """Names and labels that the program does not have."""
        for name, labels in self.selectors:
            base = name
            if name not in table:
                base = re.sub(r"_(bucket|sum|count)$", "", name)
                if table.get(base, ("",))[0] != "histogram":
                    yield f"{name} is not a metric"
                    continue
            known = table[base][1] | TARGET_LABELS | ({"le"} if base != name else set())
            for label in labels - known:
                yield f"{name} has no label {label}"
        if not self.selectors:
            yield "no metric of ours in it"
        known = set().union(TARGET_LABELS, {"le"}, *(table[name][1] for name, _ in self.selectors if name in table))
        for name, _ in self.selectors:
            known |= table.get(re.sub(r"_(bucket|sum|count)$", "", name), ("", set()))[1]
        for label in self.lists - known:
            yield f"nothing in it has a label {label}"


class Query:
    """One query of one panel."""

    def __init__(self, dashboard, panel, target):
        self.where = f"{dashboard} / {panel['title']} ({target['refId']})"
        self.panel = panel
        self.legend = target.get("legendFormat", "")
        self.text = target["expr"]

    def filled(self, variables):
        """The query with Grafana's variables replaced."""
        text = self.text
        for name, value in variables.items():
            text = text.replace("$" + name, value)
        assert "$" not in re.sub(r'"[^"]*"', "", text), f"{self.where}: an unknown variable in {text}"
        return text


def queries():
    """Every query of every dashboard."""
    for path in DASHBOARDS:
        dashboard = json.loads(path.read_text())
        for panel in dashboard["panels"]:
            for target in panel.get("targets", []):
                yield Query(dashboard["uid"], panel, target)


ANY = {"job": ".*", "instance": ".*", "stream": ".*", "__rate_interval": "1m", "__range": "5m"}


def environment(**more):
    return {**os.environ, **more}
