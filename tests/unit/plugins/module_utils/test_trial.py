"""A model that is tried: what each answer, log, metric and missing one means, and whose a model is."""

from __future__ import annotations

import json
import socket
import ssl
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.checks.http import Answer
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import EngineError
from ansible_collections.seldon.openshift.plugins.module_utils.trial import mark, replies, tracks
from ansible_collections.seldon.openshift.plugins.module_utils.trial.model import Trial
from ansible_collections.seldon.openshift.plugins.module_utils.trial.router import Reply
from ansible_collections.seldon.openshift.plugins.module_utils.trial.verdict import Verdict, proved

from tests.unit.clock import Clock

V1, V2 = Trial("v1", "seldon", "seldon-try-x"), Trial("v2", "seldon", "seldon-try-x")
ASKED = replies.Asked(V1, "seldon.apps.example.com", "istio-system")
PAGE = "<html>Application is not available</html>"
ENVOY = "istio-envoy"


def test_requests_are_those_of_the_guide() -> None:
    assert V1.path == "/seldon/seldon/seldon-try-x/api/v0.1/predictions"
    assert V2.path == "/v2/models/seldon-try-x/infer"
    assert V2.headers.items() >= {("namespace", "seldon"), ("inference", "seldon-mesh")}


@pytest.mark.parametrize(
    ("trial", "body", "good"),
    [
        (V1, '{"data": {"ndarray": [[0, 0, 1]]}}', True),
        (V2, '{"outputs": []}', True),
        (V1, '{"outputs": []}', False),
        (V1, "<html>log in</html>", False),
        (V1, "[]", False),
    ],
)
def test_only_a_prediction_is_an_answer(trial: Trial, body: str, good: bool) -> None:
    found = replies.judge(Reply(200, body, ENVOY, upstream=True), replies.Asked(trial, "h", "m"))
    # What says something else with 200 will not change by waiting.
    assert (found.good, found.final) == (good, not good)


@pytest.mark.parametrize(
    ("reply", "said", "do", "final"),
    [
        (Reply(503, PAGE), "the router has no ready pod of the gateway", "-l istio=ingressgateway", False),
        (
            Reply(503, "no healthy upstream", ENVOY),
            "the gateway does not reach the model: HTTP 503 no healthy",
            "pods",
            False,
        ),
        (
            Reply(504, "upstream request timeout", ENVOY),
            "the gateway does not reach the model: HTTP 504",
            "pods",
            False,
        ),
        (Reply(404, "", ENVOY), "the gateway knows no way to /seldon/seldon/seldon-try-x/", "virtualservices", False),
        (Reply(404, "", "nginx"), "nginx answers HTTP 404 in place of the gateway", "route", False),
        (
            Reply(500, "boom", ENVOY, upstream=True),
            "the model answers HTTP 500: boom",
            "logs -l seldon-deployment-id",
            False,
        ),
        (Reply(503, "busy", ENVOY, upstream=True), "the model answers HTTP 503: busy", "logs", False),
        (Reply(401, "", ENVOY), "the gateway asks for a login: HTTP 401", "try_model_token", True),
        (Reply(302, "", ENVOY), "the gateway asks for a login: HTTP 302", "try_model_token", True),
        (Reply(403, "RBAC: access denied", ENVOY), "refuses the request: HTTP 403 RBAC", "try_model_token", True),
        (Reply(403, PAGE, "proxy"), "proxy refuses the request: HTTP 403", "try_model_token", True),
    ],
)
def test_each_answer_names_who_gave_it(reply: Reply, said: str, do: str, final: bool) -> None:
    found = replies.judge(reply, ASKED)
    assert said in found.said
    assert do in found.do
    assert (found.good, found.final) == (False, final)
    assert "<html>" not in found.said


def unverified() -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_message = "self-signed certificate"
    return error


@pytest.mark.parametrize(
    ("error", "said", "do", "final"),
    [
        (unverified(), "is not trusted here: self-signed certificate", "try_model_validate_certs=false", True),
        (ssl.SSLError(1, "WRONG_VERSION_NUMBER"), "speaks no TLS", "openssl s_client", False),
        (socket.gaierror(-2, "Name or service not known"), "is not known to DNS here", "try_model_router=", True),
        (
            socket.gaierror(socket.EAI_AGAIN, "Temporary failure"),
            "is not known to DNS here",
            "try_model_router=",
            False,
        ),
        (ConnectionRefusedError(111, "Connection refused"), "does not answer: [Errno 111]", "HTTPS_PROXY", False),
        (TimeoutError(), "does not answer: TimeoutError", "HTTPS_PROXY", False),
    ],
)
def test_each_reason_for_no_answer_is_told_apart(error: Exception, said: str, do: str, final: bool) -> None:
    found = replies.excuse(error, ASKED, "")
    assert "seldon.apps.example.com" in found.said
    assert said in found.said
    assert do in found.do
    assert (found.good, found.final) == (False, final)
    assert "seldon.apps.example.com at 192.0.2.1:443" in replies.excuse(error, ASKED, "192.0.2.1:443").said or (
        isinstance(error, socket.gaierror)
    )


HIT = json.dumps({"hits": {"hits": [{"_index": "inference-log-seldon-seldon-seldon-try-x-default"}]}})
COUNTED = json.dumps({"data": {"result": [{"value": [1.5, "3"]}]}})
ZERO = json.dumps({"data": {"result": [{"value": [1.5, "0"]}]}})


@pytest.mark.parametrize(
    ("judge", "answer", "said", "outcome"),
    [
        (tracks.log_verdict, Answer(200, HIT), "found in inference-log-seldon-seldon-seldon-try-x-default", "good"),
        (tracks.log_verdict, Answer(200, '{"hits": {"hits": []}}'), "a request to seldon-try-x; WHY", "waits"),
        (tracks.log_verdict, Answer(200, "no JSON"), "a request to seldon-try-x; WHY", "waits"),
        (tracks.log_verdict, Answer(401, ""), "does not accept the login of SECRET", "final"),
        (tracks.log_verdict, Answer(403, ""), "denies what SECRET asks", "final"),
        (tracks.log_verdict, Answer(503, ""), "Elasticsearch answers HTTP 503", "waits"),
        (tracks.log_verdict, Answer(0, "no ready pod"), "no ready pod", "waits"),
        (tracks.log_verdict, Answer(0, "you may not", refused=True), "you may not", "final"),
        (tracks.metric_verdict, Answer(200, COUNTED), "requests_seconds_count is 3", "good"),
        (tracks.metric_verdict, Answer(200, ZERO), "of seldon-try-x; WHY", "waits"),
        (tracks.metric_verdict, Answer(200, '{"data": {"result": []}}'), "of seldon-try-x; WHY", "waits"),
        (tracks.metric_verdict, Answer(403, ""), "Thanos denies what SECRET asks", "final"),
    ],
)
def test_each_lack_of_a_track_is_told_apart(judge: Any, answer: Answer, said: str, outcome: str) -> None:
    found = judge(answer, "seldon-try-x", "WHY", "DO", "SECRET")
    assert said in found.said
    assert (found.good, found.final) == (outcome == "good", outcome == "final")
    assert found.good or found.do


def test_the_queries_name_the_model_alone() -> None:
    assert tracks.log_path("seldon", "x").startswith("/inference-log-*seldon-x*/_search")
    assert "deployment_name%3D%22x%22" in tracks.metric_path("seldon", "x")
    assert tracks.indices('[{"index": "a"}, {}, 3]') == ["a"]
    assert tracks.indices("{}") == []


class Ticks(Clock):
    def monotonic(self) -> float:
        return self.now


def test_a_step_is_looked_at_until_it_works() -> None:
    verdicts = iter([Verdict("not yet")] * 9 + [Verdict("there", good=True)])
    lines: list[str] = []
    assert proved(lambda: next(verdicts), "log of x", 60, lines.append, Ticks()).said == "there"
    assert lines == ["log of x: not yet"]


@pytest.mark.parametrize(
    ("verdict", "told"),
    [
        (Verdict("refused", "oc login", final=True), "log of x: refused\n  next: oc login"),
        (Verdict("nothing", "oc get"), "log of x, given up after 60 s: nothing\n  next: oc get"),
    ],
)
def test_a_step_that_fails_says_what_to_type(verdict: Verdict, told: str) -> None:
    with pytest.raises(EngineError) as error:
        proved(lambda: verdict, "log of x", 60, lambda _line: None, Ticks())
    assert str(error.value) == told


@pytest.mark.parametrize(
    ("place", "process", "now", "over"),
    [
        ("here", 7, 100, False),  # it runs
        ("here", 8, 100, True),  # it has ended
        ("here", 0, 100, False),  # nobody knows
        ("there", 8, 100, False),  # another machine's process
        ("here", 7, 1001, True),
        ("there", 0, 1001, True),
    ],
)
def test_whose_run_is_over(place: str, process: int, now: float, over: bool) -> None:
    written = mark.parsed(str(mark.Mark(place, process, 1000)))
    assert written is not None
    assert mark.is_over(written, "here", now, lambda number: number == 7) is over


@pytest.mark.parametrize("text", ["", "x", "here 1", "here x 1", "here 1 2 3"])
def test_another_text_is_no_mark(text: str) -> None:
    assert mark.parsed(text) is None
