"""What others had in an object before its first edit is kept, and comes back."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import ApiError, EngineError
from ansible_collections.seldon.openshift.plugins.module_utils.kube.kinds import CONFIG_MAP, SECRET
from ansible_collections.seldon.openshift.plugins.module_utils.kube.objects import MANAGED_BY, Object
from ansible_collections.seldon.openshift.plugins.modules import (
    seldon_alertmanager_receiver,
    seldon_monitoring_config,
)

from tests.unit.apiserver import ApiServer

ALERTS = SECRET.named("alertmanager-main", "openshift-monitoring")
ALERTS_BEFORE = SECRET.named("alertmanager-main-before-seldon", "openshift-monitoring")
CONFIG = CONFIG_MAP.named("cluster-monitoring-config", "openshift-monitoring")
CONFIG_BEFORE = CONFIG_MAP.named("cluster-monitoring-config-before-seldon", "openshift-monitoring")
PLATFORM = "# hunter2\nroute: {receiver: Default}\nreceivers: [{name: Default}]\n"
WEBHOOK = "http://seldon-deploy.seldon-system/webhook"
SETTINGS = {"enableUserWorkload": True, "prometheusK8s": {"retention": "7d"}}

pytestmark = pytest.mark.usefixtures("clock")


def encoded(text: str) -> dict[str, str]:
    return {"alertmanager.yaml": base64.b64encode(text.encode()).decode()}


def with_alerts(check_mode: bool = False) -> ApiServer:
    return ApiServer({**ALERTS.bare(), "data": encoded(PLATFORM)}, check_mode=check_mode, lingers=0)


def with_config(text: str) -> ApiServer:
    return ApiServer({**CONFIG.bare(), "data": {"config.yaml": text}}, lingers=0)


def run(module: Any, server: ApiServer, **given: Any) -> Object:
    checked = ArgumentSpecValidator(module.ARGUMENT_SPEC).validate(given)
    assert not checked.error_messages
    return dict(module.run(server, checked.validated_parameters, server.check_mode, [].append))


def receive(server: ApiServer, **given: Any) -> Object:
    return run(seldon_alertmanager_receiver, server, **{"url": WEBHOOK, **given})


def configure(server: ApiServer, **given: Any) -> Object:
    return run(seldon_monitoring_config, server, **{"settings": SETTINGS, **given})


def text_of(server: ApiServer) -> str:
    return str((server.get(CONFIG) or {})["data"]["config.yaml"])


def test_the_first_content_is_kept_before_the_edit_and_goes_when_it_is_back() -> None:
    server = with_alerts()
    result = receive(server)
    kept = server.get(ALERTS_BEFORE) or {}
    assert (kept["data"], kept["immutable"]) == (encoded(PLATFORM), True)
    assert kept["metadata"]["labels"] == MANAGED_BY
    assert "hunter2" not in str(result)
    assert [method for method, _path in server.writes] == ["POST", "PUT"]

    receive(server, group_wait="1m")
    assert (server.get(ALERTS_BEFORE) or {})["data"] == encoded(PLATFORM)
    receive(server, state="absent")
    assert (server.get(ALERTS) or {})["data"] == encoded(PLATFORM)
    assert server.get(ALERTS_BEFORE) is None


def test_it_stays_when_something_else_has_changed() -> None:
    server = with_alerts()
    receive(server)
    receive(server, name="another")
    receive(server, state="absent")
    assert (server.get(ALERTS_BEFORE) or {})["data"] == encoded(PLATFORM)


def test_an_edit_that_changes_nothing_costs_nothing() -> None:
    server = with_alerts()
    assert not receive(server, state="absent")["changed"]
    receive(server)
    before = len(server.requests)
    assert not receive(server)["changed"]
    assert len(server.requests) == before + 1


def test_names_are_texts_in_results_too() -> None:
    text = "route: {receiver: 007}\nreceivers: [{name: 007}, {name: yes}]\n"
    result = receive(ApiServer({**ALERTS.bare(), "data": encoded(text)}), name="0o7")
    assert result["receivers"] == ["007", "yes", "0o7"]
    assert {type(name) for name in result["receivers"]} == {str}
    assert "receiver: '007'" in result["diff"][0]["before"]


def test_check_mode_keeps_nothing() -> None:
    server = with_alerts(check_mode=True)
    assert receive(server)["changed"]
    assert server.get(ALERTS_BEFORE) is None


def test_nothing_is_edited_that_can_t_be_kept() -> None:
    server = with_alerts()

    def forbid(method: str, _path: str) -> None:
        if method == "POST":
            raise ApiError(403, "Forbidden", "secrets is forbidden")

    server.before_request = forbid
    with pytest.raises(EngineError, match=r"alertmanager-main-before-seldon can't be made.*alertmanager-main is unch"):
        receive(server)
    server.before_request = lambda _method, _path: None
    assert (server.get(ALERTS) or {})["data"] == encoded(PLATFORM)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing",
        "enableUserWorkload: false  # not yet\n",
        "prometheusK8s:\n  retention: '15d'\n  replicas: 0x2\n",
        "prometheusK8s: {}\r\nenableUserWorkload:   no",
        'prometheusK8s:\n  externalLabels: {prod: "y"}  # shown\n',
        "prometheusK8s: ~\n",
        "prometheusK8s:\n# end",
        "{}",
        '{"prometheusK8s": {"retention":"15d"}}',
        "---\nprometheusK8s: {retention: !!str 15d}\n...\n",
    ],
)
def test_settings_of_before_come_back_to_the_last_byte(text: str) -> None:
    server = with_config(text)
    assert configure(server)["settings"]["prometheusK8s"]["retention"] == "7d"
    assert not configure(server)["changed"]
    assert configure(server, state="absent")["changed"]
    assert text_of(server) == text
    assert server.get(CONFIG_BEFORE) is None


def test_what_somebody_has_changed_since_wins_over_what_was_kept() -> None:
    server = with_config("enableUserWorkload: false\n")
    configure(server)
    server.put({**CONFIG.bare(), "data": {"config.yaml": f"{text_of(server)}techPreview: y\n"}})
    configure(server, state="absent")
    assert text_of(server) == "techPreview: y\n"
    assert (server.get(CONFIG_BEFORE) or {})["data"] == {"config.yaml": "enableUserWorkload: false\n"}


def test_a_config_map_of_ours_goes_when_it_is_empty_and_keeps_nothing() -> None:
    server = ApiServer(lingers=0)
    assert configure(server)["changed"]
    configure(server, settings={"enableUserWorkload": True, "prometheusK8s": {"retention": "1d"}})
    assert server.get(CONFIG_BEFORE) is None
    assert configure(server, settings={"enableUserWorkload": True}, state="absent")["changed"]
    assert text_of(server) == "prometheusK8s:\n  retention: 1d\n"
    assert configure(server, settings={"prometheusK8s": {"retention": "1d"}}, state="absent")["changed"]
    assert server.get(CONFIG) is None
    assert not configure(server, state="absent")["changed"]
