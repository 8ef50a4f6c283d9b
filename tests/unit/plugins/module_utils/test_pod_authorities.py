"""Authorities that pods trust: what is added to a Deployment, and that nothing else of it changes or shows."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import EngineError
from ansible_collections.seldon.openshift.plugins.module_utils.shared.pod_authorities import (
    FOLDER,
    MARK,
    NAME,
    doubting,
    flaws,
    trusting,
)
from ansible_collections.seldon.openshift.plugins.modules import seldon_trusted_ca

from tests.unit.apiserver import ApiServer

Object = dict[str, Any]
A, B = (f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n" for body in ("AAAA", "BBBB"))
SECRET = {"name": "CLIENT_SECRET", "value": "hunter2"}
PARAMS = {"name": "deploy", "namespace": "system", "certificates": "", "state": "present", "timeout": 10}

pytestmark = pytest.mark.usefixtures("clock")


def deployment(env: list[Object] | None = None, volumes: list[Object] | None = None, **annotations: str) -> Object:
    containers = [{"name": "deploy", "env": [SECRET] if env is None else env}, {"name": "bare"}]
    spec = {"containers": containers, **({"volumes": volumes} if volumes else {})}
    metadata = {"labels": {"a": "b"}, "annotations": {"of": "others", **annotations}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "deploy", "namespace": "system"},
        "spec": {"replicas": 1, "template": {"metadata": metadata, "spec": spec}},
    }


def run(server: ApiServer, check_mode: bool = False, **params: Any) -> Object:
    return seldon_trusted_ca.run(server, {**PARAMS, **params}, check_mode, [].append)


def pod(obj: Object) -> Object:
    found: Object = obj["spec"]["template"]["spec"]
    return found


@pytest.mark.parametrize("volumes", [[], [{"name": "config", "emptyDir": {}}]])
def test_all_containers_trust_and_then_are_as_they_were(volumes: list[Object]) -> None:
    before = deployment(volumes=volumes)
    made = trusting("one")(copy.deepcopy(before))
    assert [each["name"] for each in pod(made)["volumes"]] == [*(each["name"] for each in volumes), NAME]
    for container in pod(made)["containers"]:
        assert container["volumeMounts"] == [{"name": NAME, "mountPath": FOLDER, "readOnly": True}]
        assert container["env"][-1]["value"] == f"/etc/ssl/certs:/etc/pki/tls/certs:{FOLDER}"
    assert flaws(made, "one") == []
    assert trusting("one")(made) == made
    assert doubting(made) == before
    assert doubting(before) == before


def test_other_certificates_change_the_mark_alone() -> None:
    one = trusting("one")(deployment())
    two = trusting("two")(one)
    assert pod(two) == pod(one)
    assert two["spec"]["template"]["metadata"]["annotations"] == {"of": "others", MARK: "two"}
    assert flaws(one, "two") == ["its pods started with other certificates"]


def test_what_others_add_behind_ours_moves_nothing() -> None:
    made = trusting("one")(deployment())
    pod(made)["volumes"].append({"name": "later", "emptyDir": {}})
    pod(made)["containers"][0]["env"].append({"name": "LATER"})
    assert trusting("one")(made) == made


@pytest.mark.parametrize("part", ["volumes", "volumeMounts", "env"])
def test_what_somebody_took_away_is_told_and_added_again(part: str) -> None:
    made = trusting("one")(deployment())
    torn = copy.deepcopy(made)
    for owner in [pod(torn)] if part == "volumes" else pod(torn)["containers"]:
        owner[part] = []
    assert len(flaws(torn, "one")) == 1
    assert flaws(trusting("one")(torn), "one") == []


def test_the_variable_of_somebody_else_is_not_overwritten() -> None:
    theirs = deployment(env=[{"name": "SSL_CERT_DIR", "value": "/theirs"}])
    with pytest.raises(EngineError, match="container deploy has a SSL_CERT_DIR"):
        trusting("one")(theirs)
    assert doubting(theirs) == theirs


def test_a_second_run_changes_nothing_and_no_secret_shows() -> None:
    server = ApiServer(deployment())
    first = run(server, certificates=A)
    assert (first["changed"], first["results"][0]["action"]) == (True, "updated")
    assert FOLDER in first["diff"][0]["after"]
    assert "hunter2" not in str(first)
    assert run(server, certificates=A)["changed"] is False
    assert run(server, certificates=B)["changed"] is True
    gone = run(server, state="absent")
    assert gone["changed"] is True
    assert "hunter2" not in str(gone)
    assert run(server, state="absent")["changed"] is False
    held = server.held(deployment()) or {}
    assert held["spec"] == deployment()["spec"]


def test_a_deployment_that_is_not_there_is_foreseen_or_told() -> None:
    with pytest.raises(EngineError, match=r"Deployment system/deploy does not exist: is it installed\?"):
        run(ApiServer(), certificates=A)
    assert run(ApiServer(), state="absent")["changed"] is False
    assert run(ApiServer(check_mode=True), check_mode=True, certificates=A)["changed"] is True
