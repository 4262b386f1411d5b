"""Blacks out secrets in what others say: some endpoints and proxies repeat the key in their errors.

A secret is looked for as it is, quoted for URLs, JSON or Python, and in base64 (a password in a base URL is sent that
way). Whoever repeats it otherwise, or in parts, is not caught.
"""

import base64
import json
from collections.abc import Iterable, Iterator
from urllib.parse import quote, unquote, urlsplit

LEAST = 4
"""A shorter secret is none, and would black out words."""
BLACK = "***"


class Censor:
    """Takes texts, gives them back without the secrets."""

    def __init__(self, secrets: Iterable[str]) -> None:
        found = {form for secret in secrets if len(secret) >= LEAST for form in _forms(secret)}
        self._forms = sorted(found, key=len, reverse=True)

    def __repr__(self) -> str:
        return "Censor()"

    def __call__(self, text: str) -> str:
        """The text with every secret blacked out."""
        for form in self._forms:
            text = text.replace(form, BLACK)
        return text


def secrets_of(url: str | None) -> Iterator[str]:
    """User and password of an address, alone and as they are sent, and its query."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    yield from (password, parts.password or "", parts.query)
    if user or password:
        yield f"{user}:{password}"


def _forms(secret: str) -> Iterator[str]:
    yield from (secret, quote(secret), quote(secret, safe=""), json.dumps(secret)[1:-1], repr(secret)[1:-1])
    for before in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            # Its first and last letters depend on what stands beside the secret.
            coded = encode(b"x" * before + secret.encode()).decode().rstrip("=")
            core = coded[4 if before else 0 : -1]
            if len(core) >= LEAST:
                yield core
