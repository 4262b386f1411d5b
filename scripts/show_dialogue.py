#!/usr/bin/env python3
"""Show one dialogue of a JSONL file: ``scripts/show_dialogue.py FILE [NUMBER]``.

Without a number it is the first of the file that uses the most kinds of request.
"""

import json
import sys
from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

STYLES = {"system": "dim", "user": "bold cyan", "assistant": "bold green", "tool": "yellow", "thought": "dim"}
MAX_RESULT = 400
"""Characters of a tool's result or a thought; the rest is not shown."""


def main() -> None:
    """Read, choose, show."""
    with open(sys.argv[1], encoding="utf-8") as file:
        dialogues = [json.loads(line) for line in file]
    chosen = dialogues[int(sys.argv[2])] if len(sys.argv) > 2 else max(dialogues, key=variety)
    show(chosen, Console(highlight=False))


def variety(dialogue: dict[str, Any]) -> int:
    """Number of kinds of request."""
    return len({request["kind"] for request in (dialogue.get("plan") or {}).get("requests", ())})


def show(dialogue: dict[str, Any], console: Console) -> None:
    """Print a dialogue as a talk; whatever it holds, nothing of it reaches the terminal as a control code."""
    console.rule(printable(str(dialogue.get("id", "dialogue"))))
    talk = Table.grid(padding=(0, 2))
    talk.add_column(justify="right")
    names = ", ".join(tool["function"]["name"] for tool in dialogue.get("tools", ()))
    talk.add_row(Text("tools", style="dim"), Text(printable(names), style="dim"))
    for message in dialogue["messages"]:
        for role, text in lines(message):
            quiet = "dim" if role in ("tool", "system", "thought") else ""
            talk.add_row(Text(role, style=STYLES.get(role, "")), Text(printable(text), style=quiet))
    console.print(talk)


def lines(message: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What one message says and calls, by whom."""
    text = message.get("content") or ""
    if thought := message.get("reasoning_content"):
        yield "thought", shortened(thought)
    if message["role"] == "tool":
        text = shortened(text)
    if text:
        yield message["role"], text
    for call in message.get("tool_calls") or ():
        yield message["role"], f"→ {call['function']['name']}({call['function']['arguments']})"


def shortened(text: str) -> str:
    """The beginning of a long text."""
    return f"{text[:MAX_RESULT]} … ({len(text) - MAX_RESULT:,} more characters)" if len(text) > MAX_RESULT else text


def printable(text: str) -> str:
    """The text with every control character shown instead of obeyed."""
    return "".join(
        char if char.isprintable() or char == "\n" else char.encode("unicode_escape").decode() for char in text
    )


if __name__ == "__main__":
    main()
