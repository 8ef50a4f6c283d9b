"""What a run tells of model namespaces: each of a few, a pattern for many."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jinja2
import pytest

TEMPLATE = Path(__file__).parents[3] / "roles/model_namespace/templates/summary.txt.j2"


def told(entries: list[dict[str, Any]], state: str = "ready") -> list[str]:
    environment = jinja2.Environment(trim_blocks=True, undefined=jinja2.StrictUndefined)
    text = environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        model_namespace_entries=entries,
        model_namespace_route={"resources": [{"state": state, "reason": "seldon.example.com"}]},
        seldon_git_repository="https://git.example.com/acme/models",
        seldon_argocd_namespace="seldon-argocd",
    )
    return text.splitlines()


def test_of_a_few_each_address_is_told() -> None:
    lines = told([{"name": "a", "v2": True}, {"name": "b", "gitops": True, "argocd_app": "other"}, {"name": "c"}])
    assert [line.partition(":")[0] for line in lines] == ["a", "a, Seldon Core v2", "b", "b, GitOps", "c"]
    assert lines[0] == "a: https://seldon.example.com/seldon/a/<model>/v2/models/<model>/infer"
    assert lines[3].endswith("Application seldon-argocd/other")


@pytest.mark.parametrize("count", [4, 1000])
def test_of_many_one_pattern_is_told(count: int) -> None:
    entries = [{"name": f"n{number}", "v2": number < 2, "gitops": number == 0} for number in range(count)]
    first, v2, gitops = told(entries, state="progressing")
    assert first.startswith(f"{count} namespaces (n0, n1, n2 and {count - 3} more): https://<host of the mesh>/seldon/")
    assert v2.startswith("2 with Seldon Core v2: ")
    assert gitops.startswith("1 with GitOps: folder <namespace> of https://git.example.com/acme/models")
