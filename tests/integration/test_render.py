"""render.yml beside a finished cluster: its tree is what site.yml has applied, object by object and field by field."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest
import yaml
from ansible_collections.seldon.openshift.plugins.module_utils.apply.manifests import prepare
from ansible_collections.seldon.openshift.plugins.module_utils.apply.ownership import carries_us, is_current
from ansible_collections.seldon.openshift.plugins.module_utils.kube.objects import Reference

from sandbox.build import binaries
from sandbox.kube import Object
from sandbox.paths import CHECKOUT
from tests.integration.cluster import Cluster, recap
from tests.integration.contents import written_kinds
from tests.integration.helpers import secrets

COMMAND = "ansible-playbook seldon.openshift.render"
PLATFORM = "https://git.example.com/acme/platform"
# What site.yml writes and the tree does not hold, and why not.
ELSEWHERE = {
    "ServiceMeshMemberRoll istio-system/default": "shared: each namespace has a ServiceMeshMember in the tree",
    "Secret openshift-monitoring/alertmanager-main": "shared: a note",
    "Secret openshift-monitoring/alertmanager-main-before-seldon": "what it was before us",
    r"Secret .*/sh\.helm\.release\..*": "Helm's record of a release, which is an Application in the tree",
    "TemplateInstance seldon-system/metadata": "a copy of the cluster's Template: the tree has a Deployment",
    "Secret seldon-system/metadata-postgres-parameters": "parameters of that Template",
}
# Written only where two runs at once have made two passwords: the template's own Secret gets the one that holds.
AT_TIMES = {"Secret seldon-system/metadata"}
# What the tree holds and site.yml does not write, and why.
INSTEAD = {
    r"ServiceMeshMember .*": "the operator makes them from the roll",
    r"(Deployment|Service|PersistentVolumeClaim) seldon-system/metadata": "the database without OpenShift's Template",
}
# Made by a create and edited, or written back by an operator with its defaults: the values alone tell.
BY_VALUES = {
    "AppProject",
    "Broker",
    "ClusterLogForwarder",
    "ClusterLogging",
    "ConfigMap",
    "KnativeEventing",
    "KnativeServing",
    "Namespace",
    "OperatorGroup",
    "Subscription",
}
# Sizes are among the values of the Secret with a template's parameters.
SIZE = re.compile(r"\d+[KMG]i")


@dataclass(frozen=True)
class Rendered:
    """A cluster, the folder of a tree, and what the run that wrote it said and asked."""

    cluster: Cluster
    folder: Path
    result: subprocess.CompletedProcess[str]
    requests: list[Object]

    @cached_property
    def manifests(self) -> dict[str, Object]:
        """The objects that kustomizations apply, and those that others may share, by kind, namespace and name."""
        found = [path for path in self.folder.glob("[0-9]*/*.yaml*") if path.name != "kustomization.yaml"]
        return {str(Reference.of(obj)): obj for path in found for obj in [yaml.safe_load(path.read_text())]}

    @cached_property
    def live(self) -> dict[str, Object]:
        """What is on the cluster."""
        kube = self.cluster.kube
        return {str(Reference.of(obj)): obj for kind in written_kinds(kube) for obj in kube.list(*kind)}

    @property
    def applied(self) -> set[str]:
        """What the collection has written there."""
        return {name for name, obj in self.live.items() if carries_us(obj)}

    def texts(self) -> dict[str, str]:
        """Return the files of the tree."""
        return texts_in(self.folder)


def texts_in(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in sorted(folder.rglob("*")) if path.is_file()}


def render(cluster: Cluster, folder: Path, *options: str, kubeconfig: str = "") -> subprocess.CompletedProcess[str]:
    """Run render.yml as it is printed; without a cluster where `kubeconfig` leads nowhere."""
    return subprocess.run(
        [*COMMAND.split(), *cluster.values(), "-e", f"out={folder}", "-e", f"render_repository={PLATFORM}", *options],
        env=cluster.environment() | ({"KUBECONFIG": kubeconfig} if kubeconfig else {}),
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def rendered(finished_cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Rendered:
    """Render the tree of the finished cluster."""
    folder, results = tmp_path_factory.mktemp("render") / "tree", list[subprocess.CompletedProcess[str]]()
    requests = finished_cluster.requests(lambda: results.append(render(finished_cluster, folder)))
    assert results[0].returncode == 0, results[0].stdout + results[0].stderr
    return Rendered(finished_cluster, folder, results[0], requests)


def kubectl(cluster: Cluster, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(binaries()["kubectl"]), *arguments]
    environment = os.environ | cluster.environment()
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_of_the_cluster_only_its_ingress_domain_is_read(rendered: Rendered) -> None:
    ours = [each for each in rendered.requests if each.get("userAgent", "").startswith("seldon")]
    asked = {each["requestURI"] for each in ours if "config.openshift.io" in each["requestURI"]}
    assert {each["verb"] for each in ours} == {"get"}
    assert {each["requestURI"] for each in ours} - asked <= {"/version"}


def test_without_a_cluster_the_tree_is_the_same_to_the_byte(rendered: Rendered) -> None:
    route = rendered.manifests["Route istio-system/seldon-route"]
    domain = route["spec"]["host"].partition(".")[2]
    before = rendered.texts()
    again = render(
        rendered.cluster, rendered.folder, "-e", f"render_ingress_domain={domain}", kubeconfig="/nowhere/kubeconfig"
    )
    assert recap(again)["changed"] == 0, again.stdout
    assert rendered.texts() == before


def test_everything_that_was_applied_is_in_the_tree(rendered: Rendered) -> None:
    missing = rendered.applied - rendered.manifests.keys() - AT_TIMES
    assert {name for name in missing if not is_among(name, ELSEWHERE)} == set()
    assert {pattern for pattern in ELSEWHERE if not any(re.fullmatch(pattern, name) for name in missing)} == set()


def test_everything_in_the_tree_was_applied(rendered: Rendered) -> None:
    more = rendered.manifests.keys() - rendered.live.keys()
    assert {name for name in more if not is_among(name, INSTEAD)} == set()


def is_among(name: str, patterns: Iterable[str]) -> bool:
    return any(re.fullmatch(pattern, name) for pattern in patterns)


def test_each_field_in_the_tree_is_what_was_applied(rendered: Rendered) -> None:
    there = {name: obj for name, obj in rendered.manifests.items() if not is_among(name, INSTEAD)}
    plain = {name: obj for name, obj in there.items() if obj["kind"] != "Secret"}
    differing = [name for name, obj in plain.items() if not is_as(obj, rendered.live[name])]
    assert len(plain) > 60
    assert differing == []


def is_as(obj: Object, live: Object) -> bool:
    (desired,) = prepare([obj])
    return holds(live, desired) if obj["kind"] in BY_VALUES else is_current(desired, live)


def holds(live: object, wanted: object) -> bool:
    """Say whether all that is wanted is there; of a list, each of its items."""
    if isinstance(wanted, dict) and isinstance(live, dict):
        return all(key in live and holds(live[key], value) for key, value in wanted.items())
    if isinstance(wanted, list) and isinstance(live, list):
        return all(any(holds(there, each) for there in live) for each in wanted)
    return wanted == live


def test_no_secret_of_the_cluster_is_in_the_tree(rendered: Rendered) -> None:
    known = {each for each in secrets(rendered.cluster.kube) if not SIZE.fullmatch(each)}
    assert [(path, len(text)) for path, text in rendered.texts().items() if any(each in text for each in known)] == []


def test_the_api_server_takes_the_tree_and_would_change_nothing_but_what_is_told(rendered: Rendered) -> None:
    common = ("apply", "--server-side", "--dry-run=server", "--field-manager=seldon.openshift", "-o", "json")
    done = kubectl(rendered.cluster, *common, "-k", str(rendered.folder))
    assert done.returncode == 0, done.stderr
    after = {str(Reference.of(obj)): obj for obj in json.loads(done.stdout)["items"]}
    instead = {name for name in after if is_among(name, INSTEAD)}
    differing = [name for name in after.keys() - instead if content(after[name]) != content(rendered.live[name])]
    assert differing == []


def content(obj: Object) -> Object:
    counted = ("managedFields", "resourceVersion", "generation")
    metadata = {key: value for key, value in obj["metadata"].items() if key not in counted}
    return {**{key: value for key, value in obj.items() if key != "status"}, "metadata": metadata}


def test_the_api_server_takes_the_applications(rendered: Rendered) -> None:
    folder = rendered.folder / "argocd"
    namespace = kubectl(rendered.cluster, "create", "namespace", "openshift-gitops")
    assert namespace.returncode == 0 or "AlreadyExists" in namespace.stderr
    done = kubectl(rendered.cluster, "apply", "--server-side", "--dry-run=server", "-k", str(folder))
    assert done.returncode == 0, done.stderr
    waves = {
        obj["metadata"]["name"]: int(obj["metadata"]["annotations"]["argocd.argoproj.io/sync-wave"])
        for path in folder.glob("[0-9]*.yaml")
        for obj in [yaml.safe_load(path.read_text())]
    }
    assert waves["seldon-00-namespaces"] < waves["seldon-04-kafka"] < waves["seldon-deploy-seldon-system"]


def test_what_stands_in_double_braces_is_left_to_prometheus(rendered: Rendered) -> None:
    assert (
        "{{ $labels"
        in (rendered.folder / "01-monitoring/prometheusrule-seldon-system-deploy-user-alerts.yaml").read_text()
    )


SECRET_VALUES = {
    "seldon_deploy_oidc": {"provider": "https://idp.example.com", "client_id": "me", "client_secret": "oidc-f2b9c1"},
    "gitops_token": "token-81aa03",
    "gitops_username": "me",
    "gitops_email": "me@example.com",
    "postgresql_password": "pass-77d0e2",
    "monitoring_receiver": "alertmanager_config",
    "monitoring_webhook_oauth2": {
        "client_id": "me",
        "client_secret": "hook-5e6f70",
        "token_url": "https://idp.example.com/token",
    },
    "render_secrets": "external_secrets",
    "render_shared": True,
    "render_ingress_domain": "apps.example.com",
}


def test_given_secrets_become_placeholders_and_external_secrets(finished_cluster: Cluster, tmp_path: Path) -> None:
    done = render(finished_cluster, tmp_path / "tree", "-e", json.dumps(SECRET_VALUES), kubeconfig="/nowhere")
    assert done.returncode == 0, done.stdout + done.stderr
    texts = {**texts_in(tmp_path / "tree"), "output": done.stdout + done.stderr}
    given = re.findall(r"\w+-[0-9a-f]{6}", json.dumps(SECRET_VALUES))
    assert len(given) == 4
    assert [path for path, text in texts.items() if any(each in text for each in given)] == []
    assert "CLIENT_SECRET: <CLIENT_SECRET>" in texts["argocd/11-seldon-deploy.seldon-deploy-seldon-system.yaml"]
    assert ".values.env.CLIENT_SECRET" in texts["11-seldon-deploy/README.md"]
    assert "property: token" in texts["08-gitops/externalsecret-seldon-system-git-creds.yaml"]
    assert "09-logging/clusterlogforwarder-openshift-logging-instance.yaml" in texts
    assert [path for path in texts if path.endswith(".example")] == []


def test_tags_render_their_chapters_alone(finished_cluster: Cluster, tmp_path: Path) -> None:
    folder = tmp_path / "tree"
    first = render(finished_cluster, folder, "--tags", "kafka")
    assert first.returncode == 0, first.stdout + first.stderr
    assert {path.parts[0] for path in map(Path, texts_in(folder)) if len(path.parts) > 1} == {"04-kafka", "argocd"}
    none = render(finished_cluster, folder, "--tags", "kafka", "--check", "--diff", "-e", "kafka_replicas=5")
    assert recap(none)["changed"] == 1
    assert re.search(r"\+ +replicas: 5", none.stdout), none.stdout
    assert "replicas: 5" not in "".join(texts_in(folder).values())
    (folder / "mine.txt").write_text("mine")
    elsewhere = "kafka_mode=external seldon_kafka_bootstrap=kafka.example.com:9092"
    external = render(finished_cluster, folder, "--tags", "kafka", "-e", elsewhere)
    assert external.returncode == 0, external.stdout + external.stderr
    assert [path for path in texts_in(folder) if path.startswith("04-kafka")] == ["04-kafka/README.md"]
    assert (folder / "mine.txt").exists()


REFUSED = {
    "no folder is named": (["-e", "out="], "Name the folder of the tree"),
    "no cluster and no domain": ([], "Give it: -e render_ingress_domain=apps.example.com"),
    "an operator without a catalogue": (
        ["--tags", "kafka", "-e", '{"kafka_operators": [{"name": "amq-streams", "namespace": "x"}]}'],
        "only the cluster knows which catalogue offers it",
    ),
}


@pytest.mark.parametrize(("options", "why"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_rendered_is_told_and_writes_nothing(
    finished_cluster: Cluster, tmp_path: Path, options: list[str], why: str
) -> None:
    done = render(finished_cluster, tmp_path / "tree", *options, kubeconfig="/nowhere/kubeconfig")
    assert done.returncode == 2
    assert why in " ".join((done.stdout + done.stderr).split())
    assert not (tmp_path / "tree").exists()
