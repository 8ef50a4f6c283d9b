"""A real operator's process in place of a pod: a small one of the tests, whose CSV the real OLM installs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandbox.kube import ApiError, Kube, Object, load_objects
from sandbox.paths import CHECKOUT
from sandbox.ports import reservation
from sandbox.simulator.objects import make
from tests.integration.cluster import Cluster
from tests.integration.helpers import OLM, eventually, until

SMALL = Path(__file__).parent / "attached"
NAMESPACE, CSV = "attached", "small-operator.v1.0.0"
WEBHOOK_PORT = 9443  # of the pod


@dataclass(frozen=True)
class Attached:
    """The cluster, and the command beside it."""

    kube: Kube
    process: subprocess.Popen[str]

    def said(self) -> dict[str, str]:
        """Return what the operator's process has told about itself."""
        found = self.kube.get("v1", "ConfigMap", "seen", NAMESPACE)
        return found["data"] if found else {}


@pytest.fixture(scope="module")
def attached(platform_cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attached]:
    """The small operator, attached before its CSV is there."""
    kube = platform_cluster.kube
    log = tmp_path_factory.mktemp("attached") / "log"
    with reservation() as reserve, log.open("w") as said:
        (port,) = reserve(1)
        program = [sys.executable, "-m", "tests.integration.attached.small_operator", str(port)]
        name = platform_cluster.sandbox.name
        command = [sys.executable, "-m", "sandbox", "attach", "--name", name, "--csv", CSV]
        command += ["--port", f"{WEBHOOK_PORT}={port}", "--", *program]
        process = subprocess.Popen(command, cwd=CHECKOUT, stdout=said, stderr=said, text=True)
        try:
            until(lambda: f"waiting for CSV {CSV}" in log.read_text())
            for obj in load_objects((SMALL / "objects.yaml").read_text()):
                kube.apply(obj)
            yield Attached(kube, process)
        finally:
            process.terminate()
            process.wait()


def config_map(name: str, **data: str) -> Object:
    return make("v1", "ConfigMap", name, NAMESPACE, labels={"checked": "yes"}, data=data)


def test_a_process_gets_what_the_container_would(attached: Attached) -> None:
    """Its own account's rights, and no more; variables and files as a kubelet makes them."""
    said = until(attached.said, 120)
    assert said["POD_NAME"].startswith("small-operator-")
    expected = {
        "GREETING": "hello",
        "JOINED": "hello from $(NOBODY)",
        "FROM_SECRET": "secret",
        "secrets": "Forbidden",
        "file": "green",
    }
    assert {key: said[key] for key in expected} == expected


def test_the_api_server_reaches_its_webhook_by_the_service_that_olm_makes(attached: Attached) -> None:
    until(attached.said, 120)
    with pytest.raises(ApiError, match="hello, a ConfigMap needs data"):
        attached.kube.create(config_map("wish-without"))
    attached.kube.create(config_map("wish", wanted="an answer"))
    eventually(
        lambda: (attached.kube.get("v1", "ConfigMap", "wish-answer", NAMESPACE) or {}).get("data"),
        {"greeting": "hello"},
    )


def test_services_get_their_serving_certificates(attached: Attached) -> None:
    until(attached.said, 120)
    kube = attached.kube
    asks = {"service.beta.openshift.io/serving-cert-secret-name": "metrics-cert"}
    ports = [{"name": "https", "port": 8443}]
    kube.create(make("v1", "Service", "metrics", NAMESPACE, annotations=asks, spec={"ports": ports}))
    trusts = {"service.beta.openshift.io/inject-cabundle": "true"}
    kube.create(make("v1", "ConfigMap", "trusted", NAMESPACE, annotations=trusts))
    secret = until(lambda: kube.get("v1", "Secret", "metrics-cert", NAMESPACE))
    assert (secret["type"], sorted(secret["data"])) == ("kubernetes.io/tls", ["tls.crt", "tls.key"])
    trusted = until(lambda: kube.get("v1", "ConfigMap", "trusted", NAMESPACE).get("data"))  # type: ignore[union-attr]
    assert trusted["service-ca.crt"].startswith("-----BEGIN CERTIFICATE-----")


def test_it_starts_again_with_a_new_template_and_ends_with_the_csv(attached: Attached) -> None:
    """The last test of the file."""
    first = until(attached.said, 120)
    kube = attached.kube
    path = "/spec/install/spec/deployments/0/spec/template/spec/containers/1/env/0/value"
    csv = make(OLM, "ClusterServiceVersion", CSV, NAMESPACE)
    kube.patch(csv, [{"op": "replace", "path": path, "value": "good day"}], "json")
    eventually(lambda: attached.said()["GREETING"], "good day", 120)
    second = attached.said()
    assert second["POD_NAME"] != first["POD_NAME"]
    assert not running(first)
    assert running(second)
    kube.delete(csv)
    until(lambda: not running(second), 120)
    assert attached.process.poll() is None, "it waits for the CSV to come again"
    attached.process.terminate()
    assert attached.process.wait() == 0


def running(said: dict[str, str]) -> bool:
    return Path(f"/proc/{said['pid']}/environ").exists()
