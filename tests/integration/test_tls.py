"""TLS of one's own: the address, Kafka, and what is refused before a write; and back to the guide's without a trace."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.kube import Kube, Object
from tests.integration.cluster import Cluster, recap
from tests.integration.helpers import decoded, until
from tests.pems import Pair, pair

MESH, KAFKA = "istio-system", "seldon-kafka"
ROUTE = ("route.openshift.io/v1", "Route", "seldon-route", MESH)
GATEWAY = ("networking.istio.io/v1beta1", "Gateway", "seldon-gateway", MESH)
OWN = ("v1", "Secret", "seldon-route-certificate", MESH)
PLAIN = {"targetPort": "http2", "tls": {"termination": "edge", "insecureEdgeTerminationPolicy": "Redirect"}}
CLIENTS = ("seldon-dataflow-engine", "seldon-modelgateway", "seldon-pipelinegateway")
RESTARTED_AT = "kubectl.kubernetes.io/restartedAt"


def got(kube: Kube, *where: str) -> Object:
    found = kube.get(*where)
    assert found, f"there is no {where[1]} {where[2]}"
    return found


def served(kube: Kube) -> Object:
    spec = got(kube, *ROUTE)["spec"]
    return {"targetPort": spec["port"]["targetPort"], "tls": spec["tls"]}


def given(folder: Path, **values: Any) -> tuple[str, str]:
    file = folder / "given.yml"
    file.write_text(yaml.safe_dump(values))
    return "-e", f"@{file}"


def lines(one: Pair) -> list[str]:
    """Return what of a key must stand nowhere."""
    return one.key.splitlines()[1:-1]


def test_the_address_serves_a_certificate_of_ones_own(finished_cluster: Cluster, tmp_path: Path) -> None:
    kube, host = finished_cluster.kube, got(finished_cluster.kube, *ROUTE)["spec"]["host"]
    assert served(kube) == PLAIN
    first, second = pair(host), pair(host)

    # Its key in no output, at whatever verbosity.
    values = given(tmp_path, service_mesh_route_certificate=first.certificate, service_mesh_route_key=first.key)
    result = finished_cluster.site("--tags", "service_mesh", *values, "--diff", "-vvv")
    assert served(kube)["tls"] == {**PLAIN["tls"], "certificate": first.certificate, "key": first.key}
    assert not any(line in result.stdout + result.stderr for line in lines(first))

    # One that somebody has put into a Secret, and renews there.
    data = {"tls.crt": second.certificate, "tls.key": second.key}
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "theirs", "namespace": MESH},
        "stringData": data,
    }
    kube.create(secret)
    from_secret = ("-e", "service_mesh_route_secret=theirs")
    rotate = ("playbooks/rotate.yml", "--tags", "service_mesh", *finished_cluster.values(), *from_secret)
    assert recap(finished_cluster.playbook(*rotate))["changed"] == 2  # the Route, and the Secret of the first run goes
    assert served(kube)["tls"]["key"] == second.key
    assert kube.get(*OWN) is None
    assert recap(finished_cluster.playbook(*rotate))["changed"] == 0

    # The gateway serves itself.
    values = given(tmp_path, service_mesh_route_certificate=second.certificate, service_mesh_route_key=second.key)
    finished_cluster.site("--tags", "service_mesh", *values, "-e", "service_mesh_route_termination=passthrough")
    assert served(kube) == {"targetPort": "https", "tls": {**PLAIN["tls"], "termination": "passthrough"}}
    *_, https = got(kube, *GATEWAY)["spec"]["servers"]
    assert https["tls"] == {"mode": "SIMPLE", "credentialName": OWN[2]}
    assert decoded(got(kube, *OWN), "tls.key") == second.key

    finished_cluster.site("--tags", "service_mesh")
    assert served(kube) == PLAIN
    assert len(got(kube, *GATEWAY)["spec"]["servers"]) == 1
    assert kube.get(*OWN) is None
    kube.delete(secret)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"service_mesh_route_secret": "nothere"}, "has no such Secret"),
        ({"service_mesh_route_termination": "passthrough"}, "the gateway serves, and has no certificate"),
        ({"seldon_kafka_security": "scram"}, "reads Kafka without TLS and password only"),
    ],
)
def test_what_cannot_work_is_told_before_a_write(
    finished_cluster: Cluster, tmp_path: Path, values: dict[str, str], told: str
) -> None:
    kube = finished_cluster.kube
    before = [got(kube, *where)["metadata"]["resourceVersion"] for where in (ROUTE, GATEWAY)]
    tags = ("--tags", "service_mesh,seldon_deploy")
    result = finished_cluster.playbook(
        "playbooks/preflight.yml", *tags, *finished_cluster.values(), *given(tmp_path, **values), check=False
    )
    assert result.returncode != 0
    assert told in " ".join((result.stdout + result.stderr).split())
    assert [got(kube, *where)["metadata"]["resourceVersion"] for where in (ROUTE, GATEWAY)] == before


def test_kafka_with_tls_and_a_user(finished_cluster: Cluster, tmp_path: Path) -> None:
    kube = finished_cluster.kube
    scram = {"seldon_kafka_security": "scram", "seldon_kafka_plain_request_logger": "yes"}
    tags = ("--tags", "kafka,seldon_core_v2,seldon_deploy")
    finished_cluster.site(*tags, *given(tmp_path, **scram))

    plain, tls = got(kube, "kafka.strimzi.io/v1beta2", "Kafka", "seldon", KAFKA)["spec"]["kafka"]["listeners"]
    assert tls["authentication"] == {"type": "scram-sha-512"}
    assert plain["networkPolicyPeers"][0]["podSelector"]["matchLabels"] == {"app": "seldon-request-logger"}
    password = decoded(got(kube, "v1", "Secret", "seldon", KAFKA), "password")
    for namespace in ("seldon", "seldon-logs"):
        assert decoded(got(kube, "v1", "Secret", "seldon-kafka-user", namespace), "password") == password
        authority = got(kube, "v1", "Secret", "seldon-kafka-ca", namespace)
        assert authority["data"] == {
            "ca.crt": got(kube, "v1", "Secret", "seldon-cluster-ca-cert", KAFKA)["data"]["ca.crt"]
        }
    assert environment(kube, "seldon-dataflow-engine")["SELDON_KAFKA_SECURITY_PROTOCOL"] == "SASL_SSL"
    assert environment(kube, "seldon-modelgateway")["KAFKA_CLIENT_SASL_SECRET_NAME"] == "seldon-kafka-user"

    renewed = given(tmp_path, **scram, seldon_kafka_password="another-password")
    result = finished_cluster.playbook(
        "playbooks/rotate.yml", "--tags", "kafka,seldon_core_v2", *finished_cluster.values(), *renewed
    )
    assert "another-password" not in result.stdout
    assert decoded(got(kube, "v1", "Secret", "seldon-kafka-user", "seldon"), "password") == "another-password"
    assert [
        name for name in CLIENTS if RESTARTED_AT in pod_template(kube, name)["metadata"].get("annotations", {})
    ] == [*CLIENTS]

    finished_cluster.site(*tags)
    assert environment(kube, "seldon-dataflow-engine")["SELDON_KAFKA_SECURITY_PROTOCOL"] == "PLAINTEXT"
    assert kube.get("kafka.strimzi.io/v1beta2", "KafkaUser", "seldon", KAFKA) is None


def test_argo_cd_without_openshift_s_login(finished_cluster: Cluster) -> None:
    kube, argocd = finished_cluster.kube, ("argoproj.io/v1alpha1", "ArgoCD", "seldon-argocd", "seldon-argocd")
    for sso, dex in (("none", False), ("openshift", True)):
        finished_cluster.site("--tags", "gitops", "-e", f"gitops_sso={sso}")
        assert ("sso" in got(kube, *argocd)["spec"]) == dex
        until(
            lambda dex=dex: bool(kube.get("apps/v1", "Deployment", "seldon-argocd-dex-server", "seldon-argocd")) == dex
        )


def pod_template(kube: Kube, name: str) -> Object:
    template: Object = got(kube, "apps/v1", "Deployment", name, "seldon")["spec"]["template"]
    return template


def environment(kube: Kube, name: str) -> dict[str, str]:
    (container,) = pod_template(kube, name)["spec"]["containers"]
    return {each["name"]: each.get("value", "") for each in container["env"]}
