"""The seed `key_overrides` as `p2c keys` reads and writes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from p2c.checks.seed_files import FOLDER, read_seed
from p2c.config.context import Context
from p2c.config.seed_edit import SeedEdit, cleaned
from p2c.errors import SeedError
from p2c.lock import hold
from p2c.lookup.keys import PAIR, SEED
from p2c.lookup.keys_decide import Decision, edit

WORDS = {"pair": "accepted", "different": "rejected"}


class Overrides:
    """The seed's rows as they are when a command begins; SeedError when they cannot be read."""

    def __init__(self, context: Context) -> None:
        self._context = context
        seed = read_seed(context.project_dir, SEED)
        if "decision" not in seed.columns:
            raise SeedError(
                f"{FOLDER}/_seeds.yml declares no column decision of {SEED}, as earlier versions "
                "did: take that part over from this version's."
            )
        self._file = SeedEdit(seed.path, list(seed.columns))
        self.rows: list[Mapping[str, str]] = [
            {name: cleaned(value) for name, value in row.cells.items()} for row in self._file.rows
        ]
        self.name = f"{FOLDER}/{seed.path.name}"

    def write(self, wanted: Sequence[Decision], everywhere: bool = False) -> dict[str, Any]:
        """Put decisions into the file, while no run goes by it; what `--json` shows.

        Raises SeedError when someone else changed it since, WarehouseBusy while a run is on.
        """
        found = edit(self.rows, wanted, everywhere)
        if found.add or found.remove:
            with hold(self._context.warehouse, "keys"):
                self._file.write(found.remove, found.add)
        removed = [self.rows[number] for number in sorted(found.remove)]
        return {"status": "ok", "seed": self.name, "added": found.add, "removed": removed}


def worded(decision: Decision, verb: str = "", reason: str = "") -> str:
    """What the column `reason` says: `phone_and_name 96; accepted on 2026-11-21: they merged`."""
    pair = decision.pair
    found = f"{pair.rule} {pair.score}; " if pair.rule and pair.score is not None else ""
    done = verb or WORDS[decision.decision]
    own = reason or decision.reason
    return f"{found}{done} on {datetime.now(UTC):%Y-%m-%d}{f': {own}' if own else ''}"


def decision_of(pair: Any, word: str = PAIR, verb: str = "", reason: str = "") -> Decision:  # noqa: ANN401
    """A decision with its reason in words."""
    plain = Decision(pair, word, reason)
    return Decision(pair, word, worded(plain, verb))
