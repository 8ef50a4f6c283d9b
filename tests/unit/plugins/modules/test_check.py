"""seldon_check: which checks of a chapter it runs."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.checks.model import Check, passed
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import EngineError
from ansible_collections.seldon.openshift.plugins.modules import seldon_check

KAFKA = [Check(f"kafka.{name}", name, name, lambda _cluster, _settings: [passed("Kafka", "ready")]) for name in "abc"]


@pytest.fixture(autouse=True)
def chapter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(seldon_check.CHAPTERS, "kafka", KAFKA)
    monkeypatch.setattr(seldon_check, "Observed", lambda _client: Cluster())


class Cluster:
    """Refuses nothing and lacks nothing."""

    refused: tuple[str, ...] = ()
    lacking: tuple[Any, ...] = ()

    def begin(self) -> None:
        pass


def run(only: list[str] | None) -> list[str]:
    params = {"chapter": "kafka", "only": only, "settings": {}, "resources": None}
    client: Any = None
    return [row["check"] for row in seldon_check.run(client, params, False, [].append)["checks"]]


@pytest.mark.parametrize(
    ("only", "run_checks"),
    [(None, ["kafka.a", "kafka.b", "kafka.c"]), (["kafka.c", "kafka.a"], ["kafka.c", "kafka.a"])],
)
def test_the_checks_that_are_named_else_all_of_the_chapter(only: list[str] | None, run_checks: list[str]) -> None:
    assert run(only) == run_checks


def test_a_check_that_the_chapter_has_not_is_refused_with_those_that_it_has() -> None:
    with pytest.raises(
        EngineError, match=r"kafka has no check kafka\.d, gitops\.a; it has kafka\.a, kafka\.b, kafka\.c"
    ):
        run(["kafka.a", "kafka.d", "gitops.a"])
