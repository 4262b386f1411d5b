"""ToolFlow: synthesizes multi-turn tool-calling dialogues for supervised fine-tuning."""

__version__ = "0.1.0"
