"""From the version before to this one on catalogues that moved on, then upgrades: told, refused, one by one, all."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sandbox.cluster import Sandbox, Settings
from sandbox.kube import Object
from tests import previous
from tests.integration.cluster import RUN, Cluster, recap
from tests.integration.contents import changed, contents
from tests.printed import CHECKOUT, commands

OLM = "operators.coreos.com/v1alpha1"
PAGE = CHECKOUT / "docs" / "upgrade.md"
KAFKA = ("kafka.strimzi.io/v1beta2", "Kafka", "seldon", "seldon-kafka")
MESH = ("maistra.io/v2", "ServiceMeshControlPlane", "basic", "istio-system")
# Where each operator starts (the guide's version), and where its channel leads.
HEADS = {
    "seldon-operator-jaeger": ("jaeger-operator.v1.39.0-3", "jaeger-operator.v1.47.1-5"),
    "seldon-operator-kiali": ("kiali-operator.v1.57.3", "kiali-operator.v1.65.8"),
    "seldon-operator-mesh": ("servicemeshoperator.v2.3.0", "servicemeshoperator.v2.4.3"),
    "openshift-serverless": ("serverless-operator.v1.26.0", "serverless-operator.v1.28.0"),
    "seldon-operator-eck": (
        "elasticsearch-eck-operator-certified.v2.5.0",
        "elasticsearch-eck-operator-certified.v2.6.1",
    ),
    "seldon-operator-gitops": ("openshift-gitops-operator.v1.7.0", "openshift-gitops-operator.v1.7.4"),
    "seldon-operator-kafka": ("amqstreams.v2.2.0-4", "amqstreams.v2.2.1-0"),
    "seldon-operator-core": ("seldon-operator.v1.15.0", "seldon-operator.v1.16.0"),
}
# The folder of a user, elsewhere than the checkout.
SETTINGS = f"""[defaults]
inventory = {CHECKOUT}/inventories/default
collections_path = {CHECKOUT}/.collections
home = {CHECKOUT}/.ansible
stdout_callback = seldon.openshift.console
"""
Typed = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A cluster on which the version before has installed everything, with an earlier Kafka."""
    sandbox = Sandbox(f"{RUN}-upgrade")
    try:
        sandbox.up(Settings(catalog="today"))
        there = Cluster(sandbox)
        before = previous.check_out(tmp_path_factory.mktemp("before"))
        there.playbook("playbooks/site.yml", *there.values(), "-e", "kafka_version=3.1.0", cwd=before)
        yield there
    finally:
        sandbox.down()


@pytest.fixture(scope="module")
def typed(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Typed:
    """Return what runs a command that the page prints, in a folder with the values of this cluster."""
    folder = tmp_path_factory.mktemp("typed")
    (folder / "values.yml").write_text(cluster.values()[1])
    (folder / "ansible.cfg").write_text(SETTINGS)
    printed = commands(PAGE.read_text())

    def run(command: str, *more: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        assert command in printed
        return cluster.playbook(*command.split()[1:], *more, cwd=folder, check=check)

    return run


def upgrade(cluster: Cluster, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    return cluster.playbook("playbooks/upgrade.yml", *cluster.values(), *arguments, check=check)


def installed(cluster: Cluster) -> dict[str, str]:
    """Return the installed version of the operator of each namespace."""
    found = cluster.kube.list(OLM, "Subscription")
    return {each["metadata"]["namespace"]: each["status"]["installedCSV"] for each in found}


def live(cluster: Cluster, reference: tuple[str, str, str, str]) -> Object:
    found = cluster.kube.get(*reference)
    assert found
    return found


def generation(cluster: Cluster, reference: tuple[str, str, str, str]) -> int:
    return int(live(cluster, reference)["metadata"]["generation"])


def test_this_version_takes_over_from_the_one_before(cluster: Cluster) -> None:
    assert recap(cluster.site("-e", "kafka_version=3.1.0"))["failed"] == 0
    assert recap(cluster.site("-e", "kafka_version=3.1.0"))["changed"] == 0
    assert installed(cluster).items() >= {home: first for home, (first, _head) in HEADS.items()}.items()


def test_without_consent_it_only_tells(cluster: Cluster, typed: Typed) -> None:
    before = contents(cluster.kube)
    told = typed("ansible-playbook seldon.openshift.upgrade -e @values.yml").stdout
    rows = {line.split()[1]: line.split()[2:] for line in told.splitlines() if line.startswith("  ") and ": " in line}
    assert rows["amq-streams"][:3] == ["v2.2.0-4", "v2.2.0-4", "v2.2.1-0"]
    assert "Automatic: OLM upgrades it by itself" in told
    kafka = [line for line in told.splitlines() if "Kafka seldon-kafka/seldon" in line]
    assert kafka[0].split()[-4:] == ["3.1.0", "3.2.3", "-e", "upgrade=kafka"]
    newest = typed("ansible-playbook seldon.openshift.upgrade -e @values.yml -e upgrade_to=newest")
    assert "to v2.2.1-0" in newest.stdout
    assert recap(newest)["changed"] == 0
    assert changed(before, contents(cluster.kube)) == set()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["-e", "upgrade=kafca"], "kafca is nothing to upgrade here; did you mean kafka?", id="unknown"),
        pytest.param(["-e", "upgrade=kafka", "-e", "kafka_version=3.0.0"], "3.1.0 runs, and 3.0.0 is older", id="back"),
        pytest.param(
            ["-e", "upgrade=elasticsearch", "-e", "elasticsearch_version=8.5.3"],
            "no way to 8.5.3 but by 7.17",
            id="skip",
        ),
        pytest.param(["-e", "upgrade=kafka", "-e", "{pinned}"], "has no amqstreams.v2.2.9-0", id="not on offer"),
        pytest.param(
            ["-e", "gitops_replace_secrets=true"], "gitops_replace_secrets is no longer a variable", id="removed"
        ),
    ],
)
def test_what_cannot_be_is_refused_before_the_first_write(cluster: Cluster, arguments: list[str], said: str) -> None:
    before = contents(cluster.kube)
    result = upgrade(
        cluster, *(word.replace("{pinned}", pinned("amqstreams.v2.2.9-0")) for word in arguments), check=False
    )
    assert result.returncode == 2
    assert said in result.stdout
    assert changed(before, contents(cluster.kube)) == set()


def pinned(csv: str) -> str:
    entry = {
        "name": "amq-streams",
        "namespace": "seldon-operator-kafka",
        "channel": "amq-streams-2.2.x",
        "source": "redhat-operators",
        "starting_csv": csv,
        "approval": "Manual",
    }
    return json.dumps({"kafka_operators": [entry]})


@pytest.mark.parametrize(
    ("csv", "said"),
    [
        ("amqstreams.v2.2.9-0", "set upgrade: true"),
        ("amqstreams.v2.1.0-0", "OLM cannot go back"),
    ],
)
def test_the_preflight_tells_a_version_that_would_not_come(cluster: Cluster, csv: str, said: str) -> None:
    given = [*cluster.values(), "-e", "kafka_version=3.1.0", "-e", pinned(csv)]
    result = cluster.playbook("playbooks/preflight.yml", *given, check=False)
    assert result.returncode == 2
    assert said in result.stdout


def test_a_plan_with_somebody_else_s_upgrade_is_not_approved(cluster: Cluster) -> None:
    """Another Subscription is at an earlier version, so that OLM's plan for the namespace carries its upgrade, too."""
    kube, home = cluster.kube, "seldon-operator-kafka"
    plan = next(each for each in kube.list(OLM, "InstallPlan", home) if not each["spec"]["approved"])
    names = plan["spec"]["clusterServiceVersionNames"]
    kube.patch(plan, {"spec": {"clusterServiceVersionNames": [*names, "stranger-operator.v1.1.0"]}})
    result = upgrade(cluster, "-e", "upgrade=kafka", "-e", "upgrade_to=newest", check=False)
    kube.patch(plan, {"spec": {"clusterServiceVersionNames": names}})
    assert result.returncode == 2
    assert "brings stranger-operator.v1.1.0 as well" in result.stdout
    assert installed(cluster)[home] == "amqstreams.v2.2.0-4"


def test_one_operator_is_upgraded_and_kafka_before_its_protocol(cluster: Cluster, typed: Typed) -> None:
    start = generation(cluster, KAFKA)
    typed(
        "ansible-playbook seldon.openshift.upgrade -e @values.yml -e upgrade=kafka -e upgrade_to=newest "
        "-e upgrade_write=upgraded.yml"
    )
    others = {home: first for home, (first, _head) in HEADS.items() if home != "seldon-operator-kafka"}
    assert installed(cluster).items() >= {**others, "seldon-operator-kafka": "amqstreams.v2.2.1-0"}.items()
    spec = live(cluster, KAFKA)["spec"]["kafka"]
    assert (spec["version"], spec["config"]["inter.broker.protocol.version"]) == ("3.2.3", "3.2")
    assert generation(cluster, KAFKA) == start + 2, "the version and the protocol were changed at once"
    typed("ansible-playbook seldon.openshift.site -e @values.yml -e @upgraded.yml", "--check")
    without = cluster.site("--check", check=False)
    assert without.returncode == 2
    assert "OLM cannot go back" in without.stdout


def test_a_chart_is_compared_before(typed: Typed) -> None:
    given = json.dumps({"seldon_deploy_values": {"replicaCount": 2}})
    result = typed(
        "ansible-playbook seldon.openshift.upgrade -e @values.yml -e upgrade=seldon_deploy --check --diff", "-e", given
    )
    assert ".values.replicaCount: 2" in result.stdout


def test_everything_is_upgraded_and_works(cluster: Cluster, tmp_path: Path) -> None:
    start = generation(cluster, MESH)
    arguments = ["-e", "upgrade=all", "-e", "upgrade_to=newest", "-e", "service_mesh_control_plane_version=v2.3"]
    file = tmp_path / "upgraded.yml"
    result = upgrade(cluster, *arguments, "-e", f"upgrade_write={file}")
    assert installed(cluster).items() >= {home: head for home, (_first, head) in HEADS.items()}.items()
    plane = live(cluster, MESH)
    assert plane["spec"]["version"] == "v2.3"
    assert plane["metadata"]["generation"] == start + 3, "a minor version was left out"
    report = json.loads((cluster.sandbox.state / "report" / "report.json").read_text())
    assert [row for row in report["checks"] if row["status"] == "fail"] == [], result.stdout
    assert recap(cluster.site("-e", f"@{file}"))["changed"] == 0
