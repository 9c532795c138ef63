from dataclasses import replace

from grader.records import CellRun, ErrorTrace
from grader.report.mistake import before_questions, first_fix, lost, mistake, question_of


def test_an_error_is_shown_with_the_students_own_lines(samples: dict) -> None:
    sample = samples["partial"]
    q6 = sample.grade.questions[5]
    found = mistake(q6.error, sample.grade.questions, sample.trace)
    assert [line.number for line in found.lines] == [13, 14, 15, 16, 17]
    assert [line.text for line in found.lines if line.failed] == ["    loss = criterion(model(images), labels)"]
    assert not found.echo


def test_an_echo_names_the_question_of_its_root(samples: dict) -> None:
    sample = samples["partial"]
    q9 = sample.grade.questions[8]
    found = mistake(q9.error, sample.grade.questions, sample.trace)
    assert found.echo
    assert found.root == "q6"


def test_without_a_trace_the_line_in_the_error_is_shown(samples: dict) -> None:
    found = mistake(ErrorTrace("E", "m", 3, 7, "x = y"), (), None)
    assert [(line.number, line.text) for line in found.lines] == [(7, "x = y")]
    assert mistake(ErrorTrace("E", "m", 3), (), None).lines == ()


def test_a_line_that_the_cell_does_not_have_is_not_looked_up(samples: dict) -> None:
    found = mistake(ErrorTrace("E", "m", 12, 9999, "x = y"), (), samples["partial"].trace)
    assert [(line.number, line.text) for line in found.lines] == [(9999, "x = y")]


def test_an_error_before_the_first_question_is_found(samples: dict) -> None:
    sample = samples["partial"]
    error = ErrorTrace("ImportError", "no module", 0, 1, "import torchsummary")
    trace = replace(sample.trace, shared=(CellRun(0, "error", error=error),))
    found = before_questions(sample.grade, trace)
    assert found is not None
    assert found.error == error
    assert before_questions(sample.grade, sample.trace) is None
    assert question_of(0, sample.grade.questions) == ""


def test_the_first_thing_to_fix_is_the_costliest_cause(samples: dict) -> None:
    fix = first_fix(samples["partial"].grade)
    assert fix is not None
    assert fix.question.id == "q6"
    assert fix.criterion is not None
    assert fix.criterion.id == "architecture"
    assert fix.others == ("q9",)
    assert fix.lost == lost(samples["partial"].grade.questions[5]) + 10


def test_points_that_wait_are_no_loss(samples: dict) -> None:
    assert first_fix(samples["good"].grade) is None
    assert lost(samples["good"].grade.questions[0]) == 0


def test_a_hidden_criterion_is_never_the_advice(samples: dict) -> None:
    grade = samples["partial"].grade
    q6 = grade.questions[5]
    only_hidden = replace(q6, criteria=q6.criteria[-1:], points=0.0, error=None)
    fix = first_fix(replace(grade, questions=(only_hidden,)))
    assert fix is not None
    assert fix.criterion is None


def test_a_cause_before_the_first_question_is_what_to_fix(samples: dict) -> None:
    sample = samples["partial"]
    error = ErrorTrace("ModuleNotFoundError", "No module named 'torchsummary'", 0, 1, "import torchsummary")
    fallen = replace(sample.grade.questions[8], error=ErrorTrace("NameError", "x", 18, 3, "x", echo_of=0))
    trace = replace(sample.trace, shared=(CellRun(0, "error", error=error),))
    fix = first_fix(replace(sample.grade, questions=(fallen,)), trace)
    assert fix is not None
    assert fix.question is None
    assert fix.others == ("q9",)
    assert fix.mistake is not None
    assert fix.mistake.explanation is not None
    assert fix.mistake.explanation.name == "A package is not installed"
