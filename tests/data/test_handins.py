"""Small hand-ins written as the field notes describe them: each runs offline to its end, with the store.

Without the store the same text fails where real hand-ins fail. Both shares are printed: `pytest -s`.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from grader.data import default_entry, prepare_paths, prepare_urls, prepare_weights
from grader.execute import Workplace
from grader.execute.layout import Stock
from grader.ingest import HandIn, find
from grader.pipeline import Settings, prepare_workplace, run
from grader.records import Trace
from grader.rubric import Rubric, load_rubric
from grader.rubric.models import BRIDGES

FOLDER = Path(__file__).parent / "handins"
PATHS = sorted(path for path in FOLDER.iterdir() if path.suffix in {".ipynb", ".py"})
AT_ONCE = 2

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.torch,
    pytest.mark.tensorflow,
    pytest.mark.data,
    pytest.mark.timeout(2400),  # all hand-ins run before the first test
]


@dataclass(frozen=True)
class Outcome:
    """What came of one hand-in."""

    errors: tuple[str, ...]
    notes: tuple[tuple[str, str, str], ...]

    @property
    def ran(self) -> bool:
        return not self.errors


def outcome(trace: Trace) -> Outcome:
    (question,) = trace.questions
    runs = (*trace.shared, *question.runs)
    errors = [f"{run.error.type}: {run.error.message}" for run in runs if run.error]
    assert runs
    noted = (*trace.notes, *(question.observation.notes if question.observation else ()))
    return Outcome(tuple(errors), tuple((note.kind, note.subject, note.message) for note in noted))


async def run_all(with_store: bool) -> dict[str, Outcome]:
    rubric = load_rubric(FOLDER / "rubric.yaml")
    place = prepare_workplace(rubric, Settings(profile="quick"))
    place = stocked(place, rubric) if with_store else bare(place)
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(hand_in: HandIn) -> tuple[str, Outcome]:
        async with slots:
            trace, _ = await run(hand_in, rubric, place)
            return hand_in.path.stem, outcome(trace)

    return dict(await asyncio.gather(*map(one, find(PATHS))))


def stocked(place: Workplace, rubric: Rubric) -> Workplace:
    """The sandbox with all that the rubric serves."""
    kinds = {kind: default_entry(kind) for kind in ("picture", "folder", "table")}
    stock = Stock(
        prepare_paths(rubric.paths),
        prepare_urls(rubric.urls),
        {one.kind: one for one in prepare_paths({name: name for name in kinds.values()})},
    )
    off = tuple(name for name, there in rubric.bridges.items() if not there)
    return replace(place, stock=stock, weights=prepare_weights(rubric.weights), bridges_off=off)


def bare(place: Workplace) -> Workplace:
    """The same sandbox, where nothing is served and old code meets today's libraries."""
    return replace(place, data=(), files=(), stock=Stock(), weights={}, bridges_off=tuple(BRIDGES))
