"""Records: the folder of a run, written so that a kill at any byte loses nothing and repeats nothing."""

from toolflow.records.folder import KEPT, LEDGER, MANIFEST, REJECTED, Book, Records, open_run
from toolflow.records.manifest import Identity, Manifest, Tally

__all__ = ["KEPT", "LEDGER", "MANIFEST", "REJECTED", "Book", "Identity", "Manifest", "Records", "Tally", "open_run"]
