"""Change tracking: `Prefer: odata.track-changes` and delta links (protocols A4)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast

from p2c_sandbox.odata.errors import BadRequest, ServiceError
from p2c_sandbox.odata.filters import Sql
from p2c_sandbox.odata.http import Json, Request, Response, json_response
from p2c_sandbox.odata.model import Table
from p2c_sandbox.odata.options import Options
from p2c_sandbox.odata.reading import Order, Query
from p2c_sandbox.sales.annotations import Annotator
from p2c_sandbox.sales.errors import refused
from p2c_sandbox.sales.reading import (
    Readings,
    applied,
    context,
    plain_text,
    read_options,
    with_token,
)

_REFUSED = ("$filter", "$orderby", "$expand", "$top")
_TOKEN = re.compile(r"(?P<version>\d+)!(?P<at>\d\d/\d\d/\d{4} \d\d:\d\d:\d\d)")
_FORMAT = "%m/%d/%Y %H:%M:%S"
_TRACKING = "tracking:"


@dataclass(frozen=True)
class _Place:
    """Where a series of pages stands. `since` is None in an initial load."""

    since: int | None
    until: int
    started: str
    after_version: int = 0
    after_key: str | None = None
    deletions: bool = False


def is_delta(request: Request, options: Options) -> bool:
    """True for a request of a delta series."""
    tracked = "odata.track-changes" in request.preferences
    token = (options.skiptoken or "").startswith(_TRACKING)
    return tracked or token or options.deltatoken is not None


class Delta:
    """Answers the requests of delta series."""

    def __init__(self, readings: Readings) -> None:
        self.readings = readings
        self.store = readings.store
        self.settings = readings.settings

    def page(self, request: Request, table: Table) -> Response:
        """A page: next link in between, delta link only on the last one."""
        options = read_options(request.query)
        _check(table, options)
        place = self._place(options)
        size = self.readings.page_size(request)
        rows: list[Json] = []
        following = place
        if not place.deletions:
            rows, following = self._rows(request, table, options, place, size)
        if place.since is not None and following.deletions:
            gone, following = self._gone(request, table, following, size - len(rows))
            rows += gone
        last = following.deletions and following.after_key is None
        return self._answer(request, table, options, rows, following, last=last)

    def count(self, request: Request, table: Table) -> Response:
        """`/<set>/$count?$deltatoken=…`: number of entries the delta would bring."""
        options = read_options(request.query)
        _check(table, options)
        place = self._place(options)
        where = _changed(place)
        changed = self.readings.reader.count(Query(table, Options(), where))
        gone = self.store.deletions(table.set, place.since or 0, place.until)
        return plain_text(str(changed + len(gone)))

    # -- parts of a page ------------------------------------------------------------------------

    def _rows(
        self, request: Request, table: Table, options: Options, place: _Place, size: int
    ) -> tuple[list[Json], _Place]:
        """Created and updated rows: by key in an initial load, by version in a delta."""
        key = Order(f't."{table.key_column}"')
        after: tuple[object, ...] | None
        order: tuple[Order, ...]
        if place.since is None:
            order, where = (key,), Sql("1")
            after = None if place.after_key is None else (place.after_key,)
        else:
            order, where = (Order("t._version"), key), _changed(place)
            after = (place.after_version, place.after_key) if place.after_key else None
        query = Query(table, options, where, order, limit=size, after=after)
        page = self.readings.reader.read(query)
        if page.last is None:
            done = _Place(place.since, place.until, place.started, deletions=True)
            return page.rows, done
        version = place.after_version if place.since is None else int(page.last[0])
        next_place = _Place(place.since, place.until, place.started, version, str(page.last[-1]))
        return page.rows, next_place

    def _gone(
        self, request: Request, table: Table, place: _Place, room: int
    ) -> tuple[list[Json], _Place]:
        """Deletion entries, after all rows; they count for the page size."""
        since = max(place.since or 0, place.after_version)
        found = self.store.deletions(table.set, since, place.until)
        entry_context = f"{request.root}/$metadata#{table.set}/$deletedEntity"
        entries: list[Json] = [
            {"@odata.context": entry_context, "id": key, "reason": "deleted"}
            for key, _ in found[:room]
        ]
        if len(found) <= room:
            return entries, _Place(place.since, place.until, place.started, deletions=True)
        version = found[room - 1][1] if room else since
        next_place = _Place(place.since, place.until, place.started, version, "gone", True)
        return entries, next_place

    def _answer(
        self,
        request: Request,
        table: Table,
        options: Options,
        rows: list[Json],
        place: _Place,
        *,
        last: bool,
    ) -> Response:
        initial = place.since is None
        prefer = request.preferences
        head = context(request.root, table, options) + ("" if initial else "/$delta")
        annotator = Annotator.of(self.store, table, prefer)
        if annotator is not None:
            annotator.annotate([row for row in rows if "reason" not in row])
        answer: Json = {"@odata.context": head, "value": rows}
        if not last:
            token = _TRACKING + json.dumps(list(vars(place).values()))
            answer["@odata.nextLink"] = with_token(request, "$skiptoken", token)
        elif annotator is None or self.settings.delta_with_annotations:
            answer["@odata.deltaLink"] = self._delta_link(request, place)
        return json_response(answer, headers=applied(prefer))

    def _delta_link(self, request: Request, place: _Place) -> str:
        """The token stands at the last page, or at the first by a switch (part E line 1)."""
        at_start = place.since is not None or self.settings.delta_token_at == "first"
        version = place.until if at_start else self.store.version
        at = self.store.clock().astimezone(UTC).strftime(_FORMAT)
        bare = Request(request.method, request.root, request.path, _without(request.query))
        return with_token(bare, "$deltatoken", f"{version}!{place.started if at_start else at}")

    # -- tokens ---------------------------------------------------------------------------------

    def _place(self, options: Options) -> _Place:
        if options.skiptoken is not None and options.skiptoken.startswith(_TRACKING):
            try:
                return _Place(*json.loads(options.skiptoken.removeprefix(_TRACKING)))
            except (ValueError, TypeError) as error:
                raise BadRequest("The $skiptoken of this request is not valid.") from error
        now = self.store.clock().astimezone(UTC).strftime(_FORMAT)
        since = None if options.deltatoken is None else self._version(options.deltatoken)
        return _Place(since, self.store.version, now)

    def _version(self, token: str) -> int:
        """Version a delta token stands at. Raises ExpiredVersionStamp."""
        match = _TOKEN.fullmatch(token)
        if match is None:
            raise BadRequest("The $deltatoken of this request is not valid.")
        at = datetime.strptime(match["at"], _FORMAT).replace(tzinfo=UTC)
        organization = self.store.find("organizations", {})[0]
        life = timedelta(days=cast(int, organization["expirechangetrackingindays"]))
        if self.store.clock() - at > life:
            raise expired(self.settings.expired_delta_status)
        return int(match["version"])


def expired(status: int) -> ServiceError:
    """ExpiredVersionStamp; its HTTP status is a guess (part E line 4)."""
    text = "Version stamp associated with the client has expired. Please perform a full sync."
    return refused("0x80044352", text, status)


def _changed(place: _Place) -> Sql:
    return Sql("t._version > ? AND t._version <= ?", (place.since or 0, place.until))


def _without(query: str) -> str:
    """The query without the tokens of pages, which a delta link does not carry."""
    tokens = ("$skiptoken", "%24skiptoken", "$deltatoken", "%24deltatoken")
    return "&".join(p for p in query.split("&") if p and not p.startswith(tokens))


def _check(table: Table, options: Options) -> None:
    if not table.change_tracking:
        raise refused(
            "0x80072491", f"Change tracking is not enabled for the entity '{table.entity}'."
        )
    for name in _REFUSED:
        if name in options.names:
            raise BadRequest(
                f"The {name} query parameter is not supported when change tracking is enabled."
            )
