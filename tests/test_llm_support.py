"""What an endpoint supports: which feature a refusal is about, in the words of real servers."""

import pytest

from toolflow.llm.refusals import is_refusal, only_here, refused_feature
from toolflow.llm.support import Feature

COMMON: set[Feature] = {"temperature", "seed", "max_tokens"}
LLAMA = "Unable to generate parser for this template. Automatic parser generation failed: JSON schema error at "
TOO_LONG = "request (12019 tokens) exceeds the available context size (8192 tokens), try increasing it"


@pytest.mark.parametrize(
    ("status", "refusal", "carried", "feature", "here"),
    [
        (400, LLAMA + "#: unrecognized type strin", {"schema"}, "schema", True),
        (400, LLAMA + "#/properties/x: cannot resolve $ref #/$defs/y, $defs not found", {"tools"}, "tools", True),
        (400, LLAMA + "#/properties/x: unrecognized type weird", {"tools"}, "tools", True),
        (400, 'response_format type must be one of "text" or "json_object"', {"schema"}, "schema", False),
        (500, "tools param requires --jinja flag", {"tools"}, "tools", False),
        (400, TOO_LONG, {"tools"}, None, False),
        (400, TOO_LONG, {"schema"}, None, False),
    ],
)
@pytest.mark.parametrize("proven", [set(), COMMON, COMMON | {"schema", "tools"}], ids=["first", "later", "all"])
def test_llama_cpp_is_understood(
    status: int, refusal: str, carried: set[Feature], feature: Feature | None, here: bool, proven: set[Feature]
) -> None:
    """The words of its server in xllamacpp 2026.10, at a first question and at later ones."""
    assert is_refusal(status, refusal)
    assert refused_feature(refusal, COMMON | carried, proven) == feature
    if feature is not None:
        assert only_here(feature, refusal) == here
