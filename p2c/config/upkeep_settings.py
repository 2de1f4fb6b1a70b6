"""Settings of what is kept and what is published beside the runs themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field


class UpkeepSettings(BaseModel):
    """A part of section [p2c]."""

    read_copy: Path | None = Field(
        default=None,
        description="DuckDB file for readers, relative to the project folder: after each run the "
        "layers that people read are copied into it ([read copy](read-copy.md)). None by default.",
    )
    read_copy_readers: Literal["owner", "group", "everyone"] = Field(
        default="owner", description="Who may read that file; it holds customers' data."
    )
    history_days: float = Field(
        default=365,
        ge=1,
        description="Days after which runs, plans without rows and the counts of how both systems "
        "stood are dropped.",
    )
    detail_days: float = Field(
        default=14,
        ge=1,
        description="Days after which of what each single run left (its counts, a run that wrote "
        "nothing) the last of a day stays, and reads and old log files go.",
    )
