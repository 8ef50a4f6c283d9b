# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The hosts that a playbook of this collection runs for, from what the inventory holds and what --limit leaves of it.

Pure functions. Ansible ends a play without hosts as a success; here that is an error that says what to name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

GROUP = "seldon_clusters"
# What Ansible takes for the machine it runs on, and makes up when no inventory lists it (C.LOCALHOST).
LOCALHOST = ("localhost", "127.0.0.1", "::1")
# An inventory can hold thousands.
SHOWN = 5

Groups = Mapping[str, Sequence[str]]


def choose(groups: Groups, limit: str, limited: Callable[[str], Sequence[str]]) -> str:
    """Return the pattern for `hosts` of a play; Ansible itself applies --limit to it.

    groups: the names of each group's hosts, `all` among the groups.
    limit: what --limit was given, empty without.
    limited: returns the hosts that a pattern names and --limit leaves; only asked when there is a limit.

    Raises ValueError, with what to type next, where the play would run for nothing, or for hosts that nobody has named.
    """
    pattern = _grouped(groups[GROUP]) if GROUP in groups else _ungrouped(groups.get("all", ()), bool(limit))
    if limit and not limited(pattern):
        raise ValueError(_misses(groups, limit))
    return pattern


def _grouped(clusters: Sequence[str]) -> str:
    if not clusters:
        raise ValueError(
            f"The inventory's group {GROUP} holds no host. Nothing was done.\n"
            f"Next: put the cluster into the group {GROUP} (one host is one cluster, with ansible_connection: local)."
        )
    return GROUP


def _ungrouped(hosts: Sequence[str], limited: bool) -> str:
    if hosts and limited:
        return "all"
    listed = [name for name in LOCALHOST if name in hosts]
    if hosts and not listed:
        raise ValueError(
            f"The inventory has no group {GROUP}: {_question(hosts)} Nothing was done.\n"
            f"Next: put the cluster into the group {GROUP}, or name it: --limit HOST "
            "(with ansible_connection: local, unless modules shall run there)"
        )
    return listed[0] if listed else "localhost"


def _misses(groups: Groups, limit: str) -> str:
    if groups.get(GROUP):
        return (
            f"--limit {limit} fits no host of the group {GROUP}, which holds {_names(groups[GROUP], 'and')}. "
            "Nothing was done.\nNext: name one of these: --limit HOST"
        )
    if groups.get("all"):
        return (
            f"--limit {limit} fits no host of the inventory, which holds {_names(groups['all'], 'and')}. "
            "Nothing was done.\nNext: name one of these: --limit HOST"
        )
    return (
        f"--limit {limit} fits no host: the inventory is empty. Nothing was done.\n"
        "Next: leave --limit out, then localhost is meant; or name the inventory that holds the host: --inventory PATH"
    )


def _question(hosts: Sequence[str]) -> str:
    if len(hosts) == 1:
        return f"is its host {hosts[0]} the cluster?"
    return f"which of its hosts is the cluster, {_names(hosts, 'or')}?"


def _names(hosts: Sequence[str], word: str) -> str:
    """Return the hosts as a sentence names them; of many, the first ones and how many more there are."""
    shown, more = list(hosts[:SHOWN]), len(hosts) - SHOWN
    if more > 0:
        shown.append(f"{more} more")
    return f" {word} ".join(part for part in (", ".join(shown[:-1]), shown[-1]) if part)
