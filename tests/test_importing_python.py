"""Python modules: signatures, hints and docstrings are read, nothing is run."""

from pathlib import Path

import pytest

from tests.importing import imported, tools_of, write

__all__ = ["write"]

MODULE = '''
"""A module."""
import os
from dataclasses import dataclass, field
from enum import Enum
from typing import Annotated, Literal, NotRequired, Optional, TypedDict

from pydantic import BaseModel, Field

open("RAN", "w").write("x")


class Unit(Enum):
    """A unit."""

    C = "celsius"
    F = "fahrenheit"


@dataclass
class Report:
    """A report."""

    city: str
    temperature: float = 0.0
    """In degrees."""
    later: "Report | None" = None


class Filter(TypedDict, total=True):
    tag: str
    limit: NotRequired[int]


class Order(BaseModel):
    sku: str = Field(..., description="The article.")
    count: int = 1


def google(city: str, unit: Unit = Unit.C, *, days: Annotated[int, "How many."] = 3, mode: Literal["a", "b"] = "a",
           tags: list[str] | None = None, _private=1, ctx: "Context" = None, **rest) -> Report:
    """Report the weather.

    Args:
        city: The city.
        tags (list): Tags.

    Returns:
        The report.
    """


async def numpy(a, b: Optional[dict[str, int]] = None, f: Filter = {}):
    """Add.

    Parameters
    ----------
    a : int
        First.

    Returns
    -------
    float
        The sum.
    """


def sphinx(order: Order, when=os.getcwd()) -> None:
    """Place an order.

    :param order: The order.
    """


def _hidden(): ...


class Shop:
    def buy(self, sku: str) -> bool:
        """Buy it."""

    @staticmethod
    def hours(): ...

    @property
    def name(self): ...

    def __len__(self): ...
'''


@pytest.fixture
def tools(write, monkeypatch):
    """The tools of the module, and nothing of it was run."""
    monkeypatch.chdir(write.folder)
    found = tools_of(write(MODULE, "weather.py"))
    assert not Path("RAN").exists()
    return found


def test_public_functions_and_methods_are_tools(tools):
    """What is private, a property or mere data is none; every tool knows its line."""
    assert list(tools) == ["google", "numpy", "sphinx", "shop_buy", "shop_hours"]
    assert tools["shop_buy"]["description"] == "Buy it."
    assert tools["google"]["source"].startswith("weather.py:") and tools["google"]["category"] == "weather"


def test_hints_become_schemas(tools):
    """Enums, literals, annotations, unions, defaults; the context of a framework and ``**rest`` are no arguments."""
    google = tools["google"]
    assert google["description"] == "Report the weather."
    assert google["parameters"] == {
        "type": "object",
        "properties": {
            "city": {"type": "string", "description": "The city."},
            "unit": {
                "type": "string",
                "enum": ["celsius", "fahrenheit"],
                "default": "celsius",
                "description": "A unit.",
            },
            "days": {"type": "integer", "description": "How many.", "default": 3},
            "mode": {"type": "string", "enum": ["a", "b"], "default": "a"},
            "tags": {"type": ["array", "null"], "description": "Tags.", "items": {"type": "string"}},
        },
        "required": ["city"],
    }
    assert google["returns"]["description"] == "The report."
    assert google["returns"]["properties"] == {
        "city": {"type": "string"},
        "temperature": {"type": "number", "description": "In degrees.", "default": 0.0},
        "later": {"type": ["object", "null"], "description": "A report."},
    }


def test_docstrings_fill_in_what_hints_leave_open(tools):
    """NumPy's and Sphinx's as well; a class of the module is an object with its own required properties."""
    assert tools["numpy"]["parameters"]["properties"]["a"] == {"type": "integer", "description": "First."}
    assert tools["numpy"]["parameters"]["properties"]["b"]["additionalProperties"] == {"type": "integer"}
    assert tools["numpy"]["parameters"]["properties"]["f"]["required"] == ["tag"]
    assert tools["numpy"]["returns"] == {"type": "number", "description": "The sum."}
    order = tools["sphinx"]["parameters"]["properties"]["order"]
    assert order["description"] == "The order." and order["required"] == ["sku"]
    assert order["properties"]["sku"]["description"] == "The article."
    assert tools["sphinx"]["parameters"]["required"] == ["order"] and "returns" not in tools["sphinx"]


def test_all_decides_what_is_public(write):
    """Where a module says ``__all__``."""
    assert list(write.tools("__all__ = ['b']\ndef a(): ...\ndef b(): ...\n", "m.py")) == ["b"]


def test_a_folder_of_modules(write, tmp_path):
    """Modules without functions are passed over; two functions of one name are told apart by their modules."""
    write("def find(x: int): ...", "in/birds.py")
    write("def find(x: str): ...", "in/fish.py")
    write("X = 1", "in/empty.py")
    result = imported(tmp_path / "in")
    assert [name for name, _tool in result.tools] == ["birds_find", "fish_find"]
    assert not result.report.refused
