"""Loads CSV files into a sandbox through the services' own APIs.

A file is named after a service and one of its sets: `sales.accounts.csv`,
`finops.SellableReleasedProducts.csv`. Its columns are the service's properties. An empty cell is
left out. A look-up of Sales is written as `transactioncurrencyid@odata.bind` (a path) or as
`transactioncurrencyid.isocurrencycode` (a value of the other row, found by a query).
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from p2c_sandbox.load_client import ServiceClient, SetType
from p2c_sandbox.process import Running

if TYPE_CHECKING:
    from _csv import Reader as CsvReader

# What others refer to goes first; a set that is not named here goes last.
ORDER = (
    "LegalEntities", "Ledgers", "Currencies", "UnitsOfMeasure", "AddressCountryRegions",
    "CustomerGroups", "OperationalSitesV2", "Warehouses", "SellableReleasedProducts",
    "CustomersV2", "CustomersV3", "CDSContactPersons", "CDSSalesQuotationHeaders",
    "CDSSalesQuotationLines", "CDSSalesOrderHeaders", "CDSSalesOrderLines",
    "transactioncurrencies", "organizations", "businessunits", "systemusers", "teams",
    "uomschedules", "uoms", "pricelevels", "accounts", "contacts", "products",
    "productpricelevels", "quotes", "quotedetails", "salesorders", "salesorderdetails",
    "invoices", "invoicedetails",
)  # fmt: skip
SALES_PATH = "/api/data/v9.2/"
FINOPS_PATH = "/data/"
# Protocols A8 and B4: 1,000 and 5,000 requests at most; smaller batches answer sooner.
SALES_BATCH = 1_000
FINOPS_BATCH = 1_000
TIMEOUT_SECONDS = 120.0
YES = ("true", "yes", "1")
NO = ("false", "no", "0")


@dataclass(frozen=True)
class Problem:
    """A row (or, at line 1, a whole file) that did not go in, and why."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.message}"


@dataclass(frozen=True)
class LoadReport:
    """How many rows went in, by file, and what did not."""

    rows: Mapping[str, int]
    problems: Sequence[Problem]

    @property
    def ok(self) -> bool:
        """True when everything went in."""
        return not self.problems


@dataclass(frozen=True)
class _Row:
    line: int
    cells: Mapping[str, str]


class _Unresolved(ValueError):
    """A look-up that finds no row yet; a row later in the same file may be the one."""


def load(directory: Path | str, running: Running) -> LoadReport:
    """Load every CSV file of a directory into a running sandbox.

    Rows that a service refuses are reported with file, line and the service's sentence; the
    others go in. Raises FileNotFoundError when there is no CSV file, httpx.HTTPError when a
    service does not answer.
    """
    files = sorted(Path(directory).glob("*.csv"), key=_rank)
    if not files:
        raise FileNotFoundError(f"There is no CSV file in {directory}.")
    rows: dict[str, int] = {}
    problems: list[Problem] = []
    with ExitStack() as open_clients:
        clients = _clients(running, open_clients)
        for file in files:
            rows[file.name] = _load_file(file, clients, problems)
    return LoadReport(rows, sorted(problems, key=lambda one: (one.file, one.line)))


def _clients(running: Running, stack: ExitStack) -> Mapping[str, ServiceClient]:
    secret = (running.client_id, running.client_secret)
    sales, finops = (
        stack.enter_context(httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=False))
        for _ in range(2)
    )
    return {
        "sales": ServiceClient.connect(
            sales, running.sales.url, SALES_PATH, running.sales.token_url, secret, SALES_BATCH
        ),
        "finops": ServiceClient.connect(
            finops, running.finops.url, FINOPS_PATH, running.finops.token_url, secret, FINOPS_BATCH
        ),
    }


def _rank(file: Path) -> tuple[int, str]:
    entity_set = file.stem.partition(".")[2]
    return (ORDER.index(entity_set) if entity_set in ORDER else len(ORDER), file.name)


def _load_file(file: Path, clients: Mapping[str, ServiceClient], problems: list[Problem]) -> int:
    service, _, entity_set = file.stem.partition(".")
    client = clients.get(service)
    if client is None:
        problems.append(
            Problem(file.name, 1, f"'{service}' is no service: name it sales.… or finops.…")
        )
        return 0
    if entity_set not in client.sets:
        problems.append(Problem(file.name, 1, f"{service} has no table '{entity_set}'."))
        return 0
    return _FileLoad(file, client, entity_set, problems).run()


class _FileLoad:
    """One file on its way into one set."""

    def __init__(
        self, file: Path, client: ServiceClient, entity_set: str, problems: list[Problem]
    ) -> None:
        self.file = file
        self.client = client
        self.entity_set = entity_set
        self.type: SetType = client.sets[entity_set]
        self.problems = problems

    def run(self) -> int:
        """Load the rows; those that refer to rows of this very file get a second chance."""
        with self.file.open(encoding="utf-8-sig", newline="") as text:
            reader = csv.reader(text)
            header = next(reader, [])
            if unknown := [name for name in header if self._cell(name) is None]:
                listed = ", ".join(f"'{name}'" for name in unknown)
                self._problem(1, f"{self.entity_set} has no column {listed}.")
                return 0
            written, waiting = self._write(self._rows(reader, header), final=False)
        return written + self._write(waiting, final=True)[0]

    def _rows(self, reader: CsvReader, header: Sequence[str]) -> Iterator[_Row]:
        line = reader.line_num + 1
        for cells in reader:
            if len(cells) > len(header):
                self._problem(line, f"{len(cells)} cells, but the header has {len(header)}.")
            elif any(cells):
                sent = {name: cell for name, cell in zip(header, cells) if cell != ""}  # noqa: B905
                yield _Row(line, sent)
            line = reader.line_num + 1

    def _write(self, rows: Iterable[_Row], *, final: bool) -> tuple[int, list[_Row]]:
        written, waiting = 0, []
        for chunk in _chunks(rows, self.client.batch_size):
            found = self._look_up(chunk)
            ready: list[tuple[int, dict[str, Any]]] = []
            for row in chunk:
                try:
                    ready.append((row.line, self._body(row, found)))
                except _Unresolved as error:
                    waiting.append(row)
                    if final:
                        self._problem(row.line, str(error))
                except ValueError as error:
                    self._problem(row.line, str(error))
            written += self._send(ready)
        return written, waiting

    def _send(self, ready: Sequence[tuple[int, dict[str, Any]]]) -> int:
        if not ready:
            return 0
        reasons = self.client.create(self.entity_set, [body for _, body in ready])
        for (line, _), reason in zip(ready, reasons, strict=True):
            if reason is not None:
                self._problem(line, reason)
        return reasons.count(None)

    def _look_up(self, chunk: Sequence[_Row]) -> Mapping[str, Mapping[str, list[str]]]:
        """Keys of the rows that dotted columns name, by column and value in lower case."""
        wanted: dict[str, dict[str, None]] = defaultdict(dict)
        for row in chunk:
            for name, cell in row.cells.items():
                if self._is_dotted(name):
                    wanted[name][cell] = None
        found = {}
        for name, values in wanted.items():
            navigation, _, column = name.partition(".")
            target = self.type.navigation[navigation]
            found[name] = self.client.ids(target, column, list(values))
        return found

    def _body(self, row: _Row, found: Mapping[str, Mapping[str, list[str]]]) -> dict[str, Any]:
        body = {}
        for name, cell in row.cells.items():
            if self._is_dotted(name):
                navigation, _, column = name.partition(".")
                body[f"{navigation}@odata.bind"] = self._bound(name, column, cell, found[name])
            else:
                read = self._cell(name)
                assert read is not None
                body[name] = read(cell)
        return body

    def _bound(self, name: str, column: str, cell: str, ids: Mapping[str, list[str]]) -> str:
        entity_set = self.type.navigation[name.partition(".")[0]].entity_set
        found = ids.get(cell.casefold(), [])
        if not found:
            raise _Unresolved(f"No row of {entity_set} has {column} '{cell}'.")
        if len(found) > 1:
            raise ValueError(f"{len(found)} rows of {entity_set} have {column} '{cell}'.")
        return f"/{entity_set}({found[0]})"

    def _cell(self, name: str) -> Callable[[str], Any] | None:
        """How to read a cell of this column; None when there is no such column."""
        if self._is_dotted(name) or self._is_bound(name):
            return str
        edm = self.type.properties.get(name)
        return None if edm is None else lambda cell: typed(name, edm, cell)

    def _is_dotted(self, name: str) -> bool:
        navigation, dot, column = name.partition(".")
        target = self.type.navigation.get(navigation)
        if not dot or target is None:
            return False
        return column in self.client.sets[target.entity_set].properties

    def _is_bound(self, name: str) -> bool:
        navigation, mark, _ = name.partition("@odata.bind")
        return mark != "" and navigation in self.type.navigation

    def _problem(self, line: int, message: str) -> None:
        self.problems.append(Problem(self.file.name, line, message))


def typed(name: str, edm: str, cell: str) -> object:
    """A cell as the JSON value of its Edm type. Raises ValueError."""
    try:
        if edm.startswith("Edm.Int"):
            return int(cell)
        if edm in ("Edm.Decimal", "Edm.Double"):
            return Decimal(cell)
    except (ValueError, InvalidOperation):
        raise ValueError(f"Column '{name}': '{cell}' is not a number.") from None
    if edm == "Edm.Boolean":
        if cell.lower() not in YES + NO:
            raise ValueError(f"Column '{name}': '{cell}' is neither true nor false.")
        return cell.lower() in YES
    return cell


def _chunks(rows: Iterable[_Row], size: int) -> Iterator[list[_Row]]:
    chunk: list[_Row] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
