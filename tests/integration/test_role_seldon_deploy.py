"""The role seldon_deploy on a cluster: what the chart needs, its values, restarts, a stopped Helm, and the way back."""

from __future__ import annotations

import base64
import json
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.definitions import Definitions, establish
from sandbox.kube import Object
from sandbox.paths import CHECKOUT
from sandbox.simulator.objects import available, make
from tests.integration.cluster import Cluster, recap
from tests.integration.helpers import eventually, until
from tests.plays import play_of

SYSTEM, LOGS = "seldon-system", "seldon-logs"
GUIDE = CHECKOUT / "roles" / "seldon_deploy" / "files" / "values-openshift.yaml"
DEPLOY = ("apps/v1", "Deployment", "seldon-deploy", SYSTEM)
LOGGER = ("apps/v1", "Deployment", "seldon-request-logger", LOGS)
POLICY = ("networking.k8s.io/v1", "NetworkPolicy", "seldon-deploy-git-webhook", SYSTEM)
WEBHOOK = ("v1", "Service", "seldon-deploy-webhook", SYSTEM)
DATABASE = {"host": "db", "port": "5432", "user": "u", "password": "old", "dbname": "metadata", "sslmode": "prefer"}
LOGIN = {"username": "elastic", "password": "es"}
SECRETS = {
    ("metadata-postgres", SYSTEM): DATABASE,
    ("git-creds", SYSTEM): {"username": "git", "email": "git@example.com", "token": "t"},
    ("elastic-credentials", SYSTEM): LOGIN,
    ("elastic-credentials", LOGS): LOGIN,
    ("jwt-seldon", SYSTEM): {"jwt-seldon.txt": "token"},
}


class Deploy:
    """The role's entry points on a cluster; `prepare` brings what the other roles bring."""

    def __init__(self, cluster: Cluster, folder: Path) -> None:
        self.cluster, self.kube, self.folder = cluster, cluster.kube, folder

    def prepare(self) -> None:
        for name in (SYSTEM, LOGS, "seldon-argocd", "istio-system"):
            self.kube.apply(make("v1", "Namespace", name))
        establish(self.kube, Definitions.from_environment().load("istio", "knative_eventing"))
        spec = {"host": "seldon.apps.example.com", "to": {"kind": "Service", "name": "istio-ingressgateway"}}
        self.kube.apply(make("route.openshift.io/v1", "Route", "seldon-route", "istio-system", spec=spec))
        for where in SECRETS:
            self.secret(*where)
        time.sleep(1.1)  # the API server's times are whole seconds; what starts now is surely later

    def secret(self, name: str, namespace: str, **changes: str) -> None:
        values = SECRETS[name, namespace] | changes
        data = {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}
        self.kube.apply(make("v1", "Secret", name, namespace, data=data))

    def play(self, *entries: str) -> str:
        """Return the path of a play that imports the entry points."""
        return play_of(self.folder / f"{'-'.join(entries)}.json", "seldon_deploy", *entries)

    def install(self, *options: str, check: bool = True, **given: Any) -> subprocess.CompletedProcess[str]:
        """Do what site.yml does; `given` without a prefix are the role's variables."""
        values = {name if name.startswith("seldon_") else f"seldon_deploy_{name}": each for name, each in given.items()}
        play = self.play("main", "wait")
        return self.cluster.playbook(play, *self.cluster.values(), "-e", json.dumps(values), *options, check=check)

    def changed(self, *options: str, **given: Any) -> int:
        return recap(self.install(*options, **given))["changed"]

    def got(self, api_version: str, kind: str, name: str, namespace: str) -> Object:
        found = self.kube.get(api_version, kind, name, namespace)
        assert found, f"there is no {kind} {name}"
        return found

    def environment(self, *where: str) -> dict[str, Any]:
        container = self.got(*where)["spec"]["template"]["spec"]["containers"][0]
        return {entry["name"]: entry.get("value") for entry in container["env"]}

    def values(self) -> Object:
        """Return the values that Helm was given."""
        command = ["helm", "get", "values", "seldon-deploy", "-n", SYSTEM, "-o", "json"]
        environment = self.cluster.environment()
        output = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
        values: Object = json.loads(output)
        return values

    def revisions(self) -> list[tuple[str, str]]:
        """Return version and status of each of Helm's records."""
        labels = [secret["metadata"]["labels"] for secret in self.kube.list("v1", "Secret", SYSTEM, "owner=helm")]
        return sorted((each["version"], each["status"]) for each in labels)

    def pods(self) -> set[str]:
        return {
            pod["metadata"]["name"]
            for namespace in (SYSTEM, LOGS)
            for pod in self.kube.list("v1", "Pod", namespace)
            if not pod["metadata"].get("deletionTimestamp")
        }


@pytest.fixture(scope="module")
def deploy(empty_cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Deploy:
    return Deploy(empty_cluster, tmp_path_factory.mktemp("seldon_deploy"))


def told(result: subprocess.CompletedProcess[str]) -> str:
    return " ".join((result.stdout + result.stderr).split())


def test_an_empty_cluster(deploy: Deploy) -> None:
    """In check mode it is said what would be; else all that is missing, each with the tag that brings it."""
    assert deploy.changed("--check", "--diff") == 1
    result = deploy.install(check=False)
    assert result.returncode != 0
    assert deploy.kube.list("v1", "Secret", SYSTEM) == []
    for subject, tag in (
        (f"Namespace {SYSTEM}", "namespaces"),
        ("kind virtualservices.networking.istio.io", "service_mesh"),
        ("kind triggers.eventing.knative.dev", "serverless"),
        (f"Secret {SYSTEM}/metadata-postgres", "postgresql"),
        (f"Secret {SYSTEM}/git-creds", "gitops"),
        (f"Secret {LOGS}/elastic-credentials", "elasticsearch"),
        (f"Secret {SYSTEM}/jwt-seldon", "monitoring"),
    ):
        line = next(line for line in result.stdout.splitlines() if line.startswith(f"- {subject}:"))
        assert line.endswith(f"--tags {tag}")


def test_an_absent_or_empty_key_is_named(deploy: Deploy) -> None:
    """A container that takes it for its environment would never start."""
    deploy.prepare()
    kube = deploy.kube
    git = deploy.got("v1", "Secret", "git-creds", SYSTEM)
    kube.patch(git, {"data": {"email": None}})
    deploy.secret("elastic-credentials", LOGS, password="")
    result = deploy.install(check=False)
    assert f"Secret {SYSTEM}/git-creds: has no key email." in told(result)
    assert f"Secret {LOGS}/elastic-credentials: password is empty." in told(result)
    assert deploy.revisions() == []
    for where in SECRETS:
        deploy.secret(*where)


def test_the_guides_values_and_nothing_else(deploy: Deploy) -> None:
    """An https address, as the route has it; a chart that anybody can have; no login is a warning.

    The Service of type LoadBalancer, for which Helm would wait, is not made.
    """
    result = deploy.install()
    assert recap(result)["changed"] == 1
    assert "open https://seldon.apps.example.com/seldon-deploy/" in result.stdout
    assert "WARNING: Seldon Deploy has no login" in told(result)
    for where in (DEPLOY, LOGGER):
        assert available(deploy.kube.get(*where))
    guide, values = yaml.safe_load(GUIDE.read_text()), deploy.values()
    assert differences(guide, values) == {"external.protocol": "https"}
    assert "{{ .TokenHeader }}: {{ .Token }}" in values["seldon"]["curlForm"]
    assert deploy.got(*DEPLOY)["spec"]["template"]["spec"]["containers"][0]["image"] == guide["image"]["image"]
    assert deploy.kube.get(*WEBHOOK) is None
    assert deploy.kube.get(*POLICY) is None


def differences(guide: Any, values: Any, path: str = "") -> dict[str, Any]:
    """Return what of the guide's values has become different, by its path."""
    if not isinstance(guide, dict):
        return {} if guide == values else {path: values}
    found = (differences(guide[key], (values or {}).get(key), f"{path}.{key}".lstrip(".")) for key in guide)
    return {name: value for each in found for name, value in each.items()}


def test_nothing_is_done_twice(deploy: Deploy) -> None:
    before = deploy.revisions(), deploy.pods()
    assert deploy.changed() == 0
    assert (deploy.revisions(), deploy.pods()) == before


def test_a_credential_that_changed_restarts_its_readers_once(deploy: Deploy) -> None:
    """Its readers alone; and who was started after it stays."""
    before = {where: deploy.got(*where)["metadata"]["generation"] for where in (DEPLOY, LOGGER)}
    time.sleep(1.1)
    deploy.secret("metadata-postgres", SYSTEM, password="new")
    assert deploy.changed() == 1
    assert deploy.got(*DEPLOY)["metadata"]["generation"] == before[DEPLOY] + 1
    assert deploy.got(*LOGGER)["metadata"]["generation"] == before[LOGGER]
    assert deploy.changed() == 0


def test_addresses_follow_the_collections_variables_and_the_users_values_win(deploy: Deploy) -> None:
    values = {"prometheus": {"knative": None}, "replicaCount": 2}
    given = {"seldon_elasticsearch_url": "https://es.example.com", "seldon_kafka_bootstrap": "kafka.example.com:9093"}
    assert deploy.changed(values=values, **given) == 1
    assert deploy.got(*DEPLOY)["spec"]["replicas"] == 2
    logger = deploy.environment(*LOGGER)
    assert (logger["ELASTICSEARCH_HOST"], logger["ELASTICSEARCH_PORT"]) == ("es.example.com", "443")
    assert logger["KAFKA_BOOTSTRAP_SERVERS"] == "kafka.example.com:9093"
    # A null stays one, and makes no difference the next time.
    assert deploy.values()["prometheus"]["knative"] is None
    assert deploy.changed(values=values, **given) == 0


def test_a_login_and_its_secret(deploy: Deploy) -> None:
    """With OpenID Connect there is a login, and no warning; the client's secret shows nowhere."""
    oidc = {"provider": "https://sso.example.com", "client_id": "deploy"}
    assert "seldon_deploy_oidc lacks client_secret" in told(deploy.install(check=False, oidc=oidc))
    oidc["client_secret"] = "s3cr3t-of-the-client"
    result = deploy.install("-vvv", "--diff", oidc=oidc, git_webhook=True)
    assert "no login" not in told(result)
    assert oidc["client_secret"] not in result.stdout + result.stderr
    environment = deploy.environment(*DEPLOY)
    assert environment["ENABLE_APP_AUTH"] == "true"
    assert environment["REDIRECT_URL"] == "https://seldon.apps.example.com/seldon-deploy/auth/callback"
    assert environment["CLIENT_SECRET"] == oidc["client_secret"]


def test_git_servers_reach_it_where_they_may(deploy: Deploy) -> None:
    """The load balancer's Service may wait for its address for ever: nobody waits for it."""
    assert deploy.got(*WEBHOOK)["spec"]["type"] == "LoadBalancer"
    assert deploy.got(*POLICY)["spec"]["ingress"] == [{"ports": [{"port": 8080, "protocol": "TCP"}]}]
    assert deploy.changed() == 2
    assert deploy.kube.get(*WEBHOOK) is None
    assert deploy.kube.get(*POLICY) is None


def test_a_downloaded_chart(deploy: Deploy, empty_cluster: Cluster, tmp_path: Path) -> None:
    """The bundle's folder or archive, without any repository."""
    command = ["helm", "pull", "seldon-deploy", "--version", "2.0.0", "--repo", empty_cluster.sandbox.charts_url]
    subprocess.run([*command, "-d", str(tmp_path)], env=empty_cluster.environment(), check=True)
    chart = str(tmp_path / "seldon-deploy-2.0.0.tgz")
    assert deploy.changed(chart=chart, chart_repository="http://127.0.0.1:1") == 0


def test_a_helm_that_was_killed_is_gone_on_from(deploy: Deploy, empty_cluster: Cluster) -> None:
    kube = deploy.kube
    url = empty_cluster.sandbox.charts_url
    command = ["helm", "upgrade", "seldon-deploy", "seldon-deploy", "--repo", url, "--version", "2.0.0", "-n", SYSTEM]
    command += ["--reuse-values", "--set", "replicaCount=3,service.type=LoadBalancer", "--wait"]
    version = str(len(deploy.revisions()) + 1)
    # Pods of such an image never start, so that Helm waits.
    command += ["--set-json", 'metadata={"pg":{"secret":"not-there"}}']
    with subprocess.Popen(command, env=empty_cluster.environment()) as helm:
        until(lambda: deploy.got(*DEPLOY)["spec"]["replicas"] == 3)
        helm.send_signal(signal.SIGKILL)
    record = deploy.got("v1", "Secret", f"sh.helm.release.v1.seldon-deploy.v{version}", SYSTEM)
    assert record["metadata"]["labels"]["status"] == "pending-upgrade"
    past = {"metadata": {"labels": {"createdAt": str(int(time.time()) - 100)}}}
    kube.patch(record, past)  # as if a minute had passed
    result = deploy.install()
    assert f"revision {version} of the Helm release {SYSTEM}/seldon-deploy was pending-upgrade" in told(result)
    assert recap(result)["changed"] == 1
    assert deploy.got(*DEPLOY)["spec"]["replicas"] == 1


def test_the_way_back(deploy: Deploy) -> None:
    """What others made stays."""
    play = deploy.play("remove")
    values = deploy.cluster.values()
    assert recap(deploy.cluster.playbook(play, *values))["changed"] == 1
    assert deploy.revisions() == []
    eventually(lambda: (deploy.kube.get(*DEPLOY), deploy.kube.get(*LOGGER), deploy.pods()), (None, None, set()))
    assert deploy.kube.get("v1", "Secret", "metadata-postgres", SYSTEM)
    assert recap(deploy.cluster.playbook(play, *values))["changed"] == 0
