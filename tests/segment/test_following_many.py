"""Shuffle, drop, renumber and restyle the headings of a labelled notebook: the map follows."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.records import Segmentation, Submission
from grader.rubric import Question, Rubric

STYLES = [
    "## Question {n}: {t}",
    "#**Question {n}: {t}**",
    "**Question {n}: {t}",
    "## Q NO {n}: {t}",
    "Que {n}. {t}",
    "Q.{n}. {t}",
    "**Q {n} {t}**",
    "Q{n}.{t}",
    "{n}.{t}",
    "# {n}) {t}",
    "# **{n}) {t}**",
    "##### {n}. {t}",
    "##Exercise 3.{n}: {t}",
    "### 2.{n} {t} [15 points]",
    "## {t}",
    "**{t}**",
    "<h3>{n}. {t}</h3>",
    "> **Question {n}:** {t}",
    "Question {n} - {t}\n===========",
]
NAMES = ["cnn-architectures", "cnn-basics", "cnn-theory-practical", "lenet-alexnet"]
PROSE = "It is explained as follows.\n\n1. First, the idea\n2. Then the details\n3. At last, the limits"
CODE = ["# 1. Load the data set\nx = 1", "# 2. Define the model\ny = x", "# 3. Train it\nz = y"]
NUMBERED = [style for style in STYLES if "{n}" in style]
SLOW = settings(max_examples=900, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def wants_code(question: Question) -> bool:
    return any(criterion.check != "written" for criterion in question.criteria)


def number(question: Question) -> int:
    return int("".join(character for character in question.id if character.isdigit()))


def written(questions: list[Question], style: str, numbers: list[int]) -> tuple[list[str], list[str]]:
    """Cells, and for each the question that it answers."""
    cells: list[str] = []
    owners: list[str] = []
    for question, n in zip(questions, numbers, strict=True):
        text = " ".join(question.prompt.split())
        body = [f"py:{code}" for code in CODE] if wants_code(question) else [f"md:{PROSE}"]
        cells += ["md:" + style.format(n=n, t=text), *body]
        owners += [question.id] * (1 + len(body))
    return cells, owners


def wrong(found: Segmentation, owners: list[str]) -> list[str]:
    places = [[a.question for a in found.answers if i in a.cells] for i in range(len(owners))]
    return [
        f"cell {i}: {place} for {owner}"
        for i, (place, owner) in enumerate(zip(places, owners, strict=True))
        if place != [owner]
    ]


def check(placed: Callable[..., Segmentation], name: str, cells: list[str], owners: list[str]) -> None:
    assert not wrong(placed(*cells, rubric=name), owners)


@SLOW
@given(name=st.sampled_from(NAMES), style=st.sampled_from(STYLES), data=st.data())
def test_restyled_and_dropped(placed, rubric_of: Callable[[str], Rubric], name: str, style: str, data) -> None:
    questions = list(rubric_of(name).questions)
    kept = data.draw(st.lists(st.sampled_from(questions), min_size=3, unique=True))
    kept.sort(key=questions.index)
    check(placed, name, *written(kept, style, [number(question) for question in kept]))


@SLOW
@given(name=st.sampled_from(NAMES[:2]), style=st.sampled_from(STYLES), data=st.data())
def test_shuffled(placed, rubric_of: Callable[[str], Rubric], name: str, style: str, data) -> None:
    questions = data.draw(st.permutations(rubric_of(name).questions))
    check(placed, name, *written(questions, style, [number(question) for question in questions]))


@SLOW
@given(name=st.sampled_from(NAMES), style=st.sampled_from(NUMBERED), data=st.data())
def test_renumbered(placed, rubric_of: Callable[[str], Rubric], name: str, style: str, data) -> None:
    questions = list(rubric_of(name).questions)
    kept = data.draw(st.lists(st.sampled_from(questions), min_size=4, unique=True))
    kept.sort(key=questions.index)
    check(placed, name, *written(kept, style, list(range(1, len(kept) + 1))))


@SLOW
@given(name=st.sampled_from(NAMES[:2]), data=st.data())
def test_numbers_alone_do_where_nothing_else_is_said(placed, rubric_of, name: str, data) -> None:
    questions = list(rubric_of(name).questions)
    kept = data.draw(st.lists(st.sampled_from(questions), min_size=2, unique=True))
    kept.sort(key=questions.index)
    style = data.draw(st.sampled_from(["## Question {n}", "## ANSWER {n}", "Ans {n})", "Q{n}.", "**Answer {n}:**"]))
    check(placed, name, *written(kept, style, [number(question) for question in kept]))


@SLOW
@given(name=st.sampled_from(NAMES), style=st.sampled_from(STYLES), imports=st.booleans(), title=st.booleans())
def test_what_stands_before_the_first_question_is_in_no_answer(placed, rubric_of, name, style, imports, title) -> None:
    questions = list(rubric_of(name).questions)
    before = ["md:# My homework"] * title + ["py:import numpy as np"] * imports
    cells, owners = written(questions, style, [number(question) for question in questions])
    found: Segmentation = placed(*before, *cells, rubric=name)
    first = min(min(answer.cells) for answer in found.answers)
    assert first == len(before)
    assert found.shared == ((len(before) - 1,) if imports else ())
    assert len(owners) + len(before) == max(max(answer.cells) for answer in found.answers) + 1


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.tuples(st.sampled_from(["md", "py", "raw"]), st.text(max_size=200)), max_size=12))
def test_whatever_is_written_gives_a_whole_map(hand_in, placed, texts: list[tuple[str, str]]) -> None:
    submission: Submission = hand_in(*(f"{kind}:{text}" for kind, text in texts))
    found = placed(*(f"{kind}:{text}" for kind, text in texts))
    indices = {cell.index for cell in submission.cells}
    assert len(found.answers) == 10
    assert all(set(answer.cells) <= indices and 0 <= answer.confidence <= 1 for answer in found.answers)
    assert not set(found.shared) & {cell for answer in found.answers for cell in answer.cells}
