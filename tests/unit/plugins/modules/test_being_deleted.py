"""What is being deleted is not edited: every module waits for its end, or says what holds it."""

from __future__ import annotations

import base64
from typing import Any, NamedTuple

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.seldon.openshift.plugins.module_utils.credentials import service_token
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import EngineError
from ansible_collections.seldon.openshift.plugins.module_utils.kube.kinds import (
    APP_PROJECT,
    CLUSTER_LOGGING,
    CONFIG_MAP,
    DEPLOYMENT,
    LOG_FORWARDER,
    MEMBER,
    MEMBER_ROLL,
    SECRET,
    SERVICE_ACCOUNT,
    TEMPLATE,
    TEMPLATE_INSTANCE,
)
from ansible_collections.seldon.openshift.plugins.module_utils.kube.objects import Object, Reference
from ansible_collections.seldon.openshift.plugins.modules import (
    seldon_alertmanager_receiver,
    seldon_apply,
    seldon_credentials,
    seldon_es_credentials,
    seldon_gitops_project,
    seldon_log_forwarder,
    seldon_mesh_member,
    seldon_monitoring_config,
    seldon_restart,
    seldon_template_instance,
    seldon_token_secret,
)

from tests.unit.apiserver import MADE, ApiServer, managed
from tests.unit.clock import Clock

HOLD = "example.com/hold"
CREDENTIALS = {"name": "s", "namespace": "n", "secrets": {"password": "p"}}
PLATFORM = "route: {receiver: Default}\nreceivers: [{name: Default}]\n"
ALERTMANAGER = {
    **SECRET.named("alertmanager-main", "openshift-monitoring").bare(),
    "data": {"alertmanager.yaml": base64.b64encode(PLATFORM.encode()).decode()},
}


class Case(NamedTuple):
    """A module's task, and the object that it changes as somebody is deleting it; `others`: what else there is."""

    module: Any
    given: dict[str, Any]
    obj: Object
    others: tuple[Object, ...] = ()


def secret(**data: str) -> Object:
    return managed({**SECRET.named("s", "n").bare(), "type": "Opaque", "data": data})


INPUT = {"name": "ours", "application": {}}
TARGETS = {"external": {"password": "p"}, "targets": [{"namespace": "n", "name": "s"}]}
FORWARD = {"inputs": [INPUT], "collector": "fluentd"}
CASES = {
    "apply": Case(
        seldon_apply,
        {"resources": [{**CONFIG_MAP.named("c", "n").bare(), "data": {"a": "b"}}]},
        managed({**CONFIG_MAP.named("c", "n").bare(), "data": {"a": "b"}}),
    ),
    "roll": Case(
        seldon_mesh_member,
        {"members": ["a"]},
        {**MEMBER_ROLL.named("default", "istio-system").bare(), "spec": {"members": ["a", "b"]}},
    ),
    "member": Case(
        seldon_mesh_member,
        {"members": ["a"], "mode": "member"},
        {
            **MEMBER.named("default", "a").bare(),
            "spec": {"controlPlaneRef": {"namespace": "istio-system", "name": "basic"}},
        },
    ),
    "project": Case(
        seldon_gitops_project,
        {"source_repos": ["https://example.com/r"]},
        {**APP_PROJECT.named("seldon", "seldon-argocd").bare(), "spec": {"sourceRepos": ["https://example.com/r"]}},
    ),
    "forwarder": Case(
        seldon_log_forwarder,
        {"inputs": [INPUT]},
        {**LOG_FORWARDER.named("instance", "openshift-logging").bare(), "spec": {"inputs": [INPUT]}},
    ),
    "collectors": Case(
        seldon_log_forwarder,
        FORWARD,
        {
            **CLUSTER_LOGGING.named("instance", "openshift-logging").bare(),
            "spec": {"collection": {"type": "vector"}, "logStore": {"type": "elasticsearch"}},
        },
    ),
    "monitoring": Case(
        seldon_monitoring_config,
        {"settings": {"enableUserWorkload": True}},
        {
            **CONFIG_MAP.named("cluster-monitoring-config", "openshift-monitoring").bare(),
            "data": {"config.yaml": "enableUserWorkload: true\n"},
        },
    ),
    "credentials": Case(seldon_credentials, CREDENTIALS, secret(password="cA==")),
    "made up credentials": Case(
        seldon_credentials, {"name": "s", "namespace": "n", "generate": ["password"]}, secret(password="cA==")
    ),
    "foreign credentials": Case(
        seldon_credentials, CREDENTIALS, {**SECRET.named("s", "n").bare(), "data": {"password": "b3RoZXI="}}
    ),
    "copies of a password": Case(seldon_es_credentials, TARGETS, secret(username="ZWxhc3RpYw==", password="cA==")),
    "template instance": Case(
        seldon_template_instance,
        {"name": "t", "namespace": "n", "template": "p", "secret": "s"},
        {**TEMPLATE_INSTANCE.named("t", "n").bare(), "spec": {"template": {}}},
        (TEMPLATE.named("p", "openshift").bare(),),
    ),
}


def params(case: Case, **more: Any) -> dict[str, Any]:
    checked = ArgumentSpecValidator(case.module.ARGUMENT_SPEC).validate({**case.given, **more})
    assert not checked.error_messages
    return dict(checked.validated_parameters)


def server_of(case: Case, *finalizers: str, check_mode: bool = False) -> ApiServer:
    """Return a server on which somebody is deleting the object of `case`."""
    meta = {**case.obj["metadata"], "uid": "old", "deletionTimestamp": MADE}
    meta["managedFields"] = [
        *meta.get("managedFields", []),
        {"manager": "holder", "operation": "Update", "fieldsV1": {"f:metadata": {"f:finalizers": {f'v:"{HOLD}"': {}}}}},
    ]
    if finalizers:
        meta["finalizers"] = list(finalizers)
    return ApiServer(*case.others, {**case.obj, "metadata": meta}, check_mode=check_mode)


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("name", CASES)
def test_it_is_made_anew_once_it_is_gone(name: str) -> None:
    case = CASES[name]
    server = server_of(case)
    lines: list[str] = []
    result = case.module.run(server, params(case), False, lines.append)
    live = server.held(case.obj)
    assert live is not None
    assert live["metadata"]["uid"] != "old"
    assert "deletionTimestamp" not in live["metadata"]
    assert result["changed"]


@pytest.mark.parametrize("name", CASES)
def test_what_holds_it_is_told_at_the_deadline_with_the_finalizer_and_who_set_it(name: str, clock: Clock) -> None:
    case = CASES[name]
    server = server_of(case, HOLD)
    before = server.held(case.obj)
    lines: list[str] = []
    try:
        said = case.module.run(server, params(case), False, lines.append).get("msg", "")
    except EngineError as error:
        said = str(error)
    for part in (str(Reference.of(case.obj)), "still being deleted", f"finalizers {HOLD} (set by holder)", "oc get"):
        assert part in said
    assert server.held(case.obj) == before, "it was not written"
    assert any(HOLD in line for line in lines), "the wait says what it waits for"
    assert clock.slept > 30


@pytest.mark.parametrize("name", CASES)
def test_check_mode_does_not_wait(name: str, clock: Clock) -> None:
    case = CASES[name]
    case.module.run(server_of(case, HOLD, check_mode=True), params(case), True, [].append)
    assert clock.slept == 0


ABSENT = [name for name in CASES if name in ("roll", "project", "forwarder", "monitoring")]


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("name", ABSENT)
def test_what_goes_with_it_need_not_be_taken_out(name: str) -> None:
    case = CASES[name]
    server = server_of(case)
    assert not case.module.run(server, params(case, state="absent"), False, [].append)["changed"]
    assert server.held(case.obj) is None
    assert server.writes == []


@pytest.mark.usefixtures("clock")
def test_what_others_make_is_awaited_and_then_edited() -> None:
    given = {"url": "http://seldon-deploy.seldon-system/webhook"}
    case = Case(seldon_alertmanager_receiver, given, ALERTMANAGER)
    server = server_of(case)
    reads = 0

    def make_again(method: str, _path: str) -> None:
        nonlocal reads
        reads += method == "GET"
        if reads > 6 and server.held(ALERTMANAGER) is None:
            server.put(ALERTMANAGER)

    server.before_request = make_again
    result = case.module.run(server, params(case), False, [].append)
    assert result["receivers"] == ["Default", "deploy-webhook"]
    assert (server.held(ALERTMANAGER) or {})["metadata"]["uid"] != "old"
    server = server_of(case)
    with pytest.raises(EngineError, match="OpenShift's monitoring makes it"):
        case.module.run(server, params(case), False, [].append)


@pytest.mark.usefixtures("clock")
def test_workloads_that_are_being_deleted_are_not_restarted() -> None:
    env = [{"name": "P", "valueFrom": {"secretKeyRef": {"name": "s", "key": "password"}}}]
    spec = {
        "selector": {"matchLabels": {"app": "d"}},
        "template": {"spec": {"containers": [{"name": "c", "env": env}]}},
    }
    made = {"creationTimestamp": "2022-11-01T10:00:00Z"}
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "p", "namespace": "n", "labels": {"app": "d"}, **made},
    }
    deployment = {**DEPLOYMENT.named("d", "n").bare(), "spec": spec}
    deployment["metadata"].update(made)
    for dying, restarted in ((False, 1), (True, 0)):
        metadata = {**deployment["metadata"], **({"deletionTimestamp": MADE, "finalizers": [HOLD]} if dying else {})}
        server = ApiServer(secret(password="cA=="), pod, {**deployment, "metadata": metadata})
        given = {"secrets": [{"name": "s", "namespace": "n"}], "timeout": 60}
        result = seldon_restart.run(server, given, False, [].append)
        assert len(result["restarted"]) == restarted


def test_tokens_of_what_is_being_deleted_are_not_copied() -> None:
    account = {**SERVICE_ACCOUNT.named("a", "n").bare()}
    account["metadata"]["uid"] = "u"
    annotations = {service_token.ACCOUNT_NAME: "a", service_token.ACCOUNT_UID: "u"}
    token = {"metadata": {"name": "t", "namespace": "n", "creationTimestamp": MADE, "annotations": annotations}}
    token["data"] = {"token": "dA=="}
    assert service_token.token_among([token], account) == "dA=="
    token["metadata"]["deletionTimestamp"] = MADE
    assert service_token.token_among([token], account) is None
    server = ApiServer(
        {**account, "metadata": {**account["metadata"], "deletionTimestamp": MADE, "finalizers": [HOLD]}}
    )
    given = {"mode": "existing", "service_account": "a", "service_account_namespace": "n"}
    result = seldon_token_secret.run(server, params(Case(seldon_token_secret, given, account)), True, [].append)
    assert "is being deleted" in result["results"][0]["message"]
