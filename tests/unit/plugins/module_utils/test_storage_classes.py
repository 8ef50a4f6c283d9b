"""Which class a claim gets that names none; what a server does with it: tests/integration/test_preflight.py."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import ApiError
from ansible_collections.seldon.openshift.plugins.module_utils.kube.storage_classes import (
    ANNOTATIONS,
    default_class,
    defaults,
    version_that_judges,
)

Object = dict[str, Any]
GA, BETA = ANNOTATIONS
EARLY, LATE = "2022-01-01T00:00:00Z", "2022-06-01T00:00:00Z"


def storage_class(name: str, created: str = EARLY, **marks: str) -> Object:
    annotations = {{"ga": GA, "beta": BETA}[key]: value for key, value in marks.items()}
    return {"metadata": {"name": name, "creationTimestamp": created, "annotations": annotations}}


PLAIN = storage_class("plain")
MARKED = storage_class("marked", ga="true")


@pytest.mark.parametrize(
    ("classes", "older", "newer"),
    [
        ([], None, None),
        ([PLAIN], None, None),
        ([{"metadata": {"name": "bare"}}, MARKED], "marked", "marked"),
        ([PLAIN, storage_class("beta", beta="true")], "beta", "beta"),
        ([storage_class("both", ga="false", beta="true")], "both", "both"),
        ([storage_class("other", ga="True"), storage_class("no", ga="false")], None, None),
        # Kubernetes before 1.26 refuses a claim when there are several.
        ([MARKED, storage_class("young", LATE, ga="true")], None, "young"),
        ([storage_class("young", LATE, beta="true"), MARKED], None, "young"),
        ([storage_class("b", ga="true"), storage_class("a", ga="true")], None, "a"),
        ([storage_class("a", ga="true", beta="true")], "a", "a"),
    ],
)
def test_the_class_of_a_claim_that_names_none(classes: list[Object], older: str | None, newer: str | None) -> None:
    for version in ((1, 24), (1, 25), ()):
        assert default_class(classes, version) == older
    for version in ((1, 26), (1, 33), (2, 0)):
        assert default_class(classes, version) == newer
    assert default_class(classes) == newer


class Server:
    """Answers to /version, or not."""

    def __init__(self, told: str | ApiError) -> None:
        self.told = told
        self.asked = 0

    def request(self, _method: str, path: str) -> Object:
        assert path == "/version"
        self.asked += 1
        if isinstance(self.told, ApiError):
            raise self.told
        return {"major": "1", "minor": "24+", "gitVersion": self.told}


@pytest.mark.parametrize(
    ("told", "version"),
    [("v1.24.6+5658434", (1, 24)), ("v1.26.0", (1, 26)), ("", ()), ("devel", ()), (ApiError(403), ())],
)
def test_the_version_is_asked_for_only_where_it_decides(told: Any, version: tuple[int, ...]) -> None:
    server: Any = Server(told)
    assert version_that_judges(server, [MARKED, storage_class("b", ga="true")]) == version
    assert server.asked == 1
    version_that_judges(server, [MARKED, PLAIN])
    assert server.asked == 1


def test_defaults_come_in_the_order_in_which_the_server_prefers_them() -> None:
    classes = [storage_class("b", ga="true"), storage_class("c", LATE, ga="true"), storage_class("a", ga="true"), PLAIN]
    assert [each["metadata"]["name"] for each in defaults(classes)] == ["c", "a", "b"]
