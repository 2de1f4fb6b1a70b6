"""What a plan shows, in its order, before it is text, Markdown or JSON: one view for all three."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from p2c.screen.changes_text import REMOVALS, Shown, short, shown
from p2c.screen.differences_text import ACTIONS, KINDS, by_action, by_column, first_contacts
from p2c.words import counted

if TYPE_CHECKING:
    from loaders import Alike, Change, Plan
    from p2c.screen.layout import Grid

# What no count of a flow has: flows and why they are held back, unmatched records by target.
NOTHING_BESIDE: Mapping[str, Any] = {"held_back": {}, "unmatched": {}, "differences": []}
CHANGES, TAKEN, FIRST, UNSENT = "changes", "taken_away", "first_contact", "not_sent"
LEFT = {"blocked": "Blocked", "rejected": "Rejected"}
LABEL = {"deactivate": "to deactivate", "delete": "to delete"}
Names = Mapping[tuple[str, str | None], str]
NO_NAMES: Names = {}
Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class _Again(Iterable[Shown]):
    """Records made anew each time that they are read: a plan may have a million."""

    rows: Iterable[Any]
    make: Callable[[Any], Shown]

    def __iter__(self) -> Iterator[Shown]:
        return map(self.make, self.rows)


@dataclass(frozen=True)
class _Changes(Iterable["Change"]):
    kinds: Sequence[Alike]

    def __iter__(self) -> Iterator[Change]:
        return chain.from_iterable(one.changes() for one in self.kinds)


@dataclass(frozen=True)
class Section:
    """Records that are told together: `total` of them, in `rows` the first or all.

    `detail` is a sentence on them, `grid` a table.
    """

    kind: str
    title: str
    total: int = 0
    rows: Iterable[Shown] = ()
    detail: str = ""
    grid: Grid | None = None
    flow: str = ""
    target: str = ""


@dataclass(frozen=True)
class PlanView:
    """A plan as people and scripts get it. `guard` is what would stop it, or ''."""

    plan: Plan
    report: Mapping[str, Any]
    sections: Sequence[Section]
    beside: Mapping[str, Any] = field(default_factory=lambda: NOTHING_BESIDE)
    guard: str = ""

    @property
    def flows(self) -> Rows:
        """The counts of each flow and target."""
        return list(self.report["flows"])

    def each(self, change: Callable[[Shown], Shown]) -> PlanView:
        """The same with another form of every record."""
        return replace(
            self,
            sections=[replace(one, rows=_Again(one.rows, change)) for one in self.sections],
        )


def sections(
    kinds: Sequence[Alike],
    report: Mapping[str, Any],
    beside: Mapping[str, Any],
    apart: Rows = (),
    names: Names = NO_NAMES,
) -> list[Section]:
    """Changes, what is taken away, first contacts, what is not sent, then what stands apart.

    kinds: the plan's rows; apart: records as p2c.lookup.apart has them; names: of what is taken
    away, by model and source key.
    """
    flows, different = report["flows"], beside["differences"]
    return [
        *_changes(kinds),
        *_taken_away(kinds, names),
        *_first_contacts(kinds, flows, different),
        *_not_sent(kinds, is_undo=report.get("kind") == "undo"),
        *_differing(flows, different, apart),
        *_left(flows, apart),
    ]


def where(flow: str, target: str) -> str:
    """`accounts (finops.CustomersV2)`."""
    return f"{flow} ({target})"


def _changes(kinds: Sequence[Alike]) -> Iterator[Section]:
    """New and changed records of each model, in writing order."""
    mine = [one for one in kinds if _is_sent(one) and not one.first_contact]
    models = dict.fromkeys(one.model for one in mine if one.operation not in REMOVALS)
    for model in models:
        here = [one for one in mine if one.model == model and one.operation not in REMOVALS]
        what = ", ".join(f"{one.rows:,} to {one.operation}" for one in here)
        title = f"{where(here[0].flow, here[0].target)}: {what}"
        yield _section(CHANGES, title, here)


def _taken_away(kinds: Sequence[Alike], names: Names) -> Iterator[Section]:
    """Records to deactivate or delete: few of many changes, and the ones to look at."""
    for one in kinds:
        if _is_sent(one) and one.operation in REMOVALS:
            changes = list(one.changes())
            rows = [shown(row, names.get((row.model, row.source_key), "")) for row in changes]
            title = (
                f"Taken away: {where(one.flow, one.target)}, {one.rows:,} {LABEL[one.operation]}"
            )
            found = _section(TAKEN, title, [one])
            yield replace(found, rows=rows, detail=_written(rows))


def _written(rows: Sequence[Shown]) -> str:
    """`OnHoldStatus: "All"`, what a deactivation writes; '' of a deletion."""
    pairs = rows[0].columns.items() if rows and rows[0].operation == "deactivate" else ()
    return ", ".join(f"{name}: {short(after)}" for name, (_, after) in pairs)


def _first_contacts(kinds: Sequence[Alike], flows: Rows, different: Rows) -> Iterator[Section]:
    """Linked records that never agreed on anything: by column, then record by record."""
    rows = [one for one in kinds if _is_sent(one) and one.first_contact]
    for flow in flows:
        key = (flow["flow"], flow["target"])
        here = [one for one in rows if (one.flow, one.target) == key]
        columns = [r for r in different if _of(r) == key and r["kind"] == "first_contact"]
        if here or columns:
            count = flow.get("first_contact") or sum(one.rows for one in here)
            title = f"First contact: {where(*key)}, {first_contacts(count)}"
            grid = by_column(columns) if columns else None
            yield replace(_section(FIRST, title, here, key), grid=grid)


def _not_sent(kinds: Sequence[Alike], *, is_undo: bool) -> Iterator[Section]:
    """Rows of the plan that stay where they are, with the reason of each."""
    title = "Not taken back" if is_undo else "Not sent"
    for one in kinds:
        if not _is_sent(one):
            what = f"{title}: {where(one.flow, one.target)}, {one.rows:,} {one.status}"
            yield _section(UNSENT, what, [one])


def _differing(flows: Rows, different: Rows, apart: Rows) -> Iterator[Section]:
    """Drift and conflicts: by column, then record by record."""
    for kind, title in KINDS.items():
        for flow in flows:
            key = (flow["flow"], flow["target"])
            columns = [row for row in different if (*_of(row), row["kind"]) == (*key, kind)]
            if columns:
                yield replace(
                    _told(kind, f"{title} ({kind}): {where(*key)}", key, apart),
                    detail=by_action(columns),
                )


def _left(flows: Rows, apart: Rows) -> Iterator[Section]:
    """What is mapped and cannot be written, or waits."""
    for kind, title in LEFT.items():
        for flow in flows:
            key = (flow["flow"], flow["target"])
            if count := flow.get(kind, 0):
                records = counted(count, "record")
                found = _told(kind, f"{title}: {where(*key)}, {records}", key, apart)
                yield replace(found, total=max(count, found.total))


def _told(kind: str, title: str, key: tuple[str, str], apart: Rows) -> Section:
    rows = [row for row in apart if (*_of(row), row["kind"]) == (*key, kind)]
    total = rows[0]["records"] if rows else 0
    return Section(kind, title, total, [_apart(row) for row in rows], flow=key[0], target=key[1])


def _apart(row: Mapping[str, Any]) -> Shown:
    found = row.get("columns") or ()
    return Shown(
        row["kind"],
        row["key"] or "",
        {name: (one, other) for name, one, other, _ in found},
        note=row.get("message") or "",
        flow=row["flow"],
        arrow=" <> " if row["kind"] == "conflict" else " -> ",
        actions={name: ACTIONS[action] for name, _, _, action in found},
    )


def _section(
    kind: str, title: str, kinds: Sequence[Alike], key: tuple[str, str] | None = None
) -> Section:
    rows = _Again(_Changes(kinds), shown)
    flow, target = key or (kinds[0].flow, kinds[0].target)
    return Section(kind, title, sum(one.rows for one in kinds), rows, flow=flow, target=target)


def _is_sent(one: Alike) -> bool:
    return one.status == "planned"


def _of(row: Mapping[str, Any]) -> tuple[str, str]:
    return row["flow"], row["target"]
