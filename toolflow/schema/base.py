"""The base of all nouns: immutable values that know nothing of files, clients or clocks."""

from pydantic import BaseModel, ConfigDict


class Noun(BaseModel):
    """A frozen value with exactly the fields it names."""

    model_config = ConfigDict(frozen=True, extra="forbid")
