"""Products and charts, consent, and what a run then does: tables of versions, without a cluster."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.upgrade import plan
from ansible_collections.seldon.openshift.plugins.module_utils.upgrade.consent import Consent, consent, named, strangers
from ansible_collections.seldon.openshift.plugins.module_utils.upgrade.operands import Product, products, release
from ansible_collections.seldon.openshift.plugins.module_utils.upgrade.operators import Standing
from ansible_collections.seldon.openshift.plugins.module_utils.upgrade.table import lines

Object = dict[str, Any]
CHAPTERS = {"service_mesh": ["jaeger-product", "kiali-ossm"], "kafka": ["amq-streams"], "seldon_deploy": []}
HELD = {"kafka_held": {"kafka": {"config": {"inter.broker.protocol.version": "3.1"}}}}


def asked(kind: str, wanted: str, **more: str) -> Object:
    place = {"chapter": "kafka", "kind": kind, "name": "one", "namespace": "here", "variable": "the_version"}
    return {**place, "wanted": wanted, **more}


def mesh(version: str, wanted: str) -> list[Product]:
    return products(asked("ServiceMeshControlPlane", wanted), {"spec": {"version": version}})


def elastic(version: str, wanted: str) -> list[Product]:
    return products(asked("Elasticsearch", wanted), {"spec": {"version": version}})


def kafka(version: str, spoken: str, wanted: str, **more: str) -> list[Product]:
    config = {"inter.broker.protocol.version": spoken} if spoken else {}
    live = {"spec": {"kafka": {**({"version": version} if version else {}), "config": config}}}
    return products(asked("Kafka", wanted, **more), live)


@pytest.mark.parametrize(
    ("live", "wanted", "steps"),
    [
        ("v2.0", "v2.0", ()),
        ("v2.0", "v2.1", ("v2.1",)),
        ("v2.0", "v2.3", ("v2.1", "v2.2", "v2.3")),
        ("v2.3", "v3.0", ("v3.0",)),
        ("v2.0", "", ()),
    ],
)
def test_a_control_plane_leaves_no_minor_version_out(live: str, wanted: str, steps: tuple[str, ...]) -> None:
    assert [each.steps for each in mesh(live, wanted)] == [steps]


@pytest.mark.parametrize(
    ("live", "wanted", "steps", "blocked"),
    [
        ("7.12.1", "7.12.1", (), ""),
        ("7.12.1", "7.17.9", ("7.17.9",), ""),
        ("7.17.9", "8.5.3", ("8.5.3",), ""),
        ("7.12.1", "8.5.3", (), "from 7.12.1 there is no way to 8.5.3 but by 7.17"),
        ("7.17.9", "7.12.1", (), "cannot read the data"),
    ],
)
def test_elasticsearch_goes_forward_by_its_own_paths(
    live: str, wanted: str, steps: tuple[str, ...], blocked: str
) -> None:
    (found,) = elastic(live, wanted)
    assert found.steps == steps
    assert blocked in found.blocked
    assert bool(found.blocked) is bool(blocked)


@pytest.mark.parametrize(
    ("found", "passes"),
    [
        pytest.param(kafka("3.1.0", "3.1", "3.1.0"), [{}], id="as wanted"),
        pytest.param(kafka("3.1.0", "3.1", "3.2.3"), [HELD, {}], id="both behind"),
        pytest.param(kafka("3.2.3", "3.1", "3.2.3"), [HELD, {}], id="stopped between them"),
        pytest.param(kafka("3.2.0", "3.2", "3.2.3"), [{}], id="a patch"),
        pytest.param(kafka("3.1.0", "3.1", "3.2.3", protocol="3.1"), [{}], id="a protocol that is given"),
        pytest.param(kafka("", "", "3.2.3"), [{}], id="its operator's default"),
        pytest.param([], [{}], id="no Kafka"),
    ],
)
def test_kafka_keeps_its_protocol_until_every_broker_runs_the_version(
    found: list[Product], passes: list[Object]
) -> None:
    assert plan.passes("kafka", found) == passes


def test_kafka_does_not_go_back() -> None:
    version, protocol = kafka("3.2.3", "3.2", "3.1.0")
    assert "3.2.3 runs, and 3.1.0 is older" in version.blocked
    assert "Say the_version: 3.2.3" in version.blocked
    assert protocol.blocked
    assert plan.passes("kafka", [version, protocol]) == [{}]


def test_the_mesh_is_applied_once_for_each_version() -> None:
    plane = {**asked("ServiceMeshControlPlane", "v2.2"), "chapter": "service_mesh"}
    found = products(plane, {"spec": {"version": "v2.0"}})
    assert plan.passes("service_mesh", found) == [{"service_mesh_held": {"version": "v2.1"}}, {}]


def test_what_is_not_there_is_not_told() -> None:
    assert products(asked("Kafka", "3.2.3"), None) == []


@pytest.mark.parametrize(("live", "wanted", "steps"), [("2.0.0", "2.0.0", ()), ("2.0.0", "2.1.0", ("2.1.0",))])
def test_a_chart_has_one_step(live: str, wanted: str, steps: tuple[str, ...]) -> None:
    assert release({**asked("", wanted)}, "here", live).steps == steps
    assert "helm rollback" in release(asked("", "1.0.0"), "here", live).blocked


@pytest.mark.parametrize(
    ("given", "names"),
    [
        (None, []),
        ("", []),
        ([], []),
        ("kafka", ["kafka"]),
        (" kafka, service_mesh ,kafka", ["kafka", "service_mesh"]),
        (["kafka", "service_mesh"], ["kafka", "service_mesh"]),
        (("kafka,all",), ["kafka", "all"]),
    ],
)
def test_names_are_taken_in_every_form(given: Any, names: list[str]) -> None:
    assert named(given) == names


@pytest.mark.parametrize(
    ("names", "chapters", "packages"),
    [
        ([], (), set()),
        (["kafka"], ("kafka",), {"amq-streams"}),
        (["all"], tuple(CHAPTERS), {"jaeger-product", "kiali-ossm", "amq-streams"}),
        (["kiali-ossm"], ("service_mesh",), {"kiali-ossm"}),
        (["seldon_deploy", "service_mesh"], ("service_mesh", "seldon_deploy"), {"jaeger-product", "kiali-ossm"}),
    ],
)
def test_consent_is_for_what_was_named(names: list[str], chapters: tuple[str, ...], packages: set[str]) -> None:
    assert consent(names, CHAPTERS) == Consent(chapters, frozenset(packages))


def test_unknown_names_are_told_with_the_nearest() -> None:
    assert strangers(["kafca", "kafka", "kiali"], CHAPTERS) == [
        "kafca is nothing to upgrade here; did you mean kafka?",
        "kiali is nothing to upgrade here; did you mean kiali-ossm?",
    ]
    assert strangers(["postgresql"], CHAPTERS)[0].endswith(
        f"there are: all, {', '.join(CHAPTERS)}, jaeger-product, kiali-ossm, amq-streams"
    )


AMQ = {"name": "amq-streams", "namespace": "amq", "starting_csv": "amq.v1", "approval": "Manual"}
KIALI = {"name": "kiali-ossm", "namespace": "amq", "starting_csv": "kiali.v1", "approval": "Manual"}
ENTRIES: dict[str, list[Object]] = {"service_mesh": [KIALI], "kafka": [AMQ]}
BEHIND = Standing("kafka", "amq-streams", "amq-streams", "amq", installed="amq.v1", wanted="amq.v1", goal="amq.v2")
THERE = Standing("service_mesh", "kiali-ossm", "kiali-ossm", "amq", installed="kiali.v1", goal="kiali.v1")


def test_only_what_was_agreed_to_gets_a_goal() -> None:
    agreed = consent(["kafka"], {chapter: [e["name"] for e in each] for chapter, each in ENTRIES.items()})
    wanted = plan.wanted(ENTRIES, agreed, [THERE, BEHIND])
    assert wanted == {"service_mesh": [KIALI], "kafka": [{**AMQ, "upgrade": True, "starting_csv": "amq.v2"}]}
    assert plan.kept(ENTRIES, agreed, [THERE, BEHIND], []) == {"kafka_operators": [{**AMQ, "starting_csv": "amq.v2"}]}


def test_without_a_version_that_was_given_none_is_given() -> None:
    free = {"kafka": [{key: value for key, value in AMQ.items() if key != "starting_csv"}]}
    agreed = Consent(("kafka",), frozenset({"amq-streams"}))
    assert plan.wanted(free, agreed, [BEHIND]) == {"kafka": [{**free["kafka"][0], "upgrade": True}]}
    assert plan.kept(free, agreed, [BEHIND], kafka("3.1.0", "3.1", "3.2.3")) == {"the_version": "3.2.3"}


def test_who_shares_a_namespace_is_upgraded_in_the_same_plan_if_agreed_to() -> None:
    both, one = (
        Consent(("kafka",), frozenset({"amq-streams", "kiali-ossm"})),
        Consent(("kafka",), frozenset({"amq-streams"})),
    )
    assert list(plan.companions("kafka", ENTRIES, both)) == [KIALI]
    assert list(plan.companions("kafka", ENTRIES, one)) == []


def test_only_what_was_agreed_to_can_be_in_the_way() -> None:
    sick = Standing(
        "kafka", "amq-streams", "amq-streams", "amq", installed="amq.v1", goal="amq.v2", blocked=("it is sick",)
    )
    back = kafka("3.2.3", "3.2", "3.1.0")
    agreed = Consent(("kafka",), frozenset({"amq-streams"}))
    assert len(plan.problems(agreed, [sick], back)) == 3
    assert plan.problems(Consent((), frozenset()), [sick], back) == []


def test_the_table_has_a_row_for_each_and_reasons_below_it() -> None:
    sick = Standing(
        "kafka",
        "amq-streams",
        "amq-streams",
        "amq",
        installed="amq.v1",
        wanted="amq.v2",
        goal="amq.v2",
        blocked=("it is sick",),
    )
    shown = lines([THERE, sick], kafka("3.1.0", "3.1", "3.2.3"))
    assert shown[0].split() == ["operator", "installed", "wanted", "newest", "next", "step"]
    assert shown[1].split() == ["service_mesh:", "kiali-ossm", "v1", "-", "-", "none"]
    assert shown[2].split() == ["kafka:", "amq-streams", "v1", "v2", "-", "to", "v2"]
    assert shown[3] == "    blocked: it is sick"
    assert shown[-2].endswith("3.1.0  3.2.3   -e upgrade=kafka")
    assert lines([], []) == []
