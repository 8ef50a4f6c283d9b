# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""One object's server-side apply under a policy: what is ours is put right, what is others' only as the policy says."""

from __future__ import annotations

import json
import time
from dataclasses import replace

from ..kube.client import FIELD_MANAGER, Client
from ..kube.errors import ApiError, EngineError, Unreachable
from ..kube.objects import Kind, Object, Reference
from ..kube.polling import Progress
from ..kube.retry import JSON_PATCH, is_ownership_conflict, is_transient
from .changes import CHANGED, LEFT, REFUSED, REJECTED, TAKEN, TAKEN_BACK, Change, changes
from .contention import Conflict, also_ours, at, conflicts, without
from .foreseen import completed
from .outcome import Outcome, differs, explain
from .ownership import carries_us, is_current
from .policy import ADOPT, HEAL, Policy, is_person
from .previous import keep
from .steps import Steps
from .withdrawn import Withdrawal, is_same, json_patch, required_of, with_them, withdrawals, withdrawn

# A webhook's or the schema's refusal of the whole object.
_REJECTED = (400, 403, 422)


class Writer:
    """Applies objects, one at a time; many threads may use it at once."""

    def __init__(self, client: Client, policy: Policy, deadline: float, progress: Progress) -> None:
        """`deadline` is in seconds of `time.monotonic()`."""
        self._client = client
        self._policy = policy
        self._deadline = deadline
        self._progress = progress

    def may_replace(self, live: Object, desired: Object) -> bool:
        """Say whether `live` may be deleted for a new one: it is ours, or a bare one, which tells nobody's name."""
        return carries_us(live) or self._policy.consents or is_current(desired, live)

    def write(self, desired: Object, before: Object | None) -> Outcome:
        """Apply `desired`, which is other than `before`, and return the outcome. Raises EngineError."""
        try:
            if before is not None and not carries_us(before):
                return self._tell(self._adopt(desired, before))
            return self._tell(self._settle(desired, before))
        except ApiError as error:
            if not self._client.foresees(error):
                raise
            return self._foresee(desired, before)

    def _foresee(self, desired: Object, before: Object | None) -> Outcome:
        """Return the outcome for check mode where the API server may not be asked, from the values alone."""
        if before is None:
            return Outcome(desired, "created", before=before, after=desired)
        after = completed(desired, before)
        found = changes(before, after, TAKEN_BACK if carries_us(before) else CHANGED)
        if not carries_us(before) and not self._policy.consents and not all(change.harmless for change in found):
            return _of_others(desired, before, after, found)
        if self._policy.conflicts == HEAL:
            found = [self._taken(self._left(change, Kind.of(desired))) for change in found]
        action = "updated" if any(change.fate != LEFT for change in found) else "unchanged"
        return Outcome(desired, action, before=before, after=after, fields=found)

    def _apply(self, desired: Object, before: Object | None, fate: str) -> Outcome:
        """Apply; `fate` is what becomes of fields that people's clients hold."""
        try:
            after = self._client.apply(desired, self._policy.forces, deadline=self._deadline)
        except ApiError as error:
            if error.status != 409 or not is_ownership_conflict(error):
                raise
            return self._contend(desired, error, fate)
        return _outcome(desired, before, after, fate)

    def _settle(self, desired: Object, before: Object | None) -> Outcome:
        """Apply, with more steps where something that we applied earlier can't just be left out."""
        live, required = before, set[Steps]()
        while before is not None and live is not None:
            found = withdrawals(desired, live, required)
            try:
                if found:
                    return self._withdraw(desired, before, live, found)
                return self._apply(desired, before, TAKEN_BACK)
            except (ApiError, Unreachable) as error:
                more = required_of(error, desired, live) - required if isinstance(error, ApiError) else set()
                required |= more
                live = live if more else self._moved(live, found, error)
        return self._apply(desired, None, TAKEN_BACK)

    def _withdraw(self, desired: Object, before: Object, live: Object, found: list[Withdrawal]) -> Outcome:
        """Apply all but what is to be withdrawn, then withdraw that: the server refuses both at once."""
        kept, applied = with_them(desired, found, live), Outcome(desired, "unchanged", after=live)
        if not is_current(kept, live):
            applied = self._apply(kept, before, TAKEN_BACK)
        if applied.action == "failed" or applied.after is None:
            return Outcome(
                desired, applied.action, applied.message, applied.before, applied.after, fields=applied.fields
            )
        there = applied.after
        stored = live if self._client.check_mode else there
        after = self._patch(desired, stored, found)
        if self._client.check_mode:
            after = withdrawn(there, found)
        elif not is_current(desired, after):
            applied = self._apply(desired, after, TAKEN_BACK)
            after = applied.after or after
        outcome = _outcome(desired, before, after, TAKEN_BACK)
        outcome.fields += [each for each in applied.fields if each.fate == LEFT]
        return outcome

    def _patch(self, desired: Object, live: Object, found: list[Withdrawal]) -> Object:
        """Withdraw what `found` says of `live`. Raises ApiError, and EngineError for what the server won't give up."""
        try:
            return self._client.patch(live, json_patch(found, live), JSON_PATCH, deadline=self._deadline)
        except ApiError as error:
            if error.status != 422 or required_of(error, desired, live):
                raise
            now = self._client.get(Reference.of(live), self._deadline)
            if now is None or not is_same(found, now, live):
                raise
            raise _irrevocable(desired, live, found, error) from error

    def _moved(self, live: Object, found: list[Withdrawal], error: ApiError | Unreachable) -> Object | None:
        """Return the object anew when somebody changed what was to be withdrawn, or the answer was lost; else raise."""
        lost = error.sent and not error.permanent if isinstance(error, Unreachable) else is_transient(error, True)
        if not found or not (lost or getattr(error, "status", 0) == 422) or time.monotonic() > self._deadline:
            raise error
        now = self._client.get(Reference.of(live), self._deadline)
        if now and not lost and is_same(found, now, live):
            raise error
        return now

    def _adopt(self, desired: Object, before: Object) -> Outcome:
        """Apply an object that we never applied: as the server sees it, adding labels is harmless, the rest is not."""
        try:
            tried = self._client.apply(desired, force=True, dry_run=True, deadline=self._deadline)
        except ApiError as error:
            if error.status not in _REJECTED or self._client.foresees(error):
                raise
            return _rejected(desired, before, error)
        found = changes(before, tried)
        if not all(change.harmless for change in found):
            if not self._policy.consents:
                return _of_others(desired, before, tried, found)
            keep(self._client, before, self._deadline)
        if not found:
            # The same in other words: nobody's value changes, we only hold it as well from now on.
            after = self._client.apply(desired, force=True, deadline=self._deadline)
            return Outcome(desired, "unchanged", before=before, after=after)
        return self._apply(desired, before, CHANGED)

    def _contend(self, desired: Object, error: ApiError, fate: str) -> Outcome:
        """Settle the conflicts that the server names in `error`."""
        before = self._client.get(Reference.of(desired), self._deadline)
        found = conflicts(error)
        if before is None:
            return self._apply(desired, None, fate)
        policy, kind = self._policy, Kind.of(desired)
        theirs = [each for each in found if not policy.may_take(each.field, each.manager, kind)]
        lost = [each for each in theirs if not also_ours(each, before)]
        left = [
            Change(each.field, at(each, before, before), at(each, desired, before), each.manager, LEFT) for each in lost
        ]
        kept = without(desired, lost, before)
        foreign = [each for each in found if each.manager != FIELD_MANAGER]
        if (policy.conflicts != HEAL and foreign) or kept is None:
            return Outcome(desired, "failed", _refusal(foreign or found), before=before, fields=left)
        if is_current(kept, before):
            return Outcome(desired, "unchanged", before=before, after=before, fields=left)
        after = self._client.apply(kept, force=True, deadline=self._deadline)
        outcome = _outcome(desired, before, after, fate)
        outcome.fields += left
        return outcome

    def _tell(self, outcome: Outcome) -> Outcome:
        """Return the outcome with what was taken back from whom, and say it."""
        outcome.fields = [self._taken(change) for change in outcome.fields]
        if outcome.action == "updated" and outcome.told_taken():
            outcome.message = outcome.told_taken()
            self._progress(f"{Reference.of(outcome.obj)}: {outcome.message}")
        return outcome

    def _taken(self, change: Change) -> Change:
        """Return the change as one that takes an explicit field from a controller, if it is."""
        held = change.manager not in ("", FIELD_MANAGER) and not is_person(change.manager)
        explicit = held and change.fate in (CHANGED, TAKEN_BACK) and self._policy.is_explicit(change.field)
        return replace(change, fate=TAKEN) if explicit else change

    def _left(self, change: Change, kind: Kind) -> Change:
        """Return the change as one that is left, when a controller holds the field."""
        held = change.manager and not self._policy.may_take(change.field, change.manager, kind)
        return replace(change, fate=LEFT) if held else change


def _outcome(desired: Object, before: Object | None, after: Object, fate: str) -> Outcome:
    if before is None:
        return Outcome(desired, "created", before=before, after=after)
    action = "updated" if differs(before, after) else "unchanged"
    return Outcome(desired, action, before=before, after=after, fields=changes(before, after, fate))


def _of_others(desired: Object, before: Object, tried: Object, found: list[Change]) -> Outcome:
    """Return the outcome of an object that is only changed with consent."""
    refused = [replace(change, fate=REFUSED) for change in found if not change.harmless]
    return Outcome(desired, "failed", _foreign(refused), before=before, after=tried, fields=refused)


def _rejected(desired: Object, before: Object, error: ApiError) -> Outcome:
    """Return the outcome of an object of others that the API server would not let us change, even with consent."""
    found = [replace(change, fate=REJECTED) for change in changes(before, completed(desired, before))]
    return Outcome(desired, "failed", explain(error, desired, before), before=before, fields=found)


def _irrevocable(desired: Object, live: Object, found: list[Withdrawal], error: ApiError) -> EngineError:
    """Return the error for what the API server does not let us take back."""
    fields = ", ".join(f"{each.field(live)} (would become {json.dumps(each.value)})" for each in found)
    return EngineError(
        f"what was applied earlier and is wanted no more can't be taken back: {fields}. The API server says: "
        f"{explain(error, desired)} "
        "Give these fields the values that they are to have."
    )


def _refusal(found: list[Conflict]) -> str:
    fields = "; ".join(f"{each.field} ({each.manager})" for each in found)
    return (
        f"other managers hold fields of it with other values: {fields}. Leave these fields out, or take them over: "
        "-e seldon_conflicts=heal takes what people changed, -e seldon_conflicts=force takes all."
    )


def _foreign(found: list[Change]) -> str:
    fields = ", ".join(change.field for change in found)
    return f"it was not made by this collection, and would change in {fields}. {ADOPT}"
