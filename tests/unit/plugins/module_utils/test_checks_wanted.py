"""What was applied against what is there, and rules against what Prometheus Operator makes of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.seldon.openshift.plugins.module_utils.checks.model import rows
from ansible_collections.seldon.openshift.plugins.module_utils.checks.monitoring import CHECKS
from ansible_collections.seldon.openshift.plugins.module_utils.checks.wanted import compared, differences, meaning

from sandbox.operators.monitoring.rules import enforced, rule_file
from tests.unit.observed import observed

Object = dict[str, Any]
FILES = sorted((Path(__file__).parents[4] / "roles/monitoring/files").glob("*.yaml"))
SPECS = [document["spec"] for path in FILES for document in yaml.safe_load_all(path.read_text())]
EXPRESSIONS = [rule["expr"] for spec in SPECS for group in spec["groups"] for rule in group["rules"]]


@pytest.mark.parametrize(
    ("wanted", "live", "told"),
    [
        ({"a": 1}, {"a": 1, "b": 2}, []),
        ({"a": {"b": [1, {"c": "x"}]}}, {"a": {"b": [1, {"c": "x", "protocol": "TCP"}]}}, []),
        ({"rules": [{"alert": "Up"}]}, {"rules": [{"alert": "Up", "for": "24h"}]}, ["spec.rules[Up].for was added"]),
        ({"from": [{"a": {"b": 1}}]}, {"from": [{"a": {"b": 1, "c": 2}}]}, ["spec.from[0].a.c was added"]),
        ({"a": {"b": 1}}, {"a": {}}, ["spec.a.b is missing"]),
        ({"a": 1}, None, ["spec is None instead of {'a': 1}"]),
        ({"a": [1, 2]}, {"a": [1]}, ["spec.a has 1 items instead of 2"]),
        ({"a": "x"}, {"a": "y"}, ["spec.a is y instead of x"]),
        ({"rules": [{"alert": "Up", "expr": "up\n> 0"}]}, {"rules": [{"expr": "up"}]}, None),
        ({"a": {}}, {"a": {}}, []),
        ({"a": {}}, {"a": {"b": 1}}, ["spec.a is {'b': 1} instead of {}"]),
        ({"podSelector": {"a": 1}}, {"podSelector": {"a": 1}}, []),
        (
            {"selector": {"a": 1}},
            {"selector": {"a": 1, "b": 2}},
            ["spec.selector is {'a': 1, 'b': 2} instead of {'a': 1}"],
        ),
    ],
)
def test_only_what_was_applied_is_compared(wanted: Object, live: Any, told: list[str] | None) -> None:
    expected = ["spec.rules[Up].alert is missing", "spec.rules[Up].expr is another one"] if told is None else told
    assert differences(wanted, live) == expected


def test_an_object_is_missing_changed_or_as_it_was_applied() -> None:
    def policy(name: str, port: int) -> Object:
        metadata = {"name": name, "namespace": "n"}
        spec = {"ingress": [{"ports": [{"port": port, "protocol": "TCP"}]}]}
        return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": spec}

    wanted = [policy("a", 1), policy("b", 2), policy("c", 3)]
    found = compared(observed(policy("a", 1), policy("b", 9)), "s", wanted, "n", "do")
    assert (found.status, found.do) == ("fail", "do")
    assert found.seen == "missing: c. b was changed: spec.ingress[0].ports[2].port is 9 instead of 2"
    assert compared(observed(*wanted), "s", wanted, "n", "do").seen == "a, b, c"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("up == 0 # why", "up == 0"),
        ("up > .5", "up > 0.5"),
        ("up > Inf", "up > +Inf"),
        ("a{b=`c\\.d`}", 'a{b="c\\\\.d"}'),
        ("a{b='c\"d'}", 'a{b="c\\"d"}'),
        ("SUM(x) BY (a)", "sum by(a) (x)"),
        ("max(sum(x) by (a, b)) without (c) > 0x10", "max without(c) (sum by(a, b) (x)) > 16"),
        ("rate(a[90s])", "rate(a[1m30s])"),
    ],
)
def test_what_prometheus_prints_means_the_same(one: str, other: str) -> None:
    assert meaning(one) == meaning(other)


@pytest.mark.parametrize("expression", [*EXPRESSIONS, 'sum(rate(a{namespace="x",b=~"c|d"}[60s])) by (e) > 100.0'])
def test_an_expression_keeps_its_meaning_when_it_is_confined(expression: str) -> None:
    assert meaning(expression) == meaning(enforced(expression, "seldon"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("up > 1", "up < 1"),
        ("up > 1", "up >= 1"),
        ("up > 1", "up > 2"),
        ("rate(a[5m])", "rate(a[1m])"),
        ('a{b="c"}', 'a{b!="c"}'),
        ('a{b="c"}', 'a{b="d"}'),
        ("a + b", "a - b"),
        ("sum(a) by (b)", "sum(a) without (b)"),
        ("errors / total", "total / errors"),
        ("a unless b", "b unless a"),
        ("(a + b) * c", "a + b * c"),
        ("a > 1234567", "a > 1234568"),
        ('a{b="c.d"}', 'a{b="c d"}'),
    ],
)
def test_another_expression_has_another_meaning(one: str, other: str) -> None:
    assert meaning(one) != meaning(enforced(other, "seldon"))


@pytest.mark.parametrize(
    ("change", "seen"),
    [
        ({}, "Thanos Ruler has its 1 rules"),
        ({"expr": "up > 2"}, "Thanos Ruler has an earlier Down"),
        ({"for": "10m"}, "Thanos Ruler has an earlier Down"),
        ({"labels": {"severity": "warning"}}, "Thanos Ruler has an earlier Down"),
        ({"annotations": {"title": "{{ $labels.a }}"}}, "Thanos Ruler has an earlier Down"),
        ({"alert": "Up"}, "Thanos Ruler does not have Down"),
    ],
)
def test_a_rule_that_the_ruler_still_has_as_it_was_is_told(change: Object, seen: str) -> None:
    rule = {"alert": "Down", "expr": "up > 1", "for": "60s", "labels": {"severity": "critical"}}
    spec, earlier = ({"groups": [{"name": "g", "rules": [each]}]} for each in (rule, {**rule, **change}))
    where = {"name": "r", "namespace": "seldon-system"}
    live = {"apiVersion": "monitoring.coreos.com/v1", "kind": "PrometheusRule", "metadata": where, "spec": spec}
    loaded = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": "thanos-ruler-user-workload-rulefiles-0",
            "namespace": "openshift-user-workload-monitoring",
            "labels": {"thanos-ruler-name": "user-workload"},
        },
        "data": {"seldon-system-r.yaml": rule_file(earlier, "seldon-system")},
    }
    settings = {"namespace": "seldon-system", "alerting_namespaces": ["seldon-system"], "objects": [live]}
    checks = [check for check in CHECKS if check.name == "monitoring.rules"]
    found = rows(checks, "monitoring", observed(live, loaded), settings)
    assert found[-1]["seen"] == seen, found
