"""Settings of a run: what there is to set, and how it is read."""

from toolflow.config.reading import PRICES, describe, find_config, packaged_configs, read_config, read_yaml
from toolflow.config.sections import (
    CatalogConfig,
    Config,
    DialogueConfig,
    EncoderConfig,
    GraphConfig,
    ImportConfig,
    LLMConfig,
    MixConfig,
    PlanConfig,
    PromptName,
    SampleConfig,
    SampleMode,
    SynthesizeConfig,
    ValidateConfig,
)

__all__ = [
    "PRICES",
    "CatalogConfig",
    "Config",
    "DialogueConfig",
    "EncoderConfig",
    "GraphConfig",
    "ImportConfig",
    "LLMConfig",
    "MixConfig",
    "PlanConfig",
    "PromptName",
    "SampleConfig",
    "SampleMode",
    "SynthesizeConfig",
    "ValidateConfig",
    "describe",
    "find_config",
    "packaged_configs",
    "read_config",
    "read_yaml",
]
