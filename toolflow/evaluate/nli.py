"""EnR by a trained NLI model, as the paper has it (the extra ``toolflow[nli]``).

The paper does not name its model, so that the user does: a sequence classifier of Hugging Face's, by its name or its
folder. Its weights are read as safetensors alone, and no code that comes with it is run.
"""

import importlib
from collections.abc import Callable, Sequence
from typing import Any

from toolflow.errors import ConfigError

BATCH = 16

Entails = Callable[[Sequence[tuple[str, str]]], list[bool]]
"""For each (premise, hypothesis), whether the one entails the other."""


def nli_model(name: str) -> Entails:
    """The model of this name; `ConfigError` when it cannot be had, or knows no entailment."""
    try:
        transformers = importlib.import_module("transformers")
        classify = transformers.pipeline(
            "text-classification", model=name, trust_remote_code=False, model_kwargs={"use_safetensors": True}
        )
    except ImportError:
        raise ConfigError("--nli: needs the packages 'transformers' and 'torch': pip install 'toolflow[nli]'") from None
    except (OSError, ValueError, RuntimeError) as error:
        raise ConfigError(f"--nli: {name} cannot be loaded: {str(error).strip().partition(chr(10))[0]}") from None
    labels = [str(label) for label in classify.model.config.id2label.values()]
    if not any(map(_is_entailment, labels)):
        raise ConfigError(f"--nli: {name} is no NLI model: it tells apart {', '.join(labels[:5])}, and no entailment")

    def entails(pairs: Sequence[tuple[str, str]]) -> list[bool]:
        asked = [{"text": premise, "text_pair": hypothesis} for premise, hypothesis in pairs]
        found: list[dict[str, Any]] = classify(asked, batch_size=BATCH, truncation=True) if asked else []
        return [_is_entailment(str(one["label"])) for one in found]

    return entails


def _is_entailment(label: str) -> bool:
    return label.lower().startswith("entail")
