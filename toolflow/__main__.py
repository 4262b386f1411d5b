"""``python -m toolflow`` is the program ``toolflow``."""

from toolflow.cli import main

main()
