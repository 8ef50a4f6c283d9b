"""Who runs what: every name in the tables is a test's, and what belongs together stays together."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.gates.test_gates import GATES
from tests.schedule import INTEGRATION, SECONDS, SHARING, seconds, unit

CHECKOUT = Path(__file__).parents[2]
NODES = [f"tests/gates/test_gates.py::test_gate[{gate}]" for gate in GATES]


def test_every_name_is_that_of_a_unit() -> None:
    files = {str(path.relative_to(CHECKOUT)) for path in CHECKOUT.glob("tests/integration/test_*.py")}
    assert SHARING.keys() <= files
    assert SECONDS.keys() <= files - SHARING.keys() | set(NODES) | set(SHARING.values())


@pytest.mark.parametrize(
    ("nodeid", "name"),
    [
        ("tests/integration/test_site.py::test_a[--check]", "tests/integration/test_site.py"),
        ("tests/integration/test_apply.py::test_a", "modules"),
        (NODES[0], NODES[0]),
        ("tests/unit/sandbox/test_kafka.py::test_a[a::b]", "tests/unit/sandbox/test_kafka.py"),
    ],
)
def test_a_unit_is_a_file_a_gate_or_what_shares_a_cluster(nodeid: str, name: str) -> None:
    assert unit(nodeid) == name


def test_what_starts_clusters_comes_before_what_takes_no_time() -> None:
    order = ["tests/unit/a.py::test", "tests/integration/test_proxy.py::test", "tests/integration/test_site.py::test"]
    assert sorted(order, key=seconds) == order
    assert seconds(order[1]) == INTEGRATION
