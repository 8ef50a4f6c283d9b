"""The table that ends a run."""

from __future__ import annotations

from types import SimpleNamespace

from ansible_collections.seldon.openshift.plugins.plugin_utils.stages import Run, Stage, awaited_in, table, title_of


def node(name: str = "", role: str | None = None, parent: object = None) -> SimpleNamespace:
    """Return a task, an include or a block as Ansible makes them."""
    of = SimpleNamespace(get_name=lambda **_options: role) if role else None
    return SimpleNamespace(name=name, get_name=lambda: name, _role=of, _parent=parent)


def test_a_stage_is_an_entry_of_the_playbook() -> None:
    include = node("Install Kafka", parent=node())
    inner = node("Copy credentials", "kafka", node("", "kafka", include))
    assert title_of(node("Apply the cluster", "kafka", node("", "kafka", inner))) == "Install Kafka"
    assert title_of(node("Request all operators", parent=node())) == "Request all operators"
    assert title_of(node("First", parent=node("A block", parent=node()))) == "A block"


def test_a_role_that_a_play_lists_is_a_stage() -> None:
    assert title_of(node("Apply the cluster", "kafka", node("", "kafka"))) == "kafka"


def test_what_was_waited_for_is_read_from_waits_and_operators_only() -> None:
    assert awaited_in({"resources": [{"name": "basic", "state": "ready"}]}) == ["basic"]
    assert awaited_in({"operators": [{"name": "amq-streams", "state": "installed"}]}) == ["amq-streams"]
    assert awaited_in({"resources": [{"kind": "Pod"}], "results": [{"name": "x", "state": "y"}]}) == []


def test_the_table_sums_up_and_names_what_was_waited_for() -> None:
    stages = [
        Stage("kafka: apply", 1.25, 3, 2),
        Stage("never, begun"),
        Stage("kafka: wait", 60.0, 2, 0, ["a", "a", "b", "c", "d"]),
    ]
    assert table(stages) == [
        "stage          seconds  tasks  changed  waited for",
        "kafka: apply       1.2      3        2",
        "kafka: wait       60.0      2        0  a, b, c and 1 more",
        "all               61.2      5        2",
    ]
    assert table([]) == []


def test_time_changes_and_waits_belong_to_the_task_of_the_result_whoever_is_ahead() -> None:
    """With `strategy: free`, one host waits for Kafka while the other is in the next stage already."""
    run = Run()
    assert run.announces("kafka: wait")
    assert not run.announces("kafka: wait")
    run.begin("lab", "1", "kafka: wait", 100.0)
    run.begin("edge", "1", "kafka: wait", 100.5)
    run.end("edge", "1", 102.0, False, ["east"])
    run.begin("edge", "2", "gitops: apply", 102.0)
    run.end("edge", "2", 104.0, True)
    run.end("lab", "1", 110.0, True, ["west"])
    assert run.lines(110.0) == [
        "stage           seconds  tasks  changed  waited for",
        "kafka: wait        10.0      2        1  east, west",
        "gitops: apply       2.0      1        1",
        "all                10.0      3        2",
    ]


def test_time_between_two_tasks_belongs_to_the_earlier_one() -> None:
    run = Run()
    run.begin("lab", "1", "kafka: apply", 5.0)
    run.end("lab", "1", 6.0, False)
    run.begin("lab", "2", "kafka: wait", 8.0)
    run.end("lab", "2", 9.0, False)
    seconds = [line.split()[-3] for line in run.lines(10.0)[1:]]
    assert seconds == ["3.0", "2.0", "5.0"]


def test_a_result_without_a_beginning_counts_for_nobody() -> None:
    run = Run()
    run.end("lab", "1", 6.0, True, ["x"])
    assert run.lines(7.0) == []
