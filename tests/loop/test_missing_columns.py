"""A column the source does not have: the run says which, and stops or goes on, as configured.

Tables are declared with one column too many, in a copy of the project: to the pipelines that is
the same as a column renamed at the source.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import Data

from .conftest import Synced, a_world
from .expected import Customers, Seeds, differences
from .test_changes import accounts_of_one_customer, released_path
from .world import Answer, Row, Snapshot, World, adds_up, outcomes_add_up

GOES_ON = {"P2C__ON_MISSING_COLUMN": "continue"}


def declare(world: World, system: str, table: str, *columns: str) -> None:
    """Add columns to a table's declaration."""
    path = world.project / f"pipelines/{system}/tables.yml"
    head, name, rest = path.read_text().partition(f"\n{table}:\n")
    before, mark, after = rest.partition("  columns:\n")
    assert name
    assert mark
    path.write_text(
        head + name + before + mark + "".join(f"    {c}: text\n" for c in columns) + after
    )


@dataclass(frozen=True)
class GoneOn:
    """A run that went on without the accounts, after an account and a product had changed."""

    account: Row
    released: Row
    price: float
    run: Answer
    before: Snapshot
    after: Snapshot


@pytest.fixture(scope="module")
def gone_on(synced: Synced, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GoneOn]:
    folder = tmp_path_factory.mktemp("continue")
    world = synced.world.with_copied_warehouse(folder / "warehouse").in_copy(folder / "project")
    declare(world, "sales", "accounts", "new_loyaltytier")
    before = world.look()
    account = accounts_of_one_customer(synced, before)[5][1]
    released = synced.products.released[synced.products.accepted[-2]][0]
    record = f"accounts({account['accountid']})"
    price = float(released["SalesPrice"]) + 1
    world.sales.update(record, {"name": "Unseen", "telephone1": "555"})
    world.finops.update(released_path(released), {"SalesPrice": price})
    run = world.with_settings(**GOES_ON).p2c("run", "--json")
    yield GoneOn(account, released, price, run, before, world.look())
    world.sales.update(record, {name: account[name] for name in ("name", "telephone1")})


def test_it_stops_and_names_every_such_column(synced: Synced, tmp_path: Path) -> None:
    world = synced.world.in_copy(tmp_path)
    declare(world, "sales", "accounts", "new_loyaltytier", "new_region")
    before = world.content()
    answer = world.p2c("extract", "--json")
    assert answer.exit == 1
    [line] = answer.err.strip().splitlines()
    for word in ("Sales", "accounts", "'new_loyaltytier'", "'new_region'", "tables.yml"):
        assert word in line
    assert "on_missing_column" in line
    assert "Traceback" not in answer.err
    assert world.content() == before


# tests/pipelines/test_missing_columns.py has what is read and left out, without a run.
@pytest.mark.long
def test_it_goes_on_with_the_other_tables_and_says_which_was_left(gone_on: GoneOn) -> None:
    assert gone_on.run.exit == 0
    assert "accounts" in gone_on.run.err
    assert "'new_loyaltytier'" in gone_on.run.err
    flows = gone_on.run.flows
    assert [key for key, f in flows.items() if not (adds_up(f) and outcomes_add_up(f))] == []
    number = gone_on.released["ProductNumber"]
    [product] = [row for row in gone_on.after.products if row["productnumber"] == number]
    assert float(product["price"]) == gone_on.price


@pytest.mark.long
def test_what_depends_on_the_table_left_out_is_not_written(gone_on: GoneOn) -> None:
    """The table stays as it was last read: no change, and above all no blank, comes of it."""
    assert gone_on.run.flows["accounts", "finops.CustomersV2"]["written"] == 0
    assert gone_on.after.customers == gone_on.before.customers


@pytest.mark.long
def test_a_look_up_table_that_was_never_read_makes_no_wrong_customers(
    sandbox_data: Data, tmp_path: Path
) -> None:
    with a_world(sandbox_data, tmp_path, "demo") as created:
        world = created.in_copy(tmp_path / "project")
        for table in ("businessunits", "transactioncurrencies"):
            declare(world, "sales", table, "new_loyaltytier")
        before = world.look()
        answer = world.with_settings(**GOES_ON).p2c("run", "--select", "accounts", "--json")
        after = world.look()
    assert "new_loyaltytier" in answer.err
    expected = Customers(before, Seeds()).by_key
    touched = {k: row for k, row in after.customers.items() if row != before.customers.get(k)}
    assert touched.keys() - expected.keys() == set()
    assert {k: d for k, row in touched.items() if (d := differences(expected[k], row))} == {}
