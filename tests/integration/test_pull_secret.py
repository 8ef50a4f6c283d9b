"""Logins in the cluster's pull secret, by playbooks, on a real API server: ours come, change and go beside others."""

from __future__ import annotations

import base64
import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from ansible_collections.seldon.openshift.plugins.modules import seldon_pull_secret

from sandbox.kube import ApiError, Object
from tests.integration.cluster import Cluster, recap
from tests.integration.engine import run

HOST = "registry.example.com:5000"
KEY = ".dockerconfigjson"
PASSWORDS = ("pa55w0rd-of-nobody", "an0ther-of-nobody")
HOME = "pull-secrets"
OTHERS = {"auth": "b3RoZXJzOnRvbw=="}


def login(password: str) -> Object:
    return {"auth": base64.b64encode(f"mirror:{password}".encode()).decode()}


def given(password: str = PASSWORDS[0], host: str = HOST) -> Object:
    return {"seldon_image_pull_secret": {"auths": {host: login(password)}}}


def secret(cluster: Cluster, namespace: str = "openshift-config") -> Object:
    found = cluster.kube.get("v1", "Secret", "pull-secret", namespace)
    assert found
    return found


def entries(cluster: Cluster, namespace: str = "openshift-config") -> Object:
    text = base64.b64decode(secret(cluster, namespace)["data"][KEY]).decode()
    found: Object = json.loads(text)["auths"]
    return found


def put(cluster: Cluster, auths: Object, namespace: str = "openshift-config") -> None:
    """Do what an administrator does: other entries."""
    text = json.dumps({"auths": auths})
    cluster.kube.patch(secret(cluster, namespace), {"data": {KEY: base64.b64encode(text.encode()).decode()}})


def play(
    cluster: Cluster, playbook: str, values: Object, *options: str, code: int = 0
) -> subprocess.CompletedProcess[str]:
    """Run a playbook for the chapter namespaces, as verbosely as can be; no output ever holds a login."""
    tags = "namespaces,model_namespace" if playbook == "uninstall" else "namespaces"
    arguments = (*cluster.values(), "-e", json.dumps(values), "--tags", tags, "-vvv", *options)
    done = cluster.playbook(f"playbooks/{playbook}.yml", *arguments, check=False)
    assert done.returncode == code, done.stdout
    told = done.stdout + done.stderr
    assert not [each for each in PASSWORDS if each in told or login(each)["auth"] in told]
    return done


def test_site_writes_the_login_once_changes_it_and_uninstall_takes_it_out(empty_cluster: Cluster) -> None:
    before = entries(empty_cluster)
    assert HOST not in before
    checked = play(empty_cluster, "site", given(), "--check", "--diff")
    assert f"{HOST}: (hidden)" in checked.stdout
    assert entries(empty_cluster) == before

    play(empty_cluster, "site", given())
    assert entries(empty_cluster) == {**before, HOST: login(PASSWORDS[0])}
    version = secret(empty_cluster)["metadata"]["resourceVersion"]
    # As the text of a file, it is the same; the file may be in a vault.
    again = {"seldon_image_pull_secret": json.dumps(given()["seldon_image_pull_secret"])}
    assert recap(play(empty_cluster, "site", again))["changed"] == 0
    assert secret(empty_cluster)["metadata"]["resourceVersion"] == version
    # Without the variable, nobody looks.
    assert not touched(empty_cluster, {})

    assert recap(play(empty_cluster, "rotate", given(PASSWORDS[1])))["changed"] == 1
    assert entries(empty_cluster) == {**before, HOST: login(PASSWORDS[1])}

    play(empty_cluster, "uninstall", given(PASSWORDS[1]), "-e", "confirm=uninstall")
    assert entries(empty_cluster) == before
    assert "annotations" not in secret(empty_cluster)["metadata"]


def touched(cluster: Cluster, values: Object) -> list[Object]:
    """Return what a run asks of the API server about the pull secret."""
    events = cluster.requests(lambda: play(cluster, "site", values))
    return [event for event in events if (event.get("objectRef") or {}).get("name") == "pull-secret"]


def test_another_login_of_somebody_else_stops_the_run_before_its_first_write(empty_cluster: Cluster) -> None:
    before = entries(empty_cluster)
    put(empty_cluster, {**before, HOST: login(PASSWORDS[1])})
    events = empty_cluster.requests(lambda: refused(empty_cluster))
    writes = [event for event in events if event["verb"] in ("create", "update", "patch", "delete")]
    assert [event for event in writes if "review" not in event["objectRef"]["resource"]] == []
    assert entries(empty_cluster) == {**before, HOST: login(PASSWORDS[1])}
    put(empty_cluster, before)


def refused(cluster: Cluster) -> None:
    told = " ".join(play(cluster, "site", given(), code=2).stdout.split())
    assert f"Secret openshift-config/pull-secret has another login for {HOST}" in told
    assert "leave the entry out of seldon_image_pull_secret" in told


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"seldon_image_pull_secret": '{"auths": {'}, "seldon_image_pull_secret: is no JSON"),
        (given(host=f"https://{HOST}"), f"auths[https://{HOST}] has a protocol or a path"),
    ],
)
def test_what_is_no_login_is_refused_without_a_cluster_being_asked(
    empty_cluster: Cluster, values: Object, told: str
) -> None:
    assert told in " ".join(play(empty_cluster, "preflight", values, code=2).stdout.split())


def test_a_tree_of_manifests_has_a_note_and_no_login(empty_cluster: Cluster, tmp_path: Path) -> None:
    play(empty_cluster, "render", given(), "-e", f"out={tmp_path}")
    texts = "".join(path.read_text() for path in tmp_path.rglob("*") if path.is_file())
    assert "Secret openshift-config/pull-secret" in texts
    assert HOST in texts
    assert login(PASSWORDS[0])["auth"] not in texts


def test_many_writers_at_once_all_win(empty_cluster: Cluster) -> None:
    kube, theirs = empty_cluster.kube, secret(empty_cluster)
    kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": HOME}})
    kube.create({**theirs, "metadata": {"name": "pull-secret", "namespace": HOME}})
    hosts = [f"r{number}.example.com" for number in range(6)]
    wanted = {"auths": {HOST: login(PASSWORDS[0])}}
    with ThreadPoolExecutor(8) as pool:
        others = [pool.submit(registered, empty_cluster, host) for host in hosts]
        ours = [pool.submit(run, seldon_pull_secret, empty_cluster, namespace=HOME, pull_secret=wanted) for _ in "12"]
        assert [each.result() for each in others] == [None] * len(hosts)
        assert [each.result().get("msg") for each in ours] == [None, None]
    assert entries(empty_cluster, HOME) == {**entries(empty_cluster), **dict.fromkeys(hosts, OTHERS), **wanted["auths"]}
    run(seldon_pull_secret, empty_cluster, namespace=HOME, state="absent")
    assert entries(empty_cluster, HOME) == {**entries(empty_cluster), **dict.fromkeys(hosts, OTHERS)}


def registered(cluster: Cluster, host: str) -> None:
    """Do what another client does that minds the resourceVersion: add an entry, again after each lost race."""
    while True:
        live = secret(cluster, HOME)
        auths = json.loads(base64.b64decode(live["data"][KEY]))["auths"]
        text = json.dumps({"auths": {**auths, host: OTHERS}})
        try:
            cluster.kube.replace({**live, "data": {KEY: base64.b64encode(text.encode()).decode()}})
        except ApiError as error:
            if error.status != 409:
                raise
        else:
            return
