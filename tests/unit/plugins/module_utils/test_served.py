from __future__ import annotations

from datetime import UTC, datetime

import pytest
from ansible_collections.seldon.openshift.plugins.filter.certificate_problems import certificate_problems
from ansible_collections.seldon.openshift.plugins.module_utils.credentials import served

from tests.pems import pair

HOST = "seldon.apps.example.com"
GOOD, OTHER, WILD = pair(HOST), pair(HOST), pair("*.apps.example.com")
OLD, EARLY, FOREIGN = pair(HOST, days=-3), pair(HOST, begins=5), pair("a.example.com", "*.example.com")
NAMED = pair(common_name=HOST)
LEAF = pair(HOST, issuer="company")


def judged(**texts: object) -> list[str]:
    return certificate_problems(texts, "route_", HOST)


@pytest.mark.parametrize(
    "texts",
    [
        {},
        {"certificate": "", "key": None, "ca": ""},
        {"certificate": GOOD.certificate, "key": GOOD.key},
        {"certificate": GOOD.certificate + OTHER.certificate, "key": GOOD.key},  # with what stands above it
        {"certificate": f"\n{GOOD.certificate}\n", "key": f"\n{GOOD.key}\n", "ca": OTHER.certificate},
        {"certificate": WILD.certificate, "key": WILD.key},
        {"certificate": NAMED.certificate, "key": NAMED.key},
        {"destination_ca": GOOD.certificate},
        {"destination_ca": f"of the company\n{GOOD.certificate}{OTHER.certificate}"},
    ],
)
def test_what_can_serve_is_no_problem(texts: dict[str, str]) -> None:
    assert judged(**texts) == []


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        ({"certificate": GOOD.certificate}, "route_certificate is given without route_key: "),
        ({"key": GOOD.key}, "route_key is given without route_certificate: "),
        ({"certificate": "MIIE", "key": GOOD.key}, "route_certificate holds no certificate: "),
        ({"certificate": GOOD.key, "key": GOOD.certificate}, "route_certificate holds no certificate: "),
        ({"certificate": GOOD.certificate, "key": "x"}, "route_key holds no private key: "),
        ({"certificate": GOOD.certificate, "key": OTHER.key}, "route_key is not the key of the first certificate"),
        ({"certificate": OTHER.certificate + GOOD.certificate, "key": GOOD.key}, "route_key is not the key of the"),
        ({"certificate": GOOD.certificate, "key": GOOD.locked}, "route_key is encrypted with a passphrase"),
        ({"certificate": OLD.certificate, "key": OLD.key}, "route_certificate has expired on "),
        ({"certificate": EARLY.certificate, "key": EARLY.key}, "route_certificate is valid from "),
        (
            {"certificate": FOREIGN.certificate, "key": FOREIGN.key},
            f"route_certificate is for a.example.com, *.example.com, not for {HOST}: ",
        ),
        ({"certificate": GOOD.certificate, "key": GOOD.key, "ca": "x"}, "route_ca holds no certificate: "),
        ({"destination_ca": "x"}, "route_destination_ca holds no certificate: "),
        ({"destination_ca": OLD.certificate}, "route_destination_ca: the certificate of CN=test has expired on "),
        ({"destination_ca": EARLY.certificate}, "route_destination_ca: the certificate of CN=test is valid from "),
        (
            {"destination_ca": GOOD.certificate + LEAF.certificate},
            "route_destination_ca: the certificate of CN=test is no authority's: give that of CN=company, which issued",
        ),
        ({"destination_ca": GOOD.certificate + GOOD.key}, "route_destination_ca holds a private key"),
        ({"certificate": 7, "key": GOOD.key}, "route_certificate is a number"),
    ],
)
def test_what_cannot_serve_is_told_without_a_key(texts: dict[str, str], told: str) -> None:
    found = judged(**texts)
    assert [problem[: len(told)] for problem in found] == [told]
    assert not any(line in str(found) for line in GOOD.key.splitlines()[1:-1])


@pytest.mark.parametrize(
    ("host", "fits"),
    [
        ("a.example.com", True),
        ("A.Example.com", True),
        ("b.example.com", True),
        ("x.b.example.com", False),
        ("example.com", False),
    ],
)
def test_a_wildcard_stands_for_one_label(host: str, fits: bool) -> None:
    assert served.read(FOREIGN.certificate).fits(host) is fits


def test_days_left() -> None:
    now = datetime.now(UTC)
    assert served.read(GOOD.certificate).days_left(now) in (89, 90)
    assert served.read(OLD.certificate).days_left(now) < 0
