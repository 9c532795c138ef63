from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from grader.checks.runs import RunsParameters, runs
from grader.records import CellRun, ErrorTrace, Figure, Function, LimitHit, Note, Value

OK = CellRun(1, "ok", 2.0)
FAILED = CellRun(2, "error", 1.0)
ERROR = ErrorTrace("ValueError", "bad shape", 2, 7)


def judge(seen: Any) -> Any:
    return runs(seen, RunsParameters(), None)


@pytest.fixture
def fruitful(evidence: Any) -> Any:
    """Evidence of code that computed something."""
    return partial(evidence, values=(Value("x", "float"),))


def test_right(fruitful: Any) -> None:
    verdict = judge(fruitful(runs=(OK, OK)))
    assert verdict.share == 1.0
    assert "All 2 code cells" in verdict.rationale


def test_partly(fruitful: Any) -> None:
    verdict = judge(fruitful(runs=(OK, FAILED, OK, OK), error=ERROR))
    assert verdict.share == pytest.approx(0.75)
    assert "3 of 4 code cells ran to the end. Cell 2, line 7 failed with ValueError: bad shape." in verdict.rationale


def test_wrong(evidence: Any) -> None:
    assert judge(evidence(runs=(FAILED,), error=ERROR)).share == 0.0


def test_absent(evidence: Any) -> None:
    verdict = judge(evidence(runs=()))
    assert verdict.share == 0.0
    assert "no code" in verdict.rationale


def test_a_loop_without_end_names_the_limit(fruitful: Any) -> None:
    stopped = CellRun(2, "stopped", 240, limit=LimitHit("time", 240.3, 240, "s", 2))
    verdict = judge(fruitful(runs=(OK, stopped)))
    assert verdict.share == 0.5
    assert "out of time at 240.3 s of 240 s, in cell 2" in verdict.rationale


def test_a_missing_data_set_is_not_the_students_fault(evidence: Any) -> None:
    note = Note("missing", "No such folder.", "dataset/train", "q6", 2)
    error = ErrorTrace("FileNotFoundError", "dataset/train", 2)
    assert judge(evidence(runs=(OK, FAILED), error=error, notes=(note,))).share is None


def test_code_of_which_nothing_comes_earns_nothing(evidence: Any) -> None:
    verdict = judge(evidence(runs=(OK,)))
    assert verdict.share == 0.0
    assert "no code in this answer that does anything" in verdict.rationale


@pytest.mark.parametrize(
    "came", [{"functions": (Function("f"),)}, {"figures": (Figure("t"),)}, {"values": (Value("x", "int"),)}]
)
def test_anything_that_comes_of_it_is_enough(evidence: Any, came: Any) -> None:
    assert judge(evidence(runs=(OK,), **came)).share == 1.0


def test_where_the_probe_could_not_look_the_runs_count(evidence: Any) -> None:
    seen = evidence(runs=(OK,))
    assert judge(replace(seen, question=replace(seen.question, observation=None))).share == 1.0
