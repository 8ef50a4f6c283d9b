"""What the simulated Cluster Logging finds in a forwarder, and what changes the collector's configuration."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from sandbox.kube import Object
from sandbox.operators.logging.verification import Verified, verify

READY = [("Ready", "True", "", "")]
GOOD = {"username": "elastic", "password": "secret"}
URL = "https://elasticsearch-seldon-es-http.seldon-logs:9200"
OUTPUT = {"name": "es", "type": "elasticsearch", "url": URL, "secret": {"name": "login"}}
PIPELINE = {"name": "logs", "inputRefs": ["pods"], "outputRefs": ["es"]}
NO_OUTPUT = "invalid: unrecognized outputs: [es], no valid outputs"


def checked(secret: dict[str, str] | None = None, **spec: Any) -> Verified:
    """Verify the guide's forwarder with other parts; `secret` None means the good one, {} that it is missing."""
    encoded = {key: base64.b64encode(value.encode()).decode() for key, value in (secret or {}).items()}
    found: Object | None = {"data": encoded} if secret else None
    whole = {"inputs": [{"name": "pods", "application": {}}], "outputs": [OUTPUT], "pipelines": [PIPELINE]} | spec
    return verify(whole, lambda name: found if name == "login" else None)


def test_the_cluster_s_own_log_store_is_an_output_where_there_is_one() -> None:
    spec = {"pipelines": [{"name": "kept", "inputRefs": ["application"], "outputRefs": ["default"]}]}
    assert verify(spec, lambda _: None, store=True).overall == READY
    assert verify(spec, lambda _: None).overall == failed("Invalid", "all pipelines invalid: [kept]")


def failed(reason: str, message: str) -> list[tuple[str, str, str, str]]:
    return [("Ready", "False", reason, message)]


def test_the_guide_s_forwarder_is_good() -> None:
    found = checked(GOOD)
    assert (found.overall, found.inputs, found.outputs, found.pipelines) == (
        READY,
        {"pods": READY},
        {"es": READY},
        {"logs": READY},
    )


@pytest.mark.parametrize(
    ("secret", "output", "verdict"),
    [
        ({}, OUTPUT, failed("MissingResource", 'secret "login" not found')),
        (
            {"username": "elastic", "password": ""},
            OUTPUT,
            failed("MissingResource", "cannot have username without password"),
        ),
        (GOOD, OUTPUT | {"url": None}, failed("Invalid", "URL is required for output type elasticsearch")),
    ],
)
def test_a_bad_output_makes_its_only_pipeline_bad(secret: dict[str, str], output: Object, verdict: object) -> None:
    found = checked(secret, outputs=[output])
    assert found.outputs == {"es": verdict}
    assert found.pipelines == {"logs": failed("Invalid", NO_OUTPUT)}
    assert found.overall == failed("Invalid", "all pipelines invalid: [logs]")
    assert (found.inputs, found.configuration) == ({}, {})


DEGRADED = ("Degraded", "True", "Invalid")
SOME = ("Ready", "True", "Invalid", "Some pipelines are degraded or invalid")


@pytest.mark.parametrize(
    ("pipelines", "overall", "verdicts"),
    [
        pytest.param(
            [PIPELINE | {"inputRefs": ["nope"]}],
            failed("Invalid", "all pipelines invalid: [logs]"),
            {"logs": failed("Invalid", "invalid: unrecognized inputs: [nope], no valid inputs")},
            id="unknown input",
        ),
        pytest.param(
            [PIPELINE | {"outputRefs": ["es", "default"]}],
            [(*DEGRADED, "degraded pipelines: invalid [], degraded [logs]"), SOME],
            {"logs": [(*DEGRADED, "invalid: unrecognized outputs: [default]"), *READY]},
            id="one good and one unknown output",
        ),
        pytest.param(
            [PIPELINE, {"name": "bad", "inputRefs": ["audit"], "outputRefs": ["nope"]}],
            [(*DEGRADED, "degraded pipelines: invalid [bad], degraded []"), *READY],
            {"logs": READY, "bad": failed("Invalid", "invalid: unrecognized outputs: [nope], no valid outputs")},
            id="a second pipeline that is bad",
        ),
        pytest.param(
            [PIPELINE, PIPELINE],
            [(*DEGRADED, "degraded pipelines: invalid [pipeline_1_], degraded []"), *READY],
            {"logs": READY, "pipeline_1_": failed("Invalid", 'duplicate name "logs"')},
            id="the same name twice",
        ),
        pytest.param([], READY, {}, id="no pipelines: ready all the same"),
    ],
)
def test_pipelines(pipelines: list[Object], overall: object, verdicts: object) -> None:
    found = checked(GOOD, pipelines=pipelines)
    assert (found.overall, found.pipelines) == (overall, verdicts)


def test_an_input_with_a_reserved_name_is_dropped() -> None:
    found = checked(GOOD, inputs=[{"name": "application", "application": {}}])
    assert found.pipelines == {"logs": failed("Invalid", "invalid: unrecognized inputs: [pods], no valid inputs")}


def test_json_without_an_index_is_refused_as_a_whole_and_the_old_maps_stay() -> None:
    found = checked(GOOD, pipelines=[PIPELINE | {"parse": "json"}])
    status = found.status({"conditions": [], "outputs": {"old": []}})
    assert found.overall[0][3].startswith("validation failed: structuredTypeKey or structuredTypeName must be defined")
    assert status["outputs"] == {"old": []}
    index = {"structuredTypeKey": "kubernetes.namespace_name"}
    assert (
        checked(GOOD, pipelines=[PIPELINE | {"parse": "json"}], outputs=[OUTPUT | {"elasticsearch": index}]).overall
        == READY
    )


@pytest.mark.parametrize(
    ("change", "rolls"),
    [
        ({"secret": GOOD | {"password": "another"}}, False),
        ({"secret": GOOD | {"ca-bundle.crt": "PEM"}}, True),
        ({"secret": GOOD, "outputs": [OUTPUT | {"url": "https://other:9200"}]}, True),
    ],
)
def test_values_in_a_secret_do_not_change_the_configuration(change: dict[str, Any], rolls: bool) -> None:
    assert (checked(**change).hash != checked(GOOD).hash) is rolls
