"""Reading Dataverse tables: by change tracking where it is on, in full otherwise (protocols A4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from urllib.parse import parse_qs, urlsplit

from ..common.address_errors import UnknownEnvironment
from ..common.client import ODataClient
from ..common.errors import ServiceRefused, UnknownTable
from ..common.pages import Page
from ..common.paging import below_root
from ..common.pins import Environment, organisation
from ..common.reading import DELTA, TableRead, Tally, collect, read_all
from ..common.rows import Rows
from ..common.tables import Table
from .settings import CLOCK_MARGIN, COUNT_CEILING, NO_DELTA, SYSTEM, TRACKING_OFF

_NOTHING: Mapping[str, str] = MappingProxyType({})


def environment(client: ODataClient) -> Environment:
    """The organisation behind the address, by its id. UnknownEnvironment where it says none."""
    url = client.connection.url
    try:
        return organisation(client.ask("WhoAmI"), url)
    except UnknownTable as error:
        raise UnknownEnvironment(SYSTEM, url, f"WhoAmI: {error.reason}") from None


def read_table(
    client: ODataClient, table: Table, delta_link: str | None, tally: Tally
) -> TableRead:
    """The changes since `delta_link`; all rows without one, or where it no longer holds."""
    note: tuple[str, ...] = ()
    # Older versions kept complete addresses; one of another address is not asked any more.
    link = below_root(delta_link, client.connection.root) if delta_link else None
    if link:
        changes = _changes(client, table, link, tally)
        if isinstance(changes, TableRead):
            return changes
        note = (f"{table.name}: {changes}; read in full",)
    everything = read_all(
        table,
        lambda: _everything(client, table, tally),
        lambda: client.count(table, {}),
        COUNT_CEILING,
    )
    return replace(everything, warnings=(*note, *everything.warnings))


def _changes(client: ODataClient, table: Table, link: str, tally: Tally) -> TableRead | str:
    """The delta, or the reason why it cannot be used."""
    read, count = TableRead(Rows(table)), None
    for _ in range(2):  # a change between reading and counting is there at the second try
        try:
            read = collect(table, _tracked(client, table, link), tally, client.folder)
        except ServiceRefused as error:
            if error.code in NO_DELTA:
                return NO_DELTA[error.code]
            raise
        if read.delta_link is None:
            return "the delta ended without a link to the next one"
        count = client.count(table, {"$deltatoken": _token(link)})
        if count is None or count in {read.entries, COUNT_CEILING}:
            return _with_fate_of_deletions(client, table, read, count)
    return f"{read.entries} changes were sent where the service counts {count}, twice"


def _with_fate_of_deletions(
    client: ODataClient, table: Table, read: TableRead, count: int | None
) -> TableRead:
    """The delta with each row either changed or deleted."""
    sent = read.rows.holding(read.deletions)
    deletions = tuple(
        key for key in read.deletions if key not in sent or _is_gone(client, table, key)
    )
    gone = sent.intersection(deletions)
    return replace(
        read,
        rows=read.rows.without(gone) if gone else read.rows,
        mode=DELTA,
        deletions=deletions,
        service_count=count,
    )


def _everything(client: ODataClient, table: Table, tally: Tally) -> TableRead:
    select = {"$select": ",".join(table.fields)}
    try:
        read = collect(
            table, _tracked(client, table, table.entity_set, select), tally, client.folder
        )
    except ServiceRefused as error:
        if error.code != TRACKING_OFF:
            raise
        plain = client.pages(table, table.entity_set, select, _preferences(client, track=False))
        return collect(table, plain, tally, client.folder)
    return _with_overlap(client, table, read)


def _with_overlap(client: ODataClient, table: Table, read: TableRead) -> TableRead:
    """Rows changed while a long first read went on.

    The token may stand at the last page, not the first (protocols A4, E1): a row that changed in
    between would be missed for ever, so what changed since the first page is read once more.
    """
    if read.pages < 2 or read.date is None or "modifiedon" not in table.fields:
        return read
    since = parsedate_to_datetime(read.date) - timedelta(seconds=CLOCK_MARGIN)
    query = {
        "$select": ",".join(table.fields),
        "$filter": f"modifiedon ge {since:%Y-%m-%dT%H:%M:%SZ}",
    }
    pages = client.pages(table, table.entity_set, query, _preferences(client, track=False))
    for changed in collect(table, pages, lambda _: None, client.folder).rows.tables():
        read.rows.add(changed)
    read.rows.keep_last()
    return read


def _is_gone(client: ODataClient, table: Table, key: str) -> bool:
    """Whether a deletion still stands: a row of the same delta may have come back since."""
    try:
        client.get(table, f"{table.entity_set}({key})", {"$select": table.key[0]})
    except UnknownTable:
        return True
    return False


def _token(link: str) -> str:
    return parse_qs(urlsplit(link).query).get("$deltatoken", [""])[0]


def _tracked(
    client: ODataClient, table: Table, path: str, query: Mapping[str, str] = _NOTHING
) -> Iterator[Page]:
    return client.pages(table, path, query, _preferences(client, track=True))


def _preferences(client: ODataClient, *, track: bool) -> str:
    size = f"odata.maxpagesize={client.connection.page_size}"
    return f"odata.track-changes,{size}" if track else size
