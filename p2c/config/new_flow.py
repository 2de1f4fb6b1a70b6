"""What `p2c new flow` does: a flow's files, from the templates of the project.

`templates/flow` has three folders: `staging` is for a table that no model stages yet, `new` has the
flow's own files, `added` what goes to the end of files that all flows share. FLOW, SYSTEM (of the
target) and TABLE in a path stand for their names; the text is Jinja with `[[ ]]` and `[% %]`,
because dbt's own braces are what it writes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2

from p2c.config.flow_sides import Pair, Side, pair, side
from p2c.config.target_list import TARGETS, targets_macro
from p2c.errors import ProjectError

TEMPLATES = Path("templates/flow")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
Texts = dict[Path, str]


def new_flow(
    project: Path, flow: str, source: str, target: str, maps: Sequence[str]
) -> tuple[list[Path], list[Path]]:
    """Write the flow's files; gives those that are new and those that were added to.

    `source` and `target` are `system.EntitySet`, declared in tables.yml; `maps` are
    `SourceField=TargetField`, the first of which finds the pairs. Raises ProjectError, before
    anything is written, for what is not declared, not mapped, or there already.
    """
    context = _context(project, flow, source, target, maps)
    new, added = _texts(project, context)
    for path in new:
        if (project / path).exists():
            raise ProjectError(f"{path} is there already: give the flow another name.")
    for path, text in {**new, **added}.items():
        (project / path).parent.mkdir(parents=True, exist_ok=True)
        (project / path).write_text(text, encoding="utf-8")
    (project / TARGETS).write_text(targets_macro(project), encoding="utf-8")
    return sorted(new), sorted([*added, Path(TARGETS)])


def _context(
    project: Path, flow: str, source: str, target: str, maps: Sequence[str]
) -> Mapping[str, Any]:
    if not _NAME.fullmatch(flow) or list(project.glob(f"models/**/{flow}.sql")):
        raise ProjectError(f"{flow!r} is no name for a flow: lower case, and that of no model.")
    ends = side(project, source), side(project, target)
    pairs = [pair(*ends, text) for text in maps]
    _check_key(ends[1], pairs)
    return {
        "flow": flow,
        "source": ends[0],
        "target": ends[1],
        "pairs": pairs,
        "match": pairs[0],
        "unstaged": [end for end in dict.fromkeys(ends) if not end.is_staged],
        "name": {
            layer: f"{layer}_{ends[1].system}__{flow}"
            for layer in ("target", "compare", "changes", "agreed")
        },
    }


def _check_key(target: Side, pairs: Sequence[Pair]) -> None:
    """F&O addresses a record by its company and fields that are written; Sales by an id."""
    mapped = {one.target_field for one in pairs}
    own = set(target.key_fields) - {"dataAreaId"}
    if target.system == "finops" and own - mapped:
        raise ProjectError(
            f"The key of {target.label} has {', '.join(sorted(own - mapped))}: map it."
        )
    if target.system == "sales" and (len(own) != 1 or own & mapped):
        raise ProjectError(f"The key of {target.label} must be one id, which is not mapped.")


def _texts(project: Path, context: Mapping[str, Any]) -> tuple[Texts, Texts]:
    """What is to be in new files, and in files that are there, by path in the project."""
    new = dict(_rendered(project, "new", context))
    for end in context["unstaged"]:
        [(_, text)] = _rendered(project, "staging", {**context, "side": end})
        new[Path(f"models/staging/{end.system}/{end.model}.sql")] = text
    added = {
        path: (project / path).read_text(encoding="utf-8") + text
        for path, text in _rendered(project, "added", context)
    }
    return new, added


def _rendered(project: Path, part: str, context: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    folder = project / TEMPLATES / part
    words = jinja2.Environment(
        variable_start_string="[[",
        variable_end_string="]]",
        block_start_string="[%",
        block_end_string="%]",
        comment_start_string="[#",
        comment_end_string="#]",
        trim_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701 - SQL and YAML, from the project's own files
    )
    for path in sorted(folder.rglob("*.*")):
        place = path.relative_to(folder).as_posix()
        place = place.replace("FLOW", context["flow"]).replace("SYSTEM", context["target"].system)
        yield Path(place), words.from_string(path.read_text(encoding="utf-8")).render(context)
