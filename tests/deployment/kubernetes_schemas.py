"""JSON schemas of what an API server accepts, one a kind, strict: what is unknown is a mistake.

    kubernetes_schemas.py DIRECTORY SWAGGER CRDS…

SWAGGER is Kubernetes' own OpenAPI document; CRDS are directories of CustomResourceDefinitions. Writes
DIRECTORY/KIND-VERSION.json or DIRECTORY/KIND-GROUP-VERSION.json in lower case, as kubeconform finds them.
"""

import json
import pathlib
import sys

import yaml

# Kinds that the chart makes.
KINDS = {
    "StatefulSet", "ConfigMap", "Service", "ServiceAccount", "PodDisruptionBudget", "NetworkPolicy",
    "HorizontalPodAutoscaler", "Pod", "PodMonitor", "ServiceMonitor", "PrometheusRule", "ScaledObject"}


LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# A lone `=` has a meaning of its own in YAML 1.1; here it is text.
LOADER.add_constructor("tag:yaml.org,2002:value", lambda loader, node: node.value)


def strict(schema):
    """The schema with unknown properties forbidden, and what only Kubernetes says in its own words."""
    if isinstance(schema, list):
        return [strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    # Below `properties` the keys are names, and may well be called `properties`.
    made = {key: {name: strict(part) for name, part in value.items()} if key == "properties" else strict(value)
            for key, value in schema.items()}
    if "properties" in made and "additionalProperties" not in made \
            and not made.get("x-kubernetes-preserve-unknown-fields"):
        made["additionalProperties"] = False
    if made.get("x-kubernetes-int-or-string") or made.get("format") == "int-or-string":
        made.pop("format", None)
        made["type"] = ["string", "integer"]
    return made


def of_kubernetes(path):
    """(kind, group, version, schema) of every kind that we use."""
    definitions = {
        name: strict(schema) for name, schema in json.loads(path.read_text())["definitions"].items()}
    # A quantity may also be a number; the document says that it is a string.
    definitions["io.k8s.apimachinery.pkg.api.resource.Quantity"]["type"] = ["string", "number"]
    for name, definition in definitions.items():
        for at in definition.get("x-kubernetes-group-version-kind", []):
            if at["kind"] in KINDS and ".meta." not in name:
                schema = dict(definition, definitions=definitions)
                schema["required"] = ["apiVersion", "kind", "metadata", *definition.get("required", [])]
                yield at["kind"], at["group"], at["version"], schema


def of_definitions(directory):
    for path in sorted(directory.glob("*.yaml")):
        if not any(f"_{kind.lower()}s.yaml" in path.name for kind in KINDS):
            continue
        crd = yaml.load(path.read_text(), Loader=LOADER)
        if crd["spec"]["names"]["kind"] not in KINDS:
            continue
        for version in crd["spec"]["versions"]:
            schema = strict(version["schema"]["openAPIV3Schema"])
            schema["properties"]["metadata"] = {"type": "object"}
            yield crd["spec"]["names"]["kind"], crd["spec"]["group"], version["name"], schema


def main():
    where = pathlib.Path(sys.argv[1])
    where.mkdir(parents=True)
    found = set()
    for kinds in (of_kubernetes(pathlib.Path(sys.argv[2])), *(of_definitions(pathlib.Path(d)) for d in sys.argv[3:])):
        for kind, group, version, schema in kinds:
            name = "-".join(word for word in (kind, group.split(".")[0], version) if word)
            (where / f"{name.lower()}.json").write_text(json.dumps(schema))
            found.add(kind)
    assert found == KINDS, f"no schema for {KINDS - found}"


main()
