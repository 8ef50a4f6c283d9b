from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.shared import gitops_project as gitops

Object = dict[str, Any]
A, B, BY_NAME = [{"namespace": name, "server": gitops.THIS_CLUSTER} for name in ("a", "b")] + [
    {"namespace": "a", "name": "in-cluster"}
]
ELSEWHERE = {"namespace": "a", "server": "https://else.example.com"}
NAMED = {**A, "name": "in-cluster"}


def project(*places: Object, repositories: tuple[str, ...] = ("theirs", "ours")) -> Object:
    spec = {"description": "theirs", "destinations": list(places), "sourceRepos": list(repositories)}
    return {**gitops.project("seldon", "argocd"), "spec": spec}


@pytest.mark.parametrize(
    ("there", "with_ours", "without_ours"),
    [
        ((), [A, B], []),
        ((A, B), [A, B], []),
        ((ELSEWHERE, B, BY_NAME), [ELSEWHERE, B, BY_NAME, A], [ELSEWHERE, BY_NAME]),
        ((NAMED,), [NAMED, B], []),
    ],
)
def test_only_our_destinations_come_and_go(
    there: tuple[Object, ...], with_ours: list[Object], without_ours: list[Object]
) -> None:
    wanted = [A, B, A]
    assert gitops.admitting(wanted, ["ours"], {"description": "ours"})(project(*there)) == project(*with_ours)
    assert gitops.expelling(wanted, ["ours"])(project(*there)) == project(*without_ours, repositories=("theirs",))


def test_a_new_project_gets_the_rest_of_its_spec_and_is_not_made_to_take_from() -> None:
    skeleton = gitops.project("seldon", "argocd")
    made = gitops.admitting([A], ["r"], {"roles": [{"name": "admin"}]})(skeleton)
    assert made["spec"] == {"roles": [{"name": "admin"}], "destinations": [A], "sourceRepos": ["r"]}
    assert gitops.expelling([A], ["r"])(skeleton) == skeleton
