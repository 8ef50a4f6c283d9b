from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import EngineError
from ansible_collections.seldon.openshift.plugins.module_utils.shared import log_forwarder as logs

Object = dict[str, Any]


def pipeline(name: str | None, inputs: str, outputs: str) -> Object:
    references = {"inputRefs": inputs.split(), "outputRefs": outputs.split()}
    return references if name is None else {"name": name, **references}


OURS = {"inputs": [{"name": "pods", "application": {}}], "outputs": [{"name": "es", "url": "u"}]} | {
    "pipelines": [pipeline("logs", "pods", "es")]
}
THEIRS = {"inputs": [{"name": "web"}], "outputs": [{"name": "archive"}]} | {
    "pipelines": [pipeline("audit", "audit", "archive"), pipeline(None, "web", "default")]
}
BOTH = {part: THEIRS[part] + OURS[part] for part in logs.LISTS}


def forwarder(spec: Object) -> Object:
    return {**logs.forwarder("openshift-logging"), "spec": spec}


@pytest.mark.parametrize(
    ("there", "with_ours", "without_ours"),
    [
        ({}, OURS, {}),
        (THEIRS, BOTH, THEIRS),
        (BOTH, BOTH, THEIRS),
        (
            {**BOTH, "outputs": [{"name": "es", "url": "older", "tls": {}}, *THEIRS["outputs"]]},
            {**BOTH, "outputs": [*OURS["outputs"], *THEIRS["outputs"]]},
            THEIRS,
        ),
        (OURS, OURS, None),
        ({**OURS, "outputDefaults": {"x": 1}}, {**OURS, "outputDefaults": {"x": 1}}, {"outputDefaults": {"x": 1}}),
    ],
)
def test_only_our_parts_come_and_go(there: Object, with_ours: Object, without_ours: Object | None) -> None:
    assert logs.with_parts(OURS)(forwarder(there)) == forwarder(with_ours)
    left = logs.without_parts(OURS)(forwarder(there))
    assert ({key: value for key, value in left["spec"].items() if value} if left else None) == without_ours


@pytest.mark.parametrize(
    ("theirs", "left"),
    [
        (pipeline("p", "audit pods", "es archive"), pipeline("p", "audit", "archive")),
        (pipeline(None, "pods", "archive"), None),
        (pipeline("p", "audit", "es"), None),
        (pipeline("p", "audit", "archive"), pipeline("p", "audit", "archive")),
    ],
)
def test_no_pipeline_refers_to_what_was_removed(theirs: Object, left: Object | None) -> None:
    before = forwarder({**BOTH, "pipelines": [theirs, *BOTH["pipelines"]]})
    after = logs.without_parts(OURS)(before)
    assert after is not None
    assert after["spec"]["pipelines"] == ([left] if left else []) + THEIRS["pipelines"]
    assert logs.touched(before, after, OURS) == ([] if left == theirs else [theirs.get("name", "(unnamed)")])


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"inputs": [{"application": {}}]}, "inputs: each needs a name"),
        ({"outputs": [{"name": "es"}, {"name": "es"}]}, "outputs: es is given more than once"),
        ({"inputs": [{"name": "audit"}]}, "inputs: audit exists in every forwarder"),
        ({"outputs": [{"name": "default"}]}, "outputs: default exists in every forwarder"),
        ({"pipelines": [pipeline("logs", "pods nope", "es")]}, "pipeline logs refers to inputs .*: nope"),
        ({"outputs": []}, "pipeline logs refers to outputs .*: es"),
    ],
)
def test_what_the_operator_would_not_accept_is_refused(wrong: Object, told: str) -> None:
    def put(parts: Object) -> None:
        logs.check(parts)
        logs.with_parts(parts)(forwarder(THEIRS))

    with pytest.raises(EngineError, match=told):
        put({**OURS, **wrong})
