"""Tags that no task has are refused, unless somebody's own playbook imports ours."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.seldon.openshift.plugins.plugin_utils.playbook_names import is_ours
from ansible_collections.seldon.openshift.plugins.plugin_utils.tags import chapters, refusal


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["all"], ""),
        (["kafka", "always", "tagged"], ""),
        (["preflight"], ""),
        (
            ["kafak"],
            "Nothing was done, because kafak is no tag of this playbook. Its tags: gitops, kafka. Is it kafka?",
        ),
        (["kafka", "x"], "Nothing was done, because x is no tag of this playbook. Its tags: gitops, kafka."),
    ],
)
def test_what_a_playbook_does_not_know(given: list[str], told: str) -> None:
    assert refusal(given, ["gitops", "kafka"]) == told


def test_a_playbook_without_tags() -> None:
    told = "Nothing was done, because kafka is no tag of this playbook. It has none: leave it out."
    assert (refusal(["kafka"], []), refusal(["all"], [])) == (told, "")


def test_chapters_are_the_roles_that_are_validated() -> None:
    assert {"kafka", "namespaces"} <= {*chapters()}
    assert not {"common", "doctor", "preflight", "uninstall", "validate"} & {*chapters()}


@pytest.mark.parametrize(
    ("arguments", "ours"),
    [
        (["seldon.openshift.site"], True),
        (["{collection}/playbooks/site.yml"], True),
        (["{collection}/add_namespace.yml"], True),
        (["{collection}/../mine.yml"], False),
        (["mine.yml", "seldon.openshift.site"], True),
        ("localhost", False),
        ([], False),
    ],
)
def test_who_is_started(arguments: list[str] | str, ours: bool, tmp_path: Path) -> None:
    collection = tmp_path / "collection"
    given = arguments if isinstance(arguments, str) else [each.format(collection=collection) for each in arguments]
    assert is_ours({"args": given}, collection) == ours
