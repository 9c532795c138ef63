"""Traces of earlier runs of `grader verify`, each found again by the key of its run.

$XDG_CACHE_HOME/grader/verify/<key>/trace.json, blobs/
"""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_cache_path

from grader.errors import OperatorError
from grader.records import Trace
from grader.storage import Kept, keep

DAYS = 14  # what nobody asked for that long is removed


@dataclass(frozen=True, slots=True)
class KeptTraces:
    """A folder of traces.

    Attributes:
        folder: One folder in it for each key.
        fresh: Whether to run again all the same.
    """

    folder: Path
    fresh: bool = False

    def earlier(self, key: str) -> tuple[Trace, Mapping[str, bytes]] | None:
        """Trace and blobs of a run with this key."""
        found = Kept(self.folder / key, self.fresh)(key)
        if found:
            with contextlib.suppress(OSError):
                (self.folder / key).touch()
        return found

    def keep(self, trace: Trace, blobs: Mapping[str, bytes]) -> None:
        """Keep a trace. A cache that cannot be written costs time and nothing else; two may write the same at once."""
        if trace.key and (self.fresh or not (self.folder / trace.key).exists()):
            with contextlib.suppress(OperatorError):
                keep(trace, blobs, Kept(self.folder / trace.key))

    def clear_old(self) -> None:
        """Remove what nobody has asked for in a while."""
        oldest = time.time() - DAYS * 86_400
        for entry in self.folder.glob("*"):
            with contextlib.suppress(OSError):
                if entry.stat().st_mtime < oldest:
                    shutil.rmtree(entry, ignore_errors=True)


def kept_traces(*, fresh: bool = False) -> KeptTraces:
    """The traces that this user's runs of `grader verify` left."""
    return KeptTraces(user_cache_path("grader") / "verify", fresh)
