"""What happens in dialogues: turns, calls, steps, sources; counted message by message, for anybody's data.

A *tool turn* is a user turn that leads to calls before the user speaks again. It takes several steps when the
assistant calls in more than one message, and calls in parallel when one message holds several calls.
"""

from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from toolflow.schema import Kind, Verdict
from toolflow.tokens import message_tokens
from toolflow.validate.reading import Dialogue

SOURCE = "argument-source"
"""The rule that names an argument from nowhere."""
KINDS = tuple(Kind)
REPORT = frozenset({"report-figures", "report-names", "failure-told", "missed-call"})
"""Those that name what is told and was neither said, returned nor done."""


@dataclass
class Structure:
    """Counts over dialogues."""

    dialogues: int = 0
    valid: int = 0
    """No rule rejects them."""
    with_calls: int = 0
    traceable: int = 0
    """They have calls, and no argument comes from nowhere in the eyes of `toolflow validate`."""
    faithful: int = 0
    """No reply tells what nobody said, returned or did."""
    tokens: float = 0
    """Of all messages, calls and results, about; without the tools offered."""
    user_turns: int = 0
    tool_turns: int = 0
    several_steps: int = 0
    parallel: int = 0
    calls: int = 0
    offered: int = 0
    """Tools offered, dialogue by dialogue …"""
    used: int = 0
    """… and how many of them were called."""
    called: set[str] = field(default_factory=set)
    pairs: set[tuple[str, str]] = field(default_factory=set)
    """Tools called one right after the other."""
    kinds: Counter[str] = field(default_factory=Counter)
    """Requests by kind, where there is a plan; of kinds that ToolFlow does not know, none."""

    def add(self, dialogue: Dialogue, verdicts: list[Verdict]) -> None:
        """One dialogue and what the rules say of it."""
        self.dialogues += 1
        self.valid += not any(verdict.severity == "error" for verdict in verdicts)
        self.with_calls += bool(dialogue.calls)
        self.traceable += bool(dialogue.calls) and not any(verdict.rule == SOURCE for verdict in verdicts)
        self.faithful += not any(verdict.rule in REPORT for verdict in verdicts)
        calls = [f"{call.name}{call.text}" for call in dialogue.calls]
        self.tokens += message_tokens([message.text for message in dialogue.messages] + calls)
        self._turns(dialogue)
        names = [call.name for call in dialogue.calls]
        self.calls += len(names)
        self.offered += len(dialogue.tools)
        self.used += len(set(names) & dialogue.tools.keys())
        self.called |= set(names) & dialogue.tools.keys()
        self.pairs.update(pair for pair in pairwise(names) if pair[0] != pair[1])
        self._kinds(dialogue.record.get("plan"))

    def _turns(self, dialogue: Dialogue) -> None:
        sizes: list[int] = []
        """Calls in each assistant message with calls, since the user spoke."""
        by_message = Counter(call.message for call in dialogue.calls)
        for message in [*dialogue.messages, None]:
            if message is None or message.role == "user":
                self.user_turns += message is not None
                self.tool_turns += bool(sizes)
                self.several_steps += len(sizes) > 1
                self.parallel += max(sizes, default=0) > 1
                sizes = []
            elif message.has_calls:
                sizes.append(by_message[message.index])

    def _kinds(self, plan: Any) -> None:
        requests = plan.get("requests") if isinstance(plan, dict) else None
        for request in requests if isinstance(requests, list) else ():
            kind = request.get("kind") if isinstance(request, dict) else None
            if kind in KINDS:
                self.kinds[kind] += 1
