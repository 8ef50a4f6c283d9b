"""What the simulated webhooks of Knative complete and refuse, in Knative's words."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.kube import Object
from sandbox.operators.knative_eventing import webhooks
from sandbox.operators.serverless.install import eligible
from sandbox.simulator.admission import Denied

CONFIG = {"apiVersion": "v1", "kind": "ConfigMap", "name": "config-br-default-channel", "namespace": "knative-eventing"}


def broker(annotations: dict[str, str] | None = None, **spec: Any) -> Object:
    return {"kind": "Broker", "metadata": {"name": "default", "annotations": annotations or {}}, "spec": spec}


def request(obj: Object | None, before: Object | None = None) -> Object:
    return {"object": obj, "oldObject": before, "namespace": "seldon-logs", "userInfo": {"username": "jane"}}


def test_a_broker_is_completed() -> None:
    done = webhooks.default(request({"kind": "Broker", "metadata": {"name": "default"}}))
    assert done["spec"] == {
        "config": CONFIG,
        "delivery": {"backoffDelay": "PT0.2S", "backoffPolicy": "exponential", "retry": 10},
    }
    assert done["metadata"]["annotations"] == {
        "eventing.knative.dev/broker.class": "MTChannelBasedBroker",
        "eventing.knative.dev/creator": "jane",
        "eventing.knative.dev/lastModifier": "jane",
    }


def test_a_trigger_is_completed() -> None:
    ref = {"apiVersion": "v1", "kind": "Service", "name": "logger"}
    trigger = {"kind": "Trigger", "metadata": {"name": "t"}, "spec": {"subscriber": {"ref": ref}}}
    done = webhooks.default(request(trigger))
    subscriber = {"ref": ref | {"namespace": "seldon-logs"}}
    assert done["spec"] == {"broker": "default", "filter": {}, "subscriber": subscriber}
    assert done["metadata"]["labels"] == {"eventing.knative.dev/broker": "default"}


IMMUTABLE = 'validation failed: Immutable {} changed (-old +new): {}\n{}:\n\t-: "{}"\n\t+: "{}"\n'
STRUCT = "&{Kind:ConfigMap Namespace:knative-eventing Name:config-br-default-channel APIVersion:v1 Group:}"
CLASS = "eventing.knative.dev/broker.class"


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        pytest.param(
            {"kind": "Broker", "metadata": {"name": "default"}},
            broker(config=CONFIG),
            IMMUTABLE.format("fields", "spec", "{v1.BrokerSpec}.Config", "<nil>", STRUCT),
            id="accepted before the webhook had rules: nothing can be changed any more",
        ),
        pytest.param(
            broker(config=CONFIG),
            broker(config=CONFIG | {"name": "other"}),
            IMMUTABLE.format("fields", "spec", "{v1.BrokerSpec}.Config.Name", CONFIG["name"], "other"),
            id="another configuration",
        ),
        pytest.param(
            broker({CLASS: "MTChannelBasedBroker"}, config=CONFIG),
            broker({CLASS: "Other"}, config=CONFIG),
            IMMUTABLE.format("annotations", "annotations", "{string}", "MTChannelBasedBroker", "Other"),
            id="another class",
        ),
        pytest.param(
            None,
            broker(config={"kind": "ConfigMap"}),
            "validation failed: missing field(s): spec.config.apiVersion, spec.config.name",
            id="half a configuration",
        ),
    ],
)
def test_what_a_broker_may_not_be(before: Object | None, after: Object, message: str) -> None:
    with pytest.raises(Denied) as caught:
        webhooks.validate(request(after, before))
    assert caught.value.status == {"message": message, "code": 400, "reason": "BadRequest"}


@pytest.mark.parametrize("after", [broker(config=CONFIG, delivery={"retry": 3}), None])
def test_delivery_may_change_and_a_broker_may_go(after: Object | None) -> None:
    webhooks.validate(request(after, broker(config=CONFIG)))


@pytest.mark.parametrize(
    ("installed", "wanted", "fine"),
    [
        ("", "1.3", True),
        ("1.5.0", None, True),
        ("1.5.0", "latest", True),
        ("1.5.0", "1.4", True),
        ("1.5.0", "1.3", False),
    ],
)
def test_versions_one_minor_apart_are_eligible(installed: str, wanted: str | None, fine: bool) -> None:
    status = {"version": installed} if installed else {}
    assert eligible({"spec": {"version": wanted}, "status": status}) is fine
