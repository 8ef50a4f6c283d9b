from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.shared import members as mesh

Object = dict[str, Any]


def roll(*members: str, home: str = "istio-system") -> Object:
    made = mesh.roll(home)
    made["spec"] = {"members": list(members), "foreign": 1}
    return made


@pytest.mark.parametrize(
    ("there", "joining", "leaving"),
    [
        ((), ["a", "b"], []),
        (("x", "a"), ["x", "a", "b"], ["x"]),
        (("b", "a"), ["b", "a"], []),
        (("*",), ["*"], ["*"]),
    ],
)
def test_only_our_members_come_and_go(there: tuple[str, ...], joining: list[str], leaving: list[str]) -> None:
    wanted = ["a", "b", "a"]
    assert mesh.joining(wanted)(roll(*there)) == roll(*joining)
    assert mesh.leaving(wanted)(roll(*there)) == roll(*leaving)


def test_namespaces_of_other_meshes_are_found() -> None:
    rolls = [roll("a", "b"), roll("c", "z", home="other")]
    members = [
        mesh.member("a", "istio-system", "basic"),
        mesh.member("d", "third", "m"),
        mesh.member("e", "third", "m"),
    ]
    found = mesh.elsewhere(["a", "b", "c", "d"], "istio-system", rolls, members)
    assert set(found) == {"c", "d"}
    assert "other/default" in found["c"]
    assert "third/m" in found["d"]


@pytest.mark.parametrize("annotations", [None, {}, {"note": "mine"}, {"maistra.io/created-by": "controller"}])
def test_a_member_that_the_operator_made_for_a_roll_is_known(annotations: dict[str, str] | None) -> None:
    made = mesh.member("a", "istio-system", "basic")
    made["metadata"]["annotations"] = annotations
    assert mesh.is_made_by_roll(made) is bool(annotations and "maistra.io/created-by" in annotations)
