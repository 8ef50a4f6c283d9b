"""Receivers of ours in Alertmanager's configuration; what Alertmanager itself makes of the result: test_edits.py."""

from __future__ import annotations

import base64
import copy
from typing import Any

import pytest
import yaml
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import EngineError
from ansible_collections.seldon.openshift.plugins.module_utils.shared import alertmanager
from ansible_collections.seldon.openshift.plugins.module_utils.shared.alertmanager_check import check
from ansible_collections.seldon.openshift.plugins.module_utils.shared.alertmanager_secret import KEY, editing, secret

Config = dict[str, Any]
NAME = "deploy-webhook"
OURS = {"receiver": NAME, "matchers": ["type = user"], "continue": True}
WEBHOOK = "http://seldon-deploy.seldon-system:80/webhook"
TIMING = {
    "group_by": ["alertname"],
    "group_wait": "10s",
    "group_interval": "5m",
    "repeat_interval": "3h",
    "matchers": [],
}
RECEIVER = {"name": NAME, "webhook_configs": [{"url": "http://deploy"}]}
WATCHDOG = {"receiver": "Watchdog", "matchers": ["alertname = Watchdog"]}
CRITICAL = {"receiver": "Critical", "matchers": ["severity = critical"]}
TEAM = {"receiver": "Team", "continue": True}
PLATFORM = [{"name": name} for name in ("Default", "Watchdog", "Critical", "Team")]


def config(*routes: Config, receivers: tuple[Config, ...] = ()) -> Config:
    route = {"receiver": "Default", "group_by": ["namespace"], "routes": list(routes)}
    return {"global": {"a": 1}, "receivers": [*PLATFORM, *receivers], "route": route}


@pytest.mark.parametrize(
    ("there", "expected"),
    [
        ([], [OURS]),
        ([WATCHDOG, CRITICAL], [OURS, WATCHDOG, CRITICAL]),
        # nothing before it keeps an alert from it: it stays, so that two who want to be first come to rest
        ([TEAM, OURS, CRITICAL], [TEAM, OURS, CRITICAL]),
        # appended by hand, where critical alerts never come
        ([WATCHDOG, CRITICAL, OURS], [OURS, WATCHDOG, CRITICAL]),
        # an older one of ours, and what somebody nested in it
        (
            [{"receiver": NAME, "match": {"a": "b"}, "matchers": ["x = y"], "routes": [TEAM]}, CRITICAL],
            [{**OURS, "routes": [TEAM]}, CRITICAL],
        ),
        # another route to our receiver is somebody's
        ([OURS, {"receiver": NAME, "matchers": ["team = ml"]}], [OURS, {"receiver": NAME, "matchers": ["team = ml"]}]),
    ],
)
def test_the_route_gets_every_alert_that_it_wants(there: list[Config], expected: list[Config]) -> None:
    older = {"name": NAME, "webhook_configs": [{"url": "http://older", "http_config": {}}], "email_configs": ["theirs"]}
    before = config(*there, receivers=(older,))
    untouched = copy.deepcopy(before)
    after = alertmanager.with_receiver(before, RECEIVER, OURS)
    assert after == config(*expected, receivers=({**RECEIVER, "email_configs": ["theirs"]},))
    assert alertmanager.with_receiver(after, RECEIVER, OURS) == after
    assert before == untouched


def test_a_receiver_goes_with_all_routes_to_it() -> None:
    nested = {"receiver": "Team", "routes": [OURS, TEAM]}
    there = config(OURS, CRITICAL, nested, receivers=(RECEIVER,))
    assert alertmanager.without_receiver(there, NAME) == config(CRITICAL, {"receiver": "Team", "routes": [TEAM]})
    without = {**config(CRITICAL), "route": {"receiver": "Default"}}
    assert alertmanager.without_receiver(without, NAME) is without
    with pytest.raises(ValueError, match="Set another receiver there"):
        alertmanager.without_receiver(config(), "Default")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({}, "receivers is not a list"),
        ({"receivers": [{"webhook_configs": []}]}, "receivers is not a list of receivers with names"),
        ({**config(), "receivers": [*PLATFORM, {"name": "Team"}]}, "Team is defined more than once"),
        ({"receivers": PLATFORM}, "route has no receiver"),
        ({"receivers": PLATFORM, "route": {"routes": []}}, "route has no receiver"),
        (config({"routes": [{"receiver": "nope"}]}), "sends to receiver nope, which is not defined"),
        (config("x"), "not a list of routes"),  # type: ignore[arg-type]
        ({**config(), "route": {"receiver": "Default", "routes": {"receiver": "Team"}}}, "not a list of routes"),
    ],
)
def test_what_alertmanager_refuses_is_found(wrong: Config, told: str) -> None:
    check(config(TEAM, {"routes": [CRITICAL]}))
    with pytest.raises(ValueError, match=told):
        check(wrong)


@pytest.mark.parametrize(
    ("matcher", "accepted"),
    [
        ("alertname = Watchdog", True),
        ('severity =~ "warning|critical"', True),
        ("severity=~warning|critical", True),
        ('type !~ "a{2},b"', True),
        (r'a = "say \"yes\""', True),
        ("namespace = ", False),
        ('namespace = ""', True),
        ("severity", False),
        ("severity == critical", False),
        ("a-b = c", False),
        ("a = b, c = d", False),
        ('a = "b', False),
        ('a = b"c', False),
        ("a =~ {b}", False),
        ('a =~ "["', False),
        ('a =~ "b(?=c)"', False),
        ('a =~ "(?i)b(?:c)"', True),
        ('a = "["', True),
    ],
)
def test_matchers_that_can_t_be_read_are_refused(matcher: str, accepted: bool) -> None:
    route = {**TIMING, "matchers": ["a = b", matcher]}
    if accepted:
        alertmanager.check_ours(WEBHOOK, route)
    else:
        with pytest.raises(ValueError, match="matcher"):
            alertmanager.check_ours(WEBHOOK, route)


@pytest.mark.parametrize(
    ("url", "given", "told"),
    [
        (WEBHOOK, {}, None),
        (
            WEBHOOK,
            {"group_by": ["..."], "group_wait": "0s", "group_interval": "1s500ms", "repeat_interval": "1d12h"},
            None,
        ),
        (None, {}, "url"),
        ("seldon-deploy/webhook", {}, "url"),
        ("ftp://seldon-deploy", {}, "url"),
        (WEBHOOK, {"group_wait": "10"}, "group_wait '10'"),
        (WEBHOOK, {"group_interval": "0s"}, "group_interval '0s'"),
        (WEBHOOK, {"repeat_interval": ""}, "repeat_interval ''"),
        (WEBHOOK, {"group_by": ["a-b"]}, "group_by"),
        (WEBHOOK, {"group_by": ["a", "a"]}, "group_by"),
    ],
)
def test_what_alertmanager_could_not_read_is_refused(url: str | None, given: Config, told: str | None) -> None:
    route = {**TIMING, **given}
    if told is None:
        alertmanager.check_ours(url, route)
    else:
        with pytest.raises(ValueError, match=told):
            alertmanager.check_ours(url, route)


def in_secret(content: str | Config, **metadata: Any) -> Config:
    text = content if isinstance(content, str) else yaml.safe_dump(content)
    made = secret("alertmanager-main", "openshift-monitoring")
    made["metadata"].update(uid="1", **metadata)
    return {**made, "data": {"other": "eA==", KEY: base64.b64encode(text.encode()).decode()}}


def join(there: Config, force: bool = False) -> Config:
    return editing(lambda found: alertmanager.with_receiver(found, RECEIVER, OURS), True, force)(there)


def leave(there: Config) -> Config:
    return editing(lambda found: alertmanager.without_receiver(found, NAME), False, False)(there)


@pytest.mark.parametrize(
    ("metadata", "who"),
    [
        ({"ownerReferences": [{"kind": "ExternalSecret", "name": "am", "controller": True}]}, "ExternalSecret am"),
        ({"labels": {"hive.openshift.io/managed": "true"}}, "Hive"),
        ({"managedFields": [{"manager": "configure-alertmanager-operator"}]}, "configure-alertmanager-operator"),
        ({"labels": {"app": "x"}, "managedFields": [{"manager": "operator"}, {"manager": "oc"}]}, None),
        ({"ownerReferences": [{"kind": "ConfigMap", "name": "x"}]}, None),
    ],
)
def test_a_secret_that_something_manages_is_changed_by_force_only(metadata: Config, who: str | None) -> None:
    there = in_secret(config(), **metadata)
    if who:
        with pytest.raises(EngineError, match=f"managed by {who}.*seldon_conflicts=force"):
            join(there)
        assert leave(there) == there
    changed = join(there, force=bool(who))
    assert changed["data"]["other"] == "eA=="
    assert yaml.safe_load(base64.b64decode(changed["data"][KEY])) == config(OURS, receivers=(RECEIVER,))
    assert join(changed) == changed


@pytest.mark.parametrize(
    ("there", "told"),
    [
        (secret("alertmanager-main", "openshift-monitoring"), "does not exist"),
        (in_secret(""), "no value under alertmanager.yaml.*drops every alert"),
        ({**in_secret(""), "data": None}, "no value"),
        (in_secret("route: hunter2\nb: c: d\n"), "can't be parsed: line 2, column 5"),
        (in_secret({"route": {"receiver": "x", "password": "hunter2"}, "receivers": []}), "receiver x, .* not defined"),
        ({**in_secret(""), "data": {KEY: base64.b64encode(b"\xff").decode()}}, "not UTF-8"),
    ],
)
def test_a_configuration_that_can_t_be_used_is_never_written_over(there: Config, told: str) -> None:
    with pytest.raises(EngineError, match=f"^Secret openshift-monitoring/alertmanager-main.*{told}") as refused:
        join(there)
    assert "hunter2" not in str(refused.value)


def test_there_is_nothing_to_remove_from_a_secret_that_is_not_there() -> None:
    for there in (secret("s", "n"), in_secret("")):
        assert leave(there) == there


def test_a_diff_shows_the_structure_and_no_secret() -> None:
    before = config(CRITICAL, receivers=({"name": "Slack", "slack_configs": [{"api_url": "hunter2", "send": True}]},))
    before["global"] = {"smtp_auth_password": "hunter3", "resolve_timeout": "5m"}
    login = {"oauth2": {"client_id": "id", "client_secret": "hunter4"}}
    ours = {"name": NAME, "webhook_configs": [{"url": "http://user:hunter5@deploy", "http_config": login}]}
    after = alertmanager.with_receiver(before, ours, OURS)
    changed = copy.deepcopy(after)
    changed["receivers"][-1]["webhook_configs"][0]["http_config"]["oauth2"]["client_secret"] = "hunter6"

    assert "hunter" not in str([alertmanager.shown(each, after) for each in (before, after, changed)])
    shown = alertmanager.shown(changed, after)
    assert shown is not None
    assert shown["route"] == after["route"]
    assert shown["receivers"]["Slack"] == {
        "name": "Slack",
        "slack_configs": [{"api_url": "(hidden)", "send": "(hidden)"}],
    }
    assert shown["receivers"][NAME]["webhook_configs"] == [
        {
            "url": "(hidden)",
            "http_config": {"oauth2": {"client_id": "(hidden)", "client_secret": "(hidden, changed)"}},
        }
    ]
