"""Every way to name a cluster means the same to a module here, to one that is shipped, and to Helm.

All run against an API server that only writes down who asks: no answer decides, but what was asked, by whom, and how.
Each way is a play of its own; a namespace in each request says which.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from sandbox.build import binaries
from sandbox.paths import CHECKOUT
from tests.integration import pod
from tests.integration.cluster import SHIPPED
from tests.recording_api import Asked, RecordingApi
from tests.web import HOST

Object = dict[str, Any]
TOKEN = "t0ken-of-somebody"
BEARER = {"authorization": [f"Bearer {TOKEN}"]}
ANOTHER = {"authorization": ["Bearer another"]}
BASIC = {"authorization": ["Basic " + base64.b64encode(b"somebody:pa55w0rd").decode()]}
PYTHON = SHIPPED[1].partition("=")[2]
RUNNERS = ("inside", "shipped", "helm")
NOWHERE = "https://127.0.0.1:1"


@dataclass(frozen=True)
class Way:
    """A way to name the cluster, and what each request has to show.

    `options` are those of every task (module_defaults), `environment` stands at `level`. `headers` are those that a
    request has to have, `certificate` and `server_name` what TLS was told; `proxied` says whether the proxy was asked.
    """

    options: Object = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    level: str = "play"
    headers: dict[str, list[str]] = field(default_factory=lambda: BEARER)
    certificate: str = ""
    server_name: str = ""
    proxied: bool = False


def ways(api: RecordingApi) -> dict[str, Way]:
    """Return the ways; `prepare` writes their files."""
    named = {"K8S_AUTH_HOST": api.url, "K8S_AUTH_SSL_CA_CERT": "pki/ca.crt"}
    token = {**named, "K8S_AUTH_API_KEY": TOKEN}
    far = {**token, "K8S_AUTH_HOST": api.far_url}
    certified = {**named, "K8S_AUTH_CERT_FILE": "pki/admin.crt", "K8S_AUTH_KEY_FILE": "pki/admin.key"}
    return {
        "kubeconfig of a play": Way(environment={"KUBECONFIG": "token.yml"}),
        "kubeconfig of a block": Way(environment={"KUBECONFIG": "token.yml"}, level="block"),
        "kubeconfig of a task": Way(environment={"KUBECONFIG": "token.yml"}, level="task"),
        "kubeconfig of a role": Way(environment={"KUBECONFIG": "token.yml"}, level="role"),
        "kubeconfig at home": Way(environment={"KUBECONFIG": "~/token.yml"}),
        "kubeconfig in parts": Way(environment={"KUBECONFIG": "missing.yml:context.yml:cluster.yml:user.yml:dead.yml"}),
        "variable K8S_AUTH_KUBECONFIG": Way(environment={"K8S_AUTH_KUBECONFIG": "token.yml"}),
        "variable K8S_AUTH_CONTEXT": Way(environment={"KUBECONFIG": "two.yml", "K8S_AUTH_CONTEXT": "two"}),
        "variables for a token": Way(environment={**token, "K8S_AUTH_API_KEY": f" {TOKEN} \n"}),
        "variables for a certificate": Way(environment=certified, headers={}, certificate="system:admin"),
        "variables for a password": Way(
            environment={**named, "K8S_AUTH_USERNAME": "somebody", "K8S_AUTH_PASSWORD": "pa55w0rd\n"}, headers=BASIC
        ),
        "variable K8S_AUTH_VERIFY_SSL": Way(
            environment={"K8S_AUTH_HOST": api.url, "K8S_AUTH_API_KEY": TOKEN, "K8S_AUTH_VERIFY_SSL": "no"}
        ),
        "variables for somebody else": Way(
            environment={**token, "K8S_AUTH_IMPERSONATE_USER": "other", "K8S_AUTH_IMPERSONATE_GROUPS": "one,two"},
            headers={**BEARER, "impersonate-user": ["other"], "impersonate-group": ["one", "two"]},
        ),
        "variable K8S_AUTH_PROXY": Way(environment={**far, "K8S_AUTH_PROXY": api.proxy}, proxied=True),
        "variable K8S_AUTH_NO_PROXY": Way(
            environment={**token, "K8S_AUTH_PROXY": "http://127.0.0.1:9", "K8S_AUTH_NO_PROXY": "127.0.0.0/8"}
        ),
        "variable https_proxy": Way(environment={**far, "https_proxy": api.proxy}, proxied=True),
        "variable NO_PROXY": Way(environment={**token, "K8S_AUTH_PROXY": "127.0.0.1:9", "NO_PROXY": "127.0.0.1"}),
        "variable HTTPS_PROXY for others": Way(environment={**token, "HTTPS_PROXY": "127.0.0.1:9"}),
        "option kubeconfig": Way(options={"kubeconfig": "token.yml"}),
        "option kubeconfig, content": Way(options={"kubeconfig": kubeconfig(api, {"token": f"{TOKEN}\n"})}),
        "option context": Way(options={"kubeconfig": "two.yml", "context": "two"}),
        "options for a token": Way(options={"host": api.url, "api_key": f"{TOKEN}\n", "ca_cert": "pki/ca.crt"}),
        "option api_key over a plugin": Way(
            options={"kubeconfig": "plugin.yml", "api_key": "another"}, headers=ANOTHER
        ),
        "option api_key beside a certificate": Way(
            options={"kubeconfig": "certificate.yml", "api_key": TOKEN}, certificate="system:admin"
        ),
        "option proxy": Way(
            options={"host": api.far_url, "api_key": TOKEN, "ca_cert": "~/pki/ca.crt", "proxy": api.proxy}, proxied=True
        ),
        "proxy-url": Way(options={"kubeconfig": "proxy.yml"}, proxied=True),
        "tls-server-name": Way(options={"kubeconfig": "name.yml"}, server_name=HOST),
        "plugin for a token": Way(options={"kubeconfig": "plugin.yml"}),
        "plugin for a certificate": Way(
            options={"kubeconfig": "certifying.yml"}, headers={}, certificate="system:admin"
        ),
        "tokenFile": Way(options={"kubeconfig": "file.yml"}),
        "certificate": Way(options={"kubeconfig": "certificate.yml"}, headers={}, certificate="system:admin"),
        "username": Way(options={"kubeconfig": "password.yml"}, headers=BASIC),
        "as": Way(
            options={"kubeconfig": "as.yml"},
            headers={**BEARER, "impersonate-user": ["other"], "impersonate-group": ["one", "two"]},
        ),
    }


def kubeconfig(api: RecordingApi, user: Object, **cluster: Any) -> Object:
    """Return a kubeconfig of one context with this user, and these fields of the cluster."""
    fields = {"server": api.url, "certificate-authority": "pki/ca.crt", **cluster}
    return {
        "current-context": "one",
        "contexts": [{"name": "one", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": fields}],
        "users": [{"name": "u", "user": user}],
    }


def prepare(api: RecordingApi, here: Path) -> None:
    """Write the kubeconfigs, and what they name."""
    token = {"token": TOKEN}
    whole = kubeconfig(api, token)
    dead = kubeconfig(api, {"token": "wrong"}, server=NOWHERE)
    second = {
        "contexts": [{"name": "two", "context": {"cluster": "d", "user": "v"}}],
        "clusters": [{"name": "d", "cluster": whole["clusters"][0]["cluster"]}],
        "users": [{"name": "v", "user": token}],
    }
    certificate = {"client-certificate": "pki/admin.crt", "client-key": "pki/admin.key"}
    printed = {"token": TOKEN}
    pems = {
        "clientCertificateData": (api.folder / "admin.crt").read_text(),
        "clientKeyData": (api.folder / "admin.key").read_text(),
    }
    files = {
        "token.yml": whole,
        "dead.yml": dead,
        "two.yml": {**dead, **{key: [*dead[key], *second[key]] for key in second}},
        "context.yml": {key: whole[key] for key in ("contexts", "current-context")},
        "cluster.yml": {"clusters": whole["clusters"]},
        "user.yml": {"users": whole["users"]},
        "proxy.yml": kubeconfig(api, token, server=api.far_url, **{"proxy-url": f"http://{api.proxy}"}),
        "name.yml": kubeconfig(api, token, **{"tls-server-name": HOST}),
        "plugin.yml": kubeconfig(api, plugin(printed)),
        "certifying.yml": kubeconfig(api, plugin(pems)),
        "file.yml": kubeconfig(api, {"tokenFile": "token"}),
        "certificate.yml": kubeconfig(api, certificate),
        "password.yml": kubeconfig(api, {"username": "somebody", "password": "pa55w0rd"}),
        "as.yml": kubeconfig(api, {**token, "as": "other", "as-groups": ["one", "two"]}),
    }
    for name, content in files.items():
        (here / name).write_text(json.dumps(content))
    (here / "token").write_text(f"{TOKEN}\n")
    (here / "pki").symlink_to(api.folder)


def plugin(status: Object) -> Object:
    """Return the user of a kubeconfig whose credentials a command prints."""
    version = "client.authentication.k8s.io/v1"
    printed = json.dumps({"apiVersion": version, "kind": "ExecCredential", "status": status})
    return {"exec": {"apiVersion": version, "interactiveMode": "Never", "command": "printf", "args": ["%s", printed]}}


def tasks(namespace: str) -> list[Object]:
    """Return one task for each of RUNNERS, each of which asks for something in a namespace of its own."""
    found = {"api_version": "v1", "kind": "ConfigMap", "name": "x"}
    inside, shipped = (
        {"seldon.openshift.seldon_cluster_info": {"objects": {"x": {**found, "namespace": f"{namespace}-{runner}"}}}}
        for runner in RUNNERS[:2]
    )
    helm = {"name": "x", "namespace": f"{namespace}-helm", "state": "absent"}
    return [inside, {**shipped, "vars": {"ansible_python_interpreter": PYTHON}}, {"seldon.openshift.seldon_helm": helm}]


def play(number: int, way: Way, folder: Path) -> Object:
    """Return the play of a way."""
    listed = tasks(f"way-{number}")
    given = {"environment": way.environment}
    body: Object = {"tasks": listed}
    if way.level == "task":
        body = {"tasks": [{**task, **given} for task in listed]}
    elif way.level == "block":
        body = {"tasks": [{"block": listed, **given}]}
    elif way.level == "role":
        (folder / f"roles/way{number}/tasks").mkdir(parents=True)
        (folder / f"roles/way{number}/tasks/main.yml").write_text(json.dumps(listed))
        body = {"roles": [{"role": f"way{number}", **given}]}
    else:
        body |= given
    defaults = {"group/seldon.openshift.seldon": way.options}
    return {"hosts": "localhost", "gather_facts": False, "module_defaults": defaults, **body}


def run(folder: Path, plays: list[Object], **environment: str) -> str:
    """Run plays of a playbook in another folder than the one where the command is typed; return the output."""
    (folder / "plays").mkdir(exist_ok=True)
    (folder / "plays/play.json").write_text(json.dumps(plays))
    unset = ("KUBECONFIG", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY")
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ANSIBLE_", "K8S_AUTH_", "HELM_")) and name.upper() not in unset
    }
    done = subprocess.run(
        ["ansible-playbook", "-v", str(folder / "plays/play.json")],
        cwd=folder / "home/here",
        env=inherited
        | {
            "HOME": str(folder / "home"),
            "ANSIBLE_COLLECTIONS_PATH": str(CHECKOUT / ".collections"),
            "ANSIBLE_NOCOLOR": "1",
            "PATH": f"{Path(PYTHON).parent}:{binaries()['helm'].parent}:{os.environ['PATH']}",
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RecordingApi]:
    with RecordingApi(tmp_path_factory.mktemp("pki")) as started:
        yield started


@pytest.fixture(scope="module")
def folder(api: RecordingApi, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a home, where the files are, and in it one where the command is typed, with the same files."""
    folder = tmp_path_factory.mktemp("ways")
    (folder / "home/here").mkdir(parents=True)
    for place in (folder / "home", folder / "home/here"):
        prepare(api, place)
    return folder


@dataclass(frozen=True)
class Ran:
    """What came of all plays: what each way was to show, the requests, and the output."""

    wanted: dict[str, Way]
    asked: list[Asked]
    output: str

    def of(self, name: str, runner: str) -> list[Asked]:
        """Return the requests of one runner on one way."""
        namespace = f"way-{[*self.wanted].index(name)}-{runner}"
        return [each for each in self.asked if each.namespace == namespace]


@pytest.fixture(scope="module")
def ran(api: RecordingApi, folder: Path) -> Ran:
    """Run all ways, with a kubeconfig of the user's own that leads nowhere."""
    wanted = ways(api)
    plays = [play(number, way, folder / "plays") for number, way in enumerate(wanted.values())]
    output = run(folder, plays, KUBECONFIG="dead.yml")
    return Ran(wanted, list(api.asked), output)


def fault(way: Way, asked: list[Asked], port: int) -> str:
    """Return how the requests of a runner are not as its way wants them; empty when they are."""
    if not asked:
        return "nothing was asked"
    where = f"{HOST if way.proxied else '127.0.0.1'}:{port}"
    for each in asked:
        headers = {name: sorted(each.headers.get(name, [])) for name in ("authorization", *way.headers)}
        if headers != {"authorization": [], **way.headers}:
            return f"{headers}"
        if (each.certificate, each.headers["host"]) != (way.certificate, [where]):
            return f"{each.certificate} at {each.headers['host']}"
        if way.server_name and each.server_name != way.server_name:
            return f"the name {each.server_name}"
    return ""


@pytest.mark.parametrize("runner", RUNNERS)
def test_each_way_leads_to_the_same_cluster(ran: Ran, api: RecordingApi, runner: str) -> None:
    faults = {name: fault(way, ran.of(name, runner), api.port) for name, way in ran.wanted.items()}
    assert {name: fault for name, fault in faults.items() if fault} == {}, ran.output


@pytest.mark.usefixtures("ran")
def test_the_proxy_led_to_the_cluster_only(api: RecordingApi) -> None:
    assert {target.partition(":")[0] for target in api.through} == {HOST}


def test_no_credential_is_shown(ran: Ran) -> None:
    secrets = (TOKEN, "pa55w0rd", BASIC["authorization"][0].partition(" ")[2])
    assert [secret for secret in secrets if secret in ran.output] == []


@pytest.mark.parametrize("runner", RUNNERS)
def test_a_relative_path_starts_where_the_command_was_typed(folder: Path, api: RecordingApi, runner: str) -> None:
    before = len(api.asked)
    output = run(folder, [play(900 + RUNNERS.index(runner), Way(), folder)], KUBECONFIG="token.yml")
    found = [each for each in api.asked[before:] if each.namespace.endswith(runner)]
    assert fault(Way(), found, api.port) == "", output


# To Ansible, this is another machine: nothing runs in its own process, and no environment of it is there.
ELSEWHERE = """
from ansible.plugins.connection.local import DOCUMENTATION, Connection as Local
DOCUMENTATION = DOCUMENTATION.replace("name: local", "name: elsewhere")
class Connection(Local):
    transport = "elsewhere"
"""


def test_on_another_machine_modules_and_helm_mean_the_cluster_of_that_machine(folder: Path, api: RecordingApi) -> None:
    (folder / "connections").mkdir()
    (folder / "connections/elsewhere.py").write_text(ELSEWHERE)
    way = Way(environment={"KUBECONFIG": str(folder / "home/plugin.yml")})
    there = {**play(990, way, folder), "connection": "elsewhere", "vars": {"ansible_python_interpreter": PYTHON}}
    before = len(api.asked)
    output = run(folder, [there], KUBECONFIG="dead.yml", ANSIBLE_CONNECTION_PLUGINS=str(folder / "connections"))
    for runner in RUNNERS:
        found = [each for each in api.asked[before:] if each.namespace.endswith(runner)]
        assert fault(way, found, api.port) == "", output
    assert TOKEN not in output


def test_in_a_pod_modules_and_helm_mean_its_cluster_and_its_account(folder: Path, api: RecordingApi) -> None:
    path = pod.mounted(folder, TOKEN, (api.folder / "ca.crt").read_bytes())
    before = len(api.asked)
    output = run(folder, [play(991, Way(), folder)], ANSIBLE_COLLECTIONS_PATH=str(path), **pod.addressed(api.port))
    for runner in RUNNERS:
        found = [each for each in api.asked[before:] if each.namespace.endswith(runner)]
        assert fault(Way(), found, api.port) == "", output
    assert TOKEN not in output
