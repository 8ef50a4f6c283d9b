"""What another program manages is not edited unless that is wanted all the same."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import EngineError
from ansible_collections.seldon.openshift.plugins.module_utils.kube.kinds import CONFIG_MAP, SECRET
from ansible_collections.seldon.openshift.plugins.module_utils.kube.objects import Object
from ansible_collections.seldon.openshift.plugins.module_utils.shared.managed import manager
from ansible_collections.seldon.openshift.plugins.modules import (
    seldon_alertmanager_receiver,
    seldon_monitoring_config,
)

from tests.unit.apiserver import ApiServer

HIVE: Object = {"labels": {"hive.openshift.io/managed": "true"}}
OPERATOR: Object = {"managedFields": [{"manager": "configure-alertmanager-operator"}]}
OWNED: Object = {"ownerReferences": [{"kind": "Operator", "name": "o", "controller": True}]}
PLATFORM = "route: {receiver: Default}\nreceivers: [{name: Default}]\n"
SETTINGS = {"settings": {"enableUserWorkload": True}}
RECEIVER = {"url": "http://seldon-deploy.seldon-system/webhook"}

pytestmark = pytest.mark.usefixtures("clock")


def config(text: str, name: str = "cluster-monitoring-config", **metadata: Any) -> Object:
    place = "openshift-monitoring" if name.startswith("cluster") else "openshift-user-workload-monitoring"
    obj = {**CONFIG_MAP.named(name, place).bare(), "data": {"config.yaml": text}}
    obj["metadata"].update(metadata)
    return obj


def alertmanager(**metadata: Any) -> Object:
    obj = SECRET.named("alertmanager-main", "openshift-monitoring").bare()
    obj["metadata"].update(metadata)
    return {**obj, "data": {"alertmanager.yaml": base64.b64encode(PLATFORM.encode()).decode()}}


def run(module: Any, server: ApiServer, given: dict[str, Any]) -> Object:
    checked = ArgumentSpecValidator(module.ARGUMENT_SPEC).validate(given)
    assert not checked.error_messages
    return dict(module.run(server, checked.validated_parameters, server.check_mode, [].append))


@pytest.mark.parametrize(
    ("metadata", "owner"),
    [
        ({}, None),
        ({"labels": {"hive.openshift.io/managed": "false"}, "ownerReferences": None, "managedFields": None}, None),
        (HIVE, "Hive (label hive.openshift.io/managed)"),
        (OPERATOR, "configure-alertmanager-operator"),
        (OWNED, "Operator o"),
    ],
)
def test_who_manages_an_object(metadata: Object, owner: str | None) -> None:
    assert manager({"metadata": metadata}) == owner


@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize(
    ("module", "given", "obj", "advice"),
    [
        (seldon_monitoring_config, SETTINGS, config("a: 1\n", **HIVE), "OpenShift Cluster Manager"),
        (
            seldon_monitoring_config,
            {"settings": {"prometheus": {"retention": "7d"}}, "name": "user-workload-monitoring-config"},
            config("", "user-workload-monitoring-config", **HIVE),
            "OpenShift Cluster Manager",
        ),
        (
            seldon_monitoring_config,
            {**SETTINGS, "state": "absent"},
            config("enableUserWorkload: true\n", **HIVE),
            "would undo",
        ),
        (seldon_alertmanager_receiver, RECEIVER, alertmanager(**HIVE), "AlertmanagerConfig"),
        (seldon_alertmanager_receiver, RECEIVER, alertmanager(**OPERATOR), "AlertmanagerConfig"),
    ],
)
def test_it_is_not_edited_unless_that_is_forced(
    module: Any, given: dict[str, Any], obj: Object, advice: str, check_mode: bool
) -> None:
    server = ApiServer(obj, check_mode=check_mode)
    with pytest.raises(EngineError, match=r"is managed by .* undo the change.*seldon_conflicts=force") as error:
        run(module, server, given)
    assert advice in str(error.value)
    assert server.writes == []
    assert run(module, server, {**given, "conflicts": "force"})["changed"]


def test_what_it_has_set_already_needs_no_edit() -> None:
    server = ApiServer(config("# by Hive\nenableUserWorkload: true\n", **HIVE))
    assert not run(seldon_monitoring_config, server, SETTINGS)["changed"]
    assert server.writes == []
