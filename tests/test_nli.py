"""EnR by an NLI model: what it is shown and what comes of its labels; a stand-in for the library, no download."""

import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.endpoint import Endpoint, served
from tests.test_evaluate import FROM_NOWHERE, GOOD, written
from toolflow.cli import run
from toolflow.errors import ConfigError, RunError
from toolflow.evaluate.nli import nli_model

pytestmark = pytest.mark.usefixtures("cache")
LABELS = ("CONTRADICTION", "neutral", "Entailment")


class Library:
    """Stands in for ``transformers``: what follows speaks of Bonn."""

    def __init__(self, labels: tuple[str, ...] = LABELS, error: Exception | None = None) -> None:
        self.labels, self.error = labels, error
        self.longest = 10**30
        self.positions: int | None = 514
        self.limits: set[int] = set()
        self.failure: Exception | None = None
        self.loaded: list[dict[str, Any]] = []
        self.shown: list[dict[str, str]] = []

    def pipeline(self, task: str, **options: Any) -> Any:
        """A classifier with the labels."""
        self.loaded.append({"task": task, **options})
        if self.error is not None:
            raise self.error
        return self

    @property
    def model(self) -> Any:
        """With a config, as the library's."""
        labels = dict(enumerate(self.labels))
        return SimpleNamespace(config=SimpleNamespace(id2label=labels, max_position_embeddings=self.positions))

    @property
    def tokenizer(self) -> Any:
        """One that knows how long a text may be, or does not."""
        return SimpleNamespace(model_max_length=self.longest)

    def __call__(
        self, pairs: list[dict[str, str]], *, batch_size: int, truncation: bool, max_length: int
    ) -> list[dict[str, Any]]:
        """A label for each pair."""
        assert truncation and batch_size > 0
        if self.failure is not None:
            raise self.failure
        self.limits.add(max_length)
        self.shown += pairs
        return [{"label": self.labels[2 if "Bonn" in pair["text_pair"] else 1], "score": 0.9} for pair in pairs]


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Library:
    """What is imported as ``transformers``."""
    library = Library()
    monkeypatch.setitem(sys.modules, "transformers", library)
    return library


def test_the_share_of_entailed_requests(tmp_path: Path, library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    """Premise is request and reply before, hypothesis the request; the interval stands beside the paper's figure."""
    path = written(tmp_path, GOOD, FROM_NOWHERE)
    assert run(["evaluate", str(path), "--no-coherence", "--nli", "some/model"]) == 0
    printed = capsys.readouterr()
    row = next(line for line in printed.out.splitlines() if line.startswith("EnR"))
    assert row.split() == ["EnR", "50.00", "(2)", "47.30"]
    assert "EnR is not measured" not in printed.err
    assert library.shown == [
        {"text": "Weather and news for Oslo and Rome? All is fine.", "text_pair": "And the weather in Bonn?"},
        {"text": "And the weather in Bonn? Fine as well.", "text_pair": "Thanks!"},
    ]
    (loaded,) = library.loaded
    assert (loaded["model"], loaded["trust_remote_code"]) == ("some/model", False)
    assert loaded["model_kwargs"] == {"use_safetensors": True}


def test_a_file_without_rounds(tmp_path: Path, library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    """There is nothing to entail, and nothing is asked."""
    assert run(["evaluate", str(written(tmp_path, FROM_NOWHERE)), "--no-coherence", "--nli", "m", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["enr"] is None
    assert library.shown == []


def test_beside_a_judge(tmp_path: Path, library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    """The judge is then asked about dialogues alone."""
    with served(Endpoint()) as endpoint:
        options = ("--judge", "--model", "m", "--base-url", endpoint.url, "--nli", "m", "--json")
        assert run(["evaluate", str(written(tmp_path, GOOD)), "--no-coherence", *options]) == 0
    printed = capsys.readouterr()
    (found,) = json.loads(printed.out)
    assert (found["enr"], set(found["intervals"])) == (50, {"enr", "nat", "coh", "help", "acc"})
    assert "judge: questions to ask: dialogues 1, rounds 0" in printed.err and len(endpoint.requests) == 1


@pytest.mark.parametrize(
    ("library", "said"),
    [
        (None, r"needs the packages 'transformers' and 'torch': pip install transformers torch"),
        (Library(error=ImportError("no torch")), r"pip install transformers torch"),
        (Library(error=OSError("m is no folder\nIf this is …")), r"^--nli: m cannot be loaded: m is no folder$"),
        (Library(("NEGATIVE", "POSITIVE")), "m is no NLI model: it tells apart NEGATIVE, POSITIVE, and no entailment"),
        (Library(("not_entailment", "other")), "no NLI model"),
    ],
)
def test_a_mistake_is_one_line(library: Library | None, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is missing, or wrong with the model."""
    monkeypatch.setitem(sys.modules, "transformers", library)
    with pytest.raises(ConfigError, match=said):
        nli_model("m")


@pytest.mark.parametrize(
    ("longest", "positions", "limit"), [(10**30, 514, 512), (256, 514, 256), (10**30, None, 512), (10**30, -1, 512)]
)
def test_texts_are_cut_to_what_the_model_takes(
    longest: int, positions: int | None, limit: int, library: Library
) -> None:
    """Many a tokenizer does not know, and the model would break on a long text."""
    library.longest, library.positions = longest, positions
    assert nli_model("m")([("Bonn", "Bonn?"), ("Rome", "Rome?")]) == [True, False]
    assert library.limits == {limit}


def test_a_model_that_fails_on_a_text_is_one_line(library: Library) -> None:
    """With the first line of what it says."""
    library.failure = RuntimeError("The size of tensor a must match\nat dimension 1")
    with pytest.raises(RunError, match=r"^--nli: m fails: The size of tensor a must match$"):
        nli_model("m")([("Bonn", "Bonn?")])
