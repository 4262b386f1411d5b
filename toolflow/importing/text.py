"""Descriptions as a model should read them: no HTML, no control characters, no essay.

Tags that HTML knows are taken out, and those of AWS's documentation; ``<id>`` and ``List<str>`` stay, being
no tags. Links in Markdown keep their words and lose their address. Cleaning what is clean changes nothing.
"""

import html
import re
from functools import lru_cache
from typing import Any

MAX_RAW = 20_000
"""Characters that are looked at; nobody describes a tool in more."""
_ROUNDS = 8

_TAG = re.compile(
    r"</?(?:a|abbr|b|big|blockquote|body|br|caption|center|cite|code|dd|del|details|div|dl|dt|em|fieldset|figure|font|"
    r"footer|form|fullname|h[1-6]|head|header|hr|html|i|iframe|img|important|ins|kbd|li|main|mark|nav|note|ol|p|pre|q|"
    r"s|samp|script|section|small|span|strike|strong|style|sub|summary|sup|svg|table|tbody|td|tfoot|th|thead|tr|tt|u|"
    r"ul|var|video|caution|warning|tip)(?:\s[^<>]{0,1000})?/?>",
    re.IGNORECASE,
)
_BREAKS = re.compile(
    r"<(?:/?(?:p|div|tr|table|ul|ol|h[1-6]|section|pre|blockquote)|br|li)\b[^<>]{0,1000}>", re.IGNORECASE
)
_HIDDEN = re.compile(r"<(script|style)\b[^<>]{0,1000}>[^<]{0,20000}</\1\s{0,20}>", re.IGNORECASE)
_COMMENT = re.compile(r"<!--[^<>]{0,2000}-->")
_LINK = re.compile(r"!?\[([^\[\]\n]{1,200})\]\((?:https?:|/|#|mailto:)[^()\s]{0,500}\)")
_SPACES = re.compile(r"[ \t\u00a0]{1,20000}")
_END = re.compile(r"[.!?](?=\s)|[。!?]")


def clean(text: Any, limit: int) -> str:
    """The text without markup and control characters, at most ``limit`` characters; '' for what is no text."""
    if not isinstance(text, str):
        return ""
    return shortened(_cleaned(text[:MAX_RAW]), limit)


@lru_cache(maxsize=4_096)
def _cleaned(text: str) -> str:
    for _round in range(_ROUNDS):  # what is taken out or unescaped can bring forth another tag
        before, text = text, _plain(text)
        if text == before:
            return text
    return _tidy(re.sub(r"[<>&\[\]]", " ", text))


def _plain(text: str) -> str:
    if "&" in text:
        text = html.unescape(text)
    if "<" in text:
        text = _HIDDEN.sub(" ", _COMMENT.sub(" ", text))
        text = _TAG.sub("", _BREAKS.sub("\n", text))
    if "](" in text:
        text = _LINK.sub(r"\1", text)
    return _tidy(text)


def _tidy(text: str) -> str:
    """Lines without needless space, at most one empty line in a row, no character that steers a terminal."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    lines: list[str] = []
    for raw in text.split("\n"):
        line = _SPACES.sub(" ", raw).strip()
        if not line.isprintable():
            line = "".join(char for char in line if char.isprintable() or char == "\u3000").strip()
        if line or (lines and lines[-1]):
            lines.append(line)
    return "\n".join(lines).strip()


def shortened(text: str, limit: int) -> str:
    """At most ``limit`` characters: cut after a sentence where one ends in the second half, else after a word."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    ends = [match.end() for match in _END.finditer(head)]
    if ends and ends[-1] >= limit // 2:
        return head[: ends[-1]].rstrip()
    space = head.rfind(" ")
    return (head[:space] if space >= limit // 2 else head).rstrip() + "…"


def one_line(text: str, limit: int = 160) -> str:
    """For reports: the text on one line."""
    return shortened(" ".join(text.split()), limit)
