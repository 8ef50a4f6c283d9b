"""Which requests fail."""

from __future__ import annotations

import itertools

from sandbox.fates import IN_A_ROW, KINDS, Fates, Request

READ = Request("GET", "/api/v1/pods")
WATCH = Request("GET", "/api/v1/pods", watch=True)
CREATE = Request("POST", "/api/v1/pods")
REPLACE = Request("PUT", "/api/v1/pods/a")
DELETE = Request("DELETE", "/api/v1/pods/a", conditional=True)


def drawn(fates: Fates, request: Request, count: int) -> list[str | None]:
    return [fates.draw(request)[0] for _ in range(count)]


def test_the_seed_decides_and_not_what_others_ask_meanwhile() -> None:
    alone = drawn(Fates(0.25, seed=7), READ, 100)
    busy = Fates(0.25, seed=7)
    among = []
    for number in range(100):
        busy.draw(Request("GET", f"/api/v1/nodes/{number}"))
        among.append(busy.draw(READ)[0])
    assert among == alone
    assert drawn(Fates(0.25, seed=8), READ, 100) != alone


def test_the_rate_is_kept() -> None:
    fates = Fates(0.25, seed=1)
    faults = [fates.draw(Request("GET", f"/api/v1/nodes/{number}"))[0] for number in range(4000)]
    assert 900 < len([fault for fault in faults if fault]) < 1100


def test_each_request_fails_only_as_a_server_could_let_it_fail() -> None:
    possible = {request: set(drawn(Fates(0.9, seed=1), request, 400)) - {None} for request in (READ, CREATE, WATCH)}
    assert possible[READ] == set(KINDS) - {"409", "lost", "drop-watch"}
    assert possible[CREATE] == possible[READ] | {"lost"}
    assert possible[WATCH] == possible[READ] | {"drop-watch"}
    for write in (REPLACE, DELETE):
        assert "409" in drawn(Fates(0.9, seed=1), write, 400)
    assert set(drawn(Fates(0.9, seed=1, kinds=["409", "lost"]), READ, 40)) == {None}


def test_no_request_fails_for_ever() -> None:
    faults = drawn(Fates(1.0, seed=1), READ, 60)
    rows = [len(list(group)) for failed, group in itertools.groupby(faults, key=bool) if failed]
    assert set(rows) == {IN_A_ROW}
