"""Does an address answer: statuses, redirects, certificates, and no way to it."""

from __future__ import annotations

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.checks.address import reached

from tests.web import HOST, Web


@pytest.mark.parametrize(
    ("status", "verdict"), [(200, "pass"), (302, "pass"), (404, "pass"), (401, "pass"), (500, "fail"), (503, "fail")]
)
def test_any_answer_of_a_server_behind_the_router_will_do(status: int, verdict: str) -> None:
    with Web(status, trusted=True):
        found = reached(f"https://{HOST}/", "look")
    assert (found.status, found.seen) == (verdict, f"HTTP {status}")


def test_a_certificate_that_is_not_trusted_is_told() -> None:
    with Web(200):
        found = reached(f"https://{HOST}/", "look")
    assert found.status == "warn"
    assert "HTTP 200, but its certificate is not trusted here: " in found.seen
    assert found.do.startswith(f"openssl s_client -connect {HOST}:443")


def test_a_certificate_for_another_name_is_told() -> None:
    with Web(200, trusted=True):
        found = reached("https://seldon.example.com/", "look")
    assert found.status == "warn"
    assert "mismatch" in found.seen


def test_what_does_not_work_comes_before_what_is_not_trusted() -> None:
    with Web(503):
        assert reached(f"https://{HOST}/", "look").status == "fail"


def test_no_way_to_it_is_no_fault_of_the_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("https_proxy", raising=False)
    found = reached("https://seldon.invalid/", "look")
    assert found.status == "skipped"
    assert found.seen.startswith("not reachable from here: ")
