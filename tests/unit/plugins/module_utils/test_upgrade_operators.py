"""What an upgrade says of an operator, by objects as OLM 0.22 writes them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.olm.limits import newest_openshift
from ansible_collections.seldon.openshift.plugins.module_utils.olm.model import Operator, Snapshot
from ansible_collections.seldon.openshift.plugins.module_utils.upgrade.operators import NEWEST, Aim, Standing, standing

from tests.unit.plugins.module_utils.test_olm import catalog, manifest, named, plan, subscription, version

Object = dict[str, Any]
AMQ = Operator("amq", "operators", "stable", "redhat", starting_csv="amq.v2.2.1", approval="Manual")
MANUAL = {"installPlanApproval": "Manual"}
OFFERED = ("amq.v2.5.0", "amq.v2.2.1", "amq.v2.2.0")


def limits(newest: str) -> Object:
    return {"olm.properties": json.dumps([{"type": "olm.maxOpenShiftVersion", "value": newest}])}


def offer(*csvs: str, annotations: Object | None = None, entries: bool = True) -> Object:
    """Return a PackageManifest; without `entries`, as the package server of 4.11 writes it."""
    found = manifest("amq", *csvs)
    channel = found["status"]["channels"][0]
    channel["currentCSVDesc"]["annotations"] = annotations or {}
    return found if entries else {**found, "status": {**found["status"], "channels": [{**channel, "entries": None}]}}


def behind(**parts: Any) -> Snapshot:
    """Return a namespace whose operator is one version behind what is wanted; OLM has a plan for the next."""
    own: Object = {
        "subscriptions": [subscription(spec=MANUAL, installedCSV="amq.v2.2.0", currentCSV="amq.v2.2.1")],
        "plans": [plan("next", "amq.v2.2.1")],
        "versions": [version("amq.v2.2.0")],
        "catalogs": [catalog()],
        "manifests": {"amq": [offer(*OFFERED)]},
    }
    return Snapshot(**{**own, **parts})


def told(snapshot: Snapshot, asked: Operator = AMQ, used: Operator | None = None, **aim: Any) -> Standing:
    return standing("kafka", asked, used or asked, snapshot, Aim(**{"openshift": "4.11.20", **aim}))


def test_who_is_behind_goes_to_what_is_wanted() -> None:
    found = told(behind())
    assert (found.installed, found.wanted, found.newest, found.next, found.goal) == (
        *("amq.v2.2.0", "amq.v2.2.1", "amq.v2.5.0"),
        *("amq.v2.2.1", "amq.v2.2.1"),
    )
    assert (found.blocked, found.notes) == ((), ())


@pytest.mark.parametrize(
    ("pin", "to", "goal"),
    [
        ("amq.v2.2.0", "wanted", "amq.v2.2.0"),
        ("amq.v2.2.0", NEWEST, "amq.v2.5.0"),
        ("amq.v2.6.0", NEWEST, "amq.v2.6.0"),
        (None, "wanted", "amq.v2.2.0"),
        (None, NEWEST, "amq.v2.5.0"),
        ("amq.v2.1.0", "wanted", "amq.v2.2.0"),
    ],
)
def test_the_goal_is_the_newest_that_is_meant_and_never_older(pin: str | None, to: str, goal: str) -> None:
    assert told(behind(), replace(AMQ, starting_csv=pin), to=to).goal == goal


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        pytest.param({"versions": [version("amq.v2.2.0", "Failed", "ComponentUnhealthy")]}, "is Failed", id="failed"),
        pytest.param({"versions": []}, "amq.v2.2.0 is missing", id="no version"),
        pytest.param({"catalogs": [catalog(state="TRANSIENT_FAILURE")]}, "redhat is unhealthy", id="its catalogue"),
        pytest.param(
            {"catalogs": [catalog(), catalog("other", "CONNECTING")]},
            "catalogue other does not answer",
            id="another one",
        ),
        pytest.param({"manifests": {"amq": []}}, "channel stable of package amq is not on offer", id="no package"),
        pytest.param(
            {"manifests": {"amq": [offer("amq.v2.5.0", "amq.v2.2.0")]}},
            "channel stable has no amq.v2.2.1; it has amq.v2.5.0, amq.v2.2.0",
            id="no version on offer",
        ),
        pytest.param(
            {"manifests": {"amq": [offer("amq.v2.2.1", annotations=limits("4.10"))]}},
            "amq.v2.2.1 runs on OpenShift up to 4.10, and this is 4.11.20",
            id="OpenShift is newer",
        ),
        pytest.param(
            {"plans": [plan("next", "amq.v2.2.1", "theirs.v2")]},
            "OLM's plan next brings theirs.v2 as well",
            id="in one plan with another",
        ),
        pytest.param(
            {
                "subscriptions": [
                    subscription(spec=MANUAL, failure="ConstraintsNotSatisfiable: no", installedCSV="amq.v2.2.0")
                ]
            },
            "OLM cannot resolve it: ConstraintsNotSatisfiable: no",
            id="unresolved",
        ),
    ],
)
def test_what_is_in_the_way_is_said(parts: Object, said: str) -> None:
    found = told(behind(**parts))
    assert [each for each in found.blocked if said in each] != [], found.blocked


def test_past_the_wanted_version_there_is_no_stop() -> None:
    live = subscription(spec=MANUAL, installedCSV="amq.v2.2.0", currentCSV="amq.v2.5.0")
    found = told(behind(subscriptions=[live], plans=[plan("next", "amq.v2.5.0")]))
    assert found.blocked == ("the channel leads from amq.v2.2.0 to amq.v2.5.0, past amq.v2.2.1",)


def test_a_plan_of_consented_operators_is_in_nobody_s_way() -> None:
    other = subscription("other", spec=MANUAL, installedCSV="other.v1", currentCSV="other.v2")
    both = behind(subscriptions=[*behind().subscriptions, other], plans=[plan("next", "amq.v2.2.1", "other.v2")])
    assert "brings other.v2" in told(both, consented=frozenset({"amq"})).blocked[0]
    assert told(both, consented=frozenset({"amq", "other"})).blocked == ()


def test_a_catalogue_of_4_11_lists_no_entries_and_nothing_is_concluded() -> None:
    assert told(behind(manifests={"amq": [offer("amq.v2.5.0", entries=False)]})).blocked == ()


def test_what_is_newer_than_wanted_names_the_variable() -> None:
    live = subscription(spec=MANUAL, installedCSV="amq.v2.5.0", currentCSV="amq.v2.5.0")
    found = told(behind(subscriptions=[live], versions=[version("amq.v2.5.0")]))
    assert found.goal == "amq.v2.5.0"
    assert "say starting_csv: amq.v2.5.0 in kafka_operators" in found.blocked[0]
    assert told(behind(subscriptions=[live], versions=[version("amq.v2.5.0")]), to=NEWEST).blocked == ()


def test_the_operator_of_others_is_told_and_stays() -> None:
    theirs = behind(subscriptions=[subscription(ours=False, installedCSV="amq.v2.2.0", currentCSV="amq.v2.2.0")])
    used = replace(AMQ, adopted=True, starting_csv=None, approval=None, source=None, channel=None)
    found = told(theirs, used=used, to=NEWEST)
    assert (found.adopted, found.automatic, found.goal) == (True, False, "amq.v2.2.0")
    assert found.blocked == ("it was not installed by this collection; whoever did upgrades it",)


def test_an_automatic_one_goes_by_itself_unless_a_manual_one_beside_it_holds_it_up() -> None:
    asked = replace(AMQ, approval="Automatic")
    live = subscription(installedCSV="amq.v2.2.0", currentCSV="amq.v2.2.0")
    found = told(behind(subscriptions=[live]), asked, to=NEWEST)
    assert (found.automatic, found.goal, found.blocked) == (True, "amq.v2.2.0", ())
    beside = subscription("other", spec=MANUAL, installedCSV="other.v1")
    held = told(behind(subscriptions=[live, beside]), asked)
    assert held.blocked == (
        "OLM upgrades it by itself, but other in operators is Manual, so that every plan there waits",
    )


def test_what_is_not_there_says_how_to_install_it() -> None:
    assert "site --tags kafka" in told(behind(subscriptions=[])).blocked[0]
    first = subscription(spec=MANUAL, currentCSV="amq.v2.2.1", failure="ConstraintsNotSatisfiable: no")
    assert told(behind(subscriptions=[first])).blocked == (
        "its first version is not installed yet (ConstraintsNotSatisfiable: no)",
    )


@pytest.mark.parametrize(("limit", "told_of"), [("4.11", True), ("4.10", True), ("4.12", False)])
def test_the_next_openshift_is_thought_of(limit: str, told_of: bool) -> None:
    installed = named("amq.v2.2.0", metadata={"annotations": limits(limit)}, status={"phase": "Succeeded"})
    assert bool(told(behind(versions=[installed])).notes) is told_of


@pytest.mark.parametrize(
    ("annotations", "newest"),
    [
        (
            {
                "operatorframework.io/properties": json.dumps(
                    {"properties": json.loads(limits("4.11")["olm.properties"])}
                )
            },
            "4.11",
        ),
        (limits("4.12"), "4.12"),
        ({"olm.properties": '[{"type": "olm.maxOpenShiftVersion", "value": 4.11}]'}, "4.11"),
        ({"olm.properties": "not JSON"}, ""),
        ({"olm.properties": '[{"type": "olm.package"}, 3]'}, ""),
        ({}, ""),
    ],
)
def test_the_newest_openshift_of_a_version(annotations: Object, newest: str) -> None:
    assert newest_openshift(annotations) == newest
