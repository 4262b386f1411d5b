"""Sampling: which tools a dialogue gets (paper §3.2)."""

from toolflow.sample.draw import Subset, draw_subset

__all__ = ["Subset", "draw_subset"]
