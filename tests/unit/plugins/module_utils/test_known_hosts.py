"""SSH host keys in the list that Argo CD reads: ours come and go, the text of others stays."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import EngineError
from ansible_collections.seldon.openshift.plugins.module_utils.shared.known_hosts import OURS, missing
from ansible_collections.seldon.openshift.plugins.modules import seldon_gitops_known_hosts

from tests.unit.apiserver import ApiServer

Object = dict[str, Any]
A, B, C = (f"{name}.example.com ssh-ed25519 AAAA{name}" for name in "abc")
THEIRS = "# of others\ngithub.com ssh-ed25519  AAAAx\r\n\n[b]:22 ssh-rsa AAAAy"
PARAMS = {"namespace": "argocd", "known_hosts": "", "secret": None, "state": "present", "timeout": 10}

pytestmark = pytest.mark.usefixtures("clock")


def config_map(text: str | None, **metadata: Any) -> Object:
    data = {} if text is None else {"data": {"ssh_known_hosts": text}}
    named = {"name": "argocd-ssh-known-hosts-cm", "namespace": "argocd", **metadata}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": named, **data}


def run(server: ApiServer, check_mode: bool = False, **params: Any) -> Object:
    return seldon_gitops_known_hosts.run(server, {**PARAMS, **params}, check_mode, [].append)


def text(server: ApiServer) -> str:
    held: str = (server.held(config_map("")) or {})["data"]["ssh_known_hosts"]
    return held


@pytest.mark.parametrize("theirs", [THEIRS, f"{THEIRS}\n", "", "\n", f"{C}\n{C}\n"])
def test_ours_are_added_changed_and_removed_and_the_rest_is_as_it_was(theirs: str) -> None:
    server = ApiServer(config_map(theirs, annotations={"of": "others"}))
    before = server.held(config_map(""))
    assert run(server, known_hosts=f"# a:22 SSH-2.0\n{A}\n\n{B}\n")["known_hosts"] == [A, B]
    assert text(server) == "\n".join([A, B, *([theirs] if theirs else [])])
    assert run(server, known_hosts=f"{A}\n{B}")["changed"] is False
    assert run(server, known_hosts=B)["changed"] is True
    assert A not in text(server)
    assert run(server, state="absent")["changed"] is True
    after = server.held(config_map(""))
    assert before
    assert after
    assert (after["data"], after["metadata"]["annotations"]) == (before["data"], before["metadata"]["annotations"])
    assert run(server, state="absent")["changed"] is False


def test_a_line_that_others_have_stays_theirs() -> None:
    server = ApiServer(config_map(f"{A}\n"))
    assert run(server, known_hosts=f"{A}\n{B}")["known_hosts"] == [B]
    run(server, state="absent")
    assert text(server) == f"{A}\n"


def test_ours_are_found_after_somebody_has_rewritten_the_list() -> None:
    server = ApiServer(config_map(THEIRS))
    run(server, known_hosts=f"{A}\n{B}")
    held = server.held(config_map("")) or {}
    server.put({**held, "data": {"ssh_known_hosts": f"{C}\n{B}\n{A}\n"}})
    run(server, known_hosts=A)
    assert text(server) == f"{A}\n{C}\n"


OLD, NEW = "git ssh-rsa AAAAold", "git ssh-rsa AAAAnew"


@pytest.mark.parametrize(
    ("theirs", "wanted", "lacking"),
    [
        pytest.param(f"{OLD}\n", NEW, [NEW], id="another key of the host"),
        pytest.param(f"{OLD}\n{NEW}\n", NEW, [NEW], id="another key of the host comes first"),
        pytest.param(f"{NEW}\n{OLD}\n", NEW, [], id="ours comes first"),
        pytest.param(f"{OLD}\n{NEW}\n", f"{OLD}\n{NEW}", [], id="both are wanted"),
        pytest.param(f"other,git ssh-rsa AAAAnew comment\n{OLD}\n", NEW, [], id="beside another host"),
        pytest.param(f"{NEW}\n", "git,10.0.0.1 ssh-rsa AAAAnew", ["git,10.0.0.1 ssh-rsa AAAAnew"], id="one more host"),
        pytest.param("git ssh-ed25519 AAAAold\n", NEW, [NEW], id="a key of another type"),
        pytest.param("@revoked git ssh-rsa AAAAold\n", NEW, [NEW], id="a marker is another thing"),
        pytest.param("git  ssh-rsa\tAAAAnew\n", NEW, [], id="other spaces"),
        pytest.param("nonsense\n", "nonsense", [], id="no key at all"),
    ],
)
def test_a_key_counts_when_no_other_of_its_host_and_type_comes_first(
    theirs: str, wanted: str, lacking: list[str]
) -> None:
    server = ApiServer(config_map(theirs))
    assert missing(server.held(config_map("")), wanted) == lacking
    assert run(server, known_hosts=wanted)["known_hosts"] == lacking
    assert missing(server.held(config_map("")), wanted) == []
    assert run(server, known_hosts=wanted)["changed"] is False
    run(server, state="absent")
    assert text(server) == theirs


def test_a_key_that_is_there_costs_one_request() -> None:
    server = ApiServer(config_map(f"{A}\n"))
    run(server, known_hosts=A)
    assert len(server.requests) == 1


def test_what_the_list_was_is_kept_until_it_is_that_again() -> None:
    before = config_map("", name="argocd-ssh-known-hosts-cm-before-seldon")
    server = ApiServer(config_map(THEIRS), lingers=0)
    run(server, known_hosts=A)
    run(server, known_hosts=B)
    assert (server.held(before) or {})["data"] == {"ssh_known_hosts": THEIRS}
    run(server, state="absent")
    assert server.held(before) is None


def test_a_config_map_that_the_operator_makes_is_waited_for() -> None:
    server = ApiServer()

    def operator(_method: str, _path: str) -> None:
        if len(server.requests) == 3:
            server.put(config_map(None))

    server.before_request = operator
    assert run(server, known_hosts=A)["changed"] is True
    assert text(server) == A


def test_where_there_is_no_argo_cd_it_is_told() -> None:
    with pytest.raises(EngineError, match=r"argocd/argocd-ssh-known-hosts-cm does not exist: is there an Argo CD\?"):
        run(ApiServer(), known_hosts=A)
    assert run(ApiServer(), state="absent")["changed"] is False
    foreseen = run(ApiServer(check_mode=True), check_mode=True, known_hosts=A)
    assert (foreseen["changed"], foreseen["known_hosts"]) == (True, [A])


def test_what_is_not_given_is_kept_or_read_from_the_secret() -> None:
    secret = {"name": "git-creds", "namespace": "system", "key": "known_hosts"}
    data = {"known_hosts": base64.b64encode(B.encode()).decode()}
    kept = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "git-creds", "namespace": "system"},
        "data": data,
    }
    server = ApiServer(config_map(f"{C}\n"))
    run(server, known_hosts=A)
    assert run(server, secret=secret)["changed"] is False
    assert text(server) == f"{A}\n{C}\n"
    server.put(kept)
    run(server, secret=secret)
    assert text(server) == f"{B}\n{C}\n"
    run(server, secret=secret, known_hosts=A)
    assert text(server) == f"{A}\n{C}\n"


def test_what_argo_cd_lacks() -> None:
    assert missing(None, f"# x\n{A}\n") == [A]
    assert missing(config_map(f"{B}\n {A} \n"), f"{A}\n{C}") == [C]
    assert OURS.startswith("seldon.openshift/")
