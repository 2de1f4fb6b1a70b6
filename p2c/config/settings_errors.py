"""Sentences for settings that are missing, unknown or wrong."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import get_args

from pydantic import BaseModel, ValidationError


def missing(name: str, project_dir: Path) -> str:
    """A required value was found nowhere: name every place looked at, in order."""
    section, _, key = name.rpartition(".")
    return (
        f"Setting {name} is missing: looked at the environment variable {environment_name(name)}, "
        f"then at key {key} of section [{section}] in .dlt/secrets.toml and in .dlt/config.toml "
        f"under {project_dir}; `p2c sandbox up` writes them for the sandbox."
    )


def broken_file(name: str, error: ValueError) -> str:
    """A file that is no TOML, or an environment variable that cannot be read."""
    return f"Settings from {name} cannot be read: {error}."


def invalid(error: ValidationError, origins: dict[str, str], model: type[BaseModel]) -> str:
    """The first wrong setting, where it stands, its value and what is allowed."""
    first = error.errors(include_url=False)[0]
    path = [str(part) for part in first["loc"]]
    name = ".".join(path)
    where = origins.get(name) or next(
        (origin for known, origin in origins.items() if known.startswith(f"{name}.")), "default"
    )
    if first["type"] == "extra_forbidden":
        return f"Unknown setting {name} in {_place(name, where)}.{_suggestion(path, model)}"
    value = "a secret" if _is_secret(path, model) else repr(first["input"])
    reason = first["msg"].removeprefix("Value error, ")
    return f"Setting {name} in {_place(name, where)} is {value}: {_lower(reason)}."


def environment_name(name: str) -> str:
    """`sources.sales.url` → `SOURCES__SALES__URL`."""
    return name.upper().replace(".", "__")


def setting_names(model: type[BaseModel], prefix: str = "") -> list[str]:
    """Every setting of a model, dotted."""
    names: list[str] = []
    for key, field in model.model_fields.items():
        inner = _inner(field.annotation)
        names += setting_names(inner, f"{prefix}{key}.") if inner else [f"{prefix}{key}"]
    return names


def _inner(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return None


def _section(path: list[str], model: type[BaseModel]) -> type[BaseModel] | None:
    """The section that a setting stands in; one by name, as `by_flow.accounts`, is passed by."""
    known: type[BaseModel] | None = model
    parts = iter(path[:-1])
    for part in parts:
        field = known.model_fields.get(part) if known else None
        known = _inner(field.annotation) if field else None
        if field and known is None and (named := get_args(field.annotation)):
            known = _inner(named[-1])
            next(parts, None)
    return known


def _is_secret(path: list[str], model: type[BaseModel]) -> bool:
    known = _section(path, model)
    field = known.model_fields.get(path[-1]) if known else None
    return field is not None and "SecretStr" in str(field.annotation)


def _suggestion(path: list[str], model: type[BaseModel]) -> str:
    known = _section(path, model)
    siblings = list(known.model_fields) if known else []
    close = get_close_matches(path[-1], siblings, n=1, cutoff=0.5)
    if close:
        return f" Did you mean {'.'.join([*path[:-1], close[0]])}?"
    return f" Known here: {', '.join(siblings)}." if siblings else ""


def _place(name: str, origin: str) -> str:
    return environment_name(name) if origin == "environment" else origin


def _lower(message: str) -> str:
    return message[:1].lower() + message[1:]
