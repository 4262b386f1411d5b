"""What others repeat of a secret is blacked out, whichever way they write it."""

import base64
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolflow.llm.censor import Censor, secrets_of

KEYS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=12, max_size=80)


@given(KEYS, st.text(max_size=20), st.text(max_size=20))
def test_no_form_of_a_secret_is_left(key: str, before: str, after: str) -> None:
    """As it is, quoted, or in base64 with whatever stands beside it."""
    censor = Censor([key])
    assert key not in censor(before + key + after)
    assert quote(key, safe="") not in censor(before + quote(key, safe="") + after)
    assert json.dumps(key)[1:-1] not in censor(json.dumps({"key": key}))
    coded = base64.b64encode(f"{before}{key}{after}".encode()).decode()
    left = censor(coded).replace("***", "")
    assert len(left) <= len(coded) - len(key) * 4 // 3 + 10  # at most a few letters at either end


@pytest.mark.parametrize("secrets", [[], [""], ["no"]])
def test_what_is_no_secret_stays(secrets: list[str]) -> None:
    """An endpoint of one's own needs no key."""
    assert Censor(secrets)("no key at all") == "no key at all"


def test_an_address_holds_secrets() -> None:
    """User and password, which are sent in base64, and the query."""
    censor = Censor(secrets_of("https://me:p%40ssword@example.com/v1?token=0123456789"))
    sent = base64.b64encode(b"me:p@ssword").decode()
    for secret in ("p@ssword", "p%40ssword", f"Basic {sent}", "?token=0123456789"):
        assert censor(f"refused: {secret}.").count("***") == 1
    assert "0123456789" not in censor("token=0123456789")
    assert list(filter(None, secrets_of("http://127.0.0.1/v1"))) == []
    assert list(secrets_of("http://[")) == []
    assert "secret" not in repr(Censor(["secret"]))
