"""What an import did: how many tools came in, were repaired and how, were dropped and why."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from toolflow.importing.draft import Dropped
from toolflow.importing.near import Near


@dataclass
class FileReport:
    """One file or server."""

    name: str
    named: bool = True
    """Whether a person named it, rather than the folder it is in."""
    formats: dict[str, int] = field(default_factory=dict)
    """Documents by format."""
    kept: int = 0
    repaired: int = 0
    """Of those kept."""
    dropped: list[Dropped] = field(default_factory=list)
    refused: str | None = None
    """Why it, or the rest of it, could not be read."""
    part_of_another: bool = False
    """It holds no tools of its own; another file refers to it."""

    @property
    def found(self) -> int:
        """Tools that it holds."""
        return self.kept + len(self.dropped)

    def as_json(self) -> dict[str, Any]:
        """For ``--report``."""
        return {
            "source": self.name,
            "formats": sorted(self.formats),
            "found": self.found,
            "kept": self.kept,
            "repaired": self.repaired,
            "dropped": len(self.dropped),
            "refused": self.refused,
            "part_of_another": self.part_of_another,
        }


@dataclass
class Report:
    """All files of one import."""

    files: list[FileReport] = field(default_factory=list)
    repairs: Counter[str] = field(default_factory=Counter)
    """Tools by kind of repair."""
    repaired: list[dict[str, Any]] = field(default_factory=list)
    """Each repaired tool, with its kinds of repairs and the first case of each."""
    near: list[Near] = field(default_factory=list)

    @property
    def kept(self) -> int:
        """Tools that came in."""
        return sum(file.kept for file in self.files)

    @property
    def refused(self) -> list[FileReport]:
        """Files that a person named, or that hold tools, and that could not be read."""
        return [file for file in self.files if file.refused is not None and (file.named or file.formats)]

    def dropped(self) -> Iterator[tuple[FileReport, Dropped]]:
        """Everything dropped, with its file."""
        for file in self.files:
            for dropped in file.dropped:
                yield file, dropped

    def reasons(self) -> Counter[str]:
        """Tools dropped, by reason."""
        return Counter(dropped.reason for _file, dropped in self.dropped())

    def as_json(self) -> dict[str, Any]:
        """For ``--report``."""
        return {
            "kept": self.kept,
            "repaired": len(self.repaired),
            "dropped": sum(self.reasons().values()),
            "refused": len(self.refused),
            "near_duplicates": len(self.near),
            "repairs_by_kind": dict(self.repairs.most_common()),
            "dropped_by_reason": dict(self.reasons().most_common()),
            "files": [file.as_json() for file in self.files],
            "repaired_tools": self.repaired,
            "dropped_tools": [
                {
                    "source": file.name,
                    "place": one.place,
                    "name": one.name,
                    "reason": one.reason,
                    "problem": one.problem,
                }
                for file, one in self.dropped()
            ],
            "near_duplicate_tools": [{"one": near.one, "other": near.other, "score": near.score} for near in self.near],
        }
