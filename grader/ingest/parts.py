"""Which files of one folder are one student's work: a notebook with the modules and the data that it names."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

MAX_BYTES = 5_000_000
# What parts of a program are called, and students are not.
PARTS = frozenset(
    {"app", "streamlit_app", "main", "model", "models", "net", "network", "networks", "train", "training", "data"}
    | {"dataset", "utils", "util", "helper", "helpers", "layers", "predict", "test", "config", "__init__", "setup"}
)


def is_one_work(files: Sequence[Path]) -> bool:
    """One notebook, and beside it only scripts that it uses or that are called like parts of a program."""
    notebooks = [file for file in files if file.suffix.lower() == ".ipynb"]
    scripts = [file for file in files if file.suffix.lower() != ".ipynb"]
    if len(notebooks) != 1 or not scripts:
        return False
    used = _reached(notebooks[0], scripts)
    return all(script in used or script.stem.lower() in PARTS for script in scripts)


def named_beside(file: Path) -> frozenset[str]:
    """Names of what lies beside a file and is named in its code, or in a module that it uses."""
    return frozenset(path.name for path in _reached(file, [path for path in file.parent.iterdir() if path != file]))


def _reached(first: Path, others: Sequence[Path]) -> set[Path]:
    """Those that the first file names, and those that these name in turn."""
    reached: set[Path] = set()
    waiting = [first]
    while waiting:
        file = waiting.pop()
        source = _code(file) if file == first or file.suffix.lower() == ".py" else ""
        new = [other for other in others if other not in reached and _names(source, other)]
        reached.update(new)
        waiting += new
    return reached


def _names(source: str, path: Path) -> bool:
    stem, name = re.escape(path.stem), re.escape(path.name)
    # `data` is a word, `data/train` and "data" are a place.
    there = rf"(?<=[\"'/\\]){name}(?=[\"'/\\])" if path.is_dir() else rf"(?<![\w.]){name}(?!\w)"
    return bool(re.search(rf"\bimport {stem}\b|\bfrom {stem}\b|{there}", source))


def _code(file: Path) -> str:
    """What a file says as a program; of a notebook its cells, and all of it where they cannot be told."""
    text = _text(file)
    if file.suffix.lower() != ".ipynb":
        return text
    try:
        return "\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"])
    except (ValueError, LookupError, TypeError, RecursionError):
        return text


def _text(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            return stream.read(MAX_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""
