"""Versions of operators that a run wants and would not get, by objects as OLM writes them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.olm.machine import advance, request
from ansible_collections.seldon.openshift.plugins.module_utils.olm.model import Snapshot
from ansible_collections.seldon.openshift.plugins.module_utils.preflight.pins import Pin, misfits
from ansible_collections.seldon.openshift.plugins.module_utils.readiness.state import Failed

from tests.unit.plugins.module_utils.test_olm import PINNED, manifest, subscription, version, world

Object = dict[str, Any]
FOLLOWS = replace(PINNED, approval="Automatic")
UPGRADED = replace(PINNED, upgrade=True)
OFFER = {"amq": [manifest()]}  # amq.v2 and amq.v1
UNLISTED = {"amq": [manifest()]}
UNLISTED["amq"][0]["status"]["channels"][0].pop("entries")


def live(installed: str) -> list[Object]:
    return [subscription(installedCSV=installed, currentCSV=installed)]


@pytest.mark.parametrize(
    ("operator", "parts", "said", "stops"),
    [
        pytest.param(replace(PINNED, starting_csv="amq.v9"), {}, "has no version amq.v9", True, id="new, not on offer"),
        pytest.param(replace(FOLLOWS, starting_csv="amq.v9"), {}, "has no version amq.v9", True, id="new, automatic"),
        pytest.param(PINNED, {"subscriptions": live("amq.v1")}, "upgrade -e upgrade=amq", True, id="behind"),
        pytest.param(PINNED, {"subscriptions": live("amq.v3")}, "OLM cannot go back", True, id="ahead"),
        pytest.param(
            replace(UPGRADED, starting_csv="amq.v9"),
            {"subscriptions": live("amq.v1")},
            "no version amq.v9",
            True,
            id="to none",
        ),
        pytest.param(
            replace(FOLLOWS, starting_csv="amq.v9"),
            {"subscriptions": live("amq.v1")},
            "no version amq.v9",
            False,
            id="told",
        ),
    ],
)
def test_a_version_that_would_not_come_is_told(operator: Any, parts: Object, said: str, stops: bool) -> None:
    (found,) = misfits([Pin(operator, Snapshot(**{"manifests": OFFER, **parts}))])
    assert said in found.seen
    assert found.stops is stops


@pytest.mark.parametrize(
    ("operator", "parts"),
    [
        pytest.param(PINNED, {}, id="on offer"),
        pytest.param(UPGRADED, {"subscriptions": live("amq.v1")}, id="on its way"),
        pytest.param(FOLLOWS, {"subscriptions": live("amq.v3")}, id="gone past its first version"),
        pytest.param(replace(PINNED, starting_csv="amq.v9"), {"manifests": {"amq": []}}, id="no catalogue answers"),
        pytest.param(replace(PINNED, starting_csv="amq.v9"), {"manifests": UNLISTED}, id="4.11 lists no versions"),
    ],
)
def test_what_may_come_is_not_told(operator: Any, parts: Object) -> None:
    assert list(misfits([Pin(operator, Snapshot(**{"manifests": OFFER, **parts}))])) == []


def test_an_upgrade_for_which_olm_has_no_way_ends_after_a_while() -> None:
    subscriptions = [subscription(spec={"installPlanApproval": "Manual"}, installedCSV="amq.v1", currentCSV="amq.v1")]
    found = advance(UPGRADED, [UPGRADED], world(subscriptions=subscriptions, versions=[version("amq.v1")]))
    assert isinstance(found, Failed)
    assert found.after > 60, "OLM may take its time"
    assert "offers no version after amq.v1 on the way to amq.v2" in found.reason


def test_check_mode_tells_before_the_first_write_too() -> None:
    found = request(PINNED, world(subscriptions=live("amq.v1")))
    assert isinstance(found, Failed)
    assert "upgrade -e upgrade=amq" in found.reason
