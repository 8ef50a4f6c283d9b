from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import ApiError, KindNotServed, Unreachable
from ansible_collections.seldon.openshift.plugins.module_utils.kube.kinds import CLAIM, CONFIG_MAP
from ansible_collections.seldon.openshift.plugins.module_utils.kube.objects import Kind
from ansible_collections.seldon.openshift.plugins.module_utils.readiness.state import Failed, Progressing, Ready
from ansible_collections.seldon.openshift.plugins.module_utils.waiting import informer as informer_module
from ansible_collections.seldon.openshift.plugins.module_utils.waiting.grace import GracePeriod
from ansible_collections.seldon.openshift.plugins.module_utils.waiting.informer import Informer, Source
from ansible_collections.seldon.openshift.plugins.module_utils.waiting.progress import ProgressLog, duration
from ansible_collections.seldon.openshift.plugins.module_utils.waiting.resources import Target, wait_for

SOURCE = Source(CONFIG_MAP, "ns")


@pytest.mark.parametrize(
    ("stabilization", "seen", "verdicts"),
    [
        (0, [(0, Progressing("x")), (1, Ready())], [Progressing, Ready]),
        (3, [(0, Ready()), (2, Ready()), (3, Ready())], [Progressing, Progressing, Ready]),
        (3, [(0, Ready()), (2, Progressing("flips")), (3, Ready()), (6, Ready())], [Progressing] * 3 + [Ready]),
        (0, [(0, Ready(after=5)), (4, Ready(after=5)), (5, Ready(after=5))], [Progressing, Progressing, Ready]),
        (0, [(0, Ready(after=5)), (4, Ready())], [Progressing, Ready]),
        (3, [(0, Ready(after=1)), (2, Ready(after=1)), (3, Ready(after=1))], [Progressing, Progressing, Ready]),
        (0, [(0, Failed("x"))], [Failed]),
        (
            0,
            [(0, Failed("x", after=5)), (4, Failed("y", after=5)), (5, Failed("x", after=5))],
            [Progressing] * 2 + [Failed],
        ),
        (0, [(0, Failed("x", after=5)), (4, Progressing("heals")), (6, Failed("x", after=5))], [Progressing] * 3),
    ],
)
def test_grace_period(stabilization: float, seen: list[Any], verdicts: list[type]) -> None:
    grace = GracePeriod(0, stabilization)
    assert [type(grace.verdict(state, now)) for now, state in seen] == verdicts


def test_an_object_that_was_ready_long_before_needs_no_window_and_one_that_flips_does() -> None:
    grace = GracePeriod(100, stabilization=3, unchanged=60)
    assert grace.verdict(Ready(), 100) == Ready()
    grace.verdict(Progressing("rolls"), 101)
    assert isinstance(grace.verdict(Ready(), 102), Progressing)
    # What has failed for long may be repaired, and not looked at again.
    assert isinstance(GracePeriod(100, unchanged=60).verdict(Failed("x", after=30), 100), Progressing)


def test_grace_period_tells_when_time_alone_decides() -> None:
    grace = GracePeriod(0, stabilization=3)
    grace.verdict(Ready(), 1)
    assert grace.due(2) == 2
    grace.verdict(Ready(after=9), 3)
    assert grace.due(5) == 5
    grace.verdict(Failed("x", after=60), 10)
    assert grace.due(20) == 50
    grace.verdict(Progressing("x"), 30)
    assert grace.due(30) is None


@pytest.mark.parametrize(
    ("api_version", "kind", "seconds"),
    [
        # Its components flip while the operator writes them one after the other.
        ("argoproj.io/v1alpha1", "ArgoCD", 3),
        ("elasticsearch.k8s.elastic.co/v1", "Elasticsearch", 2),
        ("machinelearning.seldon.io/v1", "SeldonDeployment", 2),
        ("apps/v1", "Deployment", 0),
        ("kafka.strimzi.io/v1beta2", "Kafka", 0),
        ("example.com/v1", "Whatever", 0),
    ],
)
def test_kinds_whose_status_flips_must_stay_ready_for_a_while(api_version: str, kind: str, seconds: float) -> None:
    def after(target: Target, held: float) -> type:
        judge = target.grace_period(100, 0)
        judge.verdict(Ready(), 100)
        return type(judge.verdict(Ready(), 100 + held))

    reference = Kind(api_version, kind).named("a", "ns")
    target = Target(reference)
    assert after(target, seconds) is Ready
    assert not seconds or after(target, seconds - 0.1) is Progressing
    condition = {"type": "Reconciled", "status": "True"}
    assert after(Target(reference, condition=condition), 0) is Ready
    assert after(Target(reference, stabilization=0), 0) is Ready
    assert after(Target(reference, stabilization=9), 8.9) is Progressing
    exact = Target(reference, stabilization=0).grace_period(0, 0)
    assert type(exact.verdict(Ready(after=30), 0)) is Ready


def test_a_log_says_what_moves_once_and_gives_a_sign_of_life() -> None:
    lines: list[str] = []
    log = ProgressLog(lines.append, 0)
    for now in (0, 1):
        log.tell("ready from the start", "ready", now, final=True)
    for now, what in [(0, "3/9"), (1, "3/9"), (5, "7/9"), (6, "3/9")]:
        log.tell("mesh", what, now)
    log.remind(["mesh"], 64)
    log.remind(["mesh"], 65)
    log.tell("mesh", "ready", 70, final=True)
    assert lines == [
        "mesh: 3/9 (0 s)",
        "mesh: 7/9 (5 s)",
        "still waiting for mesh (3/9) (1 min 5 s)",
        "mesh: ready (1 min 10 s)",
    ]


@pytest.mark.parametrize(("seconds", "text"), [(0.4, "0 s"), (59.6, "1 min 0 s"), (125, "2 min 5 s")])
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def item(name: str, version: int, **status: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": "ns", "resourceVersion": str(version)}, "status": status}


class Server:
    """An API server of one collection, of which each list and each watch is scripted: a value to give or an error."""

    def __init__(self, lists: list[Any], watches: list[Any] = ()) -> None:  # type: ignore[assignment]
        self.lists, self.watches = lists, list(watches)
        self.versions: list[str] = []
        self.over = threading.Event()

    def collection_path(self, *_names: Any) -> str:
        return "/path"

    def request(self, *_arguments: Any, **_options: Any) -> dict[str, Any]:
        answer = self.lists.pop(0) if len(self.lists) > 1 else self.lists[0]
        if isinstance(answer, Exception):
            raise answer
        version, *items = answer
        return {"metadata": {"resourceVersion": version}, "items": items}

    def watch(self, *arguments: Any) -> Iterator[tuple[str, dict[str, Any]]]:
        self.versions.append(arguments[3])
        if not self.watches:
            self.over.wait(5)
            return
        events = self.watches.pop(0)
        if isinstance(events, Exception):
            raise events
        yield from events


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(informer_module, "FIRST_PAUSE_SECONDS", 0.01)


def until(informer: Informer, names: set[str]) -> set[str]:
    """Return the names that the informer holds once they are `names`, or after two seconds."""
    deadline = time.monotonic() + 2
    while True:
        held = {obj["metadata"]["name"] for obj in informer.objects(SOURCE) or []}
        if held == names or time.monotonic() > deadline:
            return held
        informer.wait(0.05)


A, BOTH = ("1", item("a", 1)), ("9", item("a", 1), item("b", 9))


@pytest.mark.parametrize(
    ("lists", "watches"),
    [
        pytest.param([A], [[("ADDED", item("b", 2))]], id="watched"),
        pytest.param([BOTH], [[("ADDED", item("c", 10)), ("DELETED", item("c", 11))]], id="deleted"),
        pytest.param([A, BOTH], [ApiError(410)], id="expired"),
        pytest.param([A, BOTH], [ApiError(403)], id="may not watch"),
        pytest.param([A], [[("ADDED", item("c", 2))], [("DELETED", item("c", 3)), ("ADDED", item("b", 4))]], id="cut"),
        pytest.param([KindNotServed(CONFIG_MAP), BOTH], [], id="kind comes later"),
        pytest.param([A, Unreachable("down"), BOTH], [ApiError(410)], id="restart"),
    ],
)
def test_a_informer_ends_up_with_what_is_there(lists: list[Any], watches: list[Any]) -> None:
    server = Server(lists, watches)
    with Informer(server, [SOURCE], time.monotonic() + 5) as informer:  # type: ignore[arg-type]
        assert until(informer, {"a", "b"}) == {"a", "b"}
    server.over.set()


def test_a_watch_goes_on_where_the_last_one_ended() -> None:
    server = Server([("1",)], [[("ADDED", item("a", 5)), ("BOOKMARK", item("", 8))]])
    with Informer(server, [SOURCE], time.monotonic() + 5) as informer:  # type: ignore[arg-type]
        assert until(informer, {"a"}) == {"a"}
        while len(server.versions) < 2:
            time.sleep(0.01)
    server.over.set()
    assert server.versions == ["1", "8"]


@pytest.mark.parametrize("error", [Unreachable("never seen"), Unreachable("401", permanent=True), ApiError(403)])
def test_a_wait_ends_at_once_when_nothing_can_be_read(error: Exception) -> None:
    target = Target(CONFIG_MAP.named("a", "ns"))
    with pytest.raises(type(error)):
        wait_for(Server([error]), [target], time.monotonic() + 30, [].append)  # type: ignore[arg-type]


def test_one_failure_ends_the_wait_and_the_others_are_told_as_they_are() -> None:
    claims = [item("lost", 1, phase="Lost"), item("pending", 1, phase="Pending"), item("bound", 1, phase="Bound")]
    targets = [Target(CLAIM.named(c["metadata"]["name"], "ns")) for c in claims]
    server = Server([("1", *claims)])
    outcomes = wait_for(server, targets, time.monotonic() + 30, [].append)  # type: ignore[arg-type]
    server.over.set()
    assert [type(outcome.state) for outcome in outcomes] == [Failed, Progressing, Ready]


def test_objects_of_one_kind_and_namespace_share_a_source() -> None:
    claims = [item("a", 1, phase="Bound"), item("b", 1, phase="Bound")]
    server = Server([("1", *claims), AssertionError("read twice")])
    targets = [Target(CLAIM.named(name, "ns")) for name in "ab"]
    outcomes = wait_for(server, targets, time.monotonic() + 30, [].append)  # type: ignore[arg-type]
    server.over.set()
    assert all(isinstance(outcome.state, Ready) for outcome in outcomes)
    assert server.versions in ([], ["1"])


def test_the_first_whose_own_time_is_over_ends_the_wait() -> None:
    claims = [
        item(name, 1, phase=phase) for name, phase in (("bound", "Bound"), ("soon", "Pending"), ("late", "Pending"))
    ]
    timeouts = {"bound": 0, "soon": 0.1, "late": None}
    targets = [Target(CLAIM.named(name, "ns"), timeout=timeout) for name, timeout in timeouts.items()]
    server = Server([("1", *claims)])
    outcomes = wait_for(server, targets, time.monotonic() + 30, [].append)  # type: ignore[arg-type]
    server.over.set()
    assert [(type(outcome.state), outcome.overdue) for outcome in outcomes] == [
        (Ready, False),
        (Progressing, True),
        (Progressing, False),
    ]


def test_an_object_that_is_awaited_twice_is_told_once() -> None:
    claim = CLAIM.named("a", "ns")
    targets = [Target(claim, condition={"type": "Resized"}, timeout=0.3), Target(claim)]
    server = Server([("1", item("a", 1, phase="Bound"))])
    lines: list[str] = []
    outcomes = wait_for(server, targets, time.monotonic() + 30, lines.append)  # type: ignore[arg-type]
    server.over.set()
    assert [type(outcome.state) for outcome in outcomes] == [Progressing, Ready]
    assert len(lines) == 1, lines
