"""One vocabulary: the loaders, dbt's macros and the page know the same words."""

import re
from pathlib import Path
from typing import Any, get_args

import jinja2
import pytest
from pydantic import BaseModel

from loaders.declarations import ChangesMeta, ColumnMeta, Writes

ROOT = Path(__file__).parents[2]
KINDS: dict[str, type[BaseModel]] = {"meta": ChangesMeta, "writes": Writes, "columns": ColumnMeta}


def words() -> dict[str, Any]:
    """What `declared_words()` returns, without dbt."""
    text = (ROOT / "macros/compare/declared.sql").read_text()
    returned: list[dict[str, Any]] = []
    environment = jinja2.Environment(extensions=["jinja2.ext.do"])
    macros = environment.from_string(text, globals={"return": returned.append}).make_module()
    macros.declared_words()  # type: ignore[attr-defined]
    return returned[0]


def choices(kind: type, key: str) -> list[str]:
    """The values that a key may have; none where it takes any."""
    annotation = kind.model_fields[key].annotation  # type: ignore[attr-defined]
    inner = get_args(annotation)
    if inner and get_args(inner[0]):  # a list of choices, or none or one of them
        inner = get_args(inner[0])
    return [value for value in inner if isinstance(value, str)]


@pytest.mark.parametrize("kind", KINDS)
def test_dbt_and_the_loaders_take_the_same_words(kind: str) -> None:
    """The macros refuse what `loaders.declarations` refuses."""
    declared, model = words(), KINDS[kind]
    assert list(declared[kind]) == list(model.model_fields)
    for key, values in declared[kind].items():
        assert values == choices(model, key), key
    required = [name for name, field in model.model_fields.items() if field.is_required()]
    assert declared["must"].get(kind, []) == required


@pytest.mark.parametrize(("kind", "title"), [("writes", "a changes model"), ("columns", "a col")])
def test_the_page_explains_every_word(kind: str, title: str) -> None:
    """`docs/add-a-flow.md` has each key, with each of its values."""
    page = (ROOT / "docs/add-a-flow.md").read_text()
    section = page.split(f"## What {title}")[1].split("\n## ")[0]
    rows = dict(re.findall(r"^\| `(\w+)` \| ([^|]*) \|", section, re.MULTILINE))
    assert rows.keys() == KINDS[kind].model_fields.keys()
    for key, values in rows.items():
        allowed = choices(KINDS[kind], key)
        assert not allowed or sorted(values.split(", ")) == sorted(allowed), key
