# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Operators and images as oc-mirror takes them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.filter.image_set import image_set

STORAGE = {"local": {"path": "oc-mirror"}}
INDEXES = {"red": "registry.redhat.io/redhat/redhat-operator-index:v4.11", "mine": "registry.example.com/mine:1"}


def packages(**operator: Any) -> list[dict[str, Any]]:
    made = image_set([{"name": "p", "source": "red", **operator}], INDEXES, [], STORAGE)
    (catalog,) = made["mirror"]["operators"]
    assert catalog["catalog"] == INDEXES["red"]
    found: list[dict[str, Any]] = catalog["packages"]
    return found


HELD = {"channel": "stable", "approval": "Manual"}
TABLE = [
    ({"starting_csv": "amqstreams.v2.2.0-4"}, {"minVersion": "2.2.0-4", "maxVersion": "2.2.0-4"}),
    ({"starting_csv": "servicemeshoperator.v2.3.0"}, {"minVersion": "2.3.0-0", "maxVersion": "2.3.0"}),
    ({"starting_csv": "cluster-logging.5.5.5"}, {"minVersion": "5.5.5-0", "maxVersion": "5.5.5"}),
    ({"starting_csv": "seldon-operator.v1.15.0", "approval": "Automatic"}, {"minVersion": "1.15.0-0"}),
    ({}, {}),
]


@pytest.mark.parametrize(("operator", "versions"), TABLE)
def test_an_operator_is_mirrored_in_the_versions_that_it_may_get(operator: dict[str, str], versions: object) -> None:
    (package,) = packages(**{**HELD, **operator})
    assert package["channels"] == [{"name": "stable", **versions}]
    assert (package["name"], package["defaultChannel"]) == ("p", "stable")


def test_without_a_channel_the_package_has_the_versions() -> None:
    assert packages(starting_csv="p.v1.0.0") == [{"name": "p", "minVersion": "1.0.0-0"}]


def test_operators_are_told_by_their_catalogues() -> None:
    operators = [{"name": "a", "source": "red"}, {"name": "b", "source": "mine"}, {"name": "c", "source": "red"}]
    made = image_set(operators, INDEXES, ["quay.io/a:1"], STORAGE)
    assert (made["apiVersion"], made["kind"]) == ("mirror.openshift.io/v1alpha2", "ImageSetConfiguration")
    assert made["storageConfig"] == STORAGE
    assert made["mirror"]["additionalImages"] == [{"name": "quay.io/a:1"}]
    assert {each["catalog"]: [p["name"] for p in each["packages"]] for each in made["mirror"]["operators"]} == {
        INDEXES["red"]: ["a", "c"],
        INDEXES["mine"]: ["b"],
    }
