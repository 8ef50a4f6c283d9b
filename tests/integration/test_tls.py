"""TLS of one's own: the address, Kafka, and what is refused before a write; and back to the guide's without a trace."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.seldon.openshift.plugins.modules import seldon_check

from sandbox.kube import Kube, Object
from tests.integration import engine
from tests.integration.cluster import Cluster, recap
from tests.integration.helpers import decoded, until
from tests.pems import Pair, pair

MESH, KAFKA = "istio-system", "seldon-kafka"
ROUTE = ("route.openshift.io/v1", "Route", "seldon-route", MESH)
GATEWAY = ("networking.istio.io/v1beta1", "Gateway", "seldon-gateway", MESH)
OWN = ("v1", "Secret", "seldon-route-certificate", MESH)
CERTIFICATES = ("v1", "ConfigMap", "argocd-tls-certs-cm", "seldon-argocd")
AUTHORITIES = ("v1", "ConfigMap", "seldon-trusted-ca", "seldon-system")
DEPLOY = ("apps/v1", "Deployment", "seldon-deploy", "seldon-system")
DIRECTORIES = "/etc/ssl/certs:/etc/pki/tls/certs:/etc/seldon-trusted-ca"
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
    foreseen = finished_cluster.site("--tags", "service_mesh", *values, "--check", "--diff")
    assert "Would create 1, change 1" in foreseen.stdout
    assert "WARNING" not in foreseen.stdout + foreseen.stderr
    assert not any(line in foreseen.stdout + foreseen.stderr for line in lines(first))
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

    # OpenShift signs the gateway's certificate.
    finished_cluster.site("--tags", "service_mesh", "-e", "service_mesh_route_termination=reencrypt")
    assert served(kube) == {"targetPort": "https", "tls": {**PLAIN["tls"], "termination": "reencrypt"}}
    *_, https = got(kube, *GATEWAY)["spec"]["servers"]
    assert decoded(got(kube, "v1", "Secret", https["tls"]["credentialName"], MESH), "tls.crt").startswith("-----BEGIN")

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

    # Forgotten variables do not take it back, nor make a runtime that never reaches Kafka.
    version = got(kube, "kafka.strimzi.io/v1beta2", "Kafka", "seldon", KAFKA)["metadata"]["resourceVersion"]
    site = ("playbooks/site.yml", "--tags", "kafka", *finished_cluster.values())
    for playbook in (site, ("playbooks/add_namespace.yml", "-e", "ns=more", "-e", "v2=true")):
        refused = finished_cluster.playbook(*playbook, check=False)
        assert refused.returncode != 0
        assert "has a login (KafkaUser seldon)" in " ".join((refused.stdout + refused.stderr).split())
    assert kube.get("v1", "Namespace", "more") is None
    assert got(kube, "kafka.strimzi.io/v1beta2", "Kafka", "seldon", KAFKA)["metadata"]["resourceVersion"] == version

    finished_cluster.site(*tags, "-e", "seldon_kafka_security=plain")
    assert environment(kube, "seldon-dataflow-engine")["SELDON_KAFKA_SECURITY_PROTOCOL"] == "PLAINTEXT"
    assert kube.get("kafka.strimzi.io/v1beta2", "KafkaUser", "seldon", KAFKA) is None
    left = [secret["metadata"] for secret in kube.list("v1", "Secret")]
    names = {"seldon-kafka-access", "seldon-kafka-user", "seldon-kafka-ca"}
    assert [each for each in left if each["name"] in names] == []


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


def verdicts(cluster: Cluster, certificates: str, host: str) -> dict[str, str]:
    """Return what the chapters' checks of trusted authorities say, by chapter."""
    homes = {"gitops": "seldon-argocd", "seldon_deploy": "seldon-system"}
    settings = {name: {"namespace": home, "host": host, "trusted_ca": certificates} for name, home in homes.items()}
    asked = {name: {"chapter": name, "only": [f"{name}.trusted_ca"], "settings": settings[name]} for name in homes}
    rows = {name: engine.run(seldon_check, cluster, **asked[name])["checks"] for name in homes}
    return {name: row["status"] for name, (row,) in rows.items()}


def test_authorities_of_ones_own_are_trusted_renewed_and_taken_out(finished_cluster: Cluster, tmp_path: Path) -> None:
    kube, host = finished_cluster.kube, "git.example.com"
    first, second = (pair(common_name=name).certificate for name in ("first", "second"))
    theirs = pair(common_name="theirs").certificate
    kube.patch(got(kube, *CERTIFICATES), {"data": {host: theirs, "other.example.com": theirs}})
    plain = got(kube, *DEPLOY)["spec"]["template"]

    def ran(*options: str, **values: Any) -> int:
        tags = ("--tags", "gitops,seldon_deploy")
        return recap(finished_cluster.site(*tags, *given(tmp_path, **values), *options))["changed"]

    def trusted() -> Object:
        return got(kube, *CERTIFICATES)["data"]

    assert ran(seldon_trusted_ca=first) == 3
    assert trusted() == {host: first + theirs, "other.example.com": theirs}
    before = got(kube, *DEPLOY)["spec"]["template"]
    (container,) = before["spec"]["containers"]
    assert container["env"][-1] == {"name": "SSL_CERT_DIR", "value": DIRECTORIES}
    assert got(kube, *AUTHORITIES)["data"] == {"ca-bundle.crt": first}
    assert ran(seldon_trusted_ca=first) == 0

    # Each check finds what breaks it.
    assert verdicts(finished_cluster, first, host) == {"gitops": "pass", "seldon_deploy": "pass"}
    kube.patch(got(kube, *CERTIFICATES), {"data": {host: theirs}})
    kube.patch(got(kube, *AUTHORITIES), {"data": {"ca-bundle.crt": theirs}}, manager="kubectl-edit")
    assert verdicts(finished_cluster, first, host) == {"gitops": "fail", "seldon_deploy": "fail"}

    # Helm upgrades beside ours, another authority starts other pods, and Helm's own fields stay Helm's.
    assert ran(seldon_trusted_ca=second, seldon_deploy_values={"env": {"NEW": "x"}}) == 4
    after = got(kube, *DEPLOY)["spec"]["template"]
    names = [each["name"] for each in after["spec"]["containers"][0]["env"]]
    assert {"NEW", "SSL_CERT_DIR"} <= set(names)
    assert after["metadata"]["annotations"] != before["metadata"]["annotations"]
    assert trusted()[host] == second + theirs

    # Taken out with the variable: what is left is Helm's, and theirs.
    assert ran("--check") == 4
    assert ran() == 4
    assert got(kube, *DEPLOY)["spec"]["template"] == plain
    assert kube.get(*AUTHORITIES) is None
    assert trusted() == {host: theirs, "other.example.com": theirs}
    assert ran() == 0
