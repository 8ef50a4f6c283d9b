"""What answers behind the ports of a sandbox's pods: Elasticsearch wants a password, the monitoring a token."""

from __future__ import annotations

import base64
from typing import Any, cast

import pytest

from sandbox.answers import answer
from sandbox.kube import Kube
from sandbox.simulator.settings import Faults
from sandbox.tracks import Tracks

TRACKS = Tracks(cast(Kube, None), Faults())


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


class Cluster:
    """Holds the Secret of one Elasticsearch, and another one."""

    def list(self, *_: str) -> list[dict[str, Any]]:
        return [
            {"metadata": {"name": "elasticsearch-seldon-es-elastic-user"}, "data": {"elastic": encoded("pass:word")}},
            {"metadata": {"name": "other"}, "data": {"elastic": encoded("other")}},
        ]


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        (f"Basic {encoded('elastic:pass:word')}", 200),
        (f"Basic {encoded('elastic:other')}", 401),
        (f"Basic {encoded('elastic:')}", 401),
        (f"Bearer {encoded('elastic:pass:word')}", 401),
        ("Basic nonsense", 401),
        ("", 401),
    ],
)
def test_only_the_right_password_is_let_in(authorization: str, status: int) -> None:
    found, content = answer(cast(Kube, Cluster()), TRACKS, "/", authorization)
    assert found == status
    assert ("version" in content) == (status == 200)


class Reviews:
    """Knows one token, of an account that may get namespaces."""

    def request(self, _method: str, _path: str, review: dict[str, Any]) -> dict[str, Any]:
        spec = review["spec"]
        if review["kind"] == "TokenReview":
            return {"status": {"authenticated": spec["token"] == "known", "user": {"username": "reader"}}}
        return {"status": {"allowed": spec["resourceAttributes"]["verb"] == "get"}}


@pytest.mark.parametrize(
    ("path", "authorization", "status"),
    [
        ("/api/v1/query?query=vector(1)", "Bearer known", 200),
        ("/api/v1/query?query=vector(1)", "Bearer unknown", 401),
        ("/api/v1/query?query=vector(1)", "Basic known", 401),
        ("/api/v1/alerts", "Bearer known", 403),
    ],
)
def test_the_monitoring_lets_in_tokens_with_the_right_of_its_own(path: str, authorization: str, status: int) -> None:
    assert answer(cast(Kube, Reviews()), TRACKS, path, authorization)[0] == status
