# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Installing operators: check all, request all, then walk them through OLM together."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from ..kube.client import Client
from ..kube.errors import ApiError, EngineError, Unreachable
from ..kube.objects import Reference, section
from ..kube.polling import Progress
from ..kube.retry import is_transient
from ..readiness.state import Failed, Progressing, Ready, State
from ..waiting.grace import Explain, GracePeriod, unexplained
from ..waiting.progress import ProgressLog
from .machine import advance, request
from .model import Installed, Operator, Snapshot, Stuck, Write
from .observe import Observer

TICK_SECONDS = 2.0


@dataclass
class OperatorStatus:
    """How far one operator got: what was (in check mode: would be) done for it, its last state, what was observed.

    repaired: what was found that OLM does not get out of by itself, and what was done; empty for nothing. deleted: what
    was, for that.
    """

    operator: Operator
    actions: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    repaired: str = ""
    state: State = field(default_factory=lambda: Progressing("not checked yet"))
    snapshot: Snapshot = field(default_factory=Snapshot)


class Installer:
    """One task's installation. The decisions are in `machine`; this class reads, writes and keeps the time."""

    def __init__(
        self,
        client: Client,
        operators: Sequence[Operator],
        deadline: float,
        progress: Progress,
        explain: Explain = unexplained,
        bound: bool = True,
        meanwhile: Sequence[Operator] = (),
    ) -> None:
        """Work on `operators` until `deadline` (seconds of time.monotonic()), saying through `progress` what moves.

        `explain` adds to a state what the version's pods say. bound: whether one is done only when OLM has noted its
        version in the Subscription. meanwhile: others that were requested before, seen on while these take time.
        """
        self._client = client
        self._bound = bound
        self._deadline = deadline
        self._explain = explain
        self._log = ProgressLog(progress, time.monotonic())
        self._observer = Observer(client, operators, deadline)
        self._written: set[tuple[str, Reference]] = set()  # verb and object
        self.results = {operator: OperatorStatus(operator) for operator in operators}
        known = {operator.title for operator in operators}
        self._others = {operator: OperatorStatus(operator) for operator in meanwhile if operator.title not in known}
        self._also: Observer | None = None

    def install(self, wait: bool) -> list[OperatorStatus]:
        """Request everything and, with `wait`, see it through; in check mode only say what would be written.

        Nothing is written while one of the operators cannot be had. Raises EngineError when the cluster can't be read
        or refuses a write.
        """
        with self._observer, ExitStack() as stack:
            self._observer.complete()
            if self._until_final(self._request) and not self._client.check_mode and wait:
                if self._others and not self._done():
                    stack.enter_context(self.meanwhile_observed())
                self._until_final(self._advance)
            elif not self._failed():
                self._once(self._advance)
        return list(self.results.values())

    @property
    def meanwhile(self) -> list[OperatorStatus]:
        """The operators of `meanwhile` for which something was written."""
        return [result for result in self._others.values() if result.actions]

    @contextmanager
    def meanwhile_observed(self) -> Iterator[Observer]:
        """Observe the operators of `meanwhile`, for `advance_meanwhile`. Raises EngineError when it cannot."""
        with Observer(self._client, list(self._others), self._deadline) as self._also:
            self._also.complete()  # a plan without the version that it has brought looks as if it were new
            yield self._also

    def advance_meanwhile(self) -> None:
        """Take the next step of what others wait for later, as far as it is known; what fails is theirs to tell."""
        if self._also is None:
            return
        worlds = {o.namespace: self._also.snapshot(o.namespace) for o in self._others}
        for operator in self._others:
            step = advance(operator, self._neighbours(operator), worlds[operator.namespace])
            if isinstance(step, Write):
                self._write(operator, step)

    def _done(self) -> bool:
        return all(isinstance(state, Ready) for state in self._advance().values())

    def _until_final(self, stage: Callable[[], dict[Operator, State]]) -> bool:
        """Repeat a stage until all operators are Ready (True), or one has failed or the time is over (False)."""
        grace = {operator: GracePeriod(time.monotonic()) for operator in self.results}
        while True:
            states, now = stage(), time.monotonic()
            for operator, state in states.items():
                result = self.results[operator]
                state = states[operator] = self._explain(result.snapshot.current(operator), state, now)
                hasty = self._client.check_mode and isinstance(state, Failed)
                result.state = state if hasty else grace[operator].verdict(state, now)
                if isinstance(result.state, Stuck) and self._may_repair(result):
                    result.state = states[operator] = self._repair(result, result.state)
                    grace[operator] = GracePeriod(now)
                if isinstance(state, Installed) or not isinstance(state, Ready):
                    said = result.state.reason
                    self._log.tell(operator.title, said, now, final=isinstance(state, Installed))
            waiting = [r for r in self.results.values() if not isinstance(r.state, Ready)]
            if not waiting or now >= self._deadline or self._client.check_mode:
                return not waiting
            if self._failed():
                # The end of one ends the task: what was still in its grace period with the others is told, too.
                for operator, state in states.items():
                    if isinstance(state, Failed):
                        self.results[operator].state = state
                return False
            self._log.remind([r.operator.title for r in waiting], now)
            self._observer.informer.wait(min(TICK_SECONDS, self._deadline - now))
            self._observer.informer.check()

    def _failed(self) -> bool:
        return any(isinstance(r.state, Failed) for r in self.results.values())

    def _may_repair(self, result: OperatorStatus) -> bool:
        """Tell whether a repair is wanted: once a run, as what comes back has another cause."""
        return result.operator.repair and not result.repaired

    def _repair(self, result: OperatorStatus, found: Stuck) -> State:
        """Delete what keeps OLM from going on, or in check mode note it; return the state after that."""
        operator = result.operator
        if not found.writes:
            return found
        in_two_steps = found.first and not result.deleted and not self._client.check_mode
        writes = found.first if in_two_steps else found.writes
        for write in writes:
            if unsettled := self._write(operator, write):
                return unsettled
        result.deleted += [write.says for write in writes]
        if in_two_steps:
            return Progressing(f"being repaired after this: {found.found}")
        done = "To be repaired" if self._client.check_mode else "Repaired"
        result.repaired = f"{operator.title}: {found.found}. {done}: {', '.join(result.deleted)}"
        if self._client.check_mode:
            return Ready("would be repaired")
        # What goes has to be asked for again.
        self._written -= {("create", write.reference) for write in found.writes}
        return Progressing(f"repaired after this: {found.found}")

    def _request(self) -> dict[Operator, State]:
        """Check all operators; when all can be had, write what they need."""
        worlds = {o.namespace: self._observer.snapshot(o.namespace) for o in self.results}
        plans: dict[Operator, list[Write]] = {}
        states: dict[Operator, State] = {}
        for operator in self.results:
            snapshot = worlds[operator.namespace]
            self._look_up(operator, snapshot)
            decision = request(operator, snapshot)
            self.results[operator].snapshot = snapshot
            if isinstance(decision, list):
                plans[operator] = decision
                _fold(decision, snapshot)
                states[operator] = Ready("requested")
            else:
                states[operator] = decision
        if len(plans) < len(states):
            held = Progressing("available; nothing is requested until all operators of this task are available")
            return {operator: held if operator in plans else state for operator, state in states.items()}
        for operator, writes in plans.items():
            for write in writes:
                if unsettled := self._write(operator, write):
                    states[operator] = unsettled
                    break
        return states

    def _look_up(self, operator: Operator, snapshot: Snapshot) -> None:
        live = snapshot.subscription(operator.name)
        installed = section(live, "status").get("installedCSV") if live else None
        # What is installed as wanted needs no catalogue: a second run costs no request for it and survives its loss.
        as_wanted = installed and operator.pin in (None, installed)
        if as_wanted and operator.channel in (None, section(live, "spec").get("channel")):
            return
        self._observer.look_up(operator, snapshot)

    def _advance(self) -> dict[Operator, State]:
        """Take the next step of every operator: approve what may be approved, else see how far it is."""
        worlds = {o.namespace: self._observer.snapshot(o.namespace) for o in self.results}
        states: dict[Operator, State] = {}
        for operator in self.results:
            snapshot = self.results[operator].snapshot = worlds[operator.namespace]
            states[operator] = self._step(operator, snapshot)
        self.advance_meanwhile()
        return states

    def _step(self, operator: Operator, snapshot: Snapshot) -> State:
        if self.results[operator].repaired and snapshot.subscription(operator.name) is None:
            return self._request_again(operator, snapshot)
        step = advance(operator, self._neighbours(operator), snapshot)
        if isinstance(step, Installed) and self._bound and not step.bound:
            return Progressing(f"{step.csv} serves; OLM has yet to note it in the Subscription")
        return (self._write(operator, step) or Progressing(step.says)) if isinstance(step, Write) else step

    def _neighbours(self, operator: Operator) -> list[Operator]:
        return [o for o in (*self.results, *self._others) if o.namespace == operator.namespace]

    def _request_again(self, operator: Operator, snapshot: Snapshot) -> State:
        """Write what the operator needs after a repair has deleted its Subscription."""
        self._look_up(operator, snapshot)
        decision = request(operator, snapshot)
        if not isinstance(decision, list):
            return decision
        unsettled = [state for write in decision if (state := self._write(operator, write))]
        return unsettled[0] if unsettled else Progressing("requested again")

    def _once(self, stage: Callable[[], dict[Operator, State]]) -> None:
        """Look once at how far the operators are, without judging."""
        for operator, state in stage().items():
            result = self.results[operator]
            if isinstance(state, Stuck) and self._client.check_mode and self._may_repair(result):
                self._repair(result, state)
            result.state = state if isinstance(state, Installed) else Ready("requested")

    def _write(self, operator: Operator, write: Write) -> Progressing | None:
        """Make one change, once; in check mode only note it.

        Return what came between, when another client was faster or the answer was lost: then the cluster is looked at
        again. Raises EngineError for a refusal.
        """
        if (write.verb, write.reference) in self._written:
            return None
        unsettled: Progressing | None = None
        done = True
        try:
            if not self._client.check_mode:
                self._execute(write)
                self._log.tell(operator.title, write.says, time.monotonic())
            self._written.add((write.verb, write.reference))
        except ApiError as error:
            if error.status != 409 and not is_transient(error, idempotent=True):
                raise EngineError(f"could not {write.says}: {error}") from error
            unsettled, done = Progressing(f"could not {write.says} yet: {error}"), error.status != 409
        except Unreachable as error:
            if error.permanent:
                raise
            unsettled = Progressing(f"could not {write.says} yet: {error}")
        # What was lost on the way back may have been done: better told once too often.
        actions = (self.results.get(operator) or self._others[operator]).actions
        if done and write.says not in actions:
            actions.append(write.says)
        return unsettled

    def _execute(self, write: Write) -> None:
        if write.verb == "create":
            self._client.create(write.obj, deadline=self._deadline)
        elif write.verb == "patch":
            self._client.patch(write.obj, write.body, deadline=self._deadline)
        else:
            self._client.delete(write.reference, deadline=self._deadline)


def _fold(writes: Sequence[Write], snapshot: Snapshot) -> None:
    """Let the next operator of the namespace see what will have been created for this one."""
    for write in writes:
        if write.obj["kind"] == "Namespace":
            snapshot.namespace = snapshot.ours = True
        elif write.verb == "create":
            (snapshot.groups if write.obj["kind"] == "OperatorGroup" else snapshot.subscriptions).append(write.obj)
