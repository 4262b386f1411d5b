"""Chains of the selfplay cast that go on with the best of what was found, or with each of the first two."""

import asyncio
from collections.abc import Iterator
from functools import lru_cache

from toolflow.choice import choice_in
from toolflow.config import Config, MixConfig
from toolflow.graph import packaged_graph
from toolflow.making import Recipe, make_record
from toolflow.schema import AssistantMessage, Draw, FromOutput, Kind, Record, Request, UserMessage
from toolflow.selfplay import make_selfplay_cast
from toolflow.selfplay.acts import Reference
from toolflow.selfplay.pointing import reference_words

RECORDS = 120


@lru_cache
def records() -> list[Record]:
    """Dialogues of chains."""
    config = Config(mix=MixConfig(kinds={Kind.CHAIN: 1.0}))
    recipe = Recipe(config, packaged_graph(config), make_selfplay_cast, 11)

    async def go() -> list[Record]:
        return [await make_record(recipe, Draw(index)) for index in range(RECORDS)]

    return asyncio.run(go())


def turns(record: Record) -> Iterator[tuple[Request, str, list[AssistantMessage]]]:
    """Each request with what the user said for it, and the messages that called."""
    assert record.plan
    spoken = [at for at, message in enumerate(record.messages) if isinstance(message, UserMessage)]
    for number, (at, position) in enumerate(zip(spoken, record.meta.turns, strict=True)):
        following = record.messages[at : spoken[number + 1] if number + 1 < len(spoken) else None]
        calling = [message for message in following if isinstance(message, AssistantMessage) and message.tool_calls]
        yield record.plan.requests[position], str(record.messages[at].content), calling


def paths(request: Request) -> list[str]:
    """Where its arguments come from in earlier results."""
    sources = [source for call in request.calls for source in call.arguments.values()]
    return [source.path for source in sources if isinstance(source, FromOutput)]


def test_they_are_made_and_kept() -> None:
    """A share of all chains; the rules judge whether the choice is right and was stated."""
    assert [record.id for record in records() if not record.kept] == []
    requests = [request for record in records() if record.plan for request in record.plan.requests]
    chosen = [request for request in requests if any(map(choice_in, paths(request)))]
    assert len(chosen) >= len(requests) / 50


def test_the_user_says_which_is_wanted() -> None:
    """Not by number, and not only by the word "that"."""
    for record in records():
        for request, said, _ in turns(record):
            for path in paths(request):
                if chosen := choice_in(path):
                    assert chosen[1].is_stated(said), said
                    assert "first" not in said.lower()


def test_each_of_two_is_asked_for_once_and_called_for_at_once() -> None:
    """One clause, two calls in one message."""
    found = 0
    for record in records():
        for request, said, calling in turns(record):
            if len(request.calls) == 3 and request.calls[1].tool == request.calls[2].tool:
                found += 1
                assert said.count("each of the first two") == 1, said
                assert [len(message.tool_calls) for message in calling] == [1, 2]
    assert found


def test_words_for_what_is_chosen() -> None:
    """By what the parameter and the list are called."""
    cases = [
        ("hotel_id", "hotels[least price].hotel_id", "the cheapest hotel"),
        ("flight_id", "results[least price].flight_id", "the cheapest flight"),
        ("address", "places[most rating].address", "the address of the best-rated place"),
        ("hotel_id", "hotels[:2].hotel_id", "each of the first two hotels"),
        ("address", "places[:2].address", "the address of each of the first two places"),
    ]
    for name, path, words in cases:
        assert reference_words(name, Reference(1, path)) == words
