"""Authorities in the list that Argo CD reads: ours come and go, those of others stay, under whatever key."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import EngineError
from ansible_collections.seldon.openshift.plugins.module_utils.shared.tls_certificates import OURS, missing
from ansible_collections.seldon.openshift.plugins.modules import seldon_gitops_trusted_ca

from tests.unit.apiserver import ApiServer

Object = dict[str, Any]
HOST, OTHER = "git.example.com", "other.example.com"
PARAMS = {"namespace": "argocd", "git_host": HOST, "certificates": "", "state": "present", "timeout": 10}

pytestmark = pytest.mark.usefixtures("clock")


def pem(body: str) -> str:
    return f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n"


A, B, THEIRS = pem("AAAA"), pem("BBBB"), f"# theirs\n{pem('CCCC')}"


def config_map(data: Object | None, **metadata: Any) -> Object:
    named = {"name": "argocd-tls-certs-cm", "namespace": "argocd", **metadata}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": named, **({"data": data} if data else {})}


def run(server: ApiServer, check_mode: bool = False, **params: Any) -> Object:
    return seldon_gitops_trusted_ca.run(server, {**PARAMS, **params}, check_mode, [].append)


def data(server: ApiServer) -> Object:
    return (server.held(config_map(None)) or {}).get("data") or {}


@pytest.mark.parametrize("before", [{}, {HOST: THEIRS}, {OTHER: THEIRS}, {HOST: f"{THEIRS}\n\n", OTHER: "x"}])
def test_ours_are_added_changed_and_removed_and_the_rest_is_as_it_was(before: Object) -> None:
    server = ApiServer(config_map(before, annotations={"of": "others"}))
    assert run(server, certificates=f"of ours\n{A}{B}")["hosts"] == [HOST]
    assert data(server) == {**before, HOST: f"{A}{B}{before.get(HOST, '')}"}
    assert run(server, certificates=f"{A}{B}".replace("\n", " \r\n"))["changed"] is False
    assert run(server, certificates=B)["changed"] is True
    assert data(server) == {**before, HOST: f"{B}{before.get(HOST, '')}"}
    assert run(server, state="absent")["hosts"] == []
    held = server.held(config_map(None)) or {}
    assert (held.get("data") or {}, held["metadata"]["annotations"]) == (before, {"of": "others"})
    assert run(server, state="absent")["changed"] is False


def test_another_host_takes_ours_along() -> None:
    server = ApiServer(config_map({HOST: THEIRS}))
    run(server, certificates=A)
    assert run(server, git_host=OTHER, certificates=A)["hosts"] == [OTHER]
    assert data(server) == {HOST: THEIRS, OTHER: A}


def test_what_others_have_put_there_stays_theirs() -> None:
    server = ApiServer(config_map({HOST: A}))
    assert run(server, certificates=A) | {"results": []} == {"changed": False, "hosts": [], "diff": [], "results": []}
    run(server, certificates=f"{A}{B}")
    run(server, state="absent")
    assert data(server) == {HOST: A}


def test_certificates_that_are_there_cost_one_request() -> None:
    server = ApiServer(config_map({HOST: A}))
    run(server, certificates=A)
    assert len(server.requests) == 1


def test_what_the_list_was_is_kept_until_it_is_that_again() -> None:
    before = config_map(None, name="argocd-tls-certs-cm-before-seldon")
    server = ApiServer(config_map({HOST: THEIRS}), lingers=0)
    run(server, certificates=A)
    run(server, certificates=B)
    assert (server.held(before) or {})["data"] == {HOST: THEIRS}
    run(server, state="absent")
    assert server.held(before) is None


def test_a_mark_that_somebody_broke_costs_nothing_of_others() -> None:
    server = ApiServer(config_map({HOST: THEIRS}, annotations={OURS: "{"}))
    run(server, certificates=A)
    run(server, state="absent")
    assert data(server) == {HOST: THEIRS}


def test_where_there_is_no_argo_cd_it_is_told() -> None:
    with pytest.raises(EngineError, match=r"argocd/argocd-tls-certs-cm does not exist: is there an Argo CD\?"):
        run(ApiServer(), certificates=A)
    assert run(ApiServer(), state="absent")["changed"] is False
    foreseen = run(ApiServer(check_mode=True), check_mode=True, certificates=A)
    assert (foreseen["changed"], foreseen["hosts"]) == (True, [HOST])
    assert A.splitlines()[1] in foreseen["diff"][0]["after"]


def test_what_argo_cd_lacks() -> None:
    assert missing(None, HOST, f"{A}{B}") == [A, B]
    assert missing(config_map({HOST: f"{B} \r\n", OTHER: A}), HOST, f"{A}{B}") == [A]
