"""Rights that a run needs: by one review of each namespace, and what of them is told."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.kube.rights import Right, gives
from ansible_collections.seldon.openshift.plugins.module_utils.preflight.rights import denied, told

from sandbox.kube import Object
from tests.unit.apiserver import ApiServer

SECRETS = {"verbs": ["get", "patch"], "resource": "secrets", "group": "", "namespace": "", "names": []}
RULE = {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}


class Reviewing(ApiServer):
    """Answers reviews: these rules in each namespace, and what may be asked for one by one."""

    def __init__(self, rules: list[Object], *, incomplete: bool = False, allowed: frozenset[str] = frozenset()) -> None:
        super().__init__()
        self._rules, self._incomplete, self._allowed = rules, incomplete, allowed
        self.asked: list[str] = []

    def request(self, method: str, path: str, *args: Any, **kwargs: Any) -> Object:
        self.asked.append(path.rpartition("/")[2])
        if path.endswith("selfsubjectrulesreviews"):
            return {"status": {"resourceRules": self._rules, "incomplete": self._incomplete}}
        return {"status": {"allowed": kwargs["body"]["spec"]["resourceAttributes"]["verb"] in self._allowed}}


@pytest.mark.parametrize(
    ("server", "namespaces", "lacking"),
    [
        (Reviewing([], allowed=frozenset("*")), [], []),
        (Reviewing([]), [], ["get", "patch"]),
        (Reviewing([], allowed=frozenset({"get"})), [], ["patch"]),
        (Reviewing([RULE]), ["a", "b"], ["get a patch", "get b patch"]),
        (Reviewing([RULE], incomplete=True, allowed=frozenset({"patch"})), ["a"], []),
    ],
)
def test_what_lacks(server: Reviewing, namespaces: list[str], lacking: list[str]) -> None:
    found = denied(server, [{**SECRETS, "namespaces": namespaces}])
    if namespaces and lacking:
        assert found == tuple(Right("patch", "secrets", namespace=each) for each in namespaces)
    else:
        assert [right.verb for right in found] == lacking


def test_a_namespace_costs_one_review_however_much_is_asked() -> None:
    server = Reviewing([RULE])
    denied(
        server, [{**SECRETS, "namespaces": ["a", "b"], "resource": name} for name in ("secrets", "pods", "services")]
    )
    assert sorted(server.asked) == ["selfsubjectaccessreviews", *["selfsubjectrulesreviews"] * 2]


@pytest.mark.parametrize(
    ("right", "given"),
    [
        (Right("get", "secrets"), True),
        (Right("patch", "secrets"), False),
        (Right("get", "secrets", "apps"), False),
        (Right("get", "secrets/x"), False),
    ],
)
def test_a_rule_gives_a_right(right: Right, given: bool) -> None:
    assert gives(RULE, right) == given


def test_a_rule_of_some_names_gives_no_right_to_others() -> None:
    rule = {**RULE, "resourceNames": ["a"]}
    assert [gives(rule, Right("get", "secrets", name=name)) for name in ("a", "b", "")] == [True, False, False]


def test_what_lacks_in_many_namespaces_is_one_clause() -> None:
    lacking = [Right(verb, "secrets", namespace=f"n{number}") for number in range(5) for verb in ("get", "patch")]
    assert told(lacking) == "get, patch secrets in n0, n1, n2 and 2 more"
    named = Right("update", "configmaps", "", "openshift-monitoring", "cluster-monitoring-config")
    assert told([named]) == "update configmaps cluster-monitoring-config in openshift-monitoring"
