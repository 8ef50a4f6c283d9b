"""How an informer paces itself in bad times: quick at first, never faster than a quiet wait in the end."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import ApiError, KindNotServed, Unreachable
from ansible_collections.seldon.openshift.plugins.module_utils.kube.kinds import CONFIG_MAP
from ansible_collections.seldon.openshift.plugins.module_utils.kube.retry import pause
from ansible_collections.seldon.openshift.plugins.module_utils.waiting import informer as informer_module
from ansible_collections.seldon.openshift.plugins.module_utils.waiting.informer import Informer, Source

from tests.unit.plugins.module_utils.test_waiting import SOURCE, A, Server, item


@pytest.fixture
def attempts(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the number of each attempt after which the informer pauses."""
    seen: list[int] = []

    def noted(attempt: int, **_options: float) -> float:
        seen.append(attempt)
        return 0.001

    monkeypatch.setattr(informer_module, "pause", noted)
    return seen


def run(lists: list[Any], watches: list[Any], attempts: list[int], number: int) -> list[int]:
    """Follow a scripted server until it paused so often; return the attempts."""
    server, end = Server(lists, watches), time.monotonic() + 5
    with Informer(server, [SOURCE], end):  # type: ignore[arg-type]
        while len(attempts) < number and time.monotonic() < end:
            time.sleep(0.005)
    server.over.set()
    for thread in threading.enumerate():
        if thread.name.startswith("informer"):  # or it would count in the next test
            thread.join(5)
    return attempts[:number]


@pytest.mark.parametrize("error", [ApiError(503), ApiError(429), Unreachable("down"), KindNotServed(CONFIG_MAP)])
def test_failures_in_a_row_count_up(error: Exception, attempts: list[int]) -> None:
    assert run([error], [], attempts, 4) == [0, 1, 2, 3]


@pytest.mark.parametrize("watches", [[ApiError(403)] * 3, [[]] * 3], ids=["may not watch", "cut"])
def test_a_list_that_succeeds_before_a_watch_that_fails_again_is_no_success(
    watches: list[Any], attempts: list[int]
) -> None:
    """Where only listing is allowed, or a proxy cuts every watch, the source is polled."""
    assert run([A], watches, attempts, 3) == [0, 1, 2]


def test_a_watch_that_brings_something_ends_the_count(attempts: list[int]) -> None:
    events = [("ADDED", item("b", 2))]
    assert run([A], [ApiError(503), ApiError(503), events, ApiError(503)], attempts, 3) == [0, 1, 0]


def test_a_pause_doubles_from_half_a_second_up_to_the_pace_of_all_sources(monkeypatch: pytest.MonkeyPatch) -> None:
    server: Any = Server([("1",)])
    followed = Informer(server, [Source(CONFIG_MAP, f"n{number}") for number in range(10)], time.monotonic())
    pauses: list[float] = []
    monkeypatch.setattr(followed._stopped, "wait", pauses.append)
    for _ in range(40):
        followed._rest(SOURCE)
    assert 0.25 <= pauses[0] <= 0.5
    assert 0.5 <= pauses[1] <= 1
    assert set(pauses[10:]) == {15.0}, "ten sources, each every 15 s: below one request a second"


def test_the_longest_pause_is_a_limit() -> None:
    assert all(2 <= pause(1000, longest=4.0) <= 4 for _ in range(50))
