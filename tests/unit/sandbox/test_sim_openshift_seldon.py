"""The pure parts of the simulated OpenShift controllers and Seldon operators."""

from __future__ import annotations

import re
from typing import Any

import pytest

from sandbox.operators.projects import ids
from sandbox.operators.seldon_v1 import objects
from sandbox.operators.templates.processing import TemplateError, generate, process, substitute


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${NAME}-data", "shop-data"),
        ("${{COUNT}}", 3),
        ("is ${{COUNT}}", "is ${{COUNT}}"),
        ("${UNKNOWN}", "${UNKNOWN}"),
        ({"${NAME}": ["${COUNT}", 1, None]}, {"shop": ["3", 1, None]}),
    ],
)
def test_parameters_are_put_into_every_string(text: Any, expected: Any):
    assert substitute(text, {"NAME": "shop", "COUNT": "3"}) == expected


def test_a_generated_value_gives_way_to_a_given_one():
    parameter = {"name": "PASSWORD", "generate": "expression", "from": "user[A-Z0-9]{3}", "required": True}
    content = {"kind": "Secret", "metadata": {"name": "${PASSWORD}"}}
    template = {"labels": {"of": "${PASSWORD}"}, "parameters": [parameter], "objects": [content]}
    [made] = process(template, {})
    assert re.fullmatch(r"user[A-Z0-9]{3}", made["metadata"]["name"])
    assert made["metadata"]["labels"] == {"of": made["metadata"]["name"]}
    assert process(template, {"PASSWORD": "mine"})[0]["metadata"]["name"] == "mine"
    with pytest.raises(
        TemplateError, match=r"template.parameters\[0\]: Required value: parameter PASSWORD is required"
    ):
        process(template, {"PASSWORD": ""})


def test_generated_text_uses_all_ranges_of_its_expression():
    assert re.fullmatch(r"[a-zA-Z0-9]{200}", text := generate("[a-zA-Z0-9]{200}"))
    assert all(re.search(pattern, text) for pattern in ("[a-z]", "[A-Z]", "[0-9]"))


def test_namespaces_get_whole_blocks_of_ids():
    blocks = {ids(f"uid-{number}")["openshift.io/sa.scc.uid-range"] for number in range(20)}
    assert len(blocks) == 20
    for start, size in (block.split("/") for block in blocks):
        assert (int(start) % 10_000, size) == (0, "10000")
        assert 1_000_000_000 <= int(start) < 2_000_000_000


def test_two_predictors_share_one_way_in_by_their_traffic():
    predictors = [
        {"name": name, "traffic": traffic, "graph": {"name": "classifier", "implementation": "SKLEARN_SERVER"}}
        for name, traffic in (("main", 80), ("canary", 20))
    ]
    model = {
        "apiVersion": "machinelearning.seldon.io/v1",
        "kind": "SeldonDeployment",
        "metadata": {"name": "iris", "namespace": "seldon", "uid": "1"},
        "spec": {"predictors": predictors},
    }
    routes = objects.virtual_service(model, {"ISTIO_GATEWAY": "istio-system/seldon-gateway"})["spec"]["http"][0][
        "route"
    ]
    assert [(route["destination"]["subset"], route["weight"]) for route in routes] == [("main", 80), ("canary", 20)]
    assert [rule["metadata"]["name"] for rule in objects.destination_rules(model)] == ["iris-main", "iris-canary"]


def test_each_unit_of_a_graph_has_ports_of_its_own():
    graph = {"name": "first", "implementation": "SKLEARN_SERVER", "children": [{"name": "second", "type": "MODEL"}]}
    component = {"spec": {"containers": [{"name": "second", "image": "own"}, {"name": "helper", "image": "helper"}]}}
    model = {
        "apiVersion": "machinelearning.seldon.io/v1",
        "kind": "SeldonDeployment",
        "metadata": {"name": "iris", "namespace": "seldon", "uid": "1"},
        "spec": {"predictors": [{"name": "main", "graph": graph, "componentSpecs": [component]}]},
    }
    variables = {"ENGINE_PROMETHEUS_PATH": "/prometheus", "EXECUTOR_REQUEST_LOGGER_DEFAULT_ENDPOINT": "http://broker"}
    [deployment] = objects.deployments(model, variables)
    containers = {entry["name"]: entry for entry in deployment["spec"]["template"]["spec"]["containers"]}
    numbers = {name: [port["containerPort"] for port in entry.get("ports", [])] for name, entry in containers.items()}
    engine = [8000, 8000, 5001]
    assert numbers == {
        "first": [6000, 9000, 9500],
        "second": [6001, 9001, 9501],
        "helper": [],
        "seldon-container-engine": engine,
    }
