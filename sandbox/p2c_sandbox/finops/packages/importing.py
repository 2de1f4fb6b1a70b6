"""Writes the rows of a data package: what exists is changed, what does not is created."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from p2c_sandbox.finops.company import COMPANY, Company
from p2c_sandbox.finops.packages.staging import Cells, PackageError, files, staged
from p2c_sandbox.finops.writing import Writings
from p2c_sandbox.odata.errors import ServiceError
from p2c_sandbox.odata.model import Row, Table

__all__ = ["Outcome", "PackageError", "Refusal", "run"]


@dataclass(frozen=True)
class Refusal:
    """A row that did not go in; `staging` where it did not even get into the staging table."""

    label: str
    set: str
    key: str
    why: str
    cells: Cells
    staging: bool = False


@dataclass
class Outcome:
    """What became of a package: rows that went in, and of them those that are new, by label;
    and refusals."""

    written: Counter[str] = field(default_factory=Counter)
    created: Counter[str] = field(default_factory=Counter)
    refused: list[Refusal] = field(default_factory=list)

    @property
    def status(self) -> str:
        if not self.refused:
            return "Succeeded"
        return "PartiallySucceeded" if self.written.total() else "Failed"


def run(writings: Writings, package: bytes, company: str, *, half: bool = False) -> Outcome:
    """Import a package into `company`. Raises PackageError when it cannot be read as a whole.

    half: only the first half of the rows, as of a job that stays where it is.
    """
    outcome = Outcome()
    for file in list(files(writings.store.service, package)):
        lines = list(staged(file, company))
        for line in lines[: len(lines) // 2] if half else lines:
            why, in_staging = line.problem, line.problem is not None
            if why is None:
                try:
                    is_new = _write(writings, file.table, line.body)
                    outcome.created[file.label] += is_new
                    outcome.written[file.label] += 1
                except ServiceError as error:
                    why = error.message
            if why is not None:
                name = file.table.set
                refusal = Refusal(file.label, name, line.key, why, line.cells, in_staging)
                outcome.refused.append(refusal)
    return outcome


def _write(writings: Writings, table: Table, body: Mapping[str, object]) -> bool:
    """Whether it was created."""
    key = {name: str(body.get(name, "")) for name in table.key}
    everywhere = Company(str(body.get(COMPANY, "")), cross=True)
    found: Row | None = writings.store.get(table.set, key) if all(key.values()) else None
    with writings.store.transaction():
        if found is None:
            writings.insert(table, dict(body), everywhere)
        else:
            writings.update(table, found, dict(body), replace=False)
    return found is None
