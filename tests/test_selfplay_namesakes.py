"""One name is one thing: artists, products and teams that two results speak of by name have one identifier in both."""

from itertools import pairwise
from typing import Any

import pytest
from selfplay_worlds import TEXT, answers, made, thing

SEEDS = range(12)
ARTIST = {
    "artist_id": {**TEXT, "examples": ["ART-1001"]},
    "artist_name": {**TEXT, "examples": ["Elin Sandvik", "Mateus Rocha", "Los Vientos", "Yuki Hoshino"]},
}
TRACK = {
    "track_id": {**TEXT, "examples": ["TRK-10001"]},
    "track_title": {**TEXT, "examples": ["Paper Lanterns", "Tidewater", "Harbour Lights", "Monsoon Letters"]},
}
QUERY = {**TEXT, "examples": ["live", "acoustic", "winter", "summer"]}


def listing(**fields: Any) -> dict[str, Any]:
    return thing(found={"type": "array", "minItems": 3, "items": thing(**fields)})


SEARCH = made("search_tracks", "Search for tracks.", listing(**TRACK, **ARTIST), query=QUERY)
ASKED = [(SEARCH, {"query": query}) for query in QUERY["examples"]]


def identifiers(results: list[Any], key: str, name: str) -> dict[str, set[str]]:
    """By name, the identifiers that listed things have under it."""
    found: dict[str, set[str]] = {}
    for result in results:
        for item in result["found"]:
            found.setdefault(item[name], set()).add(item[key])
    return found


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("key", "name"), [("artist_id", "artist_name"), ("track_id", "track_title")])
def test_a_name_is_one_thing(seed: int, key: str, name: str) -> None:
    """Whoever is mentioned beside a track has one identifier, and so has a track that is found again."""
    found = identifiers(answers(*ASKED, seed=seed), key, name)
    assert len(found) > 1
    assert all(len(ids) == 1 for ids in found.values()), found


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_found_again_is_as_it_was(seed: int) -> None:
    """The same track is by the same artist."""
    for one, other in pairwise(answers(*ASKED, seed=seed)):
        before = {item["track_id"]: item for item in one["found"]}
        assert all(before.get(item["track_id"], item) == item for item in other["found"])


@pytest.mark.parametrize("seed", SEEDS)
def test_what_does_not_belong_in_a_list_stays_out(seed: int) -> None:
    """A comedy is not listed among thrillers, whatever else bears its name."""
    titles = {**TEXT, "examples": ["Tidewater", "Glass", "Seven Winters", "Salt", "Ida"]}
    fields = {"film_id": {**TEXT, "examples": ["FM-1001"]}, "film_title": titles}
    genre = {**TEXT, "enum": ["comedy", "thriller"]}
    films = made("list_films", "List films.", listing(**fields, genre=genre), genre=genre)
    for genres in (("comedy", "thriller"), ("thriller", "comedy")):
        results = answers(*((films, {"genre": one}) for one in genres), seed=seed)
        for one, result in zip(genres, results, strict=True):
            assert {film["genre"] for film in result["found"]} == {one}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_new_identifier_gets_a_new_name(seed: int) -> None:
    """Two artists that were asked for by their identifiers are two."""
    profile = made("get_artist", "Get an artist.", thing(**ARTIST), artist_id=TEXT)
    results = answers(*((profile, {"artist_id": f"ART-200{number}"}) for number in range(3)), seed=seed)
    assert len({result["artist_name"] for result in results}) == 3


@pytest.mark.parametrize("seed", SEEDS)
def test_two_things_of_a_list_have_two_titles(seed: int) -> None:
    """Also where the call names one of a field's examples, which the first of them goes with."""
    titles = {**TEXT, "examples": ["Printer offline", "Return an item", "Change the address", "Cancel an order"]}
    author = {**TEXT, "examples": ["ada", "mei", "luis", "hana"]}
    article = {"article_id": {**TEXT, "examples": ["KB-1001"]}, "headline": titles, "author": author}
    search = made("search_articles", "Search for articles.", listing(**article), author=author)
    (result,) = answers((search, {"author": "mei"}), seed=seed)
    headlines = [item["headline"] for item in result["found"]]
    assert len(set(headlines)) == len(headlines)
    assert {item["author"] for item in result["found"]} == {"mei"}
