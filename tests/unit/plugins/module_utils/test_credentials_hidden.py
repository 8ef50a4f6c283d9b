"""Every credential times every kind of failure: whatever goes wrong, nothing that a module returns or says holds it."""

from __future__ import annotations

import base64
import json
import logging
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils import module
from ansible_collections.seldon.openshift.plugins.module_utils.kube import connection
from ansible_collections.seldon.openshift.plugins.module_utils.kube.client import Client
from ansible_collections.seldon.openshift.plugins.module_utils.kube.kinds import CONFIG_MAP

from sandbox.certificates import write_pki

Object = dict[str, Any]
SECRET = "gEh3im+/=&%nis-of-somebody"
REFERENCE = CONFIG_MAP.named("a", "n")


@dataclass
class Case:
    """How a module is called: its options, its environment, and the folder for files."""

    server: str
    folder: Path
    monkeypatch: pytest.MonkeyPatch
    params: Object

    def config(self, user: Object, **cluster: Any) -> None:
        """Name the cluster by a kubeconfig's content."""
        self.params["kubeconfig"] = {
            "current-context": "c",
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
            "clusters": [{"name": "c", "cluster": {"server": self.server, **cluster}}],
            "users": [{"name": "u", "user": user}],
        }

    def file(self, name: str, text: str) -> str:
        """Write a file and return its path."""
        (self.folder / name).write_text(text)
        return str(self.folder / name)


def option_token(case: Case) -> None:
    case.params.update(host=case.server, api_key=SECRET)


def variable_token(case: Case) -> None:
    case.params.update(host=case.server)
    case.monkeypatch.setenv("K8S_AUTH_API_KEY", f"{SECRET}\n")


def option_password(case: Case) -> None:
    case.params.update(host=case.server, username="me", password=SECRET)


def variable_password(case: Case) -> None:
    case.monkeypatch.setenv("K8S_AUTH_HOST", case.server)
    case.monkeypatch.setenv("K8S_AUTH_USERNAME", "me")
    case.monkeypatch.setenv("K8S_AUTH_PASSWORD", SECRET)


def content_token(case: Case) -> None:
    case.config({"token": SECRET})


def file_token(case: Case) -> None:
    case.config({"token": SECRET})
    case.params["kubeconfig"] = case.file("config", json.dumps(case.params["kubeconfig"]))


def token_file(case: Case) -> None:
    case.config({"tokenFile": case.file("token", f"{SECRET}\n")})


def content_password(case: Case) -> None:
    case.config({"username": "me", "password": SECRET})


def address_password(case: Case) -> None:
    scheme, _mark, rest = case.server.partition("://")
    case.params.update(host=f"{scheme}://me:{quote(SECRET, safe='')}@{rest}", api_key="none")


def proxy_password(case: Case) -> None:
    case.params.update(host=case.server, api_key="none", proxy=f"me:{quote(SECRET, safe='')}@127.0.0.1:1")


def variable_proxy_password(case: Case) -> None:
    # To a loopback address, no variable leads by a proxy.
    case.params.update(host=case.server.replace("127.0.0.1", "api.example.com"), api_key="none")
    for name in ("HTTPS_PROXY", "HTTP_PROXY"):
        case.monkeypatch.setenv(name, f"http://me:{quote(SECRET, safe='')}@127.0.0.1:1")


def proxy_header(case: Case) -> None:
    header = {"proxy_basic_auth": f"me:{SECRET}"}
    case.params.update(host=case.server, api_key="none", proxy="127.0.0.1:1", proxy_headers=header)


def client_key(case: Case) -> None:
    key = base64.b64encode(f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n-----END PRIVATE KEY-----\n".encode()).decode()
    case.config({"client-certificate-data": key, "client-key-data": key})


def plugin_token(case: Case) -> None:
    printed = json.dumps({"status": {"token": SECRET}})
    case.config({"exec": {"command": "cat", "args": [case.file("printed", printed)]}})


def plugin_that_fails(case: Case) -> None:
    script = case.file("script", f"echo token={SECRET} >&2; echo '{SECRET}'; exit 1")
    case.config({"exec": {"command": "sh", "args": [script]}})


def plugin_that_prints_no_json(case: Case) -> None:
    case.config({"exec": {"command": "cat", "args": [case.file("printed", SECRET)]}})


def plugin_environment(case: Case) -> None:
    script = case.file("script", 'echo "with $PASSWORD" >&2; exit 1')
    case.config({"exec": {"command": "sh", "args": [script], "env": [{"name": "PASSWORD", "value": SECRET}]}})


def plugin_command(case: Case) -> None:
    case.config({"exec": {"command": f"/no/such/plugin --password {SECRET}"}})


def plugin_arguments(case: Case) -> None:
    script = case.file("script", 'echo "usage: $*" >&2; exit 1')
    case.config({"exec": {"command": "sh", "args": [script, "-p", SECRET, "--url", f"https://me:{SECRET}@h"]}})


def plugin_pin(case: Case) -> None:
    script = case.file("script", 'echo "with $PIN" >&2; exit 1')
    case.config({"exec": {"command": "sh", "args": [script], "env": [{"name": "PIN", "value": SECRET}]}})


def content_as_variable(case: Case) -> None:
    case.config({"token": SECRET})
    case.monkeypatch.setenv("KUBECONFIG", json.dumps(case.params.pop("kubeconfig"), indent=1))


def content_as_path(case: Case) -> None:
    case.config({"token": SECRET})
    case.params["kubeconfig"] = base64.b64encode(json.dumps(case.params["kubeconfig"]).encode()).decode()


def key_as_path(case: Case) -> None:
    key = f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n-----END PRIVATE KEY-----\n"
    case.params.update(host=case.server, client_cert=key, client_key=key)


def token_as_path(case: Case) -> None:
    case.config({"tokenFile": f"sha256~{SECRET}"})


def provider(case: Case) -> None:
    case.config({"auth-provider": {"name": "oidc", "config": {"id-token": SECRET, "client-secret": SECRET}}})


CREDENTIALS = (
    *(option_token, variable_token, option_password, variable_password, content_token, file_token, token_file),
    *(content_password, address_password, proxy_password, variable_proxy_password, proxy_header, client_key),
    *(content_as_variable, content_as_path, key_as_path, token_as_path),
    *(plugin_command, plugin_arguments, plugin_pin),
    *(plugin_token, plugin_that_fails, plugin_that_prints_no_json, plugin_environment, provider),
)

Failure = Callable[[Case], None]
SERVERS = ("echo 200", "echo 400", "echo 401", "echo 403", "echo 407", "echo 500", "tls", "closed", "reset")


def nothing(_case: Case) -> None:
    """The server alone is at fault."""


def damaged(case: Case) -> None:
    """A credential that no header can carry, in the forms in which it may come."""
    for name in ("api_key", "password"):
        if name in case.params:
            case.params[name] = f"{SECRET}\x00\n{SECRET}"
    case.monkeypatch.setenv("K8S_AUTH_API_KEY", f"{SECRET}\n{SECRET}ä")


def bad_address(case: Case) -> None:
    """An address that cannot be one, with the secret in it."""
    case.params["host"] = f"https://me:{SECRET}@[::1:x"


def bad_yaml(case: Case) -> None:
    """A kubeconfig that is no YAML, at the very line of the secret."""
    case.params["kubeconfig"] = case.file("bad", f'users:\n- token: "{SECRET}\\q\n  password: *{SECRET}\n')


def bad_authority(case: Case) -> None:
    """A file of authorities that holds something else."""
    case.params["ca_cert"] = case.file("ca", SECRET)


def no_file(case: Case) -> None:
    """A file that is not there."""
    case.params["client_cert"] = str(case.folder / "no-such-file")


OTHERS: tuple[Failure, ...] = (damaged, bad_address, bad_yaml, bad_authority, no_file)
# Each failure: which server answers, and what else is wrong.
FAILURES: dict[str, tuple[str, Failure]] = {
    **{server: (server, nothing) for server in SERVERS},
    **{str(each.__doc__): ("echo 500", each) for each in OTHERS},
    "a bug": ("bug", nothing),
}


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The addresses of servers that fail, by how."""
    pki = tmp_path_factory.mktemp("pki")
    write_pki(pki)
    started = {name: ThreadingHTTPServer(("127.0.0.1", 0), answering(name)) for name in SERVERS if name != "closed"}
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pki / "server.crt", pki / "server.key")
    started["tls"].socket = context.wrap_socket(started["tls"].socket, server_side=True)
    for server in started.values():
        server.daemon_threads = True
        server.handle_error = lambda *_details: None  # type: ignore[method-assign]  # who does not trust it leaves
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    schemes = dict.fromkeys(started, "http") | {"tls": "https"}
    yield {name: f"{schemes[name]}://127.0.0.1:{server.server_address[1]}" for name, server in started.items()} | {
        "closed": "http://127.0.0.1:1",
        "bug": "http://127.0.0.1:1",
    }
    for server in started.values():
        server.shutdown()
        server.server_close()


def answering(name: str) -> type[BaseHTTPRequestHandler]:
    class Answering(BaseHTTPRequestHandler):
        """Sends back what it was sent: in the body, in the reason, in headers."""

        def do_GET(self) -> None:
            if name == "reset":
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            body = f"{'x' * 280}{self.headers}".encode()
            self.send_response(int(name.split()[-1]) if "echo" in name else 200)
            self.send_header("Warning", f'299 - "{self.headers["Authorization"]}"')
            self.send_header("Content-Type", self.headers["Authorization"] or "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            pass

    return Answering


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "RETRY_SECONDS", 0.01)
    monkeypatch.setattr(connection, "FIRST_CONTACT_SECONDS", 0.01)
    monkeypatch.setattr(connection, "pause", lambda *_arguments: 0.02)


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("credential", CREDENTIALS, ids=lambda each: each.__name__)
def test_no_failure_shows_a_credential(
    servers: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    credential: Callable[[Case], None],
    failure: str,
) -> None:
    server, spoil = FAILURES[failure]
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("KUBECONFIG", raising=False)
    case = Case(servers[server], tmp_path, monkeypatch, {})
    credential(case)
    spoil(case)
    lines: list[str] = []
    with caplog.at_level(logging.DEBUG):
        result = module.execute(broken if server == "bug" else ask, case.params, False, False, lines.append)
    captured = capfd.readouterr()
    assert result["failed"], result
    told = [
        json.dumps(result),
        str(result),
        *lines,
        captured.out,
        captured.err,
        *(each.message for each in caplog.records),
    ]
    assert [form for form in forms() if form in "\n".join(told)] == []


def ask(client: Client, _params: Object, _check_mode: bool, progress: Callable[[str], None]) -> Object:
    """Ask for an object, and say that we do, with all that we know."""
    progress(f"asking with {client.target}")
    client.get(REFERENCE)
    return {}


def broken(client: Client, params: Object, _check_mode: bool, _progress: Callable[[str], None]) -> Object:
    """Fail as only a bug can, with all that there is in the message."""
    raise KeyError(f"{params} {client.target} {client._request_headers(None)}")


def forms() -> list[str]:
    """Return the forms in which a secret may show, and parts of it."""
    basic = base64.b64encode(f"me:{SECRET}".encode()).decode()
    return [
        SECRET,
        quote(SECRET, safe=""),
        quote(SECRET),
        base64.b64encode(SECRET.encode()).decode(),
        basic,
        SECRET[:12],
    ]
