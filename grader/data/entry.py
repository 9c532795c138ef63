"""What the store can serve: entries that are embedded in the grader, and entries that an instructor added."""

from __future__ import annotations

import importlib
import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from grader.data.store import damage, place
from grader.errors import OperatorError

Kind = Literal["data set", "folder", "picture", "table", "weights", "file"]
KINDS: tuple[Kind, ...] = get_args(Kind)
# The sandbox mounts these beside the data sets, as /data/<name>.
RESERVED = frozenset({"files", "paths", "urls", "weights"})
ADDED = "added"
FETCHING = ".fetch"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_ABOUT = "entry.json"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that can be served, or could be once it is fetched.

    Attributes:
        name: Its name in rubrics.
        kind: What it is.
        size: Bytes in the store; 0 while it is not there.
        sha256: Of its files and their names; empty while it is not there.
        licence: Of its content.
        source: Where it comes from, for a person.
        stand_in: What it stands in for; empty if it is the real thing.
        embedded: It comes with the grader and is made on first use; otherwise somebody added or fetched it.
        stored: It is in the store.
    """

    name: str
    kind: Kind
    size: int
    sha256: str
    licence: str
    source: str
    stand_in: str
    embedded: bool
    stored: bool


@dataclass(frozen=True, slots=True)
class Added:
    """What the store keeps about an entry that somebody added.

    Attributes:
        name: Its name in rubrics.
        kind: What it is.
        licence: Of its content.
        source: Where it comes from, for a person.
        stand_in: What it stands in for; empty if it is the real thing.
        path: The file or folder to serve, relative to the entry; empty for a data set.
        classes: Names of the classes of a data set, in the order of its labels.
    """

    name: str
    kind: Kind
    licence: str
    source: str
    stand_in: str = ""
    path: str = ""
    classes: tuple[str, ...] = ()

    def write(self, folder: Path) -> None:
        """Put it beside the content."""
        (folder / _ABOUT).write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")


def added(store: Path | None = None) -> dict[str, Added]:
    """Entries that somebody added, by name. What cannot be read is left to `grader data check`."""
    found = (_read(folder) for folder in added_folders(store))
    return {about.name: about for about in found if about}


def added_folders(store: Path | None = None) -> tuple[Path, ...]:
    """Folders of added entries, readable or not."""
    try:
        return tuple(sorted(path for path in place(ADDED, store).iterdir() if not path.name.startswith(".")))
    except OSError:
        return ()


def added_folder(about: Added, store: Path | None = None) -> Path:
    """The folder of an added entry, intact.

    Raises:
        OperatorError: Its files are not what they were when it was added.
    """
    folder = place(f"{ADDED}/{about.name}", store)
    wrong = damage(folder)
    if wrong:
        raise OperatorError(
            f"the {about.kind} '{about.name}' in the data store {folder.parents[1]} is damaged ({wrong})",
            f"Fetch or add it again, or remove it with 'grader data remove {about.name}'",
        )
    return folder


def needs(module: str) -> Any:
    """Import a module of the `data` extra.

    Raises:
        OperatorError: It is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        raise OperatorError(
            f"the data that the rubric asks for comes with the package '{package}', which is not installed",
            "Run: pip install 'dl-homework-grader[data]'",
        ) from error


def _read(folder: Path) -> Added | None:
    try:
        content = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
        about = Added(**{**content, "classes": tuple(content["classes"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return about if about.name == folder.name and about.kind in KINDS else None
