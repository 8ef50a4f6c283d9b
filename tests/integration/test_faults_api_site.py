"""site.yml, whole, while a quarter of all requests fails on the way to the API server."""

from __future__ import annotations

from pathlib import Path

from tests.integration.cluster import Cluster, recap
from tests.integration.faulty import behind_faults


def test_the_whole_site_yml_arrives(empty_cluster: Cluster, tmp_path: Path) -> None:
    # Helm gives up by itself, at the first answer that fails.
    with behind_faults(empty_cluster, tmp_path / "log", "--spare", "Helm/") as faulty:
        counts = recap(faulty.site())
    assert (counts["failed"], counts["rescued"]) == (0, 0)
    assert len(faulty.faults()) > 100
    assert recap(empty_cluster.site())["changed"] == 0
