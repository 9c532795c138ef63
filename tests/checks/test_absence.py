from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from grader.checks.absence import absent, cause, error_text, limit_text
from grader.records import CellRun, ErrorTrace, LimitHit, Note

MISSING = Note("missing", "The file is not here.", "dataset/train", "q6", 1)


def test_without_a_reason_it_is_the_students(evidence: Any) -> None:
    verdict = absent(evidence(), "No model.", "Build one.")
    assert (verdict.share, verdict.rationale, verdict.hint) == (0.0, "No model.", "Build one.")


def test_a_missing_file_that_made_the_cell_fail_is_unscored_and_named(evidence: Any) -> None:
    error = ErrorTrace("FileNotFoundError", "No such file: 'dataset/train'", 1, 3)
    verdict = absent(evidence(notes=(MISSING,), error=error), "No model.")
    assert verdict.share is None
    assert "dataset/train: The file is not here." in verdict.rationale


def test_a_missing_file_does_not_excuse_another_error(evidence: Any) -> None:
    error = ErrorTrace("TypeError", "unsupported operand", 2, 3)
    verdict = absent(evidence(notes=(MISSING,), error=error), "No model.")
    assert verdict.share == 0.0
    assert "Cell 2, line 3 failed with TypeError: unsupported operand." in verdict.rationale


def test_a_file_that_is_missing_by_the_students_fault_has_no_note_and_counts(evidence: Any) -> None:
    verdict = absent(evidence(error=ErrorTrace("FileNotFoundError", "x.txt", 1)), "No model.")
    assert verdict.share == 0.0


def test_an_echo_of_a_missing_file_is_unscored(evidence: Any) -> None:
    error = ErrorTrace("NameError", "name 'train' is not defined", 4, 1, echo_of=1)
    assert absent(evidence(notes=(MISSING,), error=error), "No model.").share is None


def test_an_echo_names_its_root() -> None:
    text = error_text(ErrorTrace("NameError", "name 'x' is not defined", 4, 1, echo_of=2))
    assert "Cell 4, line 1 failed with NameError" in text
    assert "earlier failure in cell 2" in text


def test_a_limit_is_named_with_its_numbers(evidence: Any) -> None:
    limit = LimitHit("memory", 2.1, 2.0, "GB", 5)
    assert limit_text(limit) == "out of memory at 2.1 GB of 2 GB, in cell 5"
    verdict = absent(evidence(runs=(CellRun(5, "stopped", 1.0, limit=limit),)), "No model.")
    assert verdict.share == 0.0
    assert "out of memory at 2.1 GB of 2 GB" in verdict.rationale


@pytest.mark.parametrize("limit", [LimitHit("time", 240, 240, "s", 2), None])
def test_cells_that_never_got_their_turn_are_no_zero(evidence: Any, limit: LimitHit | None) -> None:
    verdict = absent(evidence(runs=(CellRun(5, "skipped", limit=limit),)), "No model.")
    assert verdict.share is None
    assert "did not run" in verdict.rationale
    assert ("out of time at 240 s of 240 s" in verdict.rationale) == (limit is not None)


DAMAGED = Note("damaged", "The code was damaged in the PDF and does not parse: please hand in the notebook.", cell=3)


def test_code_that_a_pdf_damaged_is_unscored_and_asks_for_the_source(evidence: Any) -> None:
    error = ErrorTrace("SyntaxError", "invalid syntax", 3, 1)
    verdict = absent(evidence(notes=(DAMAGED,), error=error, runs=(CellRun(3, "error", error=error),)), "No model.")
    assert verdict.share is None
    assert "damaged in the PDF" in verdict.rationale
    assert "hand in the notebook" in verdict.hint


def test_a_letter_that_a_pdf_may_have_misread_is_unscored(evidence: Any) -> None:
    repair = Note("repair", "LaTeX around names was taken out.", cell=3)
    misread = evidence(notes=(repair,), error=ErrorTrace("TypeError", "unexpected keyword argument 'Ir'", 3, 5))
    verdict = absent(misread, "No model.")
    assert verdict.share is None
    assert "keyword argument 'Ir'" in verdict.rationale
    assert "hand in the notebook" in verdict.rationale
    own = evidence(notes=(repair,), error=ErrorTrace("RuntimeError", "512 channels instead", 3, 5))
    assert absent(own, "No model.").share == 0.0


def test_an_echo_of_damaged_code_is_unscored(evidence: Any) -> None:
    error = ErrorTrace("NameError", "name 'model' is not defined", 5, 1, echo_of=3)
    assert absent(evidence(notes=(DAMAGED,), error=error), "No figure.").share is None


def test_damaged_code_elsewhere_excuses_nothing(evidence: Any) -> None:
    error = ErrorTrace("SyntaxError", "invalid syntax", 7, 1)
    assert absent(evidence(notes=(DAMAGED,), error=error), "No model.").share == 0.0
    assert absent(evidence(notes=(DAMAGED,)), "No model.").share == 0.0


def blind(seen: Any) -> Any:
    return replace(seen, question=replace(seen.question, observation=None))


def test_what_the_probe_could_not_look_at_is_not_the_students_fault(evidence: Any) -> None:
    verdict = absent(blind(evidence()), "No model.")
    assert verdict.share is None
    assert "The grader could not look at what your code built; this is not your fault." in verdict.rationale
    watcher = Note("probe", "a watcher failed", "watcher", "q6")
    assert absent(evidence(notes=(watcher,)), "No model.").share is None
    assert absent(evidence(notes=(replace(watcher, subject="DataLoader"),)), "No model.").share == 0.0


def test_without_code_or_beyond_a_limit_the_probe_has_no_part_in_it(evidence: Any) -> None:
    assert absent(blind(evidence(runs=())), "No model.").share == 0.0
    limit = LimitHit("memory", 2.1, 2.0, "GB", 5)
    assert absent(blind(evidence(runs=(CellRun(5, "stopped", limit=limit),))), "No model.").share == 0.0


def test_a_process_that_ended_has_no_numbers() -> None:
    assert limit_text(LimitHit("kernel", 0, 0, "", 5)) == "the Python process ended unexpectedly, in cell 5"


def test_a_bound_is_named_with_its_numbers_and_with_what_it_ended(evidence: Any) -> None:
    hit = LimitHit("time", 241.0, 240, "s", 2, "cell")
    runs = (CellRun(1, "ok"), CellRun(2, "stopped", limit=hit), CellRun(3, "skipped", limit=hit))
    said = "The run was stopped: out of time at 241 s of 240 s for one cell, in cell 2."
    assert cause(evidence(runs=runs[:2])) == said
    assert cause(evidence(runs=runs)) == f"{said} That ended this question: the cell after it did not run."
    more = (*runs, CellRun(4, "skipped", limit=hit))
    assert cause(evidence(runs=more)).endswith("the 2 cells after it did not run.")
