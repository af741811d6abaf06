"""Of the chart and the plain manifests: what they make is what an API server accepts, what the program
accepts, and what it was before.

    chart_test.py TOCSIN             the tests
    chart_test.py TOCSIN --write     writes golden/ anew: look at what git then shows
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import yaml

sys.dont_write_bytecode = True

from source import DEPLOY, ROOT, SKIPPED, environment, run, tool  # noqa: E402

CHART = DEPLOY / "helm" / "tocsin"
GOLDEN = pathlib.Path(__file__).resolve().parent / "golden"
SCHEMAS = ROOT / "build" / "tools" / "schemas"
VALUES = {path.name.removesuffix("-values.yaml"): path for path in sorted((CHART / "ci").glob("*.yaml"))}
VALUES["default"] = CHART / "values.yaml"
OVERLAYS = {"kustomize-base": DEPLOY / "kustomize" / "base", "kustomize-example": DEPLOY / "kustomize" / "example"}


def helm(*words):
    """What helm prints; what it says of symbolic links goes with the errors."""
    done = subprocess.run([tool("helm"), *words], check=False, text=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode != 0:
        raise AssertionError(f"helm {' '.join(words)}\n{done.stdout}{done.stderr}")
    return done.stdout


def rendered(values, *more):
    text = helm("template", "watch", str(CHART), "--namespace", "tocsin", "--values", str(values), *more)
    return [part for part in yaml.safe_load_all(text) if part]


def shortened(parts):
    """For golden files: what other tests compare is left out."""
    for part in parts:
        if part["kind"] == "PrometheusRule":
            part["spec"] = {"groups": [[rule["alert"] for rule in group["rules"]]
                                       for group in part["spec"]["groups"]]}
        if part["metadata"]["name"].endswith("-dashboards"):
            part["data"] = {name: "a dashboard" for name in part["data"]}
    return yaml.safe_dump_all(parts, sort_keys=False, width=120)


def options(schema, path=""):
    """Where each option may stand, by the schema: `.streams[].time.field`."""
    for name, part in schema.get("properties", {}).items():
        yield f"{path}.{name}"
        yield from options(part, f"{path}.{name}")
    for part in schema.get("anyOf", []):
        yield from options(part, path)
    if isinstance(schema.get("items"), dict):
        yield from options(schema["items"], path + "[]")


def used(config, path=""):
    """The same of a configuration."""
    if isinstance(config, dict):
        for name, part in config.items():
            yield f"{path}.{name}"
            yield from used(part, f"{path}.{name}")
    elif isinstance(config, list):
        for part in config:
            yield from used(part, path + "[]")


def only(parts, kind):
    found = [part for part in parts if part["kind"] == kind]
    assert len(found) == 1, f"{len(found)} of {kind}"
    return found[0]


class DeployedTest(unittest.TestCase):
    program = ""

    def conform(self, text):
        done = subprocess.run(
            [tool("kubeconform"), "-strict", "-summary", "-schema-location",
             f"{SCHEMAS}/{{{{ .ResourceKind }}}}{{{{ .KindSuffix }}}}.json"],
            input=text, check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.returncode, done.stdout

    def check(self, config):
        """What `tocsin check` says of a configuration, with any secret."""
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write(config)
            file.flush()
            return run(self.program, "check", "--config", file.name, env=environment(KAFKA_PASSWORD="x"))


class ChartTest(DeployedTest):
    def test_helm_finds_nothing_wrong(self):
        for values in VALUES.values():
            self.assertIn("0 chart(s) failed", helm("lint", "--strict", str(CHART), "--values", str(values)))

    def test_what_it_makes_is_what_it_made(self):
        for name, values in VALUES.items():
            with self.subTest(name):
                self.assertEqual(shortened(rendered(values)), (GOLDEN / f"{name}.yaml").read_text())

    def test_an_api_server_would_accept_it(self):
        for name, values in VALUES.items():
            with self.subTest(name):
                parts = rendered(values)
                code, said = self.conform(yaml.safe_dump_all(parts))
                self.assertEqual(code, 0, said)
                self.assertIn(f"{len(parts)} resources found", said)
                self.assertIn("Skipped: 0", said)

    def test_the_schemas_see_what_is_wrong(self):
        parts = rendered(VALUES["full"])
        container = only(parts, "StatefulSet")["spec"]["template"]["spec"]["containers"][0]
        container["livenesProbe"] = container.pop("livenessProbe")
        only(parts, "PodMonitor")["spec"]["endpoints"] = []
        code, said = self.conform(yaml.safe_dump_all(parts))
        self.assertNotEqual(code, 0)
        self.assertIn("Invalid: 2", said)

    def test_the_program_accepts_its_configuration(self):
        for name, values in VALUES.items():
            with self.subTest(name):
                configs = [part for part in rendered(values)
                           if part["kind"] == "ConfigMap" and "tocsin.yaml" in part["data"]]
                self.assertIn("is fine", self.check(configs[0]["data"]["tocsin.yaml"]))

    def test_every_option_is_tried(self):
        schema = json.loads((CHART / "values.schema.json").read_text())["properties"]["config"]
        tried = set(used(yaml.safe_load(VALUES["settings"].read_text())["config"]))
        self.assertEqual([option for option in options(schema) if option not in tried], [],
                         "give it to ci/settings-values.yaml")

    def test_the_configuration_arrives_as_it_was_given(self):
        for name, values in VALUES.items():
            with self.subTest(name):
                given = yaml.safe_load(values.read_text())
                config = next(part for part in rendered(values)
                              if part["kind"] == "ConfigMap" and "tocsin.yaml" in part["data"])
                # PyYAML takes a number without a point for a text.
                arrived = yaml.safe_load(re.sub(r": (\d)e-", r": \1.0e-", config["data"]["tocsin.yaml"]))
                self.assertEqual(arrived.pop("http"), {"listen": f"0.0.0.0:{given.get('port', 8001)}"})
                given["config"].pop("http", None)
                given["config"].setdefault("app", given.get("fullnameOverride") or "watch-tocsin")
                self.assertEqual(arrived, given["config"])

    def test_memory_and_grace_come_from_the_configuration(self):
        pod = only(rendered(VALUES["full"]), "StatefulSet")["spec"]["template"]["spec"]
        self.assertEqual(pod["terminationGracePeriodSeconds"], 60 + 5 + 15)
        self.assertEqual(pod["containers"][0]["resources"]["limits"], {"memory": "2253Mi"})
        for size, memory in (("512MiB", "564Mi"), ("1GB", "1050Mi"), ("1073741824", "1127Mi")):
            pod = only(rendered(VALUES["default"], "--set", f"config.memory.max_bytes={size}"), "StatefulSet")
            container = pod["spec"]["template"]["spec"]["containers"][0]
            self.assertEqual(container["resources"]["requests"]["memory"], memory)

    def test_a_changed_configuration_restarts_the_pods_and_a_changed_label_does_not(self):
        def checksum(*more):
            template = only(rendered(VALUES["default"], *more), "StatefulSet")["spec"]["template"]
            return template["metadata"]["annotations"]["checksum/config"]
        self.assertNotEqual(checksum(), checksum("--set", "config.pipeline.epoch=1s"))
        self.assertEqual(checksum(), checksum("--set", "rules.enabled=true"))

    def test_pods_keep_to_the_restricted_standard(self):
        for name, values in VALUES.items():
            if name == "lag":
                continue  # OpenShift chooses the user itself.
            for part in rendered(values):
                pod = part["spec"]["template"]["spec"] if part["kind"] == "StatefulSet" else part.get("spec", {})
                for container in pod.get("containers", []):
                    security = container["securityContext"]
                    self.assertFalse(security["allowPrivilegeEscalation"])
                    self.assertTrue(security["readOnlyRootFilesystem"])
                    self.assertEqual(security["capabilities"], {"drop": ["ALL"]})
                    self.assertTrue(pod["securityContext"]["runAsNonRoot"])
                    self.assertEqual(pod["securityContext"]["seccompProfile"], {"type": "RuntimeDefault"})
                    self.assertFalse(pod["automountServiceAccountToken"])

    def test_mistakes_in_values_are_refused_with_their_names(self):
        for mistake, words in (("config.entitty=3", "entitty"), ("replicas=-1", "replicas"),
                               ("monitor.kind=both", "monitor.kind"), ("ressources.limits.cpu=1", "ressources"),
                               ("image.digest=latest", "image.digest"), ("config.kafka.brokers=kafka", "brokers")):
            with self.assertRaises(AssertionError) as caught:
                helm("template", "watch", str(CHART), "--set", mistake)
            self.assertIn(words, str(caught.exception))
            self.assertIn("don't meet the specifications", str(caught.exception))

    def test_the_rules_and_dashboards_in_it_are_ours(self):
        parts = rendered(VALUES["full"])
        ours = (DEPLOY / "prometheus" / "tocsin.rules.yaml").read_text()
        self.assertEqual(only(parts, "PrometheusRule")["spec"], yaml.safe_load(
            ours.replace("https://runbooks.example/tocsin", "https://wiki.example/tocsin")))
        boards = next(part for part in parts if part["metadata"]["name"] == "watch-tocsin-dashboards")["data"]
        for name, text in boards.items():
            self.assertEqual(json.loads(text), json.loads((DEPLOY / "grafana" / name).read_text()))
        self.assertEqual(len(boards), 2)

    def test_a_package_of_it_holds_everything(self):
        with tempfile.TemporaryDirectory() as scratch:
            helm("package", str(CHART), "--destination", scratch)
            package = next(pathlib.Path(scratch).iterdir())
            text = helm("template", "watch", str(package), "--values", str(VALUES["full"]), "--namespace", "tocsin")
        self.assertEqual([part for part in yaml.safe_load_all(text) if part], rendered(VALUES["full"]))

    def test_its_schema_is_written_by_its_script(self):
        with tempfile.NamedTemporaryFile() as file:
            run(str(DEPLOY / "helm" / "make_schema"), self.program, file.name)
            self.assertTrue(pathlib.Path(file.name).read_text() == (CHART / "values.schema.json").read_text(),
                            "options have changed: deploy/helm/make_schema TOCSIN")


class KustomizeTest(DeployedTest):
    def test_the_workload_is_what_the_chart_makes(self):
        with tempfile.NamedTemporaryFile() as file:
            run(str(DEPLOY / "kustomize" / "make_workload"), tool("helm"), file.name)
            self.assertEqual(pathlib.Path(file.name).read_text(), (OVERLAYS["kustomize-base"] / "workload.yaml").read_text())

    def test_base_and_example_are_accepted(self):
        for name, folder in OVERLAYS.items():
            text = run(tool("kustomize"), "build", str(folder))
            code, said = self.conform(text)
            self.assertEqual(code, 0, said)
            parts = [part for part in yaml.safe_load_all(text) if part]
            config = only(parts, "ConfigMap")
            self.assertIn("is fine", self.check(config["data"]["tocsin.yaml"]))
            volumes = only(parts, "StatefulSet")["spec"]["template"]["spec"]["volumes"]
            self.assertEqual(volumes[0]["configMap"]["name"], config["metadata"]["name"])
            self.assertEqual(shortened(parts), (GOLDEN / f"{name}.yaml").read_text())


def write():
    for name, values in VALUES.items():
        (GOLDEN / f"{name}.yaml").write_text(shortened(rendered(values)))
    for name, folder in OVERLAYS.items():
        parts = [part for part in yaml.safe_load_all(run(tool("kustomize"), "build", str(folder))) if part]
        (GOLDEN / f"{name}.yaml").write_text(shortened(parts))


if __name__ == "__main__":
    DeployedTest.program = os.path.abspath(sys.argv.pop(1))
    for name in ("helm", "kubeconform", "kustomize"):
        tool(name)
    if not SCHEMAS.exists():
        print("SKIPPED: there are no schemas here; tests/run fetches them")
        sys.exit(SKIPPED)
    if "--write" in sys.argv:
        write()
    else:
        unittest.main()
