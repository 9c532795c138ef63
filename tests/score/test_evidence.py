from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from grader.checks.absence import absent
from grader.records import (
    Answer,
    Call,
    CellRun,
    ErrorTrace,
    LimitHit,
    Model,
    Note,
    Observation,
    QuestionTrace,
    Trace,
    Training,
)
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
        "import os",
        "from torch import nn",
        "print(5 + 6)",
        "acc = 99\nprint(acc + 0.2)",
    ],
)
def test_code_that_only_imports_prints_and_sets_constants_does_nothing(source: str) -> None:
    assert not does_something(source)


@pytest.mark.parametrize(
    "source",
    ["def f(): pass", "print(x + 1)", "model.fit(x)", "y = x @ w", "class A: pass", "%matplotlib inline", "if ("],
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
            replace(first, runs=(CellRun(1, "error", error=ErrorTrace("FileNotFoundError", "x", 1)),)),
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


ROOT = ErrorTrace("ModuleNotFoundError", "No module named 'cv2'", 1)
ECHO = ErrorTrace("NameError", "name 'cv2' is not defined", 3, echo_of=1)
PACKAGE = Note("missing", "No such package.", "cv2")


def echoing(trace: Trace, root: ErrorTrace, **changes: Any) -> Trace:
    """The trace with a second question whose error follows from a shared cell."""
    first, second = trace.questions
    questions = (first, replace(second, error=ECHO))
    return replace(trace, questions=questions, **{"shared": (CellRun(1, "error", error=root),), **changes})


def test_an_echo_of_a_shared_cell_that_lacked_something_has_its_note(trace: Any) -> None:
    seen = of(echoing(trace(), ROOT, notes=(PACKAGE,)))
    assert seen.notes == (PACKAGE,)
    assert absent(seen, "No model.").share is None


def test_an_echo_of_a_students_own_mistake_has_no_note_of_something_missing(trace: Any) -> None:
    seen = of(echoing(trace(), ErrorTrace("TypeError", "no", 1), notes=(PACKAGE,)))
    assert seen.notes == ()
    assert absent(seen, "No model.").share == 0.0


def test_something_missing_before_the_first_question_excuses_no_other_error(trace: Any) -> None:
    other = echoing(trace(), ROOT, notes=(PACKAGE,))
    first, second = other.questions
    own = replace(second, error=ErrorTrace("TypeError", "no", 3))
    assert of(replace(other, questions=(first, own))).notes == ()
    same = replace(second, error=ErrorTrace("ModuleNotFoundError", "No module named 'cv2'", 3))
    assert of(replace(other, questions=(first, same))).notes == (PACKAGE,)


def test_an_echo_has_what_the_probe_noted_in_the_question_of_its_root(trace: Any) -> None:
    plain = echoing(trace(), ROOT, shared=())
    first, second = plain.questions
    note = replace(PACKAGE, question="q1")
    root = replace(first, runs=(CellRun(1, "error", error=ROOT),), observation=Observation("q1", notes=(note,)))
    assert of(replace(plain, questions=(root, second))).notes == (note,)


def test_echoes_that_name_each_other_end(trace: Any) -> None:
    looped = echoing(trace(), replace(ROOT, type="NameError", echo_of=1), notes=(PACKAGE,))
    assert of(looped).notes == ()


@pytest.mark.parametrize(("source", "root"), [("import cv2\nimport numpy as np", 1), ("import cv2", None)])
def test_a_call_that_lacks_what_a_failed_cell_would_have_bound_is_an_echo(
    trace: Any, source: str, root: int | None
) -> None:
    plain = trace(sources=("# 1.", source, "# 2.", "def f(x): return np.abs(x)", "f(1)"))
    first, second = plain.questions
    call = Call("f-1", 0, "f", None, error="NameError: name 'np' is not defined")
    second = replace(second, observation=Observation("q2", calls=(call,)))
    seen = replace(plain, questions=(first, second), shared=(CellRun(1, "error", error=ROOT),), notes=(PACKAGE,))
    error = of(seen).question.error
    assert (error.echo_of if error else None) == root
    assert (absent(of(seen), "No function.").share is None) == (root is not None)


def test_an_import_that_ran_a_file_of_the_hand_in_is_work(trace: Any) -> None:
    importing = tuple(replace(c, source="import train") for c in trace().submission.cells)
    plain = trace(submission=replace(trace().submission, cells=importing))
    assert of(plain).question.runs == ()
    first, second = plain.questions
    built = replace(second, observation=Observation("q2", (Model("net", "Net", "torch"),)))
    assert len(of(replace(plain, questions=(first, built))).question.runs) == 2


def test_trainings_of_the_questions_that_ran_before(trace: Any) -> None:
    def ran(question: str, cell: int, epochs: int) -> QuestionTrace:
        seen = Observation(question, trainings=(Training(0, "keras", epochs=epochs),))
        return QuestionTrace(
            question, Answer(question, (cell,), "", 0.9), (CellRun(cell, "ok", 1.0),), observation=seen
        )

    questions = (ran("q3", 9, 3), ran("q2", 6, 2), ran("q1", 3, 1))  # the rubric's order is not that of the file
    assert [t.epochs for t in of(trace(questions=questions), "q3").earlier] == [1, 2]
    assert of(trace(questions=questions), "q1").earlier == ()
