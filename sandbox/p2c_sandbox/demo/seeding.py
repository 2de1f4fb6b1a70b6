"""Puts demo data into the two stores, each in one transaction."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Literal, cast

from p2c_sandbox.demo import entering, finance, finance_documents, organisation
from p2c_sandbox.demo.accounts import FIRST_NUMBER, accounts
from p2c_sandbox.demo.catalogue import LAST
from p2c_sandbox.demo.contacts import CONTACTS, contacts
from p2c_sandbox.demo.documents import ACCOUNTS_NEEDED
from p2c_sandbox.demo.ids import Row
from p2c_sandbox.demo.products import products
from p2c_sandbox.finops.actions.products import POPULATED
from p2c_sandbox.finops.taxes import DOMESTIC
from p2c_sandbox.finops.values import empty_row
from p2c_sandbox.odata.model import Value
from p2c_sandbox.odata.store import Store, stamp
from p2c_sandbox.sales.base import ORGANIZATION_ID
from p2c_sandbox.sales.call import USER_ID

Profile = Literal["base", "demo"]
CHUNK = 5_000


@dataclass(frozen=True)
class Size:
    """How much demo data: accounts of Sales, product numbers of F&O (some in two companies).

    Contacts, quotes and orders come along when there are accounts and products for them.
    """

    accounts: int = 520
    products: int = 420

    @property
    def with_documents(self) -> bool:
        """Whether there is enough for the demo's documents to refer to."""
        return self.accounts >= ACCOUNTS_NEEDED and self.products >= LAST


def seed_sales(store: Store, profile: Profile, size: Size, seed: int) -> None:
    """Setup, and with the profile "demo" accounts, contacts, quotes and orders. `store` holds the
    base rows already."""
    with store.transaction():
        for (entity_set, row_id), name in organisation.names_of_base_rows().items():
            _set(store, entity_set, row_id, {"name": name})
        _set(store, "organizations", ORGANIZATION_ID, organisation.SETTINGS)
        for entity_set, rows in organisation.setup().items():
            _insert_sales(store, entity_set, rows)
        if profile == "demo":
            created = (_priced(row) for row in accounts(size.accounts, seed))
            _insert_sales(store, "accounts", created)
            _go_on_numbering(store, "account", size.accounts)
            if size.with_documents:
                _insert_sales(store, "contacts", contacts(CONTACTS, seed))
                _go_on_numbering(store, "contact", CONTACTS)
                entering.enter(store, seed)


def seed_finops(store: Store, profile: Profile, size: Size, seed: int) -> None:
    """Setup, and with the profile "demo" products, a few customers, and orders born here."""
    with store.transaction():
        for entity_set, rows in finance.setup().items():
            _insert_finops(store, entity_set, rows)
        if profile == "demo":
            _insert_finops(store, "UnitsOfMeasure", [{"UnitSymbol": "zz"}])
            _insert_finops(store, "SellableReleasedProducts", products(size.products, seed))
            _insert_finops(store, "CustomersV3", finance.customers(seed))
            _tax(store)
            store.next_number(POPULATED)
            if size.with_documents:
                finance_documents.enter(store, seed)


def _tax(store: Store) -> None:
    """Domestic customers of the demo pay tax: new ones take the group of their customer group."""
    for group in store.find("CustomerGroups", {}):
        assert isinstance(group["_id"], int)
        store.update("CustomerGroups", [(group["_id"], {"TaxGroupId": DOMESTIC})])


def _go_on_numbering(store: Store, entity: str, used: int) -> None:
    """The next account or contact of Sales gets a number that none of the demo has (A2, C3)."""
    [series] = store.find("msdynce_p2cautonumbers", {"msdynce_entityname": entity})
    next_number = {"msdynce_numbersequence": FIRST_NUMBER + used}
    _set(store, "msdynce_p2cautonumbers", series["msdynce_p2cautonumberid"], next_number)


def _set(store: Store, entity_set: str, row_id: Value, changes: Mapping[str, Value]) -> None:
    row = store.get(entity_set, {store.service.table(entity_set).key_column: row_id})
    assert row is not None
    assert isinstance(row["_id"], int)
    store.update(entity_set, [(row["_id"], changes)])


def _insert_sales(store: Store, entity_set: str, rows: Iterable[Row]) -> None:
    """What the service itself would put into a new row, and then the row."""
    columns = store.service.table(entity_set).columns
    now = stamp(store.clock())
    sent = {
        "createdon": now,
        "modifiedon": now,
        "createdby": USER_ID,
        "modifiedby": USER_ID,
        "organizationid": ORGANIZATION_ID,
    }
    blank: Row = {name: column.default for name, column in columns.items()}
    blank |= {name: value for name, value in sent.items() if name in columns}
    _insert(store, entity_set, ({**blank, **row} for row in rows))


def _priced(row: Row) -> Row:
    """Amounts in the base currency stand beside those of the row's own (protocols A12)."""
    rate = organisation.RATES.get(row["transactioncurrencyid"])
    limit = row.get("creditlimit")
    if rate is not None:
        row["exchangerate"] = rate
        if isinstance(limit, Decimal):
            row["creditlimit_base"] = round(limit / rate, 4)
    return row


def _insert_finops(store: Store, entity_set: str, rows: Iterable[Row]) -> None:
    """F&O holds no null: what a row leaves out gets its empty form (protocols B6)."""
    blank = empty_row(store.service.table(entity_set), store.service)
    _insert(store, entity_set, ({**blank, **row} for row in rows))


def _insert(store: Store, entity_set: str, rows: Iterable[Row]) -> None:
    for chunk in _chunks(rows):
        store.insert(entity_set, cast(list[Mapping[str, Value]], chunk))


def _chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    pending = iter(rows)
    while chunk := list(islice(pending, CHUNK)):
        yield chunk
