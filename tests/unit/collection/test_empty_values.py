"""No role applies an empty value without a reason: Go's programs omit it (omitempty) when they write the object back.

The field leaves our managedFields then, and the next run applies it again. Every template is rendered with the defaults
of its role, and with each of its variables empty; so is each object that a role keeps in a variable.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.unit.collection.recording import recorded
from tests.unit.collection.typed_reads import CHECKOUT, argument_specs

EMPTY: dict[str, Any] = {"str": "", "list": [], "dict": {}, "int": 0, "bool": False}
# Kind and field of what is empty, and why it has to be there.
REASONS = {
    r"NetworkPolicy \.spec\.podSelector": "required: it selects all pods",
    r"NetworkPolicy \.spec\.ingress\[\]\.from\[\]\.podSelector": "a peer: all pods of the namespace",
    r"Kafka \.spec\.kafka\.listeners\[\]\.tls": "required",
    r"Kafka \.spec\.entityOperator\.(topic|user)Operator": "it is there, so that the operator runs; Java omits nothing",
    r"Knative(Serving|Eventing) \.spec": "a struct, which Go never omits",
    r"Elasticsearch \.spec\.nodeSets\[\]\.config\.node\.store\.allow_mmap": "a setting, true without it",
    r"Elasticsearch \.spec\.nodeSets\[\]\.podTemplate\.metadata\.creationTimestamp": "as its operator writes it",
    r"Elasticsearch \.spec\.nodeSets\[\]\.volumeClaimTemplates\[\]\.status": "as its operator writes it",
    r"Kafka \.spec\.(kafka|zookeeper)\.storage, with .*": "required",
    r"Deployment .*\.image, with postgresql_image": "required",
    r"Route \.spec\.tls\.termination": "required",
    r"ConfigMap \.data\.ca-bundle\.crt.*": "with a value it is applied, without one only removed",
    r"AlertmanagerConfig .*\.url, with monitoring_webhook_url": "required",
    r"Application \.spec\.syncPolicy\.automated": "a pointer: it is there, so that Argo CD synchronises",
    r"ClusterLogForwarder .*\.selector\.matchLabels, with logging_selector": "edited, not applied; it selects all pods",
    r"NetworkPolicy \.spec\.ingress\[\]\.from, with serverless_serving_namespaces": "removed then",
    r"Deployment \.spec\.template\.spec\.containers\[\]\.securityContext\.allowPrivilegeEscalation": "true without it",
}
# What has no default, and what modules would answer.
GIVEN: dict[str, Any] = {
    "elasticsearch_installed": {"operators": [{"namespace": "x"}]},
    "gitops_seen": {"objects": {"credentials": []}},
    "model_namespace_seen": {"objects": {}},
    "namespaces_seen": {"objects": {"of_others": []}},
    "postgresql_seen": {"objects": {}, "unread": {"secret": "x"}},
    "seldon_git_repository": "https://git.example.com/acme/models",
    "service_mesh_cluster": {"ingress_domain": "x"},
    "service_mesh_seen": {"objects": {}},
    "try_model_begun": {"name": "x", "mark": ""},
    "try_model_namespace": "x",
}
# Of what is to go, only the names are read.
REMOVED = {"data.yaml.j2", "empty.yaml.j2", "found.yaml.j2", "leftovers.yaml.j2", "rights.yaml.j2"}
PROBLEMS = "_problems.j2"
OBJECT = re.compile(r"\{\{ (\w+) \}\}")


def objects(role: str) -> set[str]:
    """Return the variables that hold an object which the role applies."""
    texts = [path.read_text() for path in sorted((CHECKOUT / f"roles/{role}/tasks").glob("*.yml"))]
    lists = [line.partition("resources: [")[2] for text in texts for line in text.splitlines()]
    return {name for line in lists for name in OBJECT.findall(line)}


def play(role: str, folder: Path) -> dict[str, Any]:
    """Return a play that renders what a role applies; `folder` takes a template for each object."""
    held = {f"{name}.j2": name for name in objects(role)} | {f"{role}{PROBLEMS}": f"{role}_problems | default([])"}
    for file, expression in held.items():
        (folder / file).write_text("{{ " + expression + " | to_json }}")
    templates = sorted((CHECKOUT / f"roles/{role}/templates").glob("*.yaml.j2"))
    read = " ".join(path.read_text() for path in [*templates, *(CHECKOUT / "roles").glob(f"{role}/vars/main.yml")])
    options = {name: option["type"] for name, option in argument_specs()[role].items() if name in read}
    files = [f"roles/{each}/{kind}/main.yml" for kind in ("defaults", "vars") for each in argument_specs()]
    arguments = {
        "given": GIVEN,
        "folder": str(CHECKOUT / f"roles/{role}"),
        "templates": [*map(str, templates), *(str(folder / file) for file in held)],
        "variables": {name: EMPTY[kind] for name, kind in options.items() if kind in EMPTY},
    }
    return {
        "hosts": "clusters",
        "gather_facts": False,
        "vars_files": [str(CHECKOUT / file) for file in files if (CHECKOUT / file).exists()],
        "tasks": [{"name": f"Render what {role} applies", "seldon.openshift.emptied": arguments}],
    }


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> list[list[str]]:
    """Variable, template, text and error, of each rendering."""
    folder = tmp_path_factory.mktemp("objects")
    plays = [play(role, folder) for role in argument_specs() if role != "common"]
    found, output = recorded(plays, {"empty": {}}, tmp_path_factory.mktemp("rendered"))
    assert "failed=0" in output, output
    return [json.loads(line) for line in found["empty"]]


def empty(value: Any, path: str = "") -> Iterator[str]:
    """Yield the paths of what Go would omit; the items of a list have none of their own."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from empty(item, f"{path}.{key}")
    elif isinstance(value, list) and value:
        for item in value:
            yield from empty(item, f"{path}[]")
    elif value in ("", 0, False, [], {}, None) and path not in (".metadata.name", ".metadata.namespace"):
        yield path


def found(texts: list[list[str]]) -> set[tuple[str, str]]:
    """Return what is empty, as kind and field, and the variable that is; what the role refuses is never applied."""
    refused = {
        variable for variable, template, text, _error in texts if template.endswith(PROBLEMS) and text not in ("", "[]")
    }
    return {
        (f"{obj['kind']} {path}", variable)
        for variable, _template, text, _error in texts
        if variable not in refused
        for obj in yaml.safe_load_all(text)
        if isinstance(obj, dict)
        for path in empty(obj)
    }


def reasons(field: str, variable: str) -> set[str]:
    return {reason for reason in REASONS for said in (field, f"{field}, with {variable}") if re.fullmatch(reason, said)}


def test_nothing_empty_is_applied_without_a_reason(texts: list[list[str]]) -> None:
    without = {(field, variable or "the defaults") for field, variable in found(texts) if not reasons(field, variable)}
    assert without == set(), "leave it out of the template where it is empty, or say above why it has to be there"


def test_no_file_holds_anything_empty() -> None:
    files = sorted(CHECKOUT.glob("roles/*/files/*.yaml"))
    objects = [each for path in files for each in yaml.safe_load_all(path.read_text()) if each and "kind" in each]
    assert objects
    assert [f"{obj['kind']} {path}" for obj in objects for path in empty(obj)] == []


def test_every_reason_is_needed(texts: list[list[str]]) -> None:
    assert set().union(*(reasons(*each) for each in found(texts))) == set(REASONS)


def test_all_is_rendered(texts: list[list[str]]) -> None:
    assert len(texts) > 200
    assert {Path(template).name for variable, template, _text, error in texts if error and not variable} == REMOVED
    kinds = {
        obj.get("kind")
        for _variable, _template, text, _error in texts
        for obj in yaml.safe_load_all(text)
        if isinstance(obj, dict)
    }
    assert kinds >= {"ArgoCD", "Elasticsearch", "Kafka", "ServiceMeshControlPlane", "Deployment", "PodMonitor"}
