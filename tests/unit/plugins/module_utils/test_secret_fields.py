from __future__ import annotations

import base64
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.apply.secret_fields import filled
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import EngineError
from ansible_collections.seldon.openshift.plugins.module_utils.kube.objects import Reference

Object = dict[str, Any]
ROUTE: Object = {
    "apiVersion": "route.openshift.io/v1",
    "kind": "Route",
    "metadata": {"name": "r", "namespace": "n"},
    "spec": {"host": "h", "tls": {"termination": "edge"}},
}
OTHER: Object = {**ROUTE, "metadata": {"name": "other", "namespace": "n"}}
ENTRY = {
    "kind": "Route",
    "name": "r",
    "secret": "s",
    "fields": {"spec.tls.certificate": "tls.crt", "spec.tls.key": "tls.key"},
    "optional": {"spec.tls.caCertificate": "ca.crt"},
    "foreseen": {},
}


class Cluster:
    """A client that knows one Secret."""

    def __init__(self, check_mode: bool = False, **data: str) -> None:
        self.check_mode = check_mode
        self._data = {key.replace("_", "."): base64.b64encode(text.encode()).decode() for key, text in data.items()}

    def get(self, reference: Reference, deadline: float) -> Object | None:
        assert str(reference) == "Secret n/s"
        return {"data": self._data} if self._data else None


def test_values_come_from_the_secret_and_leave_the_rest() -> None:
    done, told = filled(Cluster(tls_crt="C", tls_key="K"), [OTHER, ROUTE], [ENTRY], 0)  # type: ignore[arg-type]
    assert done == [
        OTHER,
        {**ROUTE, "spec": {"host": "h", "tls": {"termination": "edge", "certificate": "C", "key": "K"}}},
    ]
    assert told == []
    assert "key" not in ROUTE["spec"]["tls"]


def test_what_is_optional_is_taken_where_it_is() -> None:
    done, _ = filled(Cluster(tls_crt="C", tls_key="K", ca_crt="A"), [ROUTE], [ENTRY], 0)  # type: ignore[arg-type]
    assert done[0]["spec"]["tls"]["caCertificate"] == "A"


@pytest.mark.parametrize(("data", "absent"), [({}, "tls.crt, tls.key"), ({"tls_crt": "C", "tls_key": " "}, "tls.key")])
def test_a_key_that_is_missing_ends_it_before_a_write(data: dict[str, str], absent: str) -> None:
    with pytest.raises(
        EngineError, match=f"Secret n/s has no {absent}, which Route n/r needs. Type: oc create secret tls s"
    ):
        filled(Cluster(**data), [ROUTE], [ENTRY], 0)  # type: ignore[arg-type]
    done, told = filled(Cluster(check_mode=True, **data), [ROUTE], [ENTRY], 0)  # type: ignore[arg-type]
    assert done == [ROUTE]
    assert len(told) == 1


@pytest.mark.parametrize(("check_mode", "key"), [(True, "new"), (False, "K")])
def test_check_mode_knows_what_an_earlier_task_would_have_written(check_mode: bool, key: str) -> None:
    entry = {**ENTRY, "foreseen": {"tls.key": "new"}}
    done, told = filled(Cluster(check_mode, tls_crt="C", tls_key="K"), [ROUTE], [entry], 0)  # type: ignore[arg-type]
    assert (done[0]["spec"]["tls"]["key"], told) == (key, [])


def test_nothing_is_read_for_nothing() -> None:
    assert filled(None, [ROUTE], [], 0) == ([ROUTE], [])  # type: ignore[arg-type]
