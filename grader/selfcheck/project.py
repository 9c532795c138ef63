"""Which rubric and which hand-in are meant in a folder: `grader.toml`, else the only ones that lie there.

rubric = "cnn-architectures.yaml"
hand_in = "homework.ipynb"
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from grader.errors import OperatorError, RubricError
from grader.rubric.source import read_source

FILE = "grader.toml"
KEYS = ("rubric", "hand_in")
MOST_BYTES = 100_000


@dataclass(frozen=True, slots=True)
class Project:
    """A folder with an assignment.

    Attributes:
        rubric: The rubric's file.
        hand_in: The notebook, script or folder that is handed in; None where several may be meant.
    """

    rubric: Path
    hand_in: Path | None = None


def find_project(folder: Path, rubric: Path | None = None) -> Project:
    """Read `grader.toml` of a folder, and look around where it says nothing.

    Args:
        folder: Where to look.
        rubric: Comes before what is found.

    Raises:
        OperatorError: There is no rubric, or there are several; `grader.toml` is wrong.
    """
    said = _read(folder / FILE) if (folder / FILE).is_file() else {}
    rubric = rubric or _named(folder, said, "rubric") or _only_rubric(folder)
    return Project(rubric, _named(folder, said, "hand_in") or _only_notebook(folder))


def _read(path: Path) -> dict[str, str]:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise OperatorError(f"{path} is too large", f"It holds {' and '.join(KEYS)}, a line each")
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise OperatorError(f"{path} cannot be read: {error}", 'Write for example: rubric = "homework.yaml"') from error
    for key, value in content.items():
        if key not in KEYS:
            near = get_close_matches(key, KEYS, n=1)
            meant = f"Did you mean '{near[0]}'?" if near else f"There are: {', '.join(KEYS)}"
            raise OperatorError(f"{path}: unknown key '{key}'", meant.rstrip("."))
        if not isinstance(value, str) or not value:
            raise OperatorError(f"{path}: '{key}' must be a path in quotes", f'Write for example: {key} = "homework"')
    return content


def _named(folder: Path, said: dict[str, str], key: str) -> Path | None:
    if key not in said:
        return None
    path = folder / said[key]
    if not path.exists():
        raise OperatorError(
            f'{folder / FILE}: {key} = "{said[key]}" is not there', "Correct the path, relative to the file"
        )
    return path


def _only_rubric(folder: Path) -> Path:
    files = [path for ending in ("*.yaml", "*.yml") for path in sorted(folder.glob(ending)) if _is_rubric(path)]
    if len(files) == 1:
        return files[0]
    what = f"several rubrics lie in {folder}: {_listed(files)}" if files else f"there is no rubric in {folder}"
    raise OperatorError(what, f'Give one with --rubric, or name it in {FILE}: rubric = "homework.yaml"')


def _is_rubric(path: Path) -> bool:
    try:
        value = read_source(path).value
    except RubricError:
        return False
    return isinstance(value, dict) and {"assignment", "questions"} <= value.keys()


def _only_notebook(folder: Path) -> Path | None:
    files = sorted(folder.glob("*.ipynb")) or sorted(folder.glob("*.py"))
    return files[0] if len(files) == 1 else None


def _listed(files: Sequence[Path]) -> str:
    more = f" and {len(files) - 5} more" if len(files) > 5 else ""
    return ", ".join(path.name for path in files[:5]) + more
