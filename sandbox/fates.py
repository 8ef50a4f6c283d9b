"""Which requests fail, and how: decided by a seed, not by the order in which concurrent requests happen to arrive."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

# What a busy cluster and the load balancer in front of it do; `lost` lets a creation arrive and its answer not, and
# `drop-watch` cuts or garbles a watch that has begun.
KINDS = ("429", "500", "503", "409", "reset", "lost", "delay", "drop-watch")
IN_A_ROW = 5


@dataclass(frozen=True)
class Request:
    """What decides over a request: `conditional` says that it names the version or incarnation that it expects."""

    method: str
    path: str
    watch: bool = False
    conditional: bool = False

    def may_get(self, kind: str) -> bool:
        """Tell whether a real server could answer this request so."""
        if kind == "409":
            return self.method in ("PUT", "PATCH") or self.conditional
        if kind == "lost":
            return self.method == "POST"
        return kind != "drop-watch" or self.watch


class Fates:
    """Draws a fate for each request. The n-th request of one method and path has the same fate under the same seed."""

    def __init__(self, rate: float, seed: int, kinds: Iterable[str] = KINDS) -> None:
        """Let `rate` (0..1) of the requests fail in the ways `kinds`; the same request never more than five times."""
        self._rate = rate
        self._seed = seed
        self._kinds = tuple(kinds)
        self._asked: Counter[Request] = Counter()
        self._failed: Counter[Request] = Counter()

    def draw(self, request: Request) -> tuple[str | None, random.Random]:
        """Return the kind of fault, None for none, and the source of all further chance in it."""
        self._asked[request] += 1
        chance = random.Random(f"{self._seed} {request} {self._asked[request]}")  # noqa: S311 (protects nothing)
        possible = [kind for kind in self._kinds if request.may_get(kind)]
        if not possible or chance.random() >= self._rate or self._failed[request] == IN_A_ROW:
            self._failed[request] = 0
            return None, chance
        self._failed[request] += 1
        return chance.choice(possible), chance
