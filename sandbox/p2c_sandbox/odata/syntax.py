"""The text of a `$filter` as odata-query's syntax tree."""

from __future__ import annotations

import json
import re

from odata_query import exceptions
from odata_query.grammar import ODataLexer, ODataParser

from p2c_sandbox.odata.errors import BadRequest
from p2c_sandbox.odata.literals import Node
from p2c_sandbox.odata.paths import quoted

# odata-query's lexer takes the first letters of `AllowedQuantity` for the keyword `all`.
MARK = "property__"
_STRING = r"'(?:[^']|'')*'"
_JSON_STRING = r'"(?:[^"\\]|\\.)*"'
_STRINGS = re.compile(f"{_STRING}|{_JSON_STRING}")
_TOKEN = re.compile(
    rf"(?P<enum>[A-Za-z_][\w.]*)(?P<value>{_STRING})|{_STRING}"
    rf"|(?P<list>\[(?:[^\]'\"]|{_STRING}|{_JSON_STRING})*\])"
    r"|\b(?P<word>(?i:any|all|true|false|null)\w+)"
)
_LITERAL_PREFIXES = ("duration", "geography")


def parse(text: str) -> Node:
    """Syntax tree of a filter. Enum literals and `[…]` lists become forms odata-query knows."""
    tree: Node
    try:
        tokens = ODataLexer().tokenize(_TOKEN.sub(_rewrite, text.strip()))
        tree = ODataParser().parse(tokens)
    except exceptions.ODataException as error:
        raise BadRequest(f"Syntax error in filter expression '{text}': {error}") from error
    return tree


def _rewrite(match: re.Match[str]) -> str:
    if match["word"]:
        return MARK + match["word"]
    if match["list"]:
        items = _STRINGS.sub(_in_single_quotes, match["list"])[1:-1]
        single = "," not in re.sub(_STRING, "", items)
        return f"({items},)" if single else f"({items})"
    if match["enum"] and match["enum"].lower() not in _LITERAL_PREFIXES:
        return f"{match['enum']}({match['value']})"
    return match[0]


def _in_single_quotes(match: re.Match[str]) -> str:
    """Lists of query functions are JSON: their strings may stand in double quotes too."""
    if match[0].startswith("'"):
        return match[0]
    try:
        return quoted(json.loads(match[0]))
    except ValueError as error:
        raise BadRequest(f"Syntax error in filter expression: {match[0]}.") from error
