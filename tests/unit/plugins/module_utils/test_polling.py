"""The one loop that looks for something again and again."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.apply.gone import wait_until_gone
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import ApiError, EngineError
from ansible_collections.seldon.openshift.plugins.module_utils.kube.kinds import NAMESPACE
from ansible_collections.seldon.openshift.plugins.module_utils.kube.polling import NotYet, TimedOut, poll_until

from tests.unit.clock import Clock

Object = dict[str, Any]


class Pauses(Clock):
    """A clock that begins at 0 and keeps each sleep, in seconds."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.pauses: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        self.pauses.append(round(seconds, 3))


def test_what_is_there_at_the_first_look_costs_no_time() -> None:
    clock = Pauses()
    assert poll_until(lambda: "found", clock.now, clock=clock) == "found"
    assert clock.pauses == []


def test_the_intervals_grow_and_the_deadline_is_used_to_its_end() -> None:
    clock, lines = Pauses(), list[str]()

    def look() -> str:
        raise NotYet("no password")

    with pytest.raises(TimedOut, match="given up after 10 s: no password") as caught:
        poll_until(look, 10, lines.append, clock=clock)
    assert (caught.value.reason, round(caught.value.seconds, 3)) == ("no password", 10)
    assert clock.pauses == [0.1, 0.2, 0.4, 0.8, 1.6, 2.0, 2.0, 2.0, 0.9]
    assert lines == ["waiting: no password"]


def test_a_look_that_is_late_is_made_once() -> None:
    clock, looks = Pauses(), list[float]()

    def look() -> None:
        looks.append(clock.now)
        raise NotYet("x")

    with pytest.raises(TimedOut, match="given up after 0 s: x"):
        poll_until(look, -1, clock=clock)
    assert looks == [0]


def test_each_reason_that_lasts_is_told_once() -> None:
    clock, lines = Pauses(), list[str]()

    def look() -> str:
        if clock.now < 20:
            raise NotYet("early" if clock.now < 1 else "a" if clock.now < 8 else "b")
        return "found"

    assert poll_until(look, 30, lines.append, "waiting for c", clock) == "found"
    assert lines == ["waiting for c: a", "waiting for c: b"]


def test_another_error_ends_the_loop() -> None:
    def look() -> None:
        raise ApiError(403, "Forbidden")

    with pytest.raises(ApiError):
        poll_until(look, 30, clock=Pauses())


HOME = NAMESPACE.named("n")


class Server:
    """Holds a namespace for some reads, then another one of the same name, if given, else none."""

    def __init__(self, reads: int, then: Object | None = None) -> None:
        self.reads = reads
        self.then = then

    def get(self, _reference: Any, _deadline: float) -> Object | None:
        self.reads -= 1
        held = {"message": "some  pods\nremain", "status": "True", "type": "NamespaceContentRemaining"}
        spec, status = {"finalizers": ["kubernetes"]}, {"conditions": [held]}
        live = {**HOME.bare(), "metadata": {"name": "n", "uid": "old"}, "spec": spec, "status": status}
        return live if self.reads >= 0 else self.then


@pytest.mark.parametrize(
    ("then", "uid"),
    [(None, "old"), (None, None), ({"metadata": {"uid": "new"}}, "old")],
    ids=["this one is gone", "all are gone", "another one came"],
)
def test_an_object_is_gone(clock: Clock, then: Object | None, uid: str | None) -> None:
    server: Any = Server(3, then)
    wait_until_gone(server, HOME, clock.now + 30, [].append, uid)
    assert server.reads == -1


@pytest.mark.parametrize("then", [None, {**HOME.bare(), "metadata": {"uid": "new"}}])
def test_what_holds_an_object_is_told(clock: Clock, then: Object | None) -> None:
    server: Any = Server(100, then)
    lines: list[str] = []
    with pytest.raises(EngineError, match="still being deleted after 9 s: finalizers kubernetes; some pods remain"):
        wait_until_gone(server, HOME, clock.now + 9, lines.append, None)
    assert lines == ["waiting until Namespace n is deleted: finalizers kubernetes; some pods remain"]


def test_without_a_uid_one_that_came_after_it_counts_as_well(clock: Clock) -> None:
    server: Any = Server(1, {"kind": "Namespace", "metadata": {"uid": "new"}})
    with pytest.raises(EngineError, match="its dependents go first"):
        wait_until_gone(server, HOME, clock.now + 9, [].append)
