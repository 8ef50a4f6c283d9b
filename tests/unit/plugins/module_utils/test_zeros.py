"""Zeros that an operator omits when it writes its object back: sent once, and again when something else is there."""

from __future__ import annotations

import copy
import time
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.apply.apply import apply_set
from ansible_collections.seldon.openshift.plugins.module_utils.apply.outcome import Outcome
from ansible_collections.seldon.openshift.plugins.module_utils.apply.ownership import is_current
from ansible_collections.seldon.openshift.plugins.module_utils.apply.policy import Policy, fields_of
from ansible_collections.seldon.openshift.plugins.module_utils.apply.zeros import SENT, marked, zeros_of
from ansible_collections.seldon.openshift.plugins.module_utils.checks.applied import differing

from tests.unit.apiserver import ApiServer, held_by, managed

Object = dict[str, Any]
BASE = {"server": {"route": {"enabled": True}}}
ZEROS = [False, 0, "", [], {}]

pytestmark = pytest.mark.usefixtures("clock")


def argocd(**spec: Any) -> Object:
    metadata = {"name": "x", "namespace": "n"}
    return {"apiVersion": "argoproj.io/v1alpha1", "kind": "ArgoCD", "metadata": metadata, "spec": {**BASE, **spec}}


def apply(server: ApiServer, given: Object) -> Outcome:
    explicit = {"spec": given}
    policy = Policy(explicit=tuple(fields_of(explicit)), zeros=tuple(zeros_of(explicit)))
    (outcome,) = apply_set(server, [argocd(**given)], policy, time.monotonic() + 60, [].append)
    return outcome


def without_zeros(value: Any) -> Any:
    """Return what Go writes of a structure: no zeros at any depth, and no structures that hold nothing else."""
    if isinstance(value, list):
        return [without_zeros(item) for item in value]
    if not isinstance(value, dict):
        return value
    left = {key: without_zeros(item) for key, item in value.items()}
    return {key: item for key, item in left.items() if item or item is None}


def omit(server: ApiServer) -> None:
    """Let the operator write the object back."""
    live = server.held(argocd()) or {}
    written = {**live, "spec": without_zeros(live["spec"])}
    gone = omitted(live["spec"], written["spec"])
    server.put({**held_by("gitops-operator", live, {"f:spec": gone}), "spec": written["spec"]})


def omitted(before: Object, after: Object) -> Object:
    """Return the tree of the fields that went, or that are others."""
    tree: Object = {}
    for key, value in before.items():
        if key not in after and not isinstance(value, dict):
            tree[f"f:{key}"] = {}
        elif isinstance(value, dict) and (below := omitted(value, after.get(key, {}))):
            tree[f"f:{key}"] = below
        elif key not in after or (after[key] != value and not isinstance(value, dict)):
            tree[f"f:{key}"] = {}
    return tree


@pytest.mark.parametrize("zero", ZEROS)
@pytest.mark.parametrize("at_first", [True, False])
def test_a_zero_that_the_operator_omits_is_sent_once(zero: Any, at_first: bool) -> None:
    server = ApiServer()
    given = {"repo": {"mount": zero, "replicas": 2}}
    if not at_first:
        apply(server, {})
    assert apply(server, given).changed
    assert (server.held(argocd()) or {})["spec"]["repo"] == {"mount": zero, "replicas": 2}
    assert apply(server, given).action == "unchanged"
    omit(server)
    assert (server.held(argocd()) or {})["spec"]["repo"] == {"replicas": 2}
    writes = len(server.writes)
    assert [apply(server, given).action for _again in range(3)] == ["unchanged"] * 3
    assert len(server.writes) == writes


def test_a_block_of_zeros_alone_and_zeros_in_lists_are_sent_once() -> None:
    server = ApiServer()
    given = {"prometheus": {"route": {"enabled": False}}, "volumes": [{"name": "a", "options": {"hostNetwork": False}}]}
    assert apply(server, given).changed
    omit(server)
    assert (server.held(argocd()) or {})["spec"] == {**BASE, "volumes": [{"name": "a"}]}
    assert apply(server, given).action == "unchanged"


@pytest.mark.parametrize(
    "change", [{"server": {"route": {"enabled": True}, "insecure": True}}, {"volumes": [{"name": "b"}]}]
)
def test_another_value_than_the_zero_is_put_right(change: Object) -> None:
    server = ApiServer()
    given = {"server": {"route": {"enabled": True}, "insecure": False}, "volumes": [{"name": "a", "tty": False}]}
    apply(server, given)
    omit(server)
    assert apply(server, given).action == "unchanged"
    live = server.held(argocd()) or {}
    server.put({**live, "spec": {**live["spec"], **change}})
    assert apply(server, given).action == "updated"
    held = (server.held(argocd()) or {})["spec"]
    assert (held["server"]["insecure"], held["volumes"]) == (False, given["volumes"])


def test_the_zero_of_a_pointer_is_sent_where_it_was_never_sent() -> None:
    server = ApiServer(managed(argocd()))
    assert apply(server, {"mtls": False}).action == "updated"
    assert (server.held(argocd()) or {})["spec"]["mtls"] is False


def test_a_zero_becomes_a_value_and_a_zero_again() -> None:
    server, on, off = ApiServer(), {"x": {"insecure": True}}, {"x": {"insecure": False}}
    apply(server, off)
    omit(server)
    assert apply(server, on).action == "updated"
    live = server.held(argocd()) or {}
    assert live["spec"]["x"] == {"insecure": True}
    live["metadata"].pop("annotations")  # that of the zero; this server keeps what is applied no more
    server.put(live)
    assert apply(server, off).action == "updated"
    omit(server)
    assert apply(server, off).action == "unchanged"


def test_a_zero_that_is_there_already_needs_no_annotation() -> None:
    live = argocd(ha={"enabled": False})
    assert SENT not in marked(copy.deepcopy(live), live, [".spec.ha.enabled"])["metadata"].get("annotations", {})
    assert SENT in marked(copy.deepcopy(live), None, [".spec.ha.enabled"])["metadata"]["annotations"]


@pytest.mark.parametrize("text", ["", "{}", "5", "null", "[1, {}]", "nonsense"])
def test_an_annotation_that_somebody_wrote_over_is_put_right(text: str) -> None:
    desired = marked(argocd(x=False), None, [".spec.x"])
    live = managed(desired)
    assert is_current(desired, live)
    live["metadata"]["annotations"] = {SENT: text}
    del live["spec"]["x"]
    assert not is_current(desired, live)


def test_validation_does_not_miss_what_the_operator_omits() -> None:
    wanted = argocd(server={**BASE["server"], "insecure": False}, volumes=[{"name": "a", "tty": False}])
    live = managed(marked(wanted, None, [".spec.server.insecure", ".spec.volumes"]))
    live["spec"] = without_zeros(live["spec"])
    assert differing(wanted, live) == []
    live["metadata"]["annotations"] = {}
    assert {each.field for each in differing(wanted, live)} == {".spec.server.insecure", '.spec.volumes[name="a"].tty'}
    other = argocd(server={**BASE["server"], "insecure": True})
    assert differing(other, live)[0].wanted is True
