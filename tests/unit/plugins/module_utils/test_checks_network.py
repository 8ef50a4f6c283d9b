"""Whether policies let a flow pass: the rules of NetworkPolicies, and the flows that an installation needs."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.checks.flows import NEEDED, flows
from ansible_collections.seldon.openshift.plugins.module_utils.checks.network import Pod, egress, ingress, matches

from tests.unit.observed import observed

Object = dict[str, Any]
NAME = "kubernetes.io/metadata.name"
OPERATOR = Pod("openshift-operators", {"control-plane": "elastic-operator"}, {NAME: "openshift-operators"})
DATABASE = Pod("seldon-logs", {"app": "es"}, {NAME: "seldon-logs"}, {"https": 9200})


def policy(name: str, spec: Object, namespace: str = "seldon-logs") -> Object:
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": spec}


def from_namespace(name: str) -> Object:
    return {"namespaceSelector": {"matchLabels": {NAME: name}}}


MESH = policy(
    "istio-mesh-basic",
    {
        "podSelector": {},
        "ingress": [{"from": [{"namespaceSelector": {"matchLabels": {"maistra.io/member-of": "istio-system"}}}]}],
        "policyTypes": ["Ingress"],
    },
)
ADMITS = policy("eck", {"podSelector": {}, "ingress": [{"from": [from_namespace("openshift-operators")]}]})


def rule(peer: Object | None = None, port: Object | None = None) -> Object:
    return policy(
        "p", {"podSelector": {}, "ingress": [{"from": [peer] if peer else [], "ports": [port] if port else []}]}
    )


@pytest.mark.parametrize(
    ("policies", "allowed", "by"),
    [
        pytest.param([], True, (), id="no policy"),
        pytest.param([policy("p", {"podSelector": {"matchLabels": {"app": "other"}}})], True, (), id="of other pods"),
        pytest.param(
            [policy("p", {"podSelector": {}, "policyTypes": ["Egress"]})], True, (), id="of the other direction"
        ),
        pytest.param([policy("p", {"podSelector": {}})], False, ("p",), id="closed to all"),
        pytest.param([policy("p", {"podSelector": {}, "ingress": [{}]})], True, ("p",), id="open to all"),
        pytest.param([MESH], False, ("istio-mesh-basic",), id="closed by the mesh"),
        pytest.param([MESH, ADMITS], True, ("eck",), id="the union counts"),
        pytest.param([rule(from_namespace("default"))], False, ("p",), id="another namespace"),
        pytest.param([rule({"podSelector": {}})], False, ("p",), id="pods of its own namespace only"),
        pytest.param([rule({"namespaceSelector": {}})], True, ("p",), id="any namespace"),
        pytest.param(
            [rule({**from_namespace("openshift-operators"), "podSelector": {"matchLabels": {"control-plane": "x"}}})],
            False,
            ("p",),
            id="other pods of that namespace",
        ),
        pytest.param([rule({"ipBlock": {"cidr": "0.0.0.0/0"}})], True, ("p",), id="any address"),
        pytest.param([rule({"ipBlock": {"cidr": "10.0.0.0/8"}})], False, ("p",), id="an address that may be it"),
        pytest.param([rule(port={"port": 9200})], True, ("p",), id="the port"),
        pytest.param([rule(port={"port": "https"})], True, ("p",), id="the port's name"),
        pytest.param([rule(port={"port": "nothing"})], False, ("p",), id="a name that the pod does not have"),
        pytest.param([rule(port={"port": 9300})], False, ("p",), id="another port"),
        pytest.param([rule(port={"port": 9000, "endPort": 9300})], True, ("p",), id="a range"),
        pytest.param([rule(port={"port": 9000, "endPort": 9100})], False, ("p",), id="a range below"),
        pytest.param([rule(port={"protocol": "UDP"})], False, ("p",), id="another protocol"),
        pytest.param([rule(port={"protocol": "TCP"})], True, ("p",), id="any port of the protocol"),
    ],
)
def test_what_comes_in(policies: list[Object], allowed: bool, by: tuple[str, ...]) -> None:
    found = ingress(policies, OPERATOR, DATABASE, 9200)
    assert (found.allowed, found.by) == (allowed, by)


@pytest.mark.parametrize(
    ("spec", "allowed"),
    [
        ({"podSelector": {}}, True),
        ({"podSelector": {}, "policyTypes": ["Egress"]}, False),
        ({"podSelector": {}, "egress": [{"to": [from_namespace("seldon-logs")], "ports": [{"port": "https"}]}]}, True),
        ({"podSelector": {}, "egress": [{"to": [from_namespace("default")]}]}, False),
    ],
)
def test_what_goes_out(spec: Object, allowed: bool) -> None:
    assert egress([policy("p", spec, "openshift-operators")], OPERATOR, DATABASE, 9200).allowed == allowed


@pytest.mark.parametrize(
    ("operator", "values", "expected"),
    [
        ("In", ["es", "x"], True),
        ("In", ["x"], False),
        ("NotIn", ["x"], True),
        ("NotIn", ["es"], False),
        ("Exists", [], True),
        ("DoesNotExist", [], False),
    ],
)
def test_expressions_of_selectors(operator: str, values: list[str], expected: bool) -> None:
    assert (
        matches({"matchExpressions": [{"key": "app", "operator": operator, "values": values}]}, {"app": "es"})
        == expected
    )


def namespace(name: str) -> Object:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": {NAME: name}}}


def test_the_flow_that_a_mesh_cuts_is_found_and_its_policy_heals_it() -> None:
    """The mesh's policy cuts the ECK operator from Elasticsearch."""
    spaces = namespace("openshift-operators"), namespace("seldon-logs")
    where = {"eck": "openshift-operators", "logs": "seldon-logs"}

    def look(*objects: Object) -> tuple[str, str, str]:
        [found] = flows(observed(*spaces, *objects), ["ECK operator to Elasticsearch"], where, "mend")
        return found.status, found.seen, found.do

    assert look() == ("pass", "no policy restricts seldon-logs", "")
    assert look(MESH) == ("fail", "ingress to seldon-logs is denied by istio-mesh-basic", "mend")
    assert look(MESH, ADMITS) == ("pass", "admitted by eck", "")
    shut = policy("shut", {"podSelector": {}, "policyTypes": ["Egress"]}, "openshift-operators")
    assert look(ADMITS, shut) == ("fail", "egress from openshift-operators is denied by shut", "mend")


def test_a_flow_between_namespaces_that_are_not_there_is_skipped() -> None:
    where = {"eck": "openshift-operators", "logs": "seldon-logs"}
    [found] = flows(observed(namespace("seldon-logs")), ["ECK operator to Elasticsearch"], where, "mend")
    assert (found.status, found.seen) == ("skipped", "namespace openshift-operators does not exist")


def test_every_flow_goes_between_namespaces_that_somebody_names() -> None:
    where = dict.fromkeys(("eck", "logs", "mesh", "model", "system"), "n")
    assert len(list(flows(observed(), NEEDED, where, "mend"))) == len(NEEDED)
