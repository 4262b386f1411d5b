"""Rules on what the assistant tells: faithful to what the user said and the tools returned."""

import json
from collections.abc import Iterator
from functools import cache

from toolflow.claims import Known, claims
from toolflow.effort import Effort
from toolflow.failures import tells_of_failure, tells_of_success
from toolflow.ordinary import is_ordinary
from toolflow.told_names import names_unheard
from toolflow.validate.finding import Finding, strict
from toolflow.validate.reading import Dialogue


def report_figures(dialogue: Dialogue) -> Iterator[Finding]:
    """Days, times, numbers and codes that the assistant tells were said by the user or returned by a tool.

    In other languages than English, which write them otherwise, it only warns.
    """
    known = Known()
    known.take_in([call.arguments for call in dialogue.calls])  # another rule asks where they come from
    for message in dialogue.messages:
        for result in dialogue.results_at.get(message.index, ()):
            known.take_in(result.value)
        if message.role == "assistant":
            for claim in claims(message.text):
                if not known.bears(claim):
                    why = f"neither the user nor a result says {claim.text!r}"
                    yield Finding(f"{message.where}.content", why, strict(dialogue.ours and dialogue.in_english))
        elif message.role != "tool":
            known.listen(message.text)


def report_names(dialogue: Dialogue) -> Iterator[Finding]:
    """Names that the assistant tells were said by the user or returned by a tool (well-known words only warn)."""
    if not dialogue.in_english:  # a capital letter need be no name there
        return

    @cache
    def tools() -> str:
        return json.dumps(dialogue.record.get("tools"), ensure_ascii=False)

    effort = Effort()
    brought_up = [call.text for call in dialogue.calls]
    for message in dialogue.messages:
        if message.role != "assistant":
            brought_up.append(message.text)
            continue
        for name in names_unheard(message.text, brought_up, tools, effort):
            why = f"neither the user nor a result says {name!r}"
            yield Finding(f"{message.where}.content", why, strict(dialogue.ours and not is_ordinary(name)))


def failure_told(dialogue: Dialogue) -> Iterator[Finding]:
    """A reply to calls that all failed says that something went wrong, or asks.

    Others' words for trouble are endless: of their replies only those that tell of success are errors.
    """
    if not dialogue.in_english:
        return
    failed: list[bool] = []
    for message in dialogue.messages:
        failed += [result.failed for result in dialogue.results_at.get(message.index, ())]
        replies = message.role == "assistant" and message.text and not message.has_calls
        if replies and failed and all(failed) and not tells_of_failure(message.text):
            severity = strict(dialogue.ours or tells_of_success(message.text))
            yield Finding(f"{message.where}.content", "every call had failed, and nothing of it is told", severity)
        if message.role == "user":
            failed = []
