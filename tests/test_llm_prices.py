"""Prices: written by people, checked strictly, matched exactly, never guessed."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolflow.errors import ConfigError
from toolflow.llm.prices import PICO, Price, in_dollars, in_pico, read_prices
from toolflow.llm.purse import Tokens

OPENAI = "https://api.openai.com/v1"
LIST = """
format: toolflow-prices/1
endpoints:
  llm.example.com:
    as_of: 2026-01-02
    source: a contract
    models:
      big: {input: 2, cached_input: 0.5, output: 8.25}
      small: {input: 0.000001, output: 0}
  127.0.0.1:8000:
    as_of: 2026-01-02
    source: my own hardware
    models:
      big: {input: 0, output: 0}
"""


def listed(folder: Path, text: str = LIST) -> Path:
    """A price list as a file."""
    path = folder / "prices.yaml"
    path.write_text(text)
    return path


def test_the_packaged_list_is_sound_and_dated() -> None:
    """Every endpoint has a date and a source, and no output is free."""
    prices = read_prices()
    assert len(prices.prices) > 50
    assert prices.as_of(OPENAI) is not None
    assert all(price.output > 0 for price in prices.prices.values())
    assert all(price.cached_input <= price.input <= price.output for price in prices.prices.values())


@pytest.mark.parametrize(
    ("endpoint", "model", "known"),
    [
        (OPENAI, "gpt-4.1", True),
        (OPENAI, "gpt-4.1-2025-04-14", True),
        ("https://API.openai.com:443/v1/", "gpt-4.1", True),
        ("https://api.anthropic.com/v1", "claude-haiku-4-5-20251001", True),
        (OPENAI, "gpt-4.1-turbo", False),
        (OPENAI, "gpt-4.1-2025", False),
        (OPENAI, "GPT-4.1", False),
        (OPENAI, "", False),
        ("https://api.openai.com.example.com/v1", "gpt-4.1", False),
        ("http://127.0.0.1:8000/v1", "gpt-4.1", False),
        ("http://[::1]:8000/v1", "gpt-4.1", False),
        ("the base URL", "gpt-4.1", False),
    ],
)
def test_a_model_is_known_by_endpoint_and_name(endpoint: str, model: str, known: bool) -> None:
    """Exactly, or with a date at its end; a server elsewhere that uses the name has no price."""
    assert (read_prices().price(endpoint, model) is not None) is known


def test_a_dated_name_that_is_listed_has_its_own_price() -> None:
    """gpt-4o-2024-05-13 cost twice as much as the gpt-4o of today."""
    prices = read_prices()
    dated, plain = (prices.price(OPENAI, name) for name in ("gpt-4o-2024-05-13", "gpt-4o"))
    assert dated is not None and plain is not None
    assert dated.input == 2 * plain.input


def test_a_list_of_ones_own(tmp_path: Path) -> None:
    """Hosts with and without a port; zero is a price; cached tokens cost what others do where nothing is said."""
    prices = read_prices(listed(tmp_path))
    assert prices.price("https://llm.example.com/v1", "big") == Price(2_000_000, 500_000, 8_250_000)
    assert prices.price("https://llm.example.com/v1", "small") == Price(1, 1, 0)
    assert prices.price("http://127.0.0.1:8000/v1", "big") == Price(0, 0, 0)
    assert prices.price("http://127.0.0.1:8001/v1", "big") is None
    assert prices.price(OPENAI, "gpt-4.1") is None


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("input: 2,", "input: -2,", "endpoints.llm.example.com.models.big.input: must be a number from 0"),
        ("input: 2,", "input: .nan,", "must be a number from 0"),
        ("input: 2,", "input: cheap,", "must be a number: US dollars per million tokens"),
        ("input: 2,", "input: true,", "must be a number"),
        ("input: 2,", "input: 0.0000001,", "at most 6 decimals"),
        ("input: 2,", "", "models.big.input: Field required"),
        ("output: 8.25", "output: 8.25, batch: 1", "unknown key"),
        ("toolflow-prices/1", "toolflow-prices/2", "format"),
        ("as_of: 2026-01-02", "as_of: lately", "as_of"),
        ("source: a contract", "source: ''", "source"),
        ("endpoints:", "endpoints: []\nothers:", "endpoints"),
        ("format:", "format: [", "not valid YAML"),
    ],
)
def test_a_mistake_names_file_and_key(tmp_path: Path, before: str, after: str, said: str) -> None:
    """One line, before anything is asked."""
    with pytest.raises(ConfigError) as caught:
        read_prices(listed(tmp_path, LIST.replace(before, after, 1)))
    assert str(tmp_path) in str(caught.value)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


TOKENS = st.builds(Tokens, *(st.integers(0, 10**6) for _ in range(2)), cached=st.integers(0, 10**6))
PRICE = st.builds(Price, *(st.integers(0, 10**9) for _ in range(3)))


@given(PRICE, TOKENS)
def test_the_bound_bounds(price: Price, tokens: Tokens) -> None:
    """No answer costs more than the bound of its tokens, however many came from a cache."""
    assert 0 <= price.cost(tokens) <= price.bound(tokens.prompt, tokens.completion)


@given(PRICE)
def test_a_price_is_read_as_it_was_written(price: Price) -> None:
    """The ledger remembers prices exactly."""
    assert Price.read(price.written()) == price


def test_money_is_counted_exactly() -> None:
    """A million tokens at 0.1 dollars, ten times, are a dollar; a budget is rounded down, never up."""
    tenth = Price(100_000, 100_000, 0)
    assert sum(tenth.cost(Tokens(1_000_000, 0)) for _ in range(10)) == PICO
    assert in_pico(0.1) * 10 == PICO
    assert in_dollars(in_pico(24.87)) == 24.87
