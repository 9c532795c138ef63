"""Whether the files of one folder are one student's work: a notebook with the modules that it uses."""

from __future__ import annotations

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
    text = {file: _text(file) for file in files}
    used = _reached(notebooks[0], scripts, text)
    return all(script in used or script.stem.lower() in PARTS for script in scripts)


def _reached(notebook: Path, scripts: list[Path], text: dict[Path, str]) -> set[Path]:
    """Scripts that the notebook names, and those that these name in turn."""
    reached: set[Path] = set()
    waiting = [notebook]
    while waiting:
        source = text[waiting.pop()]
        new = [script for script in scripts if script not in reached and _names(source, script)]
        reached.update(new)
        waiting += new
    return reached


def _names(source: str, script: Path) -> bool:
    stem, name = re.escape(script.stem), re.escape(script.name)
    return bool(re.search(rf"\bimport {stem}\b|\bfrom {stem}\b|(?<![\w.]){name}\b", source))


def _text(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            return stream.read(MAX_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""
