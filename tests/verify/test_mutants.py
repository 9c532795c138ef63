"""`mutants.yaml`: every mistake in it has its line and says what was probably meant."""

import pytest

from grader.errors import RubricError
from grader.rubric import load_rubric
from grader.verify import cases_of


def mistakes(path) -> list[str]:
    with pytest.raises(RubricError) as caught:
        cases_of(load_rubric(path))
    assert caught.value.exit_code == 4
    reference = f"{path.parent / 'reference'}/"
    return [line.removeprefix(reference) for line in caught.value.message.splitlines()]


def test_a_mutant_is_its_patched_file(assignment):
    *_, mutant = cases_of(load_rubric(assignment)).others
    assert (mutant.kind, mutant.name, mutant.questions) == ("mutant", "triples", ("q1",))
    assert b"return 3 * numpy" in mutant.content
    assert b"return 2 *" not in mutant.content


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("return 2 *", "return 5 *", "mutants.yaml:5: mutant 'triples': 'old' is not in q1.py: return 5 *"),
        (
            'old: "return 2 *"',
            'old: "double"',
            "mutants.yaml:5: mutant 'triples': 'old' occurs 3 times in q1.py: double",
        ),
        (
            "caught_by: [function]",
            "caught_by: [functions]",
            "mutants.yaml:6: mutant 'triples': question q1 has no criterion 'functions'; did you mean 'function'?",
        ),
        (
            "question: q1",
            "question: q3",
            "mutants.yaml:3: mutant 'triples': unknown question 'q3'; there are: q1, q2",
        ),
        ("of: q1.py", "of: ../tiny.yaml", "mutants.yaml:2: mutant 'triples': there is no file '../tiny.yaml' in"),
        ("mistake:", "misteak:", "mutants.yaml:4: unknown key 'misteak' in mutant 'triples'; did you mean 'mistake'?"),
        ("  at_most: 2\n", "", "mutants.yaml:1: mutant 'triples' lacks the key 'at_most'"),
        ("at_most: 2", "at_most: many", "mutants.yaml:7: mutant 'triples': at_most: should be a valid number"),
        ("caught_by: [function]", "caught_by: []", "mutants.yaml:6: mutant 'triples': caught_by: Tuple should have at"),
    ],
)
def test_a_mistake_in_the_file(mutants_with, old, new, message):
    found = mistakes(mutants_with((old, new)))
    assert any(line.startswith(message) for line in found), found


def test_what_a_person_judges_no_machine_catches(mutants_with):
    found = mistakes(mutants_with(("question: q1", "question: q2"), ("[function]", "[text]")))
    assert found == ["mutants.yaml:6: mutant 'triples': a person judges 'text': no machine can catch anything there"]


def test_two_mutants_of_one_name(assignment):
    path = assignment.parent / "reference" / "mutants.yaml"
    path.write_text(path.read_text() * 2)
    assert mistakes(assignment) == ["mutants.yaml:8: mutant 'triples': a second mutant has this name"]


@pytest.mark.parametrize(("text", "message"), [("", "it is empty"), ("a: 1", "the file must be a list of mutants")])
def test_a_file_without_mutants(assignment, text, message):
    (assignment.parent / "reference" / "mutants.yaml").write_text(text)
    assert mistakes(assignment) == [f"mutants.yaml:1: {message}"]


def test_a_reference_that_answers_nothing(assignment):
    (assignment.parent / "reference" / "alternatives" / "notes.py").write_text("print('hello')\n")
    assert mistakes(assignment) == ["alternatives/notes.py:1: it answers no question"]


def test_cases_are_chosen_by_question_name_and_pattern(spoiled):
    cases = cases_of(load_rubric(spoiled))
    assert [case.name for case in cases.only(["triples"]).others] == ["triples"]
    assert [case.name for case in cases.only(["q1-*"]).others] == ["q1-add.py", "q1-plain.py"]
    assert cases.only(["q1"]).others == cases.others
    assert cases.only(["triples"]).references == cases.references
    with pytest.raises(RubricError, match="no case is called q9"):
        cases.only(["q9"])
