from __future__ import annotations

from dataclasses import replace

from grader.report.html import submission_page


def test_a_student_reads_which_cells_were_taken_where_that_is_unsure(samples) -> None:
    sample = samples["good"]
    first = sample.grade.questions[0]
    unsure = replace(first, answer=replace(first.answer, cells=(12, 13, 14, 15), confidence=0.4))
    page = submission_page(
        replace(sample.grade, questions=(unsure, *sample.grade.questions[1:])), sample.trace, sample.blobs
    )
    assert f"We took cells 12–15 as your answer to {first.id}" in page
    sure = replace(first, answer=replace(first.answer, confidence=0.9))
    assert "We took" not in submission_page(replace(sample.grade, questions=(sure,)), sample.trace, sample.blobs)
