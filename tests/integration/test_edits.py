"""Edits of objects that others edit too, against a real API server, and Alertmanager's own view of the result."""

from __future__ import annotations

import base64
import copy
import json
import multiprocessing
import subprocess
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from ansible_collections.seldon.openshift.plugins.module_utils.shared.alertmanager import with_receiver
from ansible_collections.seldon.openshift.plugins.modules import (
    seldon_alertmanager_receiver,
    seldon_gitops_project,
    seldon_log_forwarder,
    seldon_monitoring_config,
)

from sandbox.build import binaries
from sandbox.definitions import Definitions, establish
from tests.integration.cluster import SHIPPED, Cluster, recap
from tests.integration.engine import run
from tests.unit.plugins.module_utils.test_matchers import LENIENT, NO_EXPRESSIONS, READ, UNREADABLE

Object = dict[str, Any]

REPOSITORY = "https://git.example.com/acme/models"
WEBHOOK = "http://seldon-deploy.seldon-system:80/seldon-deploy/api/v1alpha1/webhooks/firing-alert"
PROJECT = {
    "destinations": [{"namespace": "seldon-gitops"}],
    "source_repos": [REPOSITORY],
    "description": "Seldon Deploy Project",
    "cluster_resource_whitelist": [{"group": "*", "kind": "*"}],
    "roles": [
        {"name": "seldon-admin", "policies": ["p, proj:seldon:seldon-admin, applications, get, seldon/*, allow"]}
    ],
}
FORWARDER = {
    "inputs": [
        {
            "name": "seldon-pods",
            "application": {"selector": {"matchLabels": {"app.kubernetes.io/managed-by": "seldon-core"}}},
        }
    ],
    "outputs": [
        {
            "name": "seldon-elasticsearch",
            "type": "elasticsearch",
            "url": "https://elasticsearch-seldon-es-http.seldon-logs:9200",
            "secret": {"name": "seldon-elasticsearch"},
        }
    ],
    "pipelines": [
        {"name": "seldon-container-logs", "inputRefs": ["seldon-pods"], "outputRefs": ["seldon-elasticsearch"]}
    ],
}
OAUTH2 = {
    "client_id": "sd-api",
    "client_secret": "pa55w0rd-of-nobody",
    "token_url": "https://keycloak.example.com/auth/realms/deploy-realm/protocol/openid-connect/token",
}


@dataclass(frozen=True)
class Shared:
    """An object that is shared, how to edit it, and what others have put there."""

    module: ModuleType
    api_version: str
    kind: str
    name: str
    namespace: str
    ours: Object
    changed: Object
    foreign: Object = field(default_factory=dict)
    reads: int = 1  # objects; what a forwarder leaves to the log store is told by the ClusterLogging

    def get(self, cluster: Cluster) -> Object | None:
        return cluster.kube.get(self.api_version, self.kind, self.name, self.namespace)

    def edit(self, cluster: Cluster, **given: Any) -> Object:
        return run(self.module, cluster, **{**self.ours, **given})

    def meaning(self, cluster: Cluster) -> Object | None:
        """What the object says to those who read it: YAML in text is read, too."""
        obj = self.get(cluster)
        if obj is None:
            return None
        content = {key: value for key, value in obj.items() if key in ("spec", "data")}
        for key, text in (obj.get("data") or {}).items():
            plain = base64.b64decode(text).decode() if self.kind == "Secret" else text
            content["data"][key] = yaml.safe_load(plain)
        return content


PROJECTS = Shared(
    seldon_gitops_project,
    "argoproj.io/v1alpha1",
    "AppProject",
    "seldon",
    "seldon-argocd",
    PROJECT,
    {"destinations": [{"namespace": "seldon-more"}]},
    {
        "spec": {
            "description": "theirs",
            "destinations": [{"namespace": "seldon-gitops", "name": "elsewhere"}],
            "sourceRepos": ["https://git.example.com/others/apps"],
        }
    },
)
LOGS = Shared(
    seldon_log_forwarder,
    "logging.openshift.io/v1",
    "ClusterLogForwarder",
    "instance",
    "openshift-logging",
    FORWARDER,
    # The API server completes a syslog output: an edit of one must come to rest all the same.
    {
        "outputs": [
            {"name": "seldon-elasticsearch", "type": "syslog", "url": "tls://s:1", "syslog": {"facility": "user"}}
        ]
    },
    {
        "spec": {
            "outputs": [{"name": "archive", "type": "syslog", "url": "tls://archive.example.com:6514"}],
            "pipelines": [{"name": "audit", "inputRefs": ["audit"], "outputRefs": ["archive"]}],
        }
    },
    reads=2,
)
MONITORING = Shared(
    seldon_monitoring_config,
    "v1",
    "ConfigMap",
    "cluster-monitoring-config",
    "openshift-monitoring",
    {"settings": {"enableUserWorkload": True, "prometheusK8s": {"retention": "30d"}}},
    {"settings": {"prometheusK8s": {"retention": "7d"}}},
    {"data": {"config.yaml": "# theirs\nprometheusK8s:\n  nodeSelector: {infra: ''}\ntechPreview: {}\n"}},
)
USER_MONITORING = Shared(
    seldon_monitoring_config,
    "v1",
    "ConfigMap",
    "user-workload-monitoring-config",
    "openshift-user-workload-monitoring",
    {"name": "user-workload-monitoring-config", "settings": {"prometheus": {"retention": "7d"}}},
    {"settings": {"prometheus": {"retention": "1d"}}},
)
# Its content is what the platform's operator put there.
ALERTS = Shared(
    seldon_alertmanager_receiver,
    "v1",
    "Secret",
    "alertmanager-main",
    "openshift-monitoring",
    {"url": WEBHOOK, "oauth2": OAUTH2},
    {"oauth2": None},
)
EVERY = [pytest.param(each, id=each.name) for each in (PROJECTS, LOGS, MONITORING, USER_MONITORING, ALERTS)]


def test_a_kind_that_is_not_there_yet_can_be_tried_and_has_nothing_to_remove(shared_cluster: Cluster) -> None:
    for shared in (PROJECTS, LOGS):
        assert shared.edit(shared_cluster, check=True)["changed"]
        assert not shared.edit(shared_cluster, state="absent")["changed"]
        assert not shared.edit(shared_cluster, check=True, state="absent")["changed"]
        refused = shared.edit(shared_cluster, timeout=2)
        assert f"does not serve {shared.kind}" in refused["msg"]


@pytest.fixture(scope="module")
def cluster(shared_cluster: Cluster) -> Cluster:
    """A cluster with the kinds and namespaces of Argo CD and Cluster Logging, whose operators do not run."""
    establish(shared_cluster.kube, Definitions.from_environment().load("gitops", "logging"))
    for name in ("seldon-argocd", "openshift-logging"):
        shared_cluster.kube.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    return shared_cluster


@pytest.fixture
def fresh(cluster: Cluster) -> Iterator[Cluster]:
    """The cluster with nothing in the shared objects; afterwards, Alertmanager's configuration is the default again."""
    default = ALERTS.get(cluster)
    assert default is not None
    for shared in (PROJECTS, LOGS, MONITORING, USER_MONITORING):
        if obj := shared.get(cluster):
            cluster.kube.delete(obj)
    yield cluster
    cluster.kube.patch(default, {"data": default["data"], "metadata": {"labels": {"hive.openshift.io/managed": None}}})


def put(cluster: Cluster, shared: Shared, content: Object) -> None:
    identity = {"apiVersion": shared.api_version, "kind": shared.kind}
    cluster.kube.create({**identity, "metadata": {"name": shared.name, "namespace": shared.namespace}, **content})


@pytest.mark.parametrize("shared", EVERY)
def test_ours_come_once_change_and_go_and_others_stay(fresh: Cluster, shared: Shared) -> None:
    if shared.foreign:
        put(fresh, shared, shared.foreign)
    theirs = shared.meaning(fresh)

    tried = shared.edit(fresh, check=True)
    assert tried["changed"], tried
    assert shared.meaning(fresh) == theirs
    made = shared.edit(fresh)
    assert made["changed"], made
    assert made["diff"] == tried["diff"]
    assert made["diff"][0]["before"] != made["diff"][0]["after"]
    with_ours = shared.meaning(fresh)
    assert with_ours != theirs

    again: list[Object] = []
    events = fresh.requests(lambda: again.append(shared.edit(fresh)))
    assert (again[0]["changed"], again[0]["diff"]) == (False, [])
    assert [event["verb"] for event in events if event["userAgent"] == "seldon.openshift"] == ["get"] * shared.reads
    assert not shared.edit(fresh, check=True)["changed"]

    assert shared.edit(fresh, **shared.changed)["changed"]
    assert shared.meaning(fresh) != with_ours
    assert not shared.edit(fresh, **shared.changed)["changed"]

    gone = {**shared.changed, "state": "absent"}
    assert shared.edit(fresh, check=True, **gone)["changed"]
    for each in (gone, {"state": "absent"}):
        assert shared.edit(fresh, **each).get("msg") is None
        assert not shared.edit(fresh, **each)["changed"]
    if theirs is not None:
        assert shared.meaning(fresh) == theirs


HOLD = "example.com/hold"


@pytest.mark.parametrize("shared", EVERY)
def test_what_is_being_deleted_is_not_edited_but_made_anew(fresh: Cluster, shared: Shared) -> None:
    content = {key: value for key, value in (shared.get(fresh) or {}).items() if key == "data"}
    if not content:
        put(fresh, shared, shared.foreign)
    live = shared.get(fresh)
    assert live
    fresh.kube.patch(live, {"metadata": {"finalizers": [HOLD]}})
    fresh.kube.delete(live)
    dying = shared.get(fresh)
    assert dying

    assert shared.edit(fresh, check=True)["changed"], "check mode does not wait"
    lines: list[str] = []
    held = shared.edit(fresh, lines=lines, timeout=5)
    for words in (f"{shared.kind} {shared.namespace}/{shared.name}", "still being deleted", f"finalizers {HOLD}"):
        assert words in held["msg"]
    assert any(HOLD in line for line in lines)
    assert shared.get(fresh) == dying

    def let_go() -> None:
        fresh.kube.patch(live, {"metadata": {"finalizers": None}})
        if content:  # the platform's operator makes it again
            put(fresh, shared, content)

    timer = threading.Timer(3, let_go)
    timer.start()
    assert shared.edit(fresh)["changed"]
    timer.join()
    anew = shared.get(fresh)
    assert anew
    assert anew["metadata"]["uid"] != dying["metadata"]["uid"]
    assert not shared.edit(fresh)["changed"]


def test_what_is_not_there_is_created_as_the_guide_has_it(fresh: Cluster) -> None:
    PROJECTS.edit(fresh)
    LOGS.edit(fresh)
    MONITORING.edit(fresh, settings={"enableUserWorkload": True})
    destination = {"namespace": "seldon-gitops", "server": "https://kubernetes.default.svc"}
    assert PROJECTS.meaning(fresh) == {
        "spec": {
            "description": PROJECT["description"],
            "sourceRepos": [REPOSITORY],
            "destinations": [destination],
            "clusterResourceWhitelist": PROJECT["cluster_resource_whitelist"],
            "roles": PROJECT["roles"],
        }
    }
    assert LOGS.meaning(fresh) == {"spec": FORWARDER}
    assert (MONITORING.get(fresh) or {})["data"] == {"config.yaml": "enableUserWorkload: true\n"}
    # An empty forwarder would keep logs from the cluster's own store; none does not.
    assert LOGS.edit(fresh, state="absent")["diff"][0]["after"] == ""
    assert LOGS.get(fresh) is None


def test_pipelines_of_others_are_told_when_they_lose_an_output(fresh: Cluster) -> None:
    both = {"name": "both", "inputRefs": ["audit"], "outputRefs": ["archive", "seldon-elasticsearch"]}
    foreign = copy.deepcopy(LOGS.foreign)
    foreign["spec"]["pipelines"].append(both)
    foreign["spec"]["outputs"] += FORWARDER["outputs"]
    put(fresh, LOGS, foreign)
    result = LOGS.edit(fresh, state="absent")
    assert "both" in result["warnings"][0]
    assert "audit" not in result["warnings"][0]
    assert (LOGS.get(fresh) or {})["spec"]["pipelines"][1] == {**both, "outputRefs": ["archive"]}


def test_a_setting_that_somebody_changed_stays(fresh: Cluster) -> None:
    MONITORING.edit(fresh)
    MONITORING.edit(fresh, settings={"enableUserWorkload": False})
    assert MONITORING.edit(fresh, state="absent")["settings"] == {"enableUserWorkload": False}


def test_what_can_t_be_parsed_is_left_alone(fresh: Cluster) -> None:
    broken = "enableUserWorkload: true\n retention: 1\n"
    put(fresh, MONITORING, {"data": {"config.yaml": broken}})
    for state in ("present", "absent"):
        refused = MONITORING.edit(fresh, state=state)
        assert "line 2" in refused["msg"]
        assert "oc -n openshift-monitoring edit configmap cluster-monitoring-config" in refused["msg"]
    assert (MONITORING.get(fresh) or {})["data"] == {"config.yaml": broken}


def test_an_alertmanager_that_something_else_manages_is_left_alone(fresh: Cluster) -> None:
    before = ALERTS.get(fresh)
    assert before is not None
    fresh.kube.patch(before, {"metadata": {"labels": {"hive.openshift.io/managed": "true"}}})
    assert "managed by Hive" in ALERTS.edit(fresh)["msg"]
    assert (ALERTS.get(fresh) or {})["data"] == before["data"]
    assert ALERTS.edit(fresh, conflicts="force")["changed"]
    assert "does not exist" in ALERTS.edit(fresh, secret="no-such")["msg"]


def test_many_writers_at_once_lose_nothing(fresh: Cluster) -> None:
    names = [f"n{number:02}" for number in range(50)]
    work: list[tuple[Shared, Object]] = [(PROJECTS, {"destinations": [{"namespace": name}]}) for name in names]
    for name in names[:8]:
        pipeline = {"name": name, "inputRefs": ["audit"], "outputRefs": ["default"]}
        work += [
            (LOGS, {"inputs": [], "outputs": [], "pipelines": [pipeline]}),
            (MONITORING, {"settings": {name: {"a": 1}}}),
            (ALERTS, {"name": name}),
        ]
    put(fresh, LOGS, LOGS.foreign)
    stop = threading.Event()

    def rewrite_for_ever() -> None:
        """Write the forwarder all the time, as its operator does."""
        count = 0
        while not stop.wait(0.02):
            count += 1
            forwarder = LOGS.get(fresh)
            assert forwarder is not None
            fresh.kube.patch(forwarder, {"metadata": {"annotations": {"count": str(count)}}})

    def write(shared: Shared, given: Object, failures: Any) -> None:
        result = shared.edit(fresh, **given)
        if not result.get("changed"):
            failures.put(f"{given}: {result.get('msg')}"[:300])  # the queue is a pipe that nobody reads yet

    fork = multiprocessing.get_context("fork")
    failures = fork.SimpleQueue()
    processes = [fork.Process(target=write, args=(*each, failures)) for each in work]
    operator = threading.Thread(target=rewrite_for_ever)
    for process in processes:
        process.start()
    operator.start()
    for process in processes:
        process.join()
    stop.set()
    operator.join()
    assert failures.empty(), failures.get()
    assert {process.exitcode for process in processes} == {0}

    spec = (PROJECTS.get(fresh) or {})["spec"]
    assert sorted(each["namespace"] for each in spec["destinations"]) == names
    assert spec["roles"] == PROJECT["roles"]
    pipelines = (LOGS.get(fresh) or {})["spec"]["pipelines"]
    assert sorted(each["name"] for each in pipelines) == ["audit", *names[:8]]
    assert sorted((MONITORING.meaning(fresh) or {})["data"]["config.yaml"]) == names[:8]
    config = (ALERTS.meaning(fresh) or {})["data"]["alertmanager.yaml"]
    assert sorted(each["receiver"] for each in config["route"]["routes"][:8]) == names[:8]
    assert len(config["receivers"]) == 4 + 8


# Labels of an alert, and who gets it: on the platform's configuration, and on that of the guide, which has no others.
# The last resort (Default, default-receiver) gets what no route takes, ours included.
DELIVERED = [
    ("severity=critical type=user", "deploy-webhook,Critical", "deploy-webhook"),
    ("severity=warning type=user", "deploy-webhook", "deploy-webhook"),
    ("severity=warning type=infra", "deploy-webhook", "deploy-webhook"),
    ("severity=critical", "Critical", "default-receiver"),
    ("severity=info type=user", "Default", "default-receiver"),
    ("alertname=Watchdog severity=none", "Watchdog", "default-receiver"),
    ("alertname=InfoInhibitor", "null", "default-receiver"),
]
OURS = {"receiver": "deploy-webhook", "matchers": ['severity =~ "warning|critical"', 'type =~ "user|infra"']}


def as_it_is(config: Object) -> Object:
    return config


def appended(config: Object) -> Object:
    """What an earlier hand appended, where critical alerts never come."""
    config["receivers"].append({"name": "deploy-webhook", "webhook_configs": [{"url": "http://older"}]})
    config["route"]["routes"].append(OURS)
    return config


def of_the_guide(_config: Object) -> Object:
    receivers = [{"name": "default-receiver"}, {"name": "deploy-webhook", "webhook_configs": [{"url": WEBHOOK}]}]
    return {"receivers": receivers, "route": {"receiver": "default-receiver", "routes": [OURS]}}


@pytest.mark.parametrize(("start", "column"), [(as_it_is, 1), (appended, 1), (of_the_guide, 2)])
@pytest.mark.parametrize("oauth2", [None, OAUTH2])
def test_alertmanager_delivers_to_us_and_to_everybody_else(
    fresh: Cluster, tmp_path: Path, start: Callable[[Object], Object], column: int, oauth2: Object | None
) -> None:
    default = ALERTS.meaning(fresh)
    secret = ALERTS.get(fresh)
    assert default is not None
    assert secret is not None
    before = start(default["data"]["alertmanager.yaml"])
    text = base64.b64encode(yaml.safe_dump(before).encode()).decode()
    fresh.kube.patch(secret, {"data": {"alertmanager.yaml": text}})
    result = ALERTS.edit(fresh, oauth2=oauth2)
    assert result["changed"], result
    file = tmp_path / "alertmanager.yaml"
    file.write_bytes(base64.b64decode((ALERTS.get(fresh) or {})["data"]["alertmanager.yaml"]))
    checked = amtool("check-config", str(file))
    assert "SUCCESS" in checked
    after = yaml.safe_load(file.read_text())
    assert {key: after.get(key) for key in ("global", "inhibit_rules", "templates")} == {
        key: before.get(key) for key in ("global", "inhibit_rules", "templates")
    }
    delivered = {
        row[0]: amtool("config", "routes", "test", f"--config.file={file}", *row[0].split()).strip()
        for row in DELIVERED
    }
    assert delivered == {row[0]: row[column] for row in DELIVERED}


@pytest.mark.parametrize(
    ("texts", "accepted"), [([*READ, *LENIENT], True), (UNREADABLE, False), (NO_EXPRESSIONS, False)]
)
def test_amtool_reads_the_same_matchers(tmp_path: Path, texts: Iterable[str], accepted: bool) -> None:
    file = tmp_path / "alertmanager.yaml"
    for text in texts:
        route = {"receiver": "Default", "routes": [{"receiver": "Default", "matchers": [text]}]}
        file.write_text(yaml.safe_dump({"receivers": [{"name": "Default"}], "route": route}))
        checked = subprocess.run([binaries()["amtool"], "check-config", str(file)], capture_output=True, check=False)
        assert (checked.returncode == 0) == accepted, text


def amtool(*arguments: str) -> str:
    result = subprocess.run([binaries()["amtool"], *arguments], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_every_edit_does_the_same_in_a_play_and_shipped_and_no_secret_shows(fresh: Cluster, tmp_path: Path) -> None:
    others = "hunter2-of-others"
    there = (ALERTS.meaning(fresh) or {})["data"]["alertmanager.yaml"]
    slack = {"name": "Slack", "slack_configs": [{"api_url": f"https://hooks.example.com/{others}", "channel": "#a"}]}
    text = yaml.safe_dump(with_receiver(there, slack, {"receiver": "Slack", "matchers": ["a = b"]}))
    encoded = base64.b64encode(text.encode()).decode()
    edits = (PROJECTS, LOGS, MONITORING, ALERTS)
    tasks = [{f"seldon.openshift.{each.module.__name__.rpartition('.')[2]}": each.ours} for each in edits]
    play = tmp_path / "play.json"
    left = []
    for rounds, way in ((2, []), (1, SHIPPED)):
        play.write_text(json.dumps([{"hosts": "seldon_clusters", "gather_facts": False, "tasks": tasks * rounds}]))
        for shared in edits[:3]:
            if obj := shared.get(fresh):
                fresh.kube.delete(obj)
        secret = ALERTS.get(fresh)
        assert secret is not None
        fresh.kube.patch(secret, {"data": {"alertmanager.yaml": encoded}})
        result = fresh.playbook(str(play), "-vvv", "--diff", *way)
        assert recap(result)["changed"] == len(edits)  # the second round changes nothing
        after = (ALERTS.get(fresh) or {})["data"]["alertmanager.yaml"]
        for word in (OAUTH2["client_secret"], others, encoded, after):
            assert word not in result.stdout + result.stderr
        assert "(hidden)" in result.stdout
        left.append([shared.meaning(fresh) for shared in edits])
    assert left[0] == left[1]
