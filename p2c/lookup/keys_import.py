"""Decides what the lines of a filled-in file mean; a wrong one is named, with what to write."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from p2c.lookup.keys import CREATED_IN, DIFFERENT, PAIR, Words, decisions, of_ids
from p2c.lookup.keys_decide import Decision, Overrides, conflicts
from p2c.lookup.keys_file import FileLine, FileProblem
from p2c.lookup.keys_find import Pair, as_pair
from p2c.warehouse import Reader

WORDS = {
    **dict.fromkeys(("pair", "same", "yes"), PAIR),
    **dict.fromkeys(("different", "no"), DIFFERENT),
}
NUMBER = re.compile(r"\d{1,40}([.,]\d{1,40})?(E[+-]?\d{1,3})?", re.IGNORECASE)
Known = dict[tuple[str, str], list[Pair]]


class Import:
    """The lines of one file, beside the candidates and the seed as they are."""

    def __init__(self, warehouse: Reader, rows: Words, file: str) -> None:
        self.warehouse, self.rows, self.file = warehouse, rows, file
        self.overrides = Overrides(rows)
        self.decisions: list[Decision] = []
        self.problems: list[FileProblem] = []
        self._lines: dict[Pair, FileLine] = {}

    def take(self, lines: Sequence[FileLine]) -> None:
        """Fill `decisions` and `problems`, a problem for every line that cannot be followed."""
        filled = [line for line in lines if line.cells["decision"]]
        known = self._known([line.cells["sales_id"] for line in filled])
        for line in filled:
            self._take(line, known)
        for pairs, message in conflicts(self.warehouse, self.rows, self.decisions):
            for line in {self._lines[pair].line: self._lines[pair] for pair in pairs}.values():
                self._wrong(line, "decision", message)
        self.problems.sort(key=lambda problem: problem.line)

    def _take(self, line: FileLine, known: Known) -> None:
        cells = line.cells
        if not (decision := WORDS.get(cells["decision"].lower())):
            words = "pair (or same, yes) or different (or no), or leave it empty"
            return self._wrong(line, "decision", f"write {words}")
        entity = cells["entity"].lower()
        if entity not in CREATED_IN:
            return self._wrong(line, "entity", f"write {' or '.join(CREATED_IN)}")
        for column in ("sales_id", "finops_key"):
            if not cells[column]:
                return self._wrong(line, column, "write it as the export had it")
        there = known.get((entity, _id(cells["sales_id"])), [])
        found = _meant(there, cells)
        if len({(pair.company, pair.finops_key) for pair in found}) == 1:
            return self._decide(line, decision, found)
        return self._wrong(line, *_unclear(there, found))

    def _decide(self, line: FileLine, decision: str, found: Sequence[Pair]) -> None:
        for pair in found:
            if (before := self._lines.setdefault(pair, line)) is not line:
                if self._word_of(pair) == decision:
                    continue
                message = (
                    f"line {before.line} says otherwise of the same two: leave one of the lines"
                )
                return self._wrong(line, "decision", message)
            words = self.overrides.words(pair)
            if words - {decision}:
                message = (
                    f"the seed key_overrides has them as {' and '.join(sorted(words))}: "
                    f"`p2c keys {_command(decision)} {pair.sales_id} {pair.key}` changes that"
                )
                return self._wrong(line, "decision", message)
            self.decisions.append(Decision(pair, decision, line.cells["reason"]))
        return None

    def _word_of(self, pair: Pair) -> str:
        return next((one.decision for one in self.decisions if one.pair == pair), "")

    def _known(self, ids: Sequence[str]) -> Known:
        """What there is to decide about each record: its candidates, and what the seed has."""
        found: Known = {}
        asked = [_id(name) for name in ids]
        for row in of_ids(self.warehouse, self.rows, asked):
            found.setdefault((row["entity"], row["sales_id"].lower()), []).append(as_pair(row))
        for row in decisions(self.rows):
            pairs = found.setdefault((row["entity"], row["sales_id"]), [])
            if not any(pair.finops_key.lower() == row["finops_key"] for pair in pairs):
                pairs.append(_of_seed(row))
        return found

    def _wrong(self, line: FileLine, column: str, message: str) -> None:
        self.problems.append(FileProblem(self.file, line.line, column, line.cells[column], message))


def _of_seed(row: dict[str, str]) -> Pair:
    return Pair(
        row["entity"], row["data_area_id"], "", row["sales_id"], row["finops_key"], "", "", ""
    )


def _id(text: str) -> str:
    return text.strip("{}").lower()


def _command(decision: str) -> str:
    return "accept" if decision == PAIR else "reject"


def _meant(pairs: Sequence[Pair], cells: dict[str, str]) -> list[Pair]:
    """The pairs that a line may mean: by the key as it stands, else as a spreadsheet turned it."""
    company, table = cells["data_area_id"].lower(), cells["finops_table"].lower()
    here = [
        pair
        for pair in pairs
        if (not company or not pair.company or _same(company, pair.company))
        and (not table or not pair.table or table == pair.table)
    ]
    key = cells["finops_key"]
    exact = [pair for pair in here if pair.finops_key.lower() == key.lower()]
    return exact or [pair for pair in here if _same(key, pair.finops_key)]


def _same(cell: str, value: str) -> bool:
    """Whether a cell is this value, or what a spreadsheet makes of it: `1E+05` of `100000`."""
    if cell.lower() == value.lower():
        return True
    if not (NUMBER.fullmatch(cell) and NUMBER.fullmatch(value)):
        return False
    seen, meant = (Decimal(text.replace(",", ".")) for text in (cell, value))
    if "e" not in cell.lower():
        return seen == meant
    digits = len(re.split("e", cell, flags=re.IGNORECASE)[0].replace(",", ".").partition(".")[2])
    return Decimal(f"{meant:.{digits}E}") == seen


def _unclear(there: Sequence[Pair], found: Sequence[Pair]) -> tuple[str, str]:
    """Column and message of a line that fits none or several."""
    if found:
        return "finops_key", (
            f"it may be {_keys(found)}: write which, with data_area_id (a column formatted as text "
            "keeps its zeros)"
        )
    if there:
        return "finops_key", (
            f"the two are no candidate (any more); candidates of this record are {_keys(there)}: "
            "correct it, or empty decision"
        )
    return "sales_id", (
        "this record has no candidate (any more): correct it, or empty decision; "
        "`p2c keys list` shows what there is"
    )


def _keys(pairs: Sequence[Pair]) -> str:
    return " or ".join(_first(dict.fromkeys(pair.key for pair in pairs), 5))


def _first(names: Iterator[str] | dict[str, None], count: int) -> list[str]:
    listed = list(names)
    return listed[:count] + (["others"] if len(listed) > count else [])
