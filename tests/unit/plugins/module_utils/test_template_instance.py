"""TemplateInstances that OpenShift does not mend: what is created beside them, and what is never deleted."""

from __future__ import annotations

import base64
import copy
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import ApiError, EngineError
from ansible_collections.seldon.openshift.plugins.module_utils.kube.kinds import SECRET
from ansible_collections.seldon.openshift.plugins.module_utils.kube.objects import Object, Reference
from ansible_collections.seldon.openshift.plugins.module_utils.readiness.platform import template_instance
from ansible_collections.seldon.openshift.plugins.module_utils.readiness.state import Failed, Ready
from ansible_collections.seldon.openshift.plugins.module_utils.shared.template import processed
from ansible_collections.seldon.openshift.plugins.module_utils.shared.template_instance import COMPLETED, OWNER
from ansible_collections.seldon.openshift.plugins.modules import seldon_template_instance

UID, FAILURE = "us", "InstantiateFailure"
KINDS = {"Secret": "v1", "Service": "v1", "PersistentVolumeClaim": "v1", "DeploymentConfig": "apps.openshift.io/v1"}
TEMPLATE = {
    "labels": {"template": "postgresql-persistent"},
    "parameters": [
        {"name": "NAME", "required": True},
        {"name": "PASSWORD", "generate": "expression", "from": "[a-z]{8}"},
        {"name": "REPLICAS", "value": "1"},
    ],
    "objects": [
        {"apiVersion": version, "kind": kind, "metadata": {"name": "${NAME}"}, "spec": {"replicas": "${{REPLICAS}}"}}
        for kind, version in KINDS.items()
    ],
}


NOTED = ("update", "TemplateInstance")


def instance(*conditions: str, objects: int = 4) -> Object:
    found = [{"type": type_, "status": "True", "reason": "R", "message": "why"} for type_ in conditions]
    return {
        "apiVersion": "template.openshift.io/v1",
        "kind": "TemplateInstance",
        "metadata": {"name": "metadata", "namespace": "db", "uid": UID},
        "spec": {"template": TEMPLATE, "secret": {"name": "given"}},
        "status": {"conditions": found, **({"objects": [{"ref": {}}] * objects} if objects else {})},
    }


def live(kind: str, owner: str = UID) -> Object:
    metadata = {"name": "metadata", "namespace": "db", "labels": {OWNER: owner}}
    return {"apiVersion": KINDS[kind], "kind": kind, "metadata": metadata}


class Server:
    check_mode = False

    def __init__(self, *objects: Object, values: Any = None) -> None:
        data = {"NAME": "metadata", "PASSWORD": "p"} if values is None else values
        encoded = {key: base64.b64encode(value.encode()).decode() for key, value in data.items()}
        secret = {**SECRET.named("given", "db").bare(), "data": encoded}
        template = {"apiVersion": "template.openshift.io/v1", "kind": "Template", "metadata": {}}
        template["metadata"] = {"name": "postgresql-persistent", "namespace": "openshift"}
        self.objects = {Reference.of(obj): copy.deepcopy(obj) for obj in [secret, template, *objects]}
        self.written: list[tuple[str, str]] = []

    def get(self, reference: Reference, deadline: float | None = None) -> Object | None:
        return copy.deepcopy(self.objects.get(reference))

    def create(self, obj: Object, deadline: float, **_more: Any) -> Object:
        if Reference.of(obj) in self.objects:
            raise ApiError(409, "AlreadyExists", "already exists")
        self.written.append(("create", obj["kind"]))
        self.objects[Reference.of(obj)] = copy.deepcopy(obj)
        return obj

    def patch(self, obj: Object, body: Object, deadline: float) -> Object:
        self.written.append(("update", obj["kind"]))
        self.objects[Reference.of(obj)]["metadata"].update(body["metadata"])
        return self.objects[Reference.of(obj)]

    def delete(self, reference: Reference, deadline: float) -> bool:
        del self.objects[reference]
        self.written.append(("delete", reference.kind.name))
        return True


def mended(server: Any, repair: bool = True) -> Object:
    names = {"name": "metadata", "namespace": "db", "secret": "given", "template": "postgresql-persistent"}
    params = {**names, "template_namespace": "openshift", "state": "present", "timeout": 5, "repair": repair}
    return seldon_template_instance.run(server, params, False, lambda _line: None)


ALL = [live(kind) for kind in KINDS]


@pytest.mark.parametrize(
    ("found", "objects", "written"),
    [
        pytest.param(instance("Ready"), ALL, [], id="all is there"),
        pytest.param(instance("Ready"), ALL[:1] + ALL[2:], [("create", "Service"), NOTED], id="a Service was deleted"),
        pytest.param(
            instance("Ready"), ALL[2:3], [*(("create", k) for k in KINDS if k[0] != "P"), NOTED], id="a volume is left"
        ),
        pytest.param(instance("Ready"), [], [*(("create", kind) for kind in KINDS), NOTED], id="all were deleted"),
        pytest.param(
            instance("Waiting"), ALL[:3], [("create", "DeploymentConfig"), NOTED], id="it waits for what is gone"
        ),
        pytest.param(instance(objects=0), ALL[:1], [], id="OpenShift is at work"),
        pytest.param(
            instance(FAILURE, objects=1),
            ALL[:1],
            [("delete", "Secret"), ("delete", "TemplateInstance"), ("create", "TemplateInstance")],
            id="failed before a volume",
        ),
        pytest.param(instance(FAILURE), ALL[:3], [("create", "DeploymentConfig"), NOTED], id="failed, a volume"),
        pytest.param(instance(FAILURE), ALL[3:], [*(("create", k) for k in KINDS if k[0] != "D"), NOTED], id="it runs"),
        pytest.param(instance(FAILURE), ALL, [], id="all was created, and got ready late"),
        pytest.param(instance(FAILURE, objects=2), ALL, [NOTED], id="a repair that was stopped before its last step"),
        pytest.param(instance(FAILURE, objects=0), [live("Service", "others")], [], id="somebody's in the way"),
        pytest.param(
            instance(FAILURE, objects=3), [*ALL[2:], live("Service", "others")], [], id="in the way, with a volume"
        ),
    ],
)
def test_what_is_mended(found: Object, objects: list[Object], written: list[tuple[str, str]]) -> None:
    server, blocked = Server(found, *objects), live("Service", "others") in objects
    result = mended(server)
    assert (server.written, result["changed"]) == (written, bool(written))
    assert [line for line in result.get("warnings", []) if "Repaired: " in line or "To repair it" in line] == (
        result.get("warnings", [])
    )
    assert bool(result.get("warnings")) is (bool(written) or blocked)


def test_the_next_run_has_nothing_to_do_and_what_was_created_goes_with_the_instance() -> None:
    server = Server(instance("Ready"), *ALL[:1])
    mended(server)
    assert (mended(server)["action"], len(server.written)) == ("unchanged", 4)
    made = server.objects[Reference.of(live("Service"))]["metadata"]
    assert (made["labels"], made["ownerReferences"][0]["uid"]) == (
        {"template": "postgresql-persistent", OWNER: UID},
        UID,
    )


@pytest.mark.parametrize(
    ("found", "objects", "command"),
    [
        (instance("Ready"), ALL[:1], "oc process -n db -f <(oc get templateinstance metadata -n db"),
        (instance(FAILURE, objects=0), [], "oc delete templateinstance metadata -n db, then run again"),
        (
            instance(FAILURE, objects=0),
            [live("Service", "x")],
            "oc delete service metadata -n db; oc delete template",
        ),
    ],
)
def test_what_is_left_alone_is_told_with_the_commands(found: Object, objects: list[Object], command: str) -> None:
    server = Server(found, *objects)
    result = mended(server, repair=False)
    assert (server.written, result["changed"]) == ([], False)
    assert command in result["warnings"][0]


def test_without_the_parameters_nothing_is_guessed() -> None:
    server = Server(instance(FAILURE), values={"NAME": "metadata"})
    assert (mended(server)["action"], server.written) == ("unchanged", [])
    with pytest.raises(EngineError, match="parameter NAME of the template has no value"):
        processed(TEMPLATE, {}, "db")


def test_a_template_is_filled_as_openshift_does() -> None:
    secret = processed(TEMPLATE, {"NAME": "metadata", "PASSWORD": "", "REPLICAS": "2"}, "db")[0]
    assert (secret["metadata"]["namespace"], secret["metadata"]["name"], secret["spec"]) == (
        "db",
        "metadata",
        {"replicas": 2},
    )


@pytest.mark.parametrize(("available", "owner", "verdict"), [(1, UID, Ready), (0, UID, Failed), (1, "others", Failed)])
def test_one_that_has_failed_counts_as_ready_when_its_database_runs(available: int, owner: str, verdict: type) -> None:
    config = live("DeploymentConfig", owner)
    config["metadata"]["generation"] = 1
    counts = {"replicas": 1, "updatedReplicas": available, "availableReplicas": available, "readyReplicas": available}
    conditions = [{"type": "Available", "status": str(bool(available))}]
    counts.update(observedGeneration=1, latestVersion=1)
    config.update(spec={"replicas": 1}, status={"conditions": conditions, **counts})
    assert isinstance(template_instance(instance(FAILURE), [config]), verdict)
    noted = instance(FAILURE, objects=1)
    assert isinstance(template_instance(noted, [config]), Failed)
    noted["metadata"]["annotations"] = {COMPLETED: "true"}
    assert isinstance(template_instance(noted, [config]), verdict)
