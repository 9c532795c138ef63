from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from grader.records import CellRun, ErrorTrace, LimitHit, Note, Trace
from grader.score.evidence import does_something, evidence_of


def of(trace: Trace, question: str = "q2") -> Any:
    return evidence_of(trace, question, {}, {}, {})


@pytest.mark.parametrize(
    "source",
    [
        "",
        "# nothing",
        "pass",
        "'text'",
        "x = 3",
        "print('Accuracy: 99.2%')",
        "print('Accuracy: {:.1f}'.format(round(99.21, 1)))",
        "acc = 99.2\nprint(f'{acc} %')\ndisplay(acc)",
    ],
)
def test_code_that_only_prints_and_sets_constants_does_nothing(source: str) -> None:
    assert not does_something(source)


@pytest.mark.parametrize(
    "source",
    ["import torch", "def f(): pass", "model.fit(x)", "y = x @ w", "class A: pass", "%matplotlib inline", "if ("],
)
def test_other_code_does_something(source: str) -> None:
    assert does_something(source)


def test_an_answer_that_only_prints_has_no_runs_and_one_working_cell_is_enough(trace: Any) -> None:
    printing = (*trace().submission.cells[:3], *(replace(c, source="print(1)") for c in trace().submission.cells[3:]))
    submission = replace(trace().submission, cells=printing)
    assert of(trace(submission=submission)).question.runs == ()
    assert len(of(trace()).question.runs) == 2


def test_notes_of_the_question_the_run_and_the_root_of_an_echo(trace: Any) -> None:
    notes = (
        Note("missing", "root", question="q1"),
        Note("missing", "own", question="q2"),
        Note("cut", "run"),
        Note("cut", "other", question="q9"),
    )
    plain = trace(notes=notes)
    assert [n.message for n in of(plain).notes] == ["own", "run"]
    first, second = plain.questions
    echo = replace(
        plain,
        questions=(
            replace(first, runs=(CellRun(1, "error"),)),
            replace(second, error=ErrorTrace("NameError", "x", 3, echo_of=1)),
        ),
    )
    assert [n.message for n in of(echo).notes] == ["root", "own", "run"]


def test_skipped_cells_learn_which_limit_ended_the_run(trace: Any) -> None:
    limit = LimitHit("memory", 2.1, 2.0, "GB")
    first, second = trace().questions
    questions = (
        replace(first, runs=(CellRun(1, "stopped", limit=limit),)),
        replace(second, runs=(CellRun(3, "skipped"), CellRun(4, "skipped"))),
    )
    seen = of(trace(questions=questions))
    assert {run.limit for run in seen.question.runs} == {replace(limit, cell=1)}
