"""What `p2c keys` shows: candidates side by side, decisions, and what comes of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.text import Text

from p2c.screen.layout import Grid, Line
from p2c.words import counted

Row = Mapping[str, Any]
GAP = "  "
COUNTED = ("waiting", "review", "taken", "linked", "decided")
OPEN = ("review", "taken", "decided")
IN_WORDS = {
    "review": "to decide",
    "taken": "taken, as one of the two is another's pair",
    "linked": "linked",
}
COLOURS = {"same": "green", "close": "yellow", "alike": "yellow", "other": "red"}
SHOWN = 5
NOTHING = "No candidates: nothing waits for a decision."
NOTHING_ASKED = "No candidate is as asked for."


@dataclass
class SideBySide:
    """Values of both systems under each other; what is too wide for the terminal ends in `…`."""

    columns: Mapping[str, Row]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        rows = [
            (name, str(both["sales"] or "–"), str(both["finops"] or "–"), str(both["agrees"] or ""))
            for name, both in self.columns.items()
        ]
        head = ("", "Sales", "F&O", "agrees")
        widths = [max(cell_len(row[at]) for row in (head, *rows)) for at in range(4)]
        room = options.max_width - widths[0] - widths[3] - len(GAP) * 4
        if widths[1] + widths[2] > room:
            widths[1], widths[2] = _shared(widths[1], widths[2], max(room, 20))
        yield self._line(head, widths, "dim")
        for row in rows:
            yield self._line(row, widths, "")

    def _line(self, cells: Sequence[str], widths: Sequence[int], style: str) -> Text:
        parts = [_fitted(cell, width) for cell, width in zip(cells, widths, strict=True)]
        parts[-1].stylize(COLOURS.get(cells[-1].partition(" ")[0], ""))
        line = Text(GAP, style, no_wrap=True) + Text(GAP).join(parts)
        line.rstrip()
        return line


def _shared(first: int, second: int, room: int) -> tuple[int, int]:
    """The room for two columns: what one does not need of its half is the other's."""
    half = room // 2
    if first <= half:
        return first, room - first
    if second <= half:
        return room - second, second
    return half, room - half


def _fitted(value: str, width: int) -> Text:
    text = Text(" ".join(value.split()))
    text.truncate(width, overflow="ellipsis", pad=True)
    return text


def list_text(found: Row, filtered: bool = False) -> Iterator[RenderableType]:
    """Candidates, how many there are beyond those shown, and counts by entity and rule."""
    for row in found["candidates"]:
        yield from _candidate(row)
    more = found["found"] - len(found["candidates"])
    if more > 0:
        yield Line(Text(f"… {more:,} more; --limit 0 shows all\n", "dim"))
    if not found["candidates"]:
        yield Line(Text(NOTHING_ASKED if filtered else NOTHING, "bold"))
    yield from _counts(found)
    yield from _advice(found)


def _counts(found: Row) -> Iterator[RenderableType]:
    """By entity and rule; rules that only linked are left out where links are not asked for."""
    linked = any(row["status"] == "linked" for row in found["candidates"])
    counted = [row for row in found["counts"] if linked or any(row[n] for n in OPEN)]
    if counted:
        used = [name for name in COUNTED if any(row[name] for row in counted)]
        rows = [[row["entity"], row["rule"], *(row[name] for name in used)] for row in counted]
        yield Grid(("entity", "rule", *used), rows, numbers=len(used))


def _candidate(row: Row) -> Iterator[RenderableType]:
    number = (row["columns"].get("number") or {}).get("sales")
    key = "/".join(word for word in (row["data_area_id"], row["finops_key"]) if word)
    equals = "=" if row["status"] == "linked" else "?"
    yield Line(Text(f"{number or row['sales_id']} {equals} {key}", "bold"))
    score = "" if row["score"] is None else f" {row['score']}"
    reason = " (a tie)" if row["review_reason"] == "tie" else ""
    states = [IN_WORDS[row["status"]]] if row["status"] != "review" or not row["is_waiting"] else []
    states += ["waits for a decision"] if row["is_waiting"] else []
    state = "; ".join(states)
    table = row["finops_table"].replace("_", " ")
    kind = row["entity"] if row["finops_table"] == row["entity"] else f"{row['entity']}, {table}"
    yield Line(f"  {kind}; {row['rule']}{score}{reason}; {state}", 2)
    yield SideBySide(row["columns"])
    yield Text("")


def _advice(found: Row) -> Iterator[RenderableType]:
    """How much there is to do, and the commands for it."""
    sums = {name: sum(row[name] for row in found["counts"]) for name in COUNTED}
    if sums["review"] or sums["waiting"]:
        taken = f", {sums['taken']:,} taken" if sums["taken"] else ""
        waiting = f"; for {sums['waiting']:,} a record waits" if sums["waiting"] else ""
        yield Line(Text(f"{sums['review']:,} to decide{taken}{waiting}.", "bold"))
        yield Line("  one:               p2c keys accept (or reject) SALES_ID FINOPS_KEY")
        yield Line("  in a spreadsheet:  p2c keys export FILE.csv")
    if sums["decided"]:
        yield Line(f"{sums['decided']:,} decided since the last build; p2c plan takes them up.")
    if sums["linked"]:
        yield Line(f"{sums['linked']:,} linked: p2c keys list --status linked")


def unmatched_text(found: Row) -> Iterator[RenderableType]:
    """Records of a target that nobody paired."""
    rows = found["records"]
    if not rows:
        yield Line(Text("Every record of a target has its pair.", "bold"))
        return
    columns = ("entity", "target", "record", "name")
    names = ("entity", "target", "record_key", "record_name")
    yield Grid(columns, [[row[name] for name in names] for row in rows])
    if (more := found["found"] - len(rows)) > 0:
        yield Line(Text(f"… {more:,} more; --limit 0 shows all\n", "dim"))
    yield Line(f"{found['found']:,} without a pair; they are left alone (p2c unmatched).")


def question(pairs: Sequence[str], verb: str) -> Iterator[RenderableType]:
    """How many pairs a filter has found, and the first of them."""
    yield Line(Text(f"{counted(len(pairs), 'candidate')} to {verb}:", "bold"))
    yield from (Line(f"  {pair}", 4) for pair in pairs[:SHOWN])
    if (more := len(pairs) - SHOWN) > 0:
        yield Line(Text(f"  … {more:,} more: p2c keys list with the same filter shows them", "dim"))


def written_text(found: Row) -> Iterator[RenderableType]:
    """What went into the seed, and what comes next."""
    for row in found["added"][:SHOWN]:
        key = "/".join(word for word in (row["data_area_id"], row["finops_key"]) if word)
        word = "are the same" if row["decision"] == "pair" else "are not the same"
        yield Line(f"{row['entity']}: {row['sales_id']} and {key} {word}.", 2)
    if (more := len(found["added"]) - SHOWN) > 0:
        yield Line(f"… {more:,} more")
    added, removed = len(found["added"]), len(found["removed"])
    if not added and not removed:
        yield Line(Text(f"{found['seed']} has all of it already; nothing was written.", "bold"))
        return
    out = f", {removed:,} taken out" if removed else ""
    yield Line(Text(f"{found['seed']}: {counted(added, 'row')} put in{out}.", "bold"))
    yield Line("Nothing was written to either system. Next: p2c plan")
