"""What answers behind the ports of a sandbox's pods: Elasticsearch wants its operator's password."""

from __future__ import annotations

import base64
from typing import Any, cast

import pytest

from sandbox.answers import answer
from sandbox.kube import Kube


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
    found, content = answer(cast(Kube, Cluster()), "/", authorization)
    assert found == status
    assert ("version" in content) == (status == 200)
