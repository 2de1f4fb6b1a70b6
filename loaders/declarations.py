"""What a dbt project may declare for the loaders: in a changes model, and in a target's columns.

Strict: an unknown key or value is an error that names the nearest right word, because a mistyped
key that is silently ignored writes by a policy that nobody chose. `macros/compare/declared.sql`
holds dbt to the same words before it builds anything; a test keeps the two alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from loaders.models import Operation, System, UndoCreate

Name = Annotated[str, Field(min_length=1)]
Policy = Literal["overwrite", "keep", "hold"]
FirstContact = Literal["overwrite", "fill", "keep", "hold"]


class _Declared(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Writes(_Declared):
    """Where the rows of a changes model go, and how (`meta.writes`)."""

    system: System
    entity_set: Name
    key: Annotated[list[Name], Field(min_length=1)]
    operations: Annotated[list[Operation], Field(min_length=1)]
    logical_name: Name | None = None
    part_of: Name | None = None
    whole: bool = False
    advice: dict[Name, Name] = {}
    on_drift: Policy = "overwrite"
    on_conflict: Policy = "hold"
    on_first_contact: FirstContact = "overwrite"
    on_delete: Literal["ignore", "deactivate", "delete"] = "ignore"
    deactivate: dict[str, Any] = {}
    on_demand: bool = False
    undo: UndoCreate = "delete"
    undo_reason: Name | None = None
    package: Name | None = None

    @field_validator("advice")
    @classmethod
    def _compiles(cls, advice: dict[str, str]) -> dict[str, str]:
        for words in advice:
            try:
                re.compile(words)
            except re.error as error:
                raise ValueError(f"{words!r} is no regular expression ({error})") from error
        return advice

    @model_validator(mode="after")
    def _has_values(self) -> Self:
        for key in ("on_delete", "undo"):
            if getattr(self, key) == "deactivate" and not self.deactivate:
                raise ValueError(f"{key} is deactivate, and `deactivate` names no values")
        return self


class ChangesMeta(_Declared):
    """`config.meta` of a changes model."""

    flow: Name
    target: Name
    writes: Writes


class ColumnMeta(_Declared):
    """`config.meta` of a target model's column."""

    compare: Literal["exact", "lower", "never"] = "exact"
    null_means: Literal["empty", "keep"] = "empty"
    lookup: Name | None = None
    navigation: Name | None = None
    read_as: Name | None = None
    sent_with: Name | None = None
    empty: str | int | None = None
    filled_with: Name | None = None
    on_drift: Policy | None = None
    on_conflict: Policy | None = None
    on_first_contact: FirstContact | None = None


def problems(error: ValidationError, kind: type[BaseModel], prefix: str) -> str:
    """All that is wrong in a declaration, a sentence each; `prefix` says where it stands."""
    return " ".join(dict.fromkeys(_messages(error, kind, prefix)))


def _messages(error: ValidationError, kind: type[BaseModel], prefix: str) -> Iterator[str]:
    for found in error.errors():
        path = [str(step) for step in found["loc"] if isinstance(step, str)]
        where = ".".join([prefix, *path])
        if found["type"] == "extra_forbidden":
            yield _unknown(path[-1], ".".join([prefix, *path[:-1]]), _keys(kind, path[:-1]))
        elif found["type"] == "missing":
            yield f"`{'.'.join([prefix, *path[:-1]])}` must say `{path[-1]}`."
        elif found["type"] == "literal_error":
            yield _wrong_value(where, found["input"], str(found["ctx"]["expected"]))
        else:
            problem = found["msg"].removeprefix("Value error, ")
            value = "" if isinstance(found["input"], Mapping) else f" is {found['input']!r}"
            yield f"`{where}`{value}: {problem}."


def _keys(kind: type[BaseModel], path: Sequence[str]) -> list[str]:
    """The keys that may stand at a place within a declaration."""
    for step in path:
        inner = kind.model_fields[step].annotation
        assert isinstance(inner, type)
        assert issubclass(inner, BaseModel)
        kind = inner
    return list(kind.model_fields)


def _unknown(word: str, where: str, allowed: Sequence[str]) -> str:
    return f"`{where}` has the unknown key `{word}`{_nearest(word, allowed)}; it can have " + (
        f"{', '.join(allowed)}."
    )


def _wrong_value(where: str, value: object, expected: str) -> str:
    allowed = expected.replace(" or ", ", ").replace("'", "").split(", ")
    return f"`{where}` has {value!r}{_nearest(str(value), allowed)}; it can be " + (
        f"{', '.join(allowed)}."
    )


def _nearest(word: str, allowed: Sequence[str]) -> str:
    close = get_close_matches(word, allowed, n=1, cutoff=0.5)
    return f" (did you mean `{close[0]}`?)" if close else ""
