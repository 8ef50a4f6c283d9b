"""The client against a server that answers by script: what is repeated, what is not, and what the user is told."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import urllib3
from ansible_collections.seldon.openshift.plugins.module_utils.kube import connection, retry
from ansible_collections.seldon.openshift.plugins.module_utils.kube.client import Client
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import ApiError, KindNotServed, Unreachable
from ansible_collections.seldon.openshift.plugins.module_utils.kube.kinds import CONFIG_MAP, MEMBER_ROLL
from ansible_collections.seldon.openshift.plugins.module_utils.kube.objects import Kind

REFERENCE = CONFIG_MAP.named("a", "n")
RESET = "reset"
OK = (200, {}, {"kind": "ConfigMap", "metadata": {"name": "a"}, "status": {"allowed": True}})
OBJECT = REFERENCE.bare()


def failure(
    status: int, reason: str = "", message: str = "", headers: dict[str, str] | None = None, **details: Any
) -> Any:
    body = {"kind": "Status", "status": "Failure", "reason": reason, "message": message, "details": details}
    return status, headers or {}, body


class Script:
    """A server that gives each of `answers` once, and the last one for ever; it keeps the requests."""

    def __init__(self) -> None:
        self.answers: list[Any] = [OK]
        self.requests: list[tuple[str, str, Any, Any]] = []
        script = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length)) if length else None
                script.requests.append((self.command, self.path, self.headers, body))
                given = script.answers.pop(0) if len(script.answers) > 1 else script.answers[0]
                if given == RESET:
                    self.close_connection = True
                    return
                status, headers, content = given
                data = content.encode() if isinstance(content, str) else json.dumps(content).encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = answer  # noqa: N815

            def log_message(self, *_args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def host(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Iterator[Script]:
    pauses: list[float] = []
    monkeypatch.setattr(connection, "pause", lambda _attempt, asked=None: pauses.append(asked or 0) or 0.001)
    started = Script()
    started.pauses = pauses  # type: ignore[attr-defined]
    yield started
    started.close()


@pytest.fixture
def client(script: Script) -> Client:
    return Client({"host": script.host, "api_key": "t0ken"})


def do(client: Client, verb: str) -> Any:
    calls = {
        "get": lambda: client.get(REFERENCE),
        "apply": lambda: client.apply(OBJECT),
        "create": lambda: client.create(OBJECT),
        "replace": lambda: client.replace(OBJECT),
        "merge": lambda: client.patch(OBJECT, {}),
        "json": lambda: client.patch(OBJECT, [], "application/json-patch+json"),
        "delete": lambda: client.delete(REFERENCE),
        "may": lambda: client.may({"verb": "get"}),
    }
    return calls[verb]()


IDEMPOTENT = ("get", "apply", "replace", "merge", "delete", "may")
PATCHES = ("apply", "merge", "json")
ALL = (*IDEMPOTENT, "create", "json")
WEBHOOK = failure(500, "InternalError", 'failed calling webhook "x.y": no endpoints available for service "z"')


@pytest.mark.parametrize(
    ("answer", "verbs"),
    [
        (failure(429, "TooManyRequests"), ALL),
        (WEBHOOK, ALL),
        (failure(500, "InternalError", "etcdserver: leader changed"), IDEMPOTENT),
        ((502, {}, "bad gateway"), IDEMPOTENT),
        (failure(503, "ServiceUnavailable"), IDEMPOTENT),
        (failure(504, "Timeout"), IDEMPOTENT),
        (RESET, IDEMPOTENT),
        (failure(409, "Conflict", "the object has been modified"), PATCHES),
    ],
    ids=["429", "webhook", "500", "502", "503", "504", "reset", "race"],
)
@pytest.mark.parametrize("verb", ALL)
def test_what_is_transient_is_repeated_when_it_is_safe(
    script: Script, client: Client, answer: Any, verbs: tuple[str, ...], verb: str
) -> None:
    script.answers = [answer, answer, OK]
    if verb in verbs:
        do(client, verb)
        assert len(script.requests) == 3
    else:
        with pytest.raises((ApiError, Unreachable)):
            do(client, verb)
        assert len(script.requests) == 1


@pytest.mark.parametrize(
    "answer",
    [
        failure(400, "BadRequest", "admission webhook denied the request"),
        failure(403, "Forbidden"),
        failure(409, "Conflict", causes=[{"reason": "FieldManagerConflict", "field": ".data.a"}]),
        failure(422, "Invalid"),
        failure(500, "", "failed to create typed patch object: .spec.x: field not declared in schema"),
    ],
)
def test_what_stays_wrong_is_not_repeated(script: Script, client: Client, answer: Any) -> None:
    script.answers = [answer]
    with pytest.raises(ApiError):
        client.apply(OBJECT)
    assert len(script.requests) == 1


def test_the_server_says_how_long_to_wait(script: Script, client: Client) -> None:
    script.answers = [failure(429, headers={"Retry-After": "7"}), failure(429, retryAfterSeconds=3), failure(429), OK]
    client.get(REFERENCE)
    assert script.pauses == [7, 3, 0]  # type: ignore[attr-defined]


def test_pauses_grow_and_respect_the_server() -> None:
    assert all(retry.pause(attempt) <= retry.pause(attempt + 3) for attempt in range(5))
    assert max(retry.pause(20) for _ in range(50)) <= 8.0
    assert retry.pause(0, 30.0) == 30.0


def test_the_deadline_ends_it_with_the_last_answer(script: Script, client: Client) -> None:
    script.answers = [WEBHOOK]
    with pytest.raises(ApiError, match="no endpoints available"):
        client.apply(OBJECT, deadline=time.monotonic() + 1.5)
    assert len(script.requests) > 1


def test_a_refused_token_is_named_and_not_repeated(script: Script, client: Client) -> None:
    script.answers = [failure(401, "Unauthorized")]
    with pytest.raises(Unreachable, match=r"401.*token.*oc login") as error:
        client.get(REFERENCE)
    assert len(script.requests) == 1
    assert "t0ken" not in str(error.value)
    assert script.host in str(error.value)


@pytest.mark.parametrize("status", [401, 403])
def test_who_is_nobody_is_told_how_to_log_in(script: Script, monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    monkeypatch.setenv("KUBECONFIG", "")
    monkeypatch.setenv("HOME", "/nowhere")
    script.answers = [failure(status, "x", 'configmaps is forbidden: User "system:anonymous" cannot list resource')]
    with pytest.raises(Unreachable, match=rf"system:anonymous.*no credentials.*oc login {script.host}") as error:
        Client({"host": script.host}).get(REFERENCE)
    assert error.value.permanent
    assert len(script.requests) == 1


def test_an_absent_object_and_an_absent_kind_are_told_apart(script: Script, client: Client) -> None:
    script.answers = [failure(404, "NotFound", 'configmaps "a" not found', name="a", kind="configmaps")]
    assert client.get(REFERENCE) is None
    script.answers = [(404, {}, "404 page not found")]
    with pytest.raises(KindNotServed, match=r"ServiceMeshMemberRoll of maistra\.io/v1"):
        client.get(MEMBER_ROLL.named("default", "n"))


def test_an_unknown_kind_costs_one_look_up(script: Script, client: Client) -> None:
    resources = [
        {"kind": "Widget", "name": "widgets/status", "namespaced": True},
        {"kind": "Widget", "name": "widgetry", "namespaced": True},
    ]
    script.answers = [(200, {}, {"resources": resources}), OK]
    client.get(Kind("example.com/v1", "Widget").named("a", "n"))
    client.get(Kind("example.com/v1", "Widget").named("b", "n"))
    assert [path for _verb, path, *_ in script.requests] == [
        "/apis/example.com/v1",
        "/apis/example.com/v1/namespaces/n/widgetry/a",
        "/apis/example.com/v1/namespaces/n/widgetry/b",
    ]


def test_lists_are_read_in_pages(script: Script, client: Client) -> None:
    def page(name: str, token: str) -> Any:
        return 200, {}, {"metadata": {"continue": token}, "items": [{"metadata": {"name": name}}]}

    script.answers = [page("a", "next"), page("b", "")]
    found = client.list(CONFIG_MAP, "n", label_selector="x=y")
    assert [(item["apiVersion"], item["kind"], item["metadata"]["name"]) for item in found] == [
        ("v1", "ConfigMap", "a"),
        ("v1", "ConfigMap", "b"),
    ]
    assert all("limit=500" in path and "labelSelector=x%3Dy" in path for _verb, path, *_ in script.requests)
    assert "continue=next" in script.requests[1][1]


@pytest.mark.parametrize("verb", [verb for verb in ALL if verb not in ("get", "may")])
def test_check_mode_never_writes(script: Script, verb: str) -> None:
    do(Client({"host": script.host, "api_key": "t"}, check_mode=True), verb)
    _verb, path, _headers, body = script.requests[0]
    assert "dryRun=All" in path
    if verb == "delete":  # the server reads options from the body, when there is one
        assert body["dryRun"] == ["All"]


def test_identity_and_impersonation_are_sent(script: Script) -> None:
    groups = ["system:masters", "dev"]
    client = Client({"host": script.host, "api_key": "t", "impersonate_user": "me", "impersonate_groups": groups})
    client.apply(OBJECT, force=True)
    verb, path, headers, body = script.requests[0]
    assert (verb, body) == ("PATCH", OBJECT)
    assert path.startswith("/api/v1/namespaces/n/configmaps/a?")
    assert all(part in path for part in ("fieldManager=seldon.openshift", "force=true", "fieldValidation=Strict"))
    assert headers["Authorization"] == "Bearer t"
    assert headers["Impersonate-User"] == "me"
    assert headers.get_all("Impersonate-Group") == groups
    assert headers["Content-Type"] == "application/apply-patch+yaml"


def test_warnings_of_the_api_are_kept_once(script: Script, client: Client) -> None:
    script.answers = [(200, {"Warning": '299 - "x is deprecated", 299 - "say \\"y\\""'}, OK[2])]
    client.get(REFERENCE)
    client.get(REFERENCE)
    assert client.warnings == ["x is deprecated", 'say \\"y\\"']


def test_causes_are_told_with_their_field() -> None:
    causes = [{"field": "spec.x", "message": "must be set"}, {"field": "spec.y", "message": "told already"}]
    error = ApiError.parse(422, json.dumps(failure(422, "Invalid", "y: told already", causes=causes)[2]).encode())
    assert str(error) == "422 Invalid: y: told already (spec.x: must be set)"


def test_a_watch_ends_with_the_connection_and_raises_what_is_too_old(script: Script, client: Client) -> None:
    event = json.dumps({"type": "MODIFIED", "object": {"metadata": {"name": "a"}}}) + "\n"
    gone = json.dumps({"type": "ERROR", "object": {"code": 410, "reason": "Expired", "message": "too old"}}) + "\n"
    script.answers = [(200, {}, event + event)]
    assert [kind for kind, _obj in client.watch(CONFIG_MAP, "n", seconds=1)] == ["MODIFIED", "MODIFIED"]
    script.answers = [(200, {}, event + "\x00garbled\n" + event)]
    assert [kind for kind, _obj in client.watch(CONFIG_MAP, "n", seconds=1)] == ["MODIFIED"]
    script.answers = [(200, {}, event + gone)]
    with pytest.raises(ApiError) as error:
        list(client.watch(CONFIG_MAP, "n", seconds=1))
    assert error.value.status == 410


def test_what_is_no_api_server_is_named_at_once(script: Script, client: Client) -> None:
    script.answers = [(200, {"Content-Type": "text/html"}, "<html>Log in</html>")]
    with pytest.raises(Unreachable, match=r"text/html.*address of an API server"):
        client.get(REFERENCE)
    assert len(script.requests) == 1


def test_a_handshake_cut_short_may_be_tried_again_and_a_refused_certificate_not() -> None:
    broken = ssl.SSLError(1, "tlsv1 alert decode error")
    broken.reason = "TLSV1_ALERT_DECODE_ERROR"
    cut, refused = ssl.SSLEOFError(8, "EOF"), ssl.SSLCertVerificationError(1, "unknown CA")
    for cause, permanent in ((cut, False), (broken, False), (refused, True), (ssl.SSLError(1, "handshake"), True)):
        error = connection._unreachable("https://api:6443", urllib3.exceptions.SSLError(cause))
        assert error.permanent is permanent


@pytest.mark.parametrize("name", ["no_proxy", "NO_PROXY"])
def test_a_proxy_is_passed_by_for_the_hosts_that_the_environment_names(
    script: Script, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv(name, "127.0.0.1")
    assert Client({"host": script.host, "api_key": "t"}).get(REFERENCE)
