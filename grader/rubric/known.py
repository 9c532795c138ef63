"""The rubrics that lie beside a rubric: of which assignment may a hand-in be?"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from grader.errors import RubricError
from grader.rubric.load import load_rubric
from grader.rubric.models import Rubric

MOST = 50


def beside(rubric: Rubric) -> tuple[Rubric, ...]:
    """The other rubrics in the folder of a rubric. Files that are no rubrics are passed over."""
    own = rubric.path.resolve()
    return tuple(one for path in sorted(own.parent.glob("*.yaml"))[:MOST] if path != own and (one := _loaded(path)))


@lru_cache(maxsize=MOST)
def _loaded(path: Path) -> Rubric | None:
    try:
        return load_rubric(path)
    except RubricError:
        return None
