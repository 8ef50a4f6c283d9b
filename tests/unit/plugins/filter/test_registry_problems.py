# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What can be the prefix of a mirror."""

from __future__ import annotations

import pytest
from ansible_collections.seldon.openshift.plugins.filter.registry_problems import registry_problems


@pytest.mark.parametrize(
    "registry",
    ["", "registry.example.com", "registry:5000/mirror", "r.example.com:5000/a/b_c.d-e/", "localhost/mirror"],
)
def test_a_prefix(registry: str) -> None:
    assert registry_problems(registry) == []


@pytest.mark.parametrize(
    "registry",
    [
        "https://r.example.com",
        "mirror",
        "r.example.com/Mirror",
        "r.example.com/a:tag",
        "r.example.com//a",
        " ",
        None,
        5,
    ],
)
def test_no_prefix(registry: object) -> None:
    (problem,) = registry_problems(registry)
    assert f"'{registry}'" in problem
