"""At which stage of a task a tool stands, by the verb in its name: search, then get, then book, then change, then end.

What one tool returns feeds another as a rule only forward: nobody books first and searches then. The words are
those of API naming at large, none of any catalog's own; a name without one of them says nothing. Ours; the paper's
graph has no direction.
"""

from functools import lru_cache

from toolflow.graph.names import words

_STAGES = (
    "authenticate browse discover find list login lookup popular query search token top trending verify",
    "analyze calculate check compute convert describe detail fetch get read retrieve see show view",
    "add apply book buy create follow make open order play post purchase put register rent request reserve save"
    " schedule send set share start transfer",
    "change edit modify move rename reorder reschedule update",
    "cancel close delete end pause remove stop unfollow",
)
STAGE = {word: stage for stage, line in enumerate(_STAGES) for word in line.split()}
_OF_HTTP = frozenset({"get", "post", "put"})


@lru_cache(maxsize=100_000)
def stage(name: str) -> int | None:
    """The stage of a tool of this name, 0 to 4; None when its name tells none.

    A last word is a noun (``image_search``), save in names of two words; ``get`` before another verb is HTTP's.
    """
    found = words(name)
    verbs = [at for at, word in enumerate(found) if word in STAGE and (at + 1 < len(found) or len(found) <= 2)]
    if not verbs:
        return None
    first = verbs[0]
    if found[first] in _OF_HTTP and first + 1 in verbs:
        first += 1
    return STAGE[found[first]]
