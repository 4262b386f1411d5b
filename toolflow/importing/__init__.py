"""Import: tools of any known format become a catalog, with a report of what was wrong with them.

Each source is read in bounds (`document`), its format recognised (`formats`), its tools drafted by that format's
reader, then finished: schemas without references (`inline`), clean texts, names that every endpoint takes.
Everything read is somebody else's: nothing is executed, fetched or opened outside of the folders given, and
what cannot be used is named with its reason while the rest goes on.
"""

from toolflow.importing.formats import FORMATS
from toolflow.importing.importing import Imported, import_tools, write_catalog
from toolflow.importing.report import Report

__all__ = ["FORMATS", "Imported", "Report", "import_tools", "write_catalog"]
