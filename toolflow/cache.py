"""Where files live that can be made again: vectors of field texts, the graph of the packaged catalog."""

import os
from pathlib import Path

import platformdirs


def cache_folder() -> Path:
    """The folder named by the environment variable ``TOOLFLOW_CACHE``, or the user's cache folder."""
    named = os.environ.get("TOOLFLOW_CACHE")
    return Path(named).expanduser() if named else platformdirs.user_cache_path("toolflow")
