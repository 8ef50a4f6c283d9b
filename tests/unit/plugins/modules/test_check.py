"""seldon_check: which checks of a chapter it runs."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.checks.model import Check, failed, passed
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


def rows(only: list[str] | None = None, timeout: float = 0) -> list[dict[str, str]]:
    params = {"chapter": "kafka", "only": only, "settings": {}, "resources": None, "secrets": {}, "timeout": timeout}
    client: Any = None
    found: list[dict[str, str]] = seldon_check.run(client, params, False, [].append)["checks"]
    return found


def run(only: list[str] | None) -> list[str]:
    return [row["check"] for row in rows(only)]


def statuses(timeout: float) -> list[str]:
    return [row["status"] for row in rows(timeout=timeout)]


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


@pytest.mark.parametrize(("timeout", "seen"), [(0, "fail"), (30, "pass")])
def test_what_has_not_settled_is_looked_at_again_for_the_time_given(
    timeout: float, seen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    findings = iter([failed("operator amq-streams", "is Pending", ""), passed("operator amq-streams", "installed")])
    check = Check("kafka.operators", "title", "why", lambda _cluster, _settings: [next(findings)])
    monkeypatch.setitem(seldon_check.CHAPTERS, "kafka", [check])
    assert statuses(timeout) == [seen]


def test_what_still_fails_when_the_time_is_over_is_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    check = Check("kafka.operators", "title", "why", lambda _cluster, _settings: [failed("operator", "is Pending", "")])
    monkeypatch.setitem(seldon_check.CHAPTERS, "kafka", [check])
    assert statuses(0.2) == ["fail"]
