"""What the store can serve, and whether it is sound."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.data.entry import ADDED, FETCHING, Added, Entry, Kind, added, added_folders
from grader.data.files import FILES, FileEntry
from grader.data.sets import DATA_SETS, DataSet
from grader.data.store import damage, digest, place, size_of


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong in the store.

    Attributes:
        name: The entry.
        message: What is wrong, in one line.
        remedy: What to do about it.
    """

    name: str
    message: str
    remedy: str


def embedded() -> dict[str, DataSet | FileEntry]:
    """What comes with the grader, by name."""
    return {**DATA_SETS, **FILES}


def entries(store: Path | None = None) -> tuple[Entry, ...]:
    """What can be served, by name. What somebody added hides what comes with the grader under the same name."""
    own = added(store)
    found = {name: _embedded(name, about, store) for name, about in embedded().items()}
    found |= {name: _added(about, store) for name, about in own.items()}
    return tuple(found[name] for name in sorted(found))


def names(kinds: Collection[Kind], store: Path | None = None) -> tuple[str, ...]:
    """Names of the entries of some kinds."""
    found: dict[str, Kind] = {**dict.fromkeys(DATA_SETS, "data set"), **{name: one.kind for name, one in FILES.items()}}
    found |= {name: about.kind for name, about in added(store).items()}
    return tuple(sorted(name for name, kind in found.items() if kind in kinds))


def check(store: Path | None = None) -> Iterator[Finding]:
    """Compare every file of the store with its hash, and find downloads that were interrupted."""
    own = added(store)
    for folder in added_folders(store):
        again = f"Add it again, or run 'grader data remove {folder.name}'"
        wrong = damage(folder) or ("" if folder.name in own else "its description cannot be read")
        if wrong:
            yield Finding(folder.name, f"damaged ({wrong})", again)
    for name, about in embedded().items():
        folder = place(f"{name}-{about.version}", store)
        wrong = damage(folder) if folder.exists() else ""
        if wrong:
            yield Finding(name, f"damaged ({wrong})", "It comes with the grader and is made anew when it is next used")
    for part in sorted(place(FETCHING, store).glob("*/*.part")):
        half = f"half a download ({part.stat().st_size / 1e6:.1f} MB of {part.name.removesuffix('.part')})"
        yield Finding(part.parent.name, half, "Fetch it again: it goes on where it stopped; or remove it")


def _embedded(name: str, about: DataSet | FileEntry, store: Path | None) -> Entry:
    folder = place(f"{name}-{about.version}", store)
    kind = about.kind if isinstance(about, FileEntry) else "data set"
    return _entry(name, kind, about, folder, embedded=True)


def _added(about: Added, store: Path | None) -> Entry:
    return _entry(about.name, about.kind, about, place(f"{ADDED}/{about.name}", store), embedded=False)


def _entry(name: str, kind: Kind, about: DataSet | FileEntry | Added, folder: Path, *, embedded: bool) -> Entry:
    stored = folder.is_dir()
    return Entry(
        name=name,
        kind=kind,
        size=size_of(folder) if stored else 0,
        sha256=digest(folder),
        licence=about.licence,
        source=about.source,
        stand_in=about.stand_in,
        embedded=embedded,
        stored=stored,
    )
