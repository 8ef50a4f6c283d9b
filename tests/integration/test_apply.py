"""seldon_apply against a real API server."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.seldon.openshift.plugins.modules import seldon_apply
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.definitions import Definitions
from tests.integration.cluster import SHIPPED, Cluster
from tests.integration.engine import Result, run

Object = dict[str, Any]
FIXTURES = Path(__file__).parent


def config_map(name: str, namespace: str | None = None, **data: str) -> Object:
    metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


def namespace(name: str) -> Object:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def secret(name: str, **data: str) -> Object:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": data}


def widget_definition(kind: str) -> Object:
    """A definition of the project's own: an atomic list, a list with keys and defaults."""
    plural = f"{kind.lower()}s"
    item = {
        "type": "object",
        "required": ["name"],
        "properties": {"name": {"type": "string"}, "size": {"type": "integer", "default": 1}},
    }
    spec = {
        "type": "object",
        "properties": {
            "members": {"type": "array", "items": {"type": "string"}},
            "parts": {
                "type": "array",
                "items": item,
                "x-kubernetes-list-type": "map",
                "x-kubernetes-list-map-keys": ["name"],
            },
        },
    }
    schema = {"openAPIV3Schema": {"type": "object", "properties": {"spec": spec}}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.test.seldon.openshift"},
        "spec": {
            "group": "test.seldon.openshift",
            "scope": "Namespaced",
            "names": {"kind": kind, "plural": plural},
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": schema}],
        },
    }


def widget(kind: str, name: str, namespace: str, **spec: Any) -> Object:
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": "test.seldon.openshift/v1", "kind": kind, "metadata": metadata, "spec": spec}


def actions(result: Result) -> dict[str, str]:
    return {f"{entry['kind']}/{entry['name']}": entry["action"] for entry in result["results"]}


@pytest.fixture
def home(shared_cluster: Cluster, request: pytest.FixtureRequest) -> Iterator[str]:
    """A namespace of the test's own."""
    name = request.node.name.split("[")[0].replace("_", "-")[:50].strip("-")
    assert run(seldon_apply, shared_cluster, resources=[namespace(name)])["changed"]
    yield name
    shared_cluster.kube.request("DELETE", f"/api/v1/namespaces/{name}")


def test_a_set_comes_changes_and_goes(shared_cluster: Cluster) -> None:
    name = "life"
    objects = [
        widget("Gear", "g", name, members=["a"], parts=[{"name": "p"}]),
        config_map("c", name, a="1", b="2"),
        secret("s", password="x") | {"metadata": {"name": "s", "namespace": name}},
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "sa", "namespace": name}},
        widget_definition("Gear"),
        namespace(name),
    ]
    first = run(seldon_apply, shared_cluster, resources=objects)
    assert set(actions(first).values()) == {"created"}, first
    assert first["changed"]
    assert first["summary"] == {"created": 6}

    again = run(seldon_apply, shared_cluster, resources=objects)
    assert set(actions(again).values()) == {"unchanged"}
    assert not again["changed"]
    assert again["diff"] == []

    path = f"/api/v1/namespaces/{name}/configmaps/c"
    shared_cluster.kube.request("PATCH", path, {"data": {"foreign": "f"}}, "application/merge-patch+json")
    objects[1] = config_map("c", name, a="3")
    changed = run(seldon_apply, shared_cluster, resources=objects)
    assert Counter(actions(changed).values()) == {"unchanged": 5, "updated": 1}
    assert shared_cluster.kube.request("GET", path)["data"] == {"a": "3", "foreign": "f"}
    (entry,) = changed["diff"]
    assert "b: '2'" in entry["before"]
    assert "b:" not in entry["after"]
    assert "foreign" not in entry["before"] + entry["after"]

    gone = run(seldon_apply, shared_cluster, state="absent", resources=objects)
    assert set(actions(gone).values()) == {"deleted"}, gone
    assert [entry["kind"] for entry in gone["results"]][-2:] == ["CustomResourceDefinition", "Namespace"]
    assert [
        item
        for item in shared_cluster.kube.request("GET", "/api/v1/namespaces")["items"]
        if item["metadata"]["name"] == name
    ] == []
    absent = run(seldon_apply, shared_cluster, state="absent", resources=objects)
    assert set(actions(absent).values()) == {"absent"}
    assert not absent["changed"]


def test_values_that_others_changed_are_brought_back(shared_cluster: Cluster, home: str) -> None:
    objects = [config_map("c", home, a="1")]
    run(seldon_apply, shared_cluster, resources=objects)
    path = f"/api/v1/namespaces/{home}/configmaps/c"
    shared_cluster.kube.request("PATCH", path, {"data": {"a": "2"}}, "application/merge-patch+json")
    result = run(seldon_apply, shared_cluster, resources=objects, conflicts="force")
    assert actions(result) == {"ConfigMap/c": "updated"}
    assert shared_cluster.kube.request("GET", path)["data"] == {"a": "1"}


def test_conflicts_are_named_and_can_be_won(shared_cluster: Cluster, home: str) -> None:
    path = f"/api/v1/namespaces/{home}/configmaps/c?fieldManager=somebody"
    shared_cluster.kube.request("PATCH", path, config_map("c", home, a="theirs"), "application/apply-patch+yaml")
    objects = [config_map("c", home, a="ours"), config_map("d", home, a="ours")]
    refused = run(seldon_apply, shared_cluster, resources=objects)
    assert refused["failed"]
    assert actions(refused) == {"ConfigMap/c": "failed", "ConfigMap/d": "created"}
    assert all(part in refused["msg"] for part in (".data.a", "seldon_adopt=true"))
    won = run(seldon_apply, shared_cluster, resources=objects, conflicts="force")
    assert actions(won) == {"ConfigMap/c": "updated", "ConfigMap/d": "unchanged"}


def test_the_first_apply_over_equal_content_changes_nothing(shared_cluster: Cluster, home: str) -> None:
    made_by_hand = config_map("c", home, a="1")
    shared_cluster.kube.request("POST", f"/api/v1/namespaces/{home}/configmaps", made_by_hand)
    assert actions(run(seldon_apply, shared_cluster, resources=[made_by_hand])) == {"ConfigMap/c": "unchanged"}


def test_each_of_several_namespaces_gets_the_set(shared_cluster: Cluster, home: str) -> None:
    objects = [namespace("other"), config_map("c", a="1"), config_map("d", home, a="1")]
    homes = [home, "other"]
    first = run(seldon_apply, shared_cluster, resources=objects, namespaces=homes)
    assert [(entry["namespace"], entry["name"]) for entry in first["results"]] == [
        (None, "other"),
        (home, "c"),
        ("other", "c"),
        (home, "d"),
    ]
    assert not run(seldon_apply, shared_cluster, resources=objects, namespaces=homes)["changed"]
    gone = run(seldon_apply, shared_cluster, resources=objects[1:2], namespaces=homes, state="absent")
    assert gone["summary"] == {"deleted": 2}
    assert run(seldon_apply, shared_cluster, resources=objects[1:2], namespaces=[])["results"] == []
    assert "not both" in run(seldon_apply, shared_cluster, resources=objects, namespaces=homes, namespace=home)["msg"]


def test_every_failure_is_told_and_the_rest_is_done(shared_cluster: Cluster, home: str) -> None:
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "s", "namespace": home},
        "spec": {"ports": [{"port": 99999}]},
    }
    objects = [
        config_map("good", home, a="1"),
        config_map("unknown", home) | {"colour": "green"},
        config_map("lost", "no-such-namespace", a="1"),
        config_map("homeless"),
        service,
    ]
    result = run(seldon_apply, shared_cluster, resources=objects)
    assert result["failed"]
    assert result["changed"]
    assert actions(result)["ConfigMap/good"] == "created"
    assert result["summary"] == {"created": 1, "failed": 4}
    told = {entry["name"]: entry.get("message", "") for entry in result["results"]}
    assert ".colour: field not declared in schema" in told["unknown"]
    assert "namespace no-such-namespace does not exist" in told["lost"]
    assert "give metadata.namespace" in told["homeless"]
    assert "spec.ports[0].port" in told["s"]
    assert "422 Invalid" in told["s"]
    assert all(
        f"ConfigMap {where}" in result["msg"] for where in (f"{home}/unknown", "no-such-namespace/lost", "homeless")
    )


def test_check_mode_tells_the_truth_on_an_empty_cluster(shared_cluster: Cluster) -> None:
    objects = [
        namespace("not-yet"),
        config_map("c", "not-yet", a="1"),
        secret("s", password="s3cret") | {"metadata": {"name": "s", "namespace": "not-yet"}},
        widget("Sprocket", "g", "not-yet", members=[]),
        config_map("d", "default", a="1"),
    ]
    result = run(seldon_apply, shared_cluster, check=True, resources=objects)
    assert set(actions(result).values()) == {"created"}, result
    told = {entry["name"]: entry.get("message", "") for entry in result["results"]}
    assert told["c"] == "would create (namespace not-yet does not exist yet)"
    assert "does not serve Sprocket of test.seldon.openshift/v1 yet" in told["g"]
    assert told["d"] == ""
    assert "s3cret" not in str(result)
    assert base64.b64encode(b"s3cret").decode() not in str(result)
    assert result["diff"][0]["after_header"] == "Namespace not-yet"
    for path in ("/api/v1/namespaces/not-yet", "/api/v1/namespaces/default/configmaps/d"):
        with pytest.raises(Exception, match="404"):
            shared_cluster.kube.request("GET", path)


def test_check_mode_finds_what_the_server_would_refuse(shared_cluster: Cluster, home: str) -> None:
    result = run(seldon_apply, shared_cluster, check=True, resources=[config_map("c", home) | {"colour": "green"}])
    assert result["failed"]
    assert "colour" in result["msg"]


def test_an_unchanged_object_costs_at_most_one_request(shared_cluster: Cluster, home: str) -> None:
    many = [config_map(f"c{number}", home, a="1") for number in range(25)]
    policy = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "p", "namespace": home},
        "spec": {"podSelector": {}, "ingress": [{"ports": [{"port": 80}]}]},
    }
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "s", "namespace": home},
        "spec": {
            "selector": {"a": "b"},
            "ports": [{"name": "t", "port": 80}, {"name": "u", "port": 80, "protocol": "UDP"}],
        },
    }
    few = [policy, service, secret("s", a="1") | {"metadata": {"name": "s", "namespace": home}}]
    run(seldon_apply, shared_cluster, resources=many + few)

    def seen(objects: list[Object]) -> list[str]:
        result: list[Result] = []
        events = shared_cluster.requests(lambda: result.append(run(seldon_apply, shared_cluster, resources=objects)))
        assert result[0]["summary"] == {"unchanged": len(objects)}
        return sorted(event["verb"] for event in events if event["userAgent"] == "seldon.openshift")

    assert seen(many) == ["list"]
    assert seen(few) == ["get", "get", "get"]
    changed = [config_map("c0", home, a="2"), *many[1:]]
    events = shared_cluster.requests(lambda: run(seldon_apply, shared_cluster, resources=changed))
    assert sorted(event["verb"] for event in events if event["userAgent"] == "seldon.openshift") == ["list", "patch"]


def test_a_kind_that_comes_later_is_waited_for(shared_cluster: Cluster, home: str) -> None:
    def bring() -> None:
        time.sleep(5)
        run(seldon_apply, shared_cluster, resources=[widget_definition("Later")])

    lines: list[str] = []
    thread = threading.Thread(target=bring)
    thread.start()
    objects = [widget("Later", f"w{number}", home, members=["a"]) for number in range(9)] + [config_map("c", home)]
    result = run(seldon_apply, shared_cluster, lines=lines, resources=objects, timeout=60)
    thread.join()
    assert result["summary"] == {"created": 10}, result
    assert lines == ["waiting until the cluster serves: Later of test.seldon.openshift/v1"]


def test_a_kind_that_never_comes_is_named(shared_cluster: Cluster, home: str) -> None:
    objects = [widget("Never", "w", home, members=["a"]), config_map("c", home)]
    result = run(seldon_apply, shared_cluster, resources=objects, timeout=3)
    assert result["failed"]
    assert actions(result) == {"Never/w": "failed", "ConfigMap/c": "created"}
    assert "does not serve Never of test.seldon.openshift/v1" in result["msg"]
    assert "oc api-resources --api-group=test.seldon.openshift" in result["msg"]
    kafka = {"apiVersion": "kafka.strimzi.io/v1beta2", "kind": "Kafka", "metadata": {"name": "k", "namespace": home}}
    assert (
        "its operator amq-streams or strimzi-kafka-operator: nothing on the cluster subscribes to it"
        in (run(seldon_apply, shared_cluster, resources=[kafka], timeout=1)["msg"])
    )


def test_prune_removes_what_the_set_no_longer_holds(shared_cluster: Cluster, home: str) -> None:
    role = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": {"name": "r", "namespace": home},
        "rules": [],
    }
    kept, dropped = config_map("kept", home, a="1"), config_map("dropped", home, a="1")
    others = config_map("others", home, a="1")
    run(seldon_apply, shared_cluster, resources=[others], owner="somebody-else")
    foreign = config_map("foreign", home, a="1")
    foreign["metadata"]["labels"] = {"seldon.openshift/owner": "prune-test"}
    shared_cluster.kube.request("POST", f"/api/v1/namespaces/{home}/configmaps", foreign)
    run(seldon_apply, shared_cluster, resources=[kept, dropped, role], owner="prune-test")

    bad = run(seldon_apply, shared_cluster, resources=[kept | {"colour": "red"}], owner="prune-test", prune=True)
    assert bad["summary"] == {"failed": 1}

    tried = run(seldon_apply, shared_cluster, check=True, resources=[kept], owner="prune-test", prune=True)
    assert tried["summary"] == {"unchanged": 1, "pruned": 2}
    result = run(seldon_apply, shared_cluster, resources=[kept], owner="prune-test", prune=True)
    assert actions(result) == {"ConfigMap/kept": "unchanged", "ConfigMap/dropped": "pruned", "Role/r": "pruned"}
    items = shared_cluster.kube.request("GET", f"/api/v1/namespaces/{home}/configmaps")["items"]
    assert {"kept", "others", "foreign"} <= {item["metadata"]["name"] for item in items}
    assert "dropped" not in {item["metadata"]["name"] for item in items}
    assert not run(seldon_apply, shared_cluster, resources=[kept], owner="prune-test", prune=True)["changed"]


def test_what_nobody_will_work_on_again_is_created_again_when_that_is_wanted(
    shared_cluster: Cluster, home: str
) -> None:
    """No controller touches a Broker that came before its webhook could complete it."""
    run(
        seldon_apply,
        shared_cluster,
        resources=[Definitions.from_environment().definition("brokers.eventing.knative.dev")],
    )
    broker = {"apiVersion": "eventing.knative.dev/v1", "kind": "Broker", "metadata": {"name": "b", "namespace": home}}

    def uid() -> str:
        live = shared_cluster.kube.get(broker["apiVersion"], "Broker", "b", home)
        assert live
        return str(live["metadata"]["uid"])

    run(seldon_apply, shared_cluster, resources=[broker])
    before = uid()
    assert not run(seldon_apply, shared_cluster, resources=[broker])["changed"]
    assert actions(run(seldon_apply, shared_cluster, check=True, resources=[broker], recreate=True)) == {
        "Broker/b": "recreated"
    }
    assert uid() == before
    lines: list[str] = []
    result = run(seldon_apply, shared_cluster, lines=lines, resources=[broker], recreate=True)
    assert actions(result) == {"Broker/b": "recreated"}
    assert result["changed"]
    assert "before the eventing webhook was ready" in result["results"][0]["message"]
    assert any("creating it again" in line for line in lines)
    assert uid() != before
    completed = {**broker, "spec": {"config": {"apiVersion": "v1", "kind": "ConfigMap", "name": "c"}}}
    run(seldon_apply, shared_cluster, resources=[completed])
    assert not run(seldon_apply, shared_cluster, resources=[completed], recreate=True)["changed"]


def test_what_holds_a_deletion_is_named(shared_cluster: Cluster, home: str) -> None:
    held = config_map("held", home)
    held["metadata"]["finalizers"] = ["example.com/hold"]
    run(seldon_apply, shared_cluster, resources=[held])
    lines: list[str] = []
    result = run(seldon_apply, shared_cluster, lines=lines, state="absent", resources=[held], timeout=6)
    assert result["failed"]
    assert "example.com/hold" in result["msg"]
    assert any("example.com/hold" in line for line in lines)
    path = f"/api/v1/namespaces/{home}/configmaps/held"
    shared_cluster.kube.request("PATCH", path, {"metadata": {"finalizers": None}}, "application/merge-patch+json")


# Everything but halves of surrogate pairs; those that YAML, Go or a terminal treat in their own way come up often.
ODD = "\0\x07\t\n\r\x1b \"'\\\x7f\x80\x85\xa0\xad\u200b\u2028\u2029\ufeff\ufffd\ufffe\uffff\U0001f600\U0010ffff"
TEXTS = st.lists(st.text(st.sampled_from(ODD) | st.characters(exclude_categories=["Cs"])), min_size=40, max_size=80)


@given(TEXTS)
@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_any_text_of_any_field_comes_back_equal(shared_cluster: Cluster, home: str, texts: list[str]) -> None:
    held = {f"k{number}": text for number, text in enumerate(texts)}
    annotations = {f"example.com/{key}": text for key, text in held.items()}
    objects = [
        {**config_map("c", home, **held), "metadata": {"name": "c", "namespace": home, "annotations": annotations}},
        {**secret("s", **held), "metadata": {"name": "s", "namespace": home}},
    ]
    assert "failed" not in run(seldon_apply, shared_cluster, resources=objects)
    live = shared_cluster.kube.get("v1", "ConfigMap", "c", home)
    assert live
    assert (live["data"], live["metadata"]["annotations"]) == (held, annotations)
    kept = shared_cluster.kube.get("v1", "Secret", "s", home)
    assert kept
    assert {key: base64.b64decode(value).decode() for key, value in kept["data"].items()} == held
    assert set(actions(run(seldon_apply, shared_cluster, resources=objects)).values()) == {"unchanged"}


def test_every_character_comes_back_equal(shared_cluster: Cluster, home: str) -> None:
    plane = "".join(chr(code) for code in range(0x10000) if not 0xD800 <= code < 0xE000)
    beyond = "".join(chr(code) for code in range(0x10000, 0x110000, 97))
    data = {"plane": plane, "beyond": beyond, "each.in.a.word": "".join(f"a{each}b" for each in plane[:0x3000])}
    run(seldon_apply, shared_cluster, resources=[config_map("all", home, **data)])
    live = shared_cluster.kube.get("v1", "ConfigMap", "all", home)
    assert live
    assert live["data"] == data


def test_keys_and_names_with_any_character_are_refused_by_the_server_alone(shared_cluster: Cluster, home: str) -> None:
    odd = [
        config_map("c", home) | {"data": {"k\N{GRINNING FACE}": "v"}},
        config_map("n\x85\ufeff\N{GRINNING FACE}", home),
    ]
    labelled = config_map("l", home)
    labelled["metadata"]["labels"] = {"a": "\u2028"}
    result = run(seldon_apply, shared_cluster, resources=[*odd, labelled])
    assert actions(result) == dict.fromkeys(
        (f"ConfigMap/{obj['metadata']['name']}" for obj in [*odd, labelled]), "failed"
    )
    assert all("422 Invalid" in each["message"] for each in result["results"]), result["results"]


def test_half_a_surrogate_pair_is_refused_before_the_first_write(shared_cluster: Cluster, home: str) -> None:
    results: list[Result] = []
    text = f'[{{apiVersion: v1, kind: ConfigMap, metadata: {{name: h, namespace: {home}}}, data: {{a: "\\ud83d"}}}}]'
    events = shared_cluster.requests(lambda: results.append(run(seldon_apply, shared_cluster, resources=text)))
    assert "resources[0].data.a is no text" in results[0]["msg"]
    assert [event for event in events if event["userAgent"] == "seldon.openshift"] == []


def test_real_definitions_are_applied_and_then_current(shared_cluster: Cluster) -> None:
    objects = Definitions.from_environment().load("service_mesh", "istio", "kafka")
    assert not run(seldon_apply, shared_cluster, resources=objects).get("msg")
    again = run(seldon_apply, shared_cluster, resources=objects)
    assert set(actions(again).values()) == {"unchanged"}


def test_the_module_shipped_or_elsewhere_does_the_same(shared_cluster: Cluster) -> None:
    ways = {"local": [], "shipped": SHIPPED}
    if os.geteuid() == 0 and shutil.which("chroot"):
        ways["elsewhere"] = [*SHIPPED, "-e", "ansible_connection=community.general.chroot", "-e", "ansible_host=/"]
    seen: dict[str, Result] = {}
    for way, options in ways.items():
        objects = [namespace("ways"), config_map("a", "ways", x="1"), config_map("b", "ways") | {"bad": 1}]
        arguments = {"resources": objects, "kubeconfig": str(shared_cluster.kubeconfig)}
        result = shared_cluster.task("seldon.openshift.seldon_apply", arguments, *options)
        seen[way] = {key: result.get(key) for key in ("changed", "failed", "msg", "results", "summary", "invocation")}
        assert not run(seldon_apply, shared_cluster, resources=objects[:2], state="absent").get("msg")
    assert seen["local"]["summary"] == {"created": 2, "failed": 1}
    for way in ways:
        assert seen[way] == seen["local"], way


PLAY = """
- hosts: seldon_clusters
  gather_facts: false
  vars: {password: pa55w0rd-of-nobody}
  module_defaults:
    group/seldon.openshift.seldon: {api_key: "t0ken-of-nobody"}
  tasks:
    - name: Apply
      seldon.openshift.seldon_apply:
        namespace: files
        files: [raw.yaml]
        templates: [secret.yaml.j2]
        resources: "{{ lookup('ansible.builtin.file', 'text.yaml') }}"
      register: done
    - name: Show
      ansible.builtin.debug: {var: done}
"""


@pytest.mark.parametrize("mode", ["--check", "--diff"])
def test_files_and_templates_come_from_the_controller_and_no_secret_shows(
    shared_cluster: Cluster, tmp_path: Path, mode: str
) -> None:
    (tmp_path / "play.yml").write_text(PLAY)
    (tmp_path / "files").mkdir()
    (tmp_path / "templates").mkdir()
    raw = [namespace("files"), config_map("raw", a="{{ not_a_variable }}", b="=")]
    (tmp_path / "files" / "raw.yaml").write_text(yaml.safe_dump_all(raw).replace("'='", "="))
    (tmp_path / "files" / "text.yaml").write_text(yaml.safe_dump(config_map("text", b="=")).replace("'='", "="))
    (tmp_path / "templates" / "secret.yaml.j2").write_text(
        "{% for n in range(2) %}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: s{{ n }}}\n"
        "stringData: {password: '{{ password }}'}\n{% endfor %}"
    )
    result = shared_cluster.playbook(str(tmp_path / "play.yml"), "-vvv", "--diff", mode)
    encoded = base64.b64encode(b"pa55w0rd-of-nobody").decode()
    assert not [
        word for word in ("pa55w0rd-of-nobody", encoded, "t0ken-of-nobody") if word in result.stdout + result.stderr
    ]
    assert "(hidden" in result.stdout
    if mode == "--diff":
        get = shared_cluster.kube.request
        data = get("GET", "/api/v1/namespaces/files/configmaps/raw")["data"]
        assert data == {"a": "{{ not_a_variable }}", "b": "="}
        assert get("GET", "/api/v1/namespaces/files/configmaps/text")["data"] == {"b": "="}
        assert get("GET", "/api/v1/namespaces/files/secrets/s1")["data"] == {"password": encoded}


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"K8S_AUTH_HOST": "https://127.0.0.1:1", "K8S_AUTH_API_KEY": "x"}, "https://127.0.0.1:1 can't be reached"),
        ({"K8S_AUTH_KUBECONFIG": "/no/such/file"}, "no usable connection settings"),
    ],
)
def test_a_cluster_that_is_not_there_is_one_clear_line(
    shared_cluster: Cluster, environment: dict[str, str], told: str
) -> None:
    play = [
        {
            "hosts": "seldon_clusters",
            "gather_facts": False,
            "environment": environment,
            "tasks": [{"seldon.openshift.seldon_apply": {"resources": [namespace("x")]}}],
        }
    ]
    result = subprocess.run(
        ["ansible-playbook", "/dev/stdin"],
        input=yaml.safe_dump(play),
        env=shared_cluster.environment(),
        cwd=FIXTURES.parent.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 2
    assert told in result.stdout + result.stderr
    assert "Traceback" not in result.stdout + result.stderr
