"""EnR by a trained NLI model, as the paper has it (the extra ``toolflow[nli]``).

The paper does not name its model, so that the user does: a sequence classifier of Hugging Face's, by its name or its
folder. Its weights are read as safetensors alone, and no code that comes with it is run.
"""

import importlib
from collections.abc import Callable, Sequence
from typing import Any

from toolflow.errors import ConfigError, RunError

BATCH = 16
DEFAULT_TOKENS = 512
"""The longest text of a model that does not say."""

Entails = Callable[[Sequence[tuple[str, str]]], list[bool]]
"""For each (premise, hypothesis), whether the one entails the other."""


def nli_model(name: str) -> Entails:
    """The model of this name; `ConfigError` when it cannot be had, or knows no entailment. What it makes raises
    `RunError` when the model fails on a text."""
    try:
        transformers = importlib.import_module("transformers")
        classify = transformers.pipeline(
            "text-classification", model=name, trust_remote_code=False, model_kwargs={"use_safetensors": True}
        )
    except ImportError:
        raise ConfigError(
            "--nli: needs the packages 'transformers' and 'torch': pip install transformers torch"
        ) from None
    except (OSError, ValueError, RuntimeError) as error:
        raise ConfigError(f"--nli: {name} cannot be loaded: {_first_line(error)}") from None
    labels = [str(label) for label in classify.model.config.id2label.values()]
    if not any(map(_is_entailment, labels)):
        raise ConfigError(f"--nli: {name} is no NLI model: it tells apart {', '.join(labels[:5])}, and no entailment")

    longest = min(classify.tokenizer.model_max_length, _positions(classify.model.config))

    def entails(pairs: Sequence[tuple[str, str]]) -> list[bool]:
        asked = [{"text": premise, "text_pair": hypothesis} for premise, hypothesis in pairs]
        if not asked:
            return []
        try:
            found = classify(asked, batch_size=BATCH, truncation=True, max_length=longest)
        except (RuntimeError, IndexError, ValueError) as error:
            raise RunError(f"--nli: {name} fails: {_first_line(error)}") from None
        return [_is_entailment(str(one["label"])) for one in found]

    return entails


def _positions(config: Any) -> int:
    """Tokens that a model takes, where its tokenizer does not know: RoBERTa's first two positions hold none."""
    positions = getattr(config, "max_position_embeddings", None)
    return max(positions - 2, 1) if isinstance(positions, int) and positions > 0 else DEFAULT_TOKENS


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]


def _is_entailment(label: str) -> bool:
    return label.lower().startswith("entail")
