from dataclasses import replace

from grader.records import ErrorTrace, Grade
from grader.report.patterns import costly_criteria, failed_runs, slowest_runs, usual_mistakes

MATMUL = "mat1 and mat2 shapes cannot be multiplied (64x{} and 400x84)"


def with_error(grade: Grade, name: str, error: ErrorTrace) -> Grade:
    """The grade under another name, stopped by this error in its first question."""
    first = replace(grade.questions[0], error=error)
    return replace(grade, submission=name, questions=(first, *grade.questions[1:]))


def test_one_mistake_with_other_numbers_is_one_mistake(samples: dict) -> None:
    grade = samples["good"].grade
    grades = [with_error(grade, f"s{n}", ErrorTrace("RuntimeError", MATMUL.format(n), 3)) for n in (120, 256)]
    grades.append(with_error(grade, "own", ErrorTrace("MyError", "mine", 3)))
    first, second = usual_mistakes(grades)
    assert first.name == "The input of a linear layer has the wrong size"
    assert [(grade.submission, question) for grade, question in first.grades] == [("s120", "q1"), ("s256", "q1")]
    assert first.example == "RuntimeError: " + MATMUL.format(120)
    assert (second.name, second.questions) == ("MyError: mine", ("q1",))


def test_a_hand_in_counts_once_and_an_echo_not_at_all(samples: dict) -> None:
    (only,) = usual_mistakes([samples["partial"].grade])
    assert only.name == "The batch size changes inside the network"
    error = samples["partial"].grade.questions[5].error
    twice = replace(
        samples["partial"].grade, questions=tuple(replace(q, error=error) for q in samples["partial"].grade.questions)
    )
    (only,) = usual_mistakes([twice])
    assert [question for _, question in only.grades] == ["q1"]
    assert len(only.questions) == 10


def test_criteria_are_ordered_by_points_lost(samples: dict) -> None:
    costly = costly_criteria([samples["partial"].grade, samples["lying"].grade])
    places = [(c.question.id, c.criterion.id, c.lost) for c in costly]
    assert places[:2] == [("q6", "reported", 8.0), ("q9", "figure", 7.0)]
    assert [lost for *_, lost in places] == sorted((lost for *_, lost in places), reverse=True)
    reported = next(c for c in costly if (c.question.id, c.criterion.id) == ("q6", "reported"))
    assert (reported.hand_ins, reported.judged, reported.lost) == (2, 2, 8.0)
    assert not [c for c in costly if c.criterion.id == "written"]  # what waits is not lost


def test_slow_and_failed_runs(samples: dict) -> None:
    grades = [samples["good"].grade, samples["partial"].grade]
    (slow,) = slowest_runs(grades)
    assert slow.slowest is not None
    assert (slow.grade.student, slow.slowest.id) == ("Ben Carter", "q6")
    (failed,) = failed_runs(grades)
    assert [(question.id, hit.kind) for question, hit in failed.stopped] == [("q6", "time")]
    assert failed.failed == ("q9",)
