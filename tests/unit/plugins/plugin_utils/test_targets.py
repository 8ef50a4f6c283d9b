"""Which hosts a playbook runs for: over inventories and limits, the limits as Ansible itself reads them."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible.errors import AnsibleLookupError
from ansible.parsing.dataloader import DataLoader
from ansible_collections.seldon.openshift.plugins.lookup.clusters import LookupModule

EMPTY = {"all": [], "ungrouped": []}
LISTED = {"all": ["web1", "localhost"], "ungrouped": ["web1", "localhost"]}
BY_ADDRESS = {"all": ["::1", "web1"], "ungrouped": ["::1", "web1"]}
FOREIGN = {"all": ["web1", "web2", "db1"], "ungrouped": [], "web": ["web1", "web2"], "db": ["db1"]}
MANY = {"all": [f"node{number}" for number in range(1, 8)], "ungrouped": []}
ONE = {"all": ["web1"], "ungrouped": ["web1"]}
CLUSTERS = {
    "all": ["web1", "localhost", "production", "staging"],
    "ungrouped": ["localhost"],
    "web": ["web1"],
    "seldon_clusters": ["production", "staging"],
}
NO_CLUSTERS = {"all": ["web1", "localhost"], "ungrouped": ["web1", "localhost"], "seldon_clusters": []}
NOTHING = {**EMPTY, "seldon_clusters": []}

GROUP_OR_LIMIT = (
    "Next: put the cluster into the group seldon_clusters, or name it: --limit HOST "
    "(with ansible_connection: local, unless modules shall run there)"
)
ONE_OF_THESE = "Nothing was done.\nNext: name one of these: --limit HOST"


def hosts(groups: dict[str, list[str]], limit: str | None) -> str:
    """Return the pattern that a play gets from Ansible, which leaves `ansible_limit` out without --limit."""
    lookup = LookupModule(loader=DataLoader())
    variables = {"groups": groups} | ({} if limit is None else {"ansible_limit": limit})
    (pattern,) = lookup.run([], variables)
    return pattern


@pytest.mark.parametrize(
    ("groups", "limit", "pattern"),
    [
        (EMPTY, None, "localhost"),
        (EMPTY, "", "localhost"),
        (EMPTY, "localhost", "localhost"),
        (EMPTY, "127.0.0.1", "localhost"),
        (LISTED, None, "localhost"),
        (BY_ADDRESS, None, "::1"),
        (LISTED, "localhost", "all"),
        (LISTED, "web1", "all"),
        (FOREIGN, "web1", "all"),
        (FOREIGN, "web:!web1", "all"),
        (FOREIGN, "db:unknown", "all"),
        (CLUSTERS, None, "seldon_clusters"),
        (CLUSTERS, "staging", "seldon_clusters"),
        (CLUSTERS, "web1,staging", "seldon_clusters"),
        (CLUSTERS, "all", "seldon_clusters"),
        (CLUSTERS, "prod*", "seldon_clusters"),
        (CLUSTERS, "~^stag", "seldon_clusters"),
        (CLUSTERS, "!staging", "seldon_clusters"),
        (CLUSTERS, "seldon_clusters:&production", "seldon_clusters"),
        (CLUSTERS, "seldon_clusters[0]", "seldon_clusters"),
    ],
)
def test_a_play_runs_for(groups: dict[str, list[str]], limit: str | None, pattern: str) -> None:
    assert hosts(groups, limit) == pattern


@pytest.mark.parametrize(
    ("groups", "limit", "message"),
    [
        (
            FOREIGN,
            None,
            "The inventory has no group seldon_clusters: which of its hosts is the cluster, web1, web2 or db1? "
            f"Nothing was done.\n{GROUP_OR_LIMIT}",
        ),
        (
            MANY,
            "",
            "The inventory has no group seldon_clusters: which of its hosts is the cluster, node1, node2, node3, "
            f"node4, node5 or 2 more? Nothing was done.\n{GROUP_OR_LIMIT}",
        ),
        (
            ONE,
            None,
            "The inventory has no group seldon_clusters: is its host web1 the cluster? "
            f"Nothing was done.\n{GROUP_OR_LIMIT}",
        ),
        *(
            (
                groups,
                limit,
                "The inventory's group seldon_clusters holds no host. Nothing was done.\n"
                "Next: put the cluster into the group seldon_clusters "
                "(one host is one cluster, with ansible_connection: local).",
            )
            for groups, limit in [(NOTHING, None), (NO_CLUSTERS, None), (NO_CLUSTERS, "localhost")]
        ),
        *(
            (
                CLUSTERS,
                limit,
                f"--limit {limit} fits no host of the group seldon_clusters, which holds production and staging. "
                + ONE_OF_THESE,
            )
            for limit in ["web1", "localhost", "prod", "web", "seldon_clusters:!production:!staging", "~^web"]
        ),
        (
            FOREIGN,
            "db:&web",
            f"--limit db:&web fits no host of the inventory, which holds web1, web2 and db1. {ONE_OF_THESE}",
        ),
        *(
            (
                EMPTY,
                limit,
                f"--limit {limit} fits no host: the inventory is empty. Nothing was done.\n"
                "Next: leave --limit out, then localhost is meant; or name the inventory that holds the host: "
                "--inventory PATH",
            )
            for limit in ["production", "all", "!localhost"]
        ),
    ],
)
def test_a_play_without_hosts_is_an_error_that_says_what_to_type(
    groups: dict[str, list[str]], limit: str | None, message: str
) -> None:
    with pytest.raises(AnsibleLookupError) as error:
        hosts(groups, limit)
    assert str(error.value) == message


@pytest.mark.parametrize(("listed", "fits"), [("staging\nweb1", True), ("web1", False)])
def test_a_limit_from_a_file_is_read(tmp_path: Path, listed: str, fits: bool) -> None:
    file = tmp_path / "site.retry"
    file.write_text(f"{listed}\n")
    if fits:
        assert hosts(CLUSTERS, f"@{file}") == "seldon_clusters"
    else:
        with pytest.raises(AnsibleLookupError, match=f"--limit @{file} fits no host of the group seldon_clusters"):
            hosts(CLUSTERS, f"@{file}")
