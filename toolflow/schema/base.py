"""The base of all nouns: immutable values that know nothing of files, clients or clocks."""

from typing import TypeAlias

from pydantic import BaseModel, ConfigDict

JSON: TypeAlias = "None | bool | int | float | str | list[JSON] | dict[str, JSON]"
"""Any JSON value."""

Schema: TypeAlias = "dict[str, JSON]"
"""A JSON Schema (draft 2020-12 unless it says otherwise)."""


class Noun(BaseModel):
    """A frozen value with exactly the fields it names."""

    model_config = ConfigDict(frozen=True, extra="forbid")
