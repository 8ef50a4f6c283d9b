# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The filter rights_problems over tables."""

from __future__ import annotations

import pytest
from ansible_collections.seldon.openshift.plugins.filter.rights_problems import rights_problems


@pytest.mark.parametrize(
    ("playbook", "chapters", "wrong"),
    [
        ("site", [], []),
        ("site", ["kafka", "model_namespace"], []),
        ("site", ["kafak"], ["kafak is no chapter: did you mean kafka?"]),
        ("site.yml", [], ["no rights are known for site.yml: did you mean site?"]),
        ("validat", ["kafak"], ["no rights are known for validat: did you mean validate?", "kafak is no chapter: "]),
        ("nonsense", [], ["no rights are known for nonsense: there are: add_namespace, "]),
    ],
)
def test_unknown_names_are_told_with_the_nearest(playbook: str, chapters: list[str], wrong: list[str]) -> None:
    told = rights_problems(playbook, chapters)
    assert len(told) == len(wrong)
    assert all(said.startswith(each) for said, each in zip(told, wrong, strict=True)), told
