"""What may have been meant by a name that is none."""

from __future__ import annotations

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.kube.spelling import advice, nearest

KNOWN = ("all", "gitops", "kafka")


@pytest.mark.parametrize(
    ("name", "alike", "expected"), [("kafak", 0.6, "kafka"), ("kafak", 0.95, ""), ("x", 0.6, ""), ("", 0.6, "")]
)
def test_the_nearest_name(name: str, alike: float, expected: str) -> None:
    assert nearest(name, KNOWN, alike) == expected


@pytest.mark.parametrize(
    ("meant", "expected"),
    [
        (["kafka"], "did you mean kafka?"),
        (["kafka", "gitops"], "did you mean kafka or gitops?"),
        ([], "there are: all, gitops, kafka"),
    ],
)
def test_what_is_advised(meant: list[str], expected: str) -> None:
    assert advice(meant, KNOWN) == expected
