"""What `explain` shows to a person: who it is, where it stands in each flow, what to do next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from p2c.screen.changes_text import short
from p2c.screen.layout import INDENT, Line, moment
from pipelines.common.errors import NAMES

Row = Mapping[str, Any]
MARGIN = "  "
MOST = 3  # candidates shown
# Each fate in plain words; {source} and {target} are the systems, {detail} why.
IN_WORDS: Mapping[str, str] = {
    "filtered": "out of scope: {detail}",
    "identical": "in scope, and both systems agree",
    "create": "in scope, and only {source} has it: to be created in {target}",
    "update": "in scope, and both have it with different values: to be updated in {target}",
    "deactivate": "gone in {source}: to be taken away in {target} too",
    "rejected": "in scope, but it cannot be written: {detail}",
    "blocked": "in scope, but it waits: {detail}",
    "conflict": "in scope, but held: {detail}",
    "unmatched": "only {target} has it",
}

# How keys.keys_crosswalk says a pair is known; another word, as a rule's, stands for itself.
LINKS: Mapping[str, str] = {
    "override": "by a person's decision",
    "created": "a run made the one for the other",
    "link": "both agreed before",
    "natural_key": "by one number in both",
}


def explain_text(found: Mapping[str, Any]) -> Iterator[RenderableType]:
    """Who it is; by flow its fate, link, differences, tries and next step; its rows if asked for.

    Where several records fit, a line for each of them instead.
    """
    if found["matches"]:
        yield from _matches(found)
        return
    if found["who"]:
        yield from _who(found["who"])
    else:
        yield from _nobody(found)
    for fate in found["fates"]:
        yield from _fate(fate)
    if found["parts"]:
        yield Line(Text("\nits parts:", "bold"))
    for part in found["parts"]:
        number = f"{part['records']:,} of {part['target']} {part['fate']}"
        yield Line(f"  {part['flow']}, {number}, such as {part['example']}", INDENT)
    yield from _candidates(found["candidates"])
    if not found["fates"]:
        yield from _writes(found["writes"])
    for layer in found["layers"]:
        for row in layer["rows"]:
            yield Line(Text(f"\n{layer['schema']}.{layer['table']}", "bold"))
            for name, value in row.items():
                yield Line(f"  {name} = {short(str(value))}", 2)


def _matches(found: Mapping[str, Any]) -> Iterator[RenderableType]:
    for match in found["matches"]:
        yield Line(Text.assemble((_called(match) or "(no name)", "bold"), *_keys(match)), INDENT)
        for fate in match["fates"]:
            yield Line(f"  {fate['flow']} → {fate['target']}: {fate['fate']}", INDENT)
    more = found["fitting"] - len(found["matches"])
    rest = f", of which {len(found['matches'])} are shown" if more else ""
    yield Line(
        Text(
            f"{found['fitting']:,} records fit {found['record']!r}{rest}. Give a key or an id of "
            "one of them, or --select FLOW.",
            "bold",
        )
    )


def _keys(who: Row) -> Iterator[str]:
    if who["sales_id"]:
        yield f"  Sales {who['sales_number'] or who['sales_id']}"
    for key in who["finops_keys"]:
        yield f"  F&O {key}"


def _called(who: Row) -> str:
    names = dict.fromkeys(name for name in (who["name"], who["held_name"]) if name)
    return " / ".join(names)


def _who(who: Row) -> Iterator[RenderableType]:
    if called := _called(who):
        yield Line(Text(called, "bold"))
    number = f"  {who['sales_number']}" if who["sales_number"] else ""
    yield Line(f"  Sales  {who['sales_id'] or 'no record'}{number}", INDENT)
    for key in who["finops_keys"] or ["no key"]:
        yield Line(f"  F&O    {key}", INDENT)


def _nobody(found: Mapping[str, Any]) -> Iterator[RenderableType]:
    yield Line(Text(str(found["record"]), "bold"))
    gone = [
        f"{NAMES[layer['schema'][4:]]} had it in {layer['table']} until {moment(row['deleted_at'])}"
        for layer in found["layers"]
        for row in layer["rows"]
        if layer["schema"][:4] == "raw_" and row.get("deleted_at")
    ]
    yield Line(
        "  No flow takes it in." + "".join(f" {one}." for one in dict.fromkeys(gone)), INDENT
    )


def _fate(fate: Row) -> Iterator[RenderableType]:
    target = NAMES[str(fate["target"]).partition(".")[0]]
    key = fate["record_key"] or fate["source_key"]
    yield Line(Text.assemble(("\n" + f"{fate['flow']} → {fate['target']}", "bold"), f"  {key}"))
    detail = fate["detail"] or "no reason is given"
    if fate["reasons"]:
        detail = ", ".join(_reason(row) for row in fate["reasons"])
    words = IN_WORDS[fate["fate"]].format(source=fate["source"], target=target, detail=detail)
    yield from _told(f"{fate['fate']}", words)
    if fate.get("is_first_contact"):
        yield from _told("first contact", "nothing was agreed on before between these two records")
    if fate["as_of"]:
        again = "; `p2c plan` looks again" if _is_before(fate) else ""
        known = str(fate["speaks_of"]).replace("a record that no run has written", "never written")
        yield from _told("as of", f"{moment(fate['as_of'])}, {known}{again}")
    yield from _link(fate)
    yield from _differences(fate, target)
    yield from _writes(fate["writes"])
    yield from _told("next", fate["next"], "bold")


def _reason(row: Row) -> str:
    """`no_value_map (address1_country is "Atlantis")`; what to do about it is the next step."""
    value = "empty" if row["value"] is None else short(row["value"])
    return f"{row['code']} ({row['column_name']} is {value})" if row["column_name"] else row["code"]


def _told(name: str, words: str, style: str = "") -> Iterator[RenderableType]:
    yield Line(Text(f"{MARGIN}{name}: {words}", style), 2)


def _is_before(fate: Row) -> bool:
    return str(fate["speaks_of"]).startswith("before")


def _link(fate: Row) -> Iterator[RenderableType]:
    link = fate["link"]
    if link is None:
        return
    by = str(link["matched_by"] or "the key")
    parts = [LINKS.get(by, by)]
    parts += [f"score {link['score']}"] if link["score"] is not None else []
    parts += [f"since {moment(link['first_seen'])}"] if link["first_seen"] else []
    yield from _told("link", ", ".join(parts))
    yield from _evidence(link["evidence"])


def _evidence(evidence: object) -> Iterator[RenderableType]:
    """What each column says: how it agrees, and both values."""
    if isinstance(evidence, str):
        yield Line(f"    {evidence}", 2)
    elif isinstance(evidence, Mapping):
        for column, saying in evidence.items():
            if isinstance(saying, Mapping):
                both = f"{short(str(saying.get('sales')))} · {short(str(saying.get('finops')))}"
                yield Line(f"    {column} {saying.get('agrees')}: {both}", 2)
            else:
                yield Line(f"    {column}: {saying}", 2)


def _candidates(candidates: Sequence[Row]) -> Iterator[RenderableType]:
    if candidates:
        yield Line(Text("\nMay be the same (`p2c keys list` has all):", "bold"))
    for row in candidates[:MOST]:
        place = "/".join(str(row[name]) for name in ("data_area_id", "finops_key") if row[name])
        names = f"{row['sales_name']} · {row['finops_name']}"
        why = f"rule {row['rule']}, score {row['score']}, {row['review_reason']}"
        why += ", waits for a decision" if row.get("is_waiting") else ""
        yield Line(f"  {row['sales_id']} and {place}: {names} ({why})", INDENT)
        yield from _evidence(row["evidence"])
    if len(candidates) > MOST:
        yield Line(Text(f"  … {len(candidates) - MOST} more", "dim"))


def _differences(fate: Row, target: str) -> Iterator[RenderableType]:
    if not fate["differences"]:
        return
    before = _is_before(fate)
    yield Line(f"{MARGIN}{'differed then' if before else 'differs'}:")
    written = "was to be" if before else "will be"
    for row in fate["differences"]:
        wanted, held = (fate["source"], target) if fate["source"] != target else ("to be", "is")
        values = f"{wanted} {_value(row['source'])}, {held} {_value(row['target'])}"
        known = "" if row["agreed"] is None else f", last agreed {_value(row['agreed'])}"
        why = "" if row["is_written"] and not row["kind"] else f": {row['why']}"
        what = f"{written if row['is_written'] else 'not'} written{why}"
        what += f", since {moment(row['since'])}" if row["since"] else ""
        yield Line(f"    {row['column']}: {values}{known}; {what}", 2)


def _value(value: object) -> str:
    if value is None:
        return "(empty)"
    return short(str(value) if isinstance(value, int | float) else moment(value))


def _writes(writes: Sequence[Row]) -> Iterator[RenderableType]:
    if writes:
        yield Line(f"{MARGIN}tried:")
    for row in writes:
        at = moment(row["finished_at"] or row["planned_at"])
        tries = f" after {row['attempts']} tries" if (row["attempts"] or 0) > 1 else ""
        code = f" {row['error_code']}" if row["error_code"] else ""
        asked = f" (request {row['request_id']})" if row["request_id"] and code else ""
        saying = f": {row['error_message']}" if row["error_message"] else ""
        place = row.get("run_id") or row.get("plan_id") or ""
        yield Line(
            f"    {at} {row['operation']} {row['status']}{tries}{code}{saying}{asked}  {place}", 2
        )
