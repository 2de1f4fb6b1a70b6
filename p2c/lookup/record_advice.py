"""What a person can do next about a record: one sentence for each fate and each end of a write."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from p2c.warehouse import Row
from pipelines.common.errors import NAMES

SHOWN = 5  # columns named in a sentence


@dataclass(frozen=True)
class Standing:
    """What advice is given by: one fate of a record and all that was found about it.

    `last` is its last write that was sent or left out, `planned` a plan that has it and was not
    applied; `causes` the sentences of what it waits for, `candidates` what it may be; `held` why
    its flow is held back; `policies` the meta of its changes model. `is_current` is whether the
    fate knows the last write.
    """

    fate: Row
    target: str
    source: str
    last: Row | None = None
    planned: Row | None = None
    reasons: Sequence[Row] = ()
    causes: Sequence[str] = ()
    candidates: Sequence[Row] = ()
    differences: Sequence[Row] = ()
    held: Sequence[str] = ()
    policies: Mapping[str, Any] = field(default_factory=dict)
    is_current: bool = True
    is_on_demand: bool = False

    @property
    def run(self) -> str:
        """The command that writes it: a flow on demand runs only when it is named."""
        return f"`p2c run --select {self.fate['flow']}`" if self.is_on_demand else "`p2c run`"


def systems(fate: Row) -> tuple[str, str]:
    """(source, target) by name; a record of Sales that is numbered there is its own source."""
    target = str(fate["target"]).partition(".")[0]
    own = fate["source_key"] is not None and fate["source_key"] == fate["record_key"]
    source = target if own and target == "sales" and _is_id(fate) else _other(target)
    return NAMES[source], NAMES[target]


def next_step(standing: Standing) -> str:
    """What to do, or that there is nothing to do."""
    if standing.last is not None:
        text = WRITES[standing.last["status"]](standing)
        if text:
            return text
    fate = str(standing.fate["fate"])
    if standing.held and fate in ("create", "update", "deactivate"):
        return f"Its flow is held back: {' '.join(standing.held)}"
    return FATES[fate](standing)


def _other(target: str) -> str:
    return "finops" if target == "sales" else "sales"


def _is_id(fate: Row) -> bool:
    return str(fate["source_key"]).count("-") == 4 and len(str(fate["source_key"])) == 36


def _create(on: Standing) -> str:
    return _planned(on) or f"{on.run} creates it in {on.target}."


def _update(on: Standing) -> str:
    names = [row["column"] for row in on.differences if row["is_written"]]
    shown = ", ".join(names[:SHOWN]) + (" and others" if len(names) > SHOWN else "")
    return _planned(on) or f"{on.run} updates {shown or 'it'} in {on.target}."


def _deactivate(on: Standing) -> str:
    if on.policies.get("on_delete") == "delete":
        what = f"deletes it in {on.target} too"
    else:
        values = on.policies.get("deactivate") or {}
        values_set = ", ".join(f"{name} = {value}" for name, value in values.items())
        what = f"deactivates it in {on.target}{f' ({values_set})' if values_set else ''}"
    return (
        f"{on.run} {what}, as on_delete of the flow {on.fate['flow']} says; a record that is "
        f"entered again in {on.source} is taken up again."
    )


def _planned(on: Standing) -> str:
    if on.planned is None:
        return ""
    return (
        f"Plan {on.planned['plan_id']} has it: `p2c apply {on.planned['plan_id']}` writes it, "
        "or `p2c run` after another look."
    )


def _rejected(on: Standing) -> str:
    text = list(dict.fromkeys(str(row["message"]) for row in on.reasons))
    return f"{' '.join(text) or 'Correct it as `p2c rejects` says.'} Then `p2c run`."


def _blocked(on: Standing) -> str:
    if str(on.fate["detail"] or "").startswith("match_to_review"):
        return _to_review(on)
    if on.causes:
        return f"Mend what it waits for, then `p2c run` writes both: {' '.join(on.causes)}"
    return "Nothing: the run after the one that writes what it waits for writes this one too."


def _to_review(on: Standing) -> str:
    if not on.candidates:
        return "Decide whether it is one of its candidates: `p2c keys list`; then `p2c run`."
    best = on.candidates[0]
    place = "/".join(str(best[name]) for name in ("data_area_id", "finops_key") if best[name])
    pair = f"{best['sales_id']} {place}"
    more = ", and so on for the others," if len(on.candidates) > 1 else ""
    return (
        f"Decide: `p2c keys accept {pair}` if the two are the same, `p2c keys reject {pair}` if "
        f"not{more or ','} then `p2c run`."
    )


def _conflict(on: Standing) -> str:
    stopped = [row for row in on.differences if row["action"] == "hold"] or on.differences
    names = ", ".join(row["column"] for row in stopped[:SHOWN]) or "the values"
    policies = dict.fromkeys(f"on_{row['kind']}" for row in stopped if row["kind"])
    return (
        f"Give {names} the same value in {on.source} and in {on.target}, then `p2c run`; or write "
        f"another policy than hold for the column or for the flow {on.fate['flow']}: "
        f"{', '.join(policies) or 'on_conflict'}."
    )


def _filtered(on: Standing) -> str:
    detail = str(on.fate["detail"] or "it is out of scope")
    if detail.startswith("gone at the source (on_delete"):
        return (
            f"Nothing: {on.target} keeps what it has. To take it away there too, set on_delete of "
            f"the flow {on.fate['flow']} to deactivate or delete (dbt_project.yml)."
        )
    return (
        f"Nothing while this holds: {detail}. When it no longer does, `p2c run` takes the record "
        "in; the page of the flow in docs/flows has the rule."
    )


def _identical(on: Standing) -> str:
    names = ", ".join(row["column"] for row in on.differences[:SHOWN])
    if not names:
        return "Nothing: both systems agree."
    return (
        f"Nothing is written: {names} differ, and stay so (see what differs). Change the value in "
        f"{on.source} or in {on.target}, or the policy of the column or its flow."
    )


def _unmatched(on: Standing) -> str:
    key = on.fate["record_key"]
    pair = f"{key} NUMBER" if on.target == NAMES["sales"] else f"ID {key}"
    return (
        f"Nothing: no flow touches what only {on.target} has. If a record of {on.source} is the "
        f"same customer, contact or product, pair them: `p2c keys accept {pair}`, then `p2c run`."
    )


def _written(on: Standing) -> str:
    last = on.last or {}
    if on.is_current:
        return ""
    if last.get("error_code") == "not_persisted":
        return (
            f"{on.target} took it and holds another value. It is not written again until the "
            f"value to write changes: correct it in {on.source}, or what keeps it in {on.target}."
        )
    return f"Run {last.get('run_id')} has written it since; `p2c plan` looks again."


def _refused(on: Standing) -> str:
    return _still(on, f"Correct it as {on.target} says, then `p2c run`: ")


def _failed(on: Standing) -> str:
    return _still(on, "It was refused for a passing reason; `p2c run` or `p2c retry` tries again: ")


def _quarantined(on: Standing) -> str:
    return _still(
        on, "Correct it, then `p2c retry --quarantined`; its last tries all failed alike: "
    )


def _stale(on: Standing) -> str:
    if on.is_current:
        return ""
    return (
        f"It had changed in {on.target} since it was read, and was left alone: `p2c run` reads "
        "it again and judges it anew."
    )


def _held_back(on: Standing) -> str:
    if on.is_current:
        return ""
    text = " ".join(on.causes) or _message(on)
    return f"Mend what it waits for, then `p2c run` writes both: {text}"


def _unanswered(on: Standing) -> str:
    return (
        f"{on.target} has not answered yet: the next `p2c run` reads the record back before "
        "anything else, and knows then."
    )


def _not_sent(_: Standing) -> str:
    return ""


def _still(on: Standing, text: str) -> str:
    """What the service refused stays to be mended while the record is still to be written."""
    if on.is_current and on.fate["fate"] not in ("create", "update", "deactivate"):
        return ""
    return text + _message(on)


def _message(on: Standing) -> str:
    return str((on.last or {}).get("error_message") or "the service gave no reason.")


Advice = Callable[[Standing], str]
FATES: Mapping[str, Advice] = {
    "filtered": _filtered,
    "identical": _identical,
    "create": _create,
    "update": _update,
    "deactivate": _deactivate,
    "rejected": _rejected,
    "blocked": _blocked,
    "conflict": _conflict,
    "unmatched": _unmatched,
}
# '' where the fate says what to do.
WRITES: Mapping[str, Advice] = {
    "planned": _not_sent,
    "sent": _unanswered,
    "acknowledged": _written,
    "verified": _written,
    "rejected": _refused,
    "stale": _stale,
    "blocked": _held_back,
    "failed": _failed,
    "unresolved": _unanswered,
    "quarantined": _quarantined,
}
