"""The report as one HTML file: data, style and script in it, and nothing else let in.

Jinja2 escapes what it puts in; the script's data is JSON in which `<` is written as an escape.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import simplejson
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from p2c.report import words

HERE = Path(__file__).parent
CHARTS = "vendor/chartist-1.5.0.umd.js"
# What Chartist writes as style attributes: two texts, always the same.
ATTRIBUTES = ("width: 100%; height: 100%;", "overflow: visible;")
SOURCE_MAP = re.compile(r"^//# sourceMappingURL=.*$", re.MULTILINE)
RUN = ("started_at", "command", "writes", "failed", "seconds", "stages")
FOR_SCRIPT = ("plan", "layers")
# Runs in the chart of runs, the newest.
CHARTED = 30
_NONE = "'none'"


def page(found: Mapping[str, Any], *, live: bool = False) -> str:
    """The page of the report's data; `live`: served by `--serve`, which it asks for news."""
    script, charts, style = text("page/report.js"), text(CHARTS), text("page/report.css")
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            found=found,
            live=live,
            style=Markup(style),  # noqa: S704 - files of this package
            scripts=[Markup(charts), Markup(script)],  # noqa: S704
            data=Markup(embedded(_for_script(found) | {"live": live})),  # noqa: S704 - escaped there
            policy=policy([charts, script], style, live=live),
        )
    )


def waiting(reason: str) -> str:
    """A page for the time before there is a report; it asks again by itself."""
    style = text("page/report.css")
    return (
        _environment()
        .get_template("waiting.html.j2")
        .render(
            reason=reason,
            style=Markup(style),  # noqa: S704
            policy=policy([], style, live=False),
        )
    )


def policy(scripts: list[str], style: str, *, live: bool) -> str:
    """The Content-Security-Policy: these scripts and this style, nothing from anywhere."""
    attributes = " ".join(_hash(attribute) for attribute in ATTRIBUTES)
    parts = [
        "default-src 'none'",
        f"script-src {' '.join(map(_hash, scripts)) or _NONE}",
        f"style-src-elem {_hash(style)}",
        f"style-src-attr 'unsafe-hashes' {attributes}",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    return "; ".join([*parts, "connect-src 'self'"] if live else parts)


@cache
def text(name: str) -> str:
    """A file of this package, without the address of its source map."""
    return SOURCE_MAP.sub("", (HERE / name).read_text(encoding="utf-8")).strip()


def embedded(value: object) -> str:
    """JSON that can stand in a script element: no `<`, no line ends that scripts take for some."""
    dumped: str = simplejson.dumps(
        value, default=words.plain, use_decimal=True, separators=(",", ":"), ensure_ascii=False
    )
    for letter in "<>&\u2028\u2029":
        dumped = dumped.replace(letter, f"\\u{ord(letter):04x}")
    return dumped


def _for_script(found: Mapping[str, Any]) -> dict[str, Any]:
    shown = {name: found[name] for name in FOR_SCRIPT}
    runs = [{name: run[name] for name in RUN} for run in reversed(found["runs"]["rows"][:CHARTED])]
    agreed = found["agreement"]
    charted = {"runs": runs, "stages": found["runs"]["stages"], "timeline": agreed["timeline"]}
    return shown | charted | {"words": words.SCRIPT}


def _hash(content: str) -> str:
    digest = hashlib.sha256(content.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "time": words.time, "number": words.number, "since": words.since,
        "plain": words.plain_words,
    }  # fmt: skip
    return environment
