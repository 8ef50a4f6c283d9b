"""What the simulated ECK refuses, who gets through to its pods, and what its certificates are good for."""

from __future__ import annotations

import pytest
from cryptography import x509

from sandbox.kube import Object
from sandbox.operators.eck import objects, secrets
from sandbox.operators.eck.elasticsearch import WRITTEN, completed
from sandbox.operators.eck.network import Source, admits
from sandbox.operators.eck.validation import errors_in, errors_in_change

PODS = {"app": "elasticsearch"}
OPERATOR = Source(
    "openshift-operators", {"kubernetes.io/metadata.name": "openshift-operators"}, {"name": "elastic-operator"}
)
MESH = {"podSelector": {}, "ingress": [{"from": [{"namespaceSelector": {"matchLabels": {"member-of": "mesh"}}}]}]}
BY_NAME = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "openshift-operators"}}}


def letting_in(*peers: Object, port: object = None, selector: Object | None = None) -> Object:
    rule: Object = {"from": list(peers)} if peers else {}
    return {"podSelector": selector or {}, "ingress": [rule | ({"ports": [{"port": port}]} if port else {})]}


@pytest.mark.parametrize(
    ("policies", "admitted"),
    [
        ([], True),
        ([MESH], False),
        ([{"podSelector": {}}], False),
        ([MESH, letting_in(BY_NAME)], True),
        ([MESH, letting_in(BY_NAME, port=9200)], True),
        ([MESH, letting_in(BY_NAME, port="https")], True),
        ([MESH, letting_in(BY_NAME, port=9300)], False),
        ([MESH, letting_in(BY_NAME, selector={"matchLabels": {"app": "other"}})], False),
        ([MESH, letting_in(BY_NAME | {"podSelector": {"matchLabels": {"name": "elastic-operator"}}})], True),
        ([MESH, letting_in(BY_NAME | {"podSelector": {"matchLabels": {"name": "other"}}})], False),
        ([MESH, letting_in({"podSelector": {}})], False),
        ([MESH, letting_in({"ipBlock": {"cidr": "0.0.0.0/0"}})], False),
        ([MESH, letting_in()], True),
        ([{"podSelector": {"matchLabels": {"app": "other"}}}], True),
        ([{"podSelector": {}, "policyTypes": ["Egress"]}], True),
        ([{"podSelector": {"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["x"]}]}}], False),
        ([{"podSelector": {"matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]}}], True),
    ],
)
def test_policies_add_up(policies: list[Object], admitted: bool) -> None:
    found = [{"spec": policy} for policy in policies]
    assert admits(found, "seldon-logs", PODS, 9200, OPERATOR) is admitted


def elasticsearch(version: str = "7.12.1", name: str = "es", **node_set: object) -> Object:
    spec = {"version": version, "nodeSets": [{"name": "default", "count": 1, **node_set}]}
    return {"kind": "Elasticsearch", "metadata": {"name": name, "namespace": "seldon-logs"}, "spec": spec}


VERSION = 'spec.version: Invalid value: "{}": {}'
FORM = "Cannot parse Elasticsearch version. String format must be {major}.{minor}.{patch}[-{label}]"
NAMES = "metadata.name: Invalid value: {}: Elasticsearch configuration would generate resources with invalid names: {}"


@pytest.mark.parametrize(
    ("es", "error"),
    [
        (elasticsearch(), ""),
        (elasticsearch("8.5.0-SNAPSHOT"), ""),
        (elasticsearch("7.9.3"), VERSION.format("7.9.3", "Unsupported version")),
        (elasticsearch("9.0.0"), VERSION.format("9.0.0", "Unsupported version")),
        (elasticsearch("7.12.x"), VERSION.format("7.12.x", FORM)),
        (elasticsearch(count=0), "spec.nodeSets: Required value: Elasticsearch needs to have at least one master node"),
        (elasticsearch(name="e" * 37), NAMES.format(f'"{"e" * 37}"', "name exceeds maximum allowed length of 36")),
    ],
)
def test_specs_that_cannot_be_are_refused(es: Object, error: str) -> None:
    assert errors_in(es) == [error] * bool(error)


def test_a_node_set_s_name_becomes_part_of_other_names() -> None:
    es = elasticsearch()
    es["spec"]["nodeSets"][0]["name"] = "Default_x"
    (error,) = errors_in(es)
    assert error.startswith(NAMES.format('"es"', "invalid nodeSet name 'Default_x': [a lowercase RFC 1123 subdomain"))


def claim(storage: str) -> Object:
    return {"metadata": {"name": "elasticsearch-data"}, "spec": {"resources": {"requests": {"storage": storage}}}}


PATH = "Unsupported version upgrade path. Check the Elasticsearch documentation for supported upgrade paths."


@pytest.mark.parametrize(
    ("before", "after", "error"),
    [
        (elasticsearch(), elasticsearch("7.17.7"), ""),
        (elasticsearch(volumeClaimTemplates=[claim("1024Mi")]), elasticsearch(volumeClaimTemplates=[claim("1Gi")]), ""),
        (elasticsearch("7.17.7"), elasticsearch("8.5.0"), ""),
        (elasticsearch(), elasticsearch("7.11.0"), VERSION.format("7.11.0", "Downgrades are not supported")),
        (elasticsearch(), elasticsearch("8.5.0"), VERSION.format("8.5.0", PATH)),
        (elasticsearch(), elasticsearch(volumeClaimTemplates=[{}]), "spec.nodeSet[0].volumeClaimTemplates: Invalid"),
    ],
)
def test_changes_that_cannot_be_made_are_refused(before: Object, after: Object, error: str) -> None:
    found = errors_in_change(before, after)
    assert [one[: len(error)] for one in found] == [error] * bool(error)


def test_the_certificate_serves_the_guide_s_host_but_no_longer_name() -> None:
    made = secrets.certificates(elasticsearch(name="elasticsearch-seldon"))
    leaf, authority = x509.load_pem_x509_certificates(made["tls.crt"])
    assert authority == x509.load_pem_x509_certificate(made["ca.crt"])
    leaf.verify_directly_issued_by(authority)
    hosts = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName)
    assert "elasticsearch-seldon-es-http.seldon-logs" in hosts
    assert not [host for host in hosts if host.endswith(".svc.cluster.local")]


def test_a_node_set_is_written_back_whole_and_its_quantities_short() -> None:
    containers = [{"name": "elasticsearch", "resources": {"limits": {"memory": "4096Mi"}, "requests": {"cpu": "0.5"}}}]
    claims = [{"metadata": {"name": "elasticsearch-data"}, "spec": {"resources": {"requests": {"storage": "50Gi"}}}}]
    given = {"name": "default", "podTemplate": {"spec": {"containers": containers}}, "volumeClaimTemplates": claims}
    short = {"limits": {"memory": "4Gi"}, "requests": {"cpu": "500m"}}
    template = {
        "metadata": {"creationTimestamp": None},
        "spec": {"containers": [{"name": "elasticsearch", "resources": short}]},
    }
    assert objects.written(given) == {
        "name": "default",
        "podTemplate": template,
        "volumeClaimTemplates": [claims[0] | {"status": {}}],
    }
    assert objects.written({"name": "default"})["podTemplate"]["spec"] == {"containers": None}


def test_blocks_come_at_every_depth_and_what_is_given_stays():
    given = {"version": "7.12.1", "http": {"service": {"spec": {"type": "LoadBalancer"}}}}
    http = {"service": {"metadata": {}, "spec": {"type": "LoadBalancer"}}, "tls": {"certificate": {}}}
    found = completed(WRITTEN, given)
    assert found == {**WRITTEN, "version": "7.12.1", "http": http}
