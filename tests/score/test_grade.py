from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grader.checks import CHECKS
from grader.records import (
    Answer,
    BatchTrial,
    Call,
    CellRun,
    Environment,
    ErrorTrace,
    Layer,
    LimitHit,
    Model,
    Note,
    Observation,
    QuestionTrace,
    Trace,
    Value,
    Verdict,
)
from grader.rubric import Rubric, load_rubric
from grader.score import reference_evidence, score

LINEAR = Layer("fc", "Linear", inputs=((5, 784),), output=(5, 10), parameters=7850)
MODEL = Model("net", "Net", "torch", True, (LINEAR,), 7850, 7850, (5, 784), "seen", (5, 10), (BatchTrial(5, (5, 10)),))


def second(trace: Trace, **changes: Any) -> Trace:
    """The trace with another second question."""
    first, practice = trace.questions
    return replace(trace, questions=(first, replace(practice, **changes)))


def test_points_add_up_and_text_waits_for_a_person(trace: Any, rubric: Rubric) -> None:
    grade = score(second(trace(), observation=Observation("q2", (MODEL,))), {}, rubric)
    assert (grade.points, grade.max_points, grade.unscored_points) == (6.0, 10.0, 4.0)
    assert grade.needs_review
    theory, practice = grade.questions
    assert (theory.status, theory.ran, practice.status, practice.ran) == ("unscored", "none", "passed", "passed")
    assert [c.points for c in practice.criteria] == [2.0, 4.0]
    assert [c.public for c in practice.criteria] == [True, False]
    assert grade.rubric_hash == rubric.hash
    assert (grade.student, grade.file, grade.assignment) == ("Ada", "ada.ipynb", "tiny")


def test_the_same_input_gives_the_same_grade(trace: Any, rubric: Rubric) -> None:
    assert score(trace(), {}, rubric) == score(trace(), {}, rubric)


def test_partly_right_has_points_error_and_both_hints(trace: Any, rubric: Rubric) -> None:
    error = ErrorTrace("ValueError", "bad", 4, 2)
    runs = (CellRun(3, "ok", 1.0), CellRun(4, "error", 1.0, error=error))
    practice = score(second(trace(), runs=runs, error=error), {}, rubric).questions[1]
    assert practice.ran == "partial"
    assert practice.error == error
    assert (practice.points, practice.criteria[0].points) == (1.0, 1.0)
    assert practice.criteria[0].verdict.hint.endswith("Run all cells.")
    assert "Cell 4, line 2 failed with ValueError: bad." in practice.criteria[1].verdict.rationale


@pytest.mark.parametrize(
    ("answer", "shares"),
    [
        (Answer("q2", (2,), "I would build a ResNet.", 0.9), [None, 0.0]),
        (Answer("q2", (2,), "", 0.9), [0.0, 0.0]),
    ],
)
def test_where_code_is_optional_a_text_without_it_loses_nothing(
    trace: Any, rubric: Rubric, answer: Answer, shares: list[float | None]
) -> None:
    practice = rubric.questions[1]
    runs, model = practice.criteria
    optional = practice.model_copy(update={"criteria": (runs.model_copy(update={"optional": True}), model)})
    changed = rubric.model_copy(update={"questions": (rubric.questions[0], optional)})
    given = score(second(trace(), answer=answer, runs=(), observation=None), {}, changed).questions[1]
    assert [criterion.verdict.share for criterion in given.criteria] == shares
    with_code = score(trace(), {}, changed).questions[1]
    assert with_code.criteria[0].verdict.share == 1.0


def test_a_hint_is_not_shown_where_no_points_were_lost(trace: Any, rubric: Rubric) -> None:
    assert score(trace(), {}, rubric).questions[1].criteria[0].verdict.hint == ""


def test_a_question_that_is_not_there_fails_in_code_and_waits_in_text(trace: Any, rubric: Rubric) -> None:
    questions = (
        QuestionTrace("q1", Answer("q1", (0, 1, 2, 3, 4), "Some text.", 0.9)),
        QuestionTrace("q2", Answer("q2")),
    )
    theory, practice = score(trace(questions=questions), {}, rubric).questions
    assert theory.criteria[0].verdict.share is None
    assert [c.verdict.rationale for c in practice.criteria] == ["No answer to this question was found."] * 2
    assert practice.status == "failed"


def test_a_question_that_is_not_there_waits_while_there_is_code_that_may_be_its_answer(
    trace: Any, rubric: Rubric
) -> None:
    for guessed in (Answer("q1", (0, 1, 2)), Answer("q1", (0, 1, 2, 3, 4), confidence=0.3)):
        questions = (QuestionTrace("q1", guessed), QuestionTrace("q2", Answer("q2")))
        practice = score(trace(questions=questions), {}, rubric).questions[1]
        assert practice.status == "unscored"
        assert "code whose question is not sure" in practice.criteria[0].verdict.rationale


def test_a_trace_without_the_question_is_graded_too(trace: Any, rubric: Rubric) -> None:
    assert score(trace(questions=()), {}, rubric).points == 0


def test_printed_numbers_alone_score_nothing(trace: Any, rubric: Rubric) -> None:
    cells = tuple(replace(c, source="print('Accuracy: 99.2%')") for c in trace().submission.cells)
    lying = trace(submission=replace(trace().submission, cells=cells))
    practice = score(lying, {}, rubric).questions[1]
    assert practice.points == 0
    assert practice.ran == "passed"
    assert "no code" in practice.criteria[0].verdict.rationale


def test_a_check_that_fails_is_the_graders_fault(trace: Any, rubric: Rubric, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> Any:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setitem(CHECKS, "runs", replace(CHECKS["runs"], function=broken))
    practice = score(trace(), {}, rubric).questions[1]
    verdict = practice.criteria[0].verdict
    assert verdict.share is None
    assert (
        "the check `runs` failed: ZeroDivisionError: division by zero; this is the grader's fault"
        in verdict.rationale.replace("The", "the")
    )
    assert practice.criteria[1].verdict.status == "failed"


@pytest.mark.parametrize("share", [float("nan"), float("inf")])
def test_a_share_that_is_no_number_goes_to_a_person(
    trace: Any, rubric: Rubric, monkeypatch: pytest.MonkeyPatch, share: float
) -> None:
    monkeypatch.setitem(CHECKS, "runs", replace(CHECKS["runs"], function=lambda *_: Verdict(share, "Forged.")))
    grade = score(trace(), {}, rubric)
    assert grade.questions[1].criteria[0].verdict.share is None
    assert grade.points == 0


def test_out_of_memory_is_named_and_what_was_seen_before_counts(trace: Any, rubric: Rubric) -> None:
    limit = LimitHit("memory", 2.1, 2.0, "GB", 4)
    runs = (CellRun(3, "ok", 1.0), CellRun(4, "stopped", 1.0, limit=limit))
    seen = second(trace(), runs=runs, observation=Observation("q2", (MODEL,)))
    practice = score(seen, {}, rubric).questions[1]
    assert [c.points for c in practice.criteria] == [1.0, 4.0]
    assert "out of memory at 2.1 GB of 2 GB" in practice.criteria[0].verdict.rationale
    lost = score(second(trace(), runs=runs, observation=None), {}, rubric).questions[1]
    assert "out of memory at 2.1 GB of 2 GB" in lost.criteria[1].verdict.rationale


def test_missing_data_is_never_a_zero_not_even_for_its_echo(trace: Any, rubric: Rubric) -> None:
    first, practice = trace().questions
    root = ErrorTrace("FileNotFoundError", "dataset/train", 1)
    questions = (
        replace(first, runs=(CellRun(1, "error", error=root),), error=root),
        replace(
            practice,
            runs=(CellRun(3, "error"), CellRun(4, "error")),
            error=ErrorTrace("NameError", "name 'train' is not defined", 3, echo_of=1),
        ),
    )
    note = Note("missing", "No such folder.", "dataset/train", "q1", 1)
    grade = score(trace(questions=questions, notes=(note,)), {}, rubric)
    assert [c.verdict.share for c in grade.questions[1].criteria] == [None, None]
    assert grade.questions[0].notes == (note,)
    assert grade.notes == ()


def test_an_echo_of_the_students_own_error_names_the_root(trace: Any, rubric: Rubric) -> None:
    error = ErrorTrace("NameError", "name 'model' is not defined", 3, echo_of=1)
    practice = score(second(trace(), runs=(CellRun(3, "error"),), error=error), {}, rubric).questions[1]
    assert practice.points == 0
    assert "follows from the earlier failure in cell 1" in practice.criteria[1].verdict.rationale


def test_the_reference_is_judged_by_the_same_rules(trace: Any, tmp_path: Path, rubric: Rubric) -> None:
    path = tmp_path / "compare.yaml"
    path.write_text(rubric.path.read_text().replace("{compare: false, output: 10}", "{compare: true}"))
    comparing = load_rubric(path)
    seen = second(trace(), observation=Observation("q2", (MODEL,)))
    assert score(seen, {}, comparing, reference_evidence(seen, {}, comparing)).questions[1].points == 6.0
    assert score(seen, {}, comparing).questions[1].criteria[1].verdict.share is None


@pytest.mark.parametrize(
    ("hint", "said"),
    [
        ("Mend the first cell that fails and run all of them again!", "Mend the first cell that fails and run all of"),
        ("Pictures lie in dataset/train.", "Mend the first cell that fails, then run all of them again. Pictures lie"),
    ],
)
def test_two_hints_that_say_nearly_the_same_are_shown_once(
    trace: Any, tmp_path: Path, rubric: Rubric, hint: str, said: str
) -> None:
    path = tmp_path / "hints.yaml"
    path.write_text(rubric.path.read_text().replace("Run all cells.", hint))
    error = ErrorTrace("ValueError", "bad", 4, 2)
    runs = (CellRun(3, "ok", 1.0), CellRun(4, "error", 1.0, error=error))
    practice = score(second(trace(), runs=runs, error=error), {}, load_rubric(path)).questions[1]
    shown = practice.criteria[0].verdict.hint
    assert shown.startswith(said)
    assert shown.count("first cell") == 1


def test_a_reference_that_was_called_with_other_inputs_is_no_measure(tmp_path: Path, trace: Any) -> None:
    text = """
assignment: tiny
title: Tiny
questions:
  - id: q2
    title: Practice
    points: 1
    criteria:
      - {id: f, title: F, check: function, points: 1, with: {names: [f], inputs: [{shape: []}], cases: 1}}
"""
    (tmp_path / "f.yaml").write_text(text)
    rubric = load_rubric(tmp_path / "f.yaml")
    (request,) = CHECKS["function"].requests(rubric.questions[0].criteria[0].parameters, 1)
    called = Call(request.id, 0, "f", Value("", "float", values=(2.0,)))
    reference = second(trace(environment=Environment(seed=1)), observation=Observation("q2", calls=(called,)))
    measure = reference_evidence(reference, {}, rubric)
    same = score(reference, {}, rubric, measure).questions[0].criteria[0].verdict
    assert same.share == 1
    other = replace(reference, environment=Environment(seed=2))
    verdict = score(other, {}, rubric, measure).questions[0].criteria[0].verdict
    assert verdict.share is None
    assert "reference gave no result" in verdict.rationale
