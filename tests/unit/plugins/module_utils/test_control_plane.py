"""What is found of a mesh that its operator does not mend, and what moves its spec."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import KindNotServed
from ansible_collections.seldon.openshift.plugins.module_utils.kube.kinds import CONTROL_PLANE
from ansible_collections.seldon.openshift.plugins.module_utils.kube.objects import Reference
from ansible_collections.seldon.openshift.plugins.module_utils.shared.control_plane import idle, lost, mark, unmark
from ansible_collections.seldon.openshift.plugins.modules import seldon_mesh_repair

Object = dict[str, Any]
LAST = "kubectl.kubernetes.io/last-applied-configuration"


def deployment(replicas: int, given: Any = None, **metadata: Any) -> Object:
    text = {} if given is None else {LAST: given if isinstance(given, str) else json.dumps({"spec": given})}
    meta = {"name": "grafana", "namespace": "istio-system", "annotations": text, **metadata}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta, "spec": {"replicas": replicas}}


def mesh(*pending: str, generation: int = 1, reconciled: str = "True", spec: Any = None) -> Object:
    return {
        "apiVersion": "maistra.io/v2",
        "kind": "ServiceMeshControlPlane",
        "metadata": {"name": "basic", "namespace": "istio-system", "generation": generation},
        "spec": spec or {},
        "status": {
            "observedGeneration": 1,
            "conditions": [{"type": "Reconciled", "status": reconciled}],
            "readiness": {"components": {"pending": list(pending)}},
        },
    }


@pytest.mark.parametrize(
    ("found", "replicas"),
    [
        pytest.param(deployment(0), [1], id="without a number"),
        pytest.param(deployment(0, {"replicas": 3}), [3], id="what the operator gave it"),
        pytest.param(deployment(0, {"replicas": 0}), [], id="the operator gave it none"),
        pytest.param(deployment(0, "no JSON"), [1], id="anybody's text"),
        pytest.param(deployment(2, {"replicas": 3}), [], id="it runs"),
        pytest.param(deployment(0, deletionTimestamp="2022-12-01T10:00:00Z"), [], id="it goes"),
    ],
)
def test_a_deployment_without_replicas(found: Object, replicas: list[int]) -> None:
    assert [each.replicas for each in idle([found])] == replicas


@pytest.mark.parametrize(
    ("smcp", "components"),
    [
        pytest.param(mesh("kiali", "grafana"), ["grafana", "kiali"], id="installed"),
        pytest.param(mesh(), [], id="complete"),
        pytest.param(mesh("grafana", generation=2), [], id="about to change"),
        pytest.param(mesh("grafana", reconciled="False"), [], id="being installed"),
        pytest.param({"metadata": {"generation": 1}}, [], id="just created"),
    ],
)
def test_lost_components(smcp: Object, components: list[str]) -> None:
    assert lost(smcp) == components


class Server:
    """One control plane and its Deployments; `patches` counts what is written."""

    check_mode = False

    def __init__(self, smcp: Object | None, *deployments: Object) -> None:
        self.objects = {Reference.of(obj): copy.deepcopy(obj) for obj in [*deployments, *([smcp] if smcp else [])]}
        self.patches = 0
        self.served = True

    def get(self, reference: Reference, _deadline: float) -> Object | None:
        if not self.served:
            raise KindNotServed(reference.kind)
        return copy.deepcopy(self.objects.get(reference))

    def list(self, *_given: Any, **_more: Any) -> list[Object]:
        return [copy.deepcopy(obj) for obj in self.objects.values() if obj["kind"] == "Deployment"]

    def patch(self, obj: Object, body: Object, deadline: float) -> Object:
        self.patches += 1
        merge(self.objects[Reference.of(obj)], body)
        return obj

    def spec(self) -> Object:
        return self.objects[CONTROL_PLANE.named("basic", "istio-system")]["spec"]


def merge(live: Object, body: Object) -> None:
    for key, value in body.items():
        if isinstance(value, dict):
            merge(live.setdefault(key, {}), value)
        elif value is None:
            live.pop(key, None)
        else:
            live[key] = value


def repaired(server: Any, repair: bool = True) -> Object:
    params = {"name": "basic", "namespace": "istio-system", "repair": repair, "timeout": 5}
    return seldon_mesh_repair.run(server, params, False, lambda _line: None)


@pytest.mark.parametrize("spec", [{}, {"techPreview": {"theirs": 1}}], ids=["bare", "with somebody's"])
def test_the_spec_moves_and_is_as_before(spec: Object) -> None:
    server = Server(mesh("grafana", spec=spec))
    result = repaired(server)
    assert (result["changed"], result["lost"], server.patches, server.spec()) == (True, ["grafana"], 2, spec)
    assert "Repaired: spec moved" in result["warnings"][0]


def test_a_move_that_was_stopped_is_finished() -> None:
    smcp = mesh("grafana", generation=2)
    merge(smcp, mark(smcp))
    server = Server(smcp)
    assert (repaired(server)["changed"], server.patches, server.spec()) == (True, 1, {})
    assert unmark(mesh(spec={"techPreview": {"seldonRepair": "1", "theirs": 1}})) == {
        "spec": {"techPreview": {"seldonRepair": None}}
    }


def test_what_is_left_alone_is_told_with_the_commands() -> None:
    server = Server(mesh("kiali"), deployment(0, {"replicas": 2}))
    result = repaired(server, repair=False)
    assert (result["changed"], server.patches) == (False, 0)
    assert "oc scale deployment grafana -n istio-system --replicas=2" in result["warnings"][0]
    assert "oc patch servicemeshcontrolplane.maistra.io basic -n istio-system" in result["warnings"][1]


def test_check_mode_says_what_is_to_be_repaired() -> None:
    server = Server(mesh("kiali"), deployment(0))
    server.check_mode = True
    result = repaired(server)
    assert [line for line in result["warnings"] if "To be repaired: " not in line] == []
    assert result["changed"]


def test_without_a_control_plane_there_is_nothing_to_do() -> None:
    server = Server(None)
    assert not repaired(server)["changed"]
    server.served = False
    assert not repaired(server)["changed"]
    assert (repaired(Server(mesh()))["warnings"], server.patches) == ([], 0)


@pytest.mark.parametrize(("repair", "action", "fate"), [(True, "updated", "changed"), (False, "unchanged", "left")])
def test_each_object_has_a_result(repair: bool, action: str, fate: str) -> None:
    results = repaired(Server(mesh("kiali"), deployment(0, {"replicas": 2})), repair)["results"]
    assert [(each["kind"], each["name"], each["action"]) for each in results] == [
        ("Deployment", "grafana", action),
        ("ServiceMeshControlPlane", "basic", action),
    ]
    replicas = {"field": ".spec.replicas", "live": "0", "wanted": "2", "manager": "", "fate": fate}
    assert results[0]["fields"] == [replicas]
