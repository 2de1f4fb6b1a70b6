"""What the sections of the settings have in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A key that it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)
