"""Settings of a run: what there is to set, and how it is read."""

from toolflow.config.execute import ExecuteConfig, ServerConfig, shown_command
from toolflow.config.mix import MixConfig
from toolflow.config.reading import PRICES, describe, find_config, packaged_configs, read_config, read_yaml
from toolflow.config.sections import (
    AllowConfig,
    CatalogConfig,
    Config,
    DenyConfig,
    DialogueConfig,
    EncoderConfig,
    GraphConfig,
    ImportConfig,
    LLMConfig,
    PlanConfig,
    PromptName,
    SampleConfig,
    SampleMode,
    SynthesizeConfig,
    ValidateConfig,
)

__all__ = [
    "PRICES",
    "AllowConfig",
    "CatalogConfig",
    "Config",
    "DenyConfig",
    "DialogueConfig",
    "EncoderConfig",
    "ExecuteConfig",
    "GraphConfig",
    "ImportConfig",
    "LLMConfig",
    "MixConfig",
    "PlanConfig",
    "PromptName",
    "SampleConfig",
    "SampleMode",
    "ServerConfig",
    "SynthesizeConfig",
    "ValidateConfig",
    "describe",
    "find_config",
    "packaged_configs",
    "read_config",
    "read_yaml",
    "shown_command",
]
