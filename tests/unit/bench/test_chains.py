"""The longest chain, from dependencies and latencies."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from bench import chains
from bench.chains import Chains, Link, Operator, Unknown
from sandbox.paths import CHECKOUT
from sandbox.simulator.settings import PROFILES, Profile

LATENCIES = {"a": 1.0, "b": 2.0, "c": 4.0}


def links(*given: Link) -> Chains:
    return Chains({}, {link.name: link for link in given})


@pytest.mark.parametrize(
    ("given", "arrivals", "seconds", "names"),
    [
        pytest.param([], {}, 0, (), id="nothing"),
        pytest.param([Link("x", latencies=("a", "b"))], {}, 3, ("x",), id="latencies one after the other"),
        pytest.param([Link("x", latencies=("a", "a"))], {}, 2, ("x",), id="the same one twice"),
        pytest.param([Link("x", operators=("o",), latencies=("a",))], {"o": 10}, 11, ("o", "x"), id="an operator"),
        pytest.param(
            [Link("x", operators=("o", "p"), latencies=("a",))],
            {"o": 10, "p": 20},
            21,
            ("p", "x"),
            id="the last operator",
        ),
        pytest.param(
            [Link("x", latencies=("c",)), Link("y", latencies=("a",))], {}, 4, ("x",), id="side by side, not added"
        ),
        pytest.param(
            [Link("y", needs=("x",), latencies=("a",)), Link("x", latencies=("c",))],
            {},
            5,
            ("x", "y"),
            id="one needs another",
        ),
        pytest.param(
            [Link("x", operators=("o",)), Link("y", needs=("x",), operators=("p",), latencies=("b",))],
            {"o": 5, "p": 3},
            7,
            ("o", "x", "y"),
            id="the later of need and operator",
        ),
        pytest.param(
            [
                Link("x", latencies=("a",)),
                Link("y", needs=("x",), latencies=("c",)),
                Link("z", needs=("x",), latencies=("a",)),
                Link("end", needs=("z", "y"), latencies=("b",)),
            ],
            {},
            7,
            ("x", "y", "end"),
            id="two ways",
        ),
    ],
)
def test_longest(given: list[Link], arrivals: dict[str, float], seconds: float, names: tuple[str, ...]) -> None:
    found = links(*given).longest(arrivals, LATENCIES.__getitem__)
    assert (found.seconds, found.names) == (seconds, names)


def test_one_after_another_adds_all_after_the_last_operator() -> None:
    given = links(Link("x", operators=("o",), latencies=("a",)), Link("y", needs=("x",), latencies=("b",)))
    assert given.one_after_another({"o": 10, "p": 20}, LATENCIES.__getitem__) == 23


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([Link("x", needs=("y",))], "x needs 'y', which is no link"),
        ([Link("x", needs=("y",)), Link("y", needs=("x",))], "waits for itself: x, y, x"),
        ([Link("x", operators=("o",))], "x needs the operator 'o', of which nobody knows"),
    ],
)
def test_what_cannot_be_is_told(given: list[Link], said: str) -> None:
    with pytest.raises(Unknown, match=said):
        links(*given).longest({}, LATENCIES.__getitem__)


@pytest.mark.parametrize("profile", sorted(path.stem for path in PROFILES.glob("*.yaml")))
def test_our_chains_fit_every_profile(profile: str) -> None:
    known = chains.load()
    latency = Profile.load(profile).seconds
    arrivals = dict.fromkeys(known.operators, 10.0)
    longest = known.longest(arrivals, latency)
    assert 10 < longest.seconds < known.one_after_another(arrivals, latency)


def test_operators_are_those_of_the_roles() -> None:
    known = {package: replace(operator, environment={}) for package, operator in chains.load().operators.items()}
    assert known == {operator.package: operator for operator in _of_roles()}


def test_the_environment_is_one_that_the_role_gives() -> None:
    given = (CHECKOUT / "roles/seldon_core_v1/vars/main.yml").read_text()
    asked = {package: one.environment for package, one in chains.load().operators.items() if one.environment}
    assert list(asked) == ["seldon-operator"]
    assert [name for name in asked["seldon-operator"] if f"'{name}':" not in given] == []


def test_every_chapter_has_a_link() -> None:
    chapters = yaml.safe_load((CHECKOUT / "roles/preflight/vars/main.yml").read_text())["preflight_chapters"]
    assert {name.split()[0] for name in chains.load().links} == set(chapters) - {"namespaces"}


def _of_roles() -> list[Operator]:
    found: list[dict[str, Any]] = []
    for path in Path(CHECKOUT / "roles").glob("*/defaults/main.yml"):
        found += (yaml.safe_load(path.read_text()) or {}).get(f"{path.parent.parent.name}_operators", [])
    return [
        Operator(
            entry["name"],
            entry["channel"],
            _catalog(entry["source"]),
            _without_choice(entry["namespace"]),
            entry.get("target_namespaces", ()),
        )
        for entry in found
        if isinstance(entry, dict)
    ]


def _catalog(source: str) -> str:
    """Return the catalogue that `{{ seldon_catalog_NAME }}` names by default."""
    defaults = yaml.safe_load((CHECKOUT / "roles/common/defaults/main.yml").read_text())
    return str(defaults[source.strip("{} ")])


def _without_choice(namespace: str) -> str:
    """Return the namespace that `{{ seldon_operators_namespace or 'NAME' }}` is by default."""
    return namespace.split("'")[1] if "{{" in namespace else namespace
