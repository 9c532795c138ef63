from __future__ import annotations

from grader.records import Cell
from grader.segment.lines import read_lines
from grader.segment.lists import listed
from grader.segment.starts import candidates

LIST = "1. What is a CNN?\n2. What is pooling?\n\n3. What is padding?"


def in_list(*sources: str) -> list[str]:
    lines = read_lines([Cell(i, "markdown", source, origin="a.ipynb") for i, source in enumerate(sources)])
    found = candidates(lines)
    return [lines[found[c].line].text for c in sorted(listed(lines, found))]


def test_a_list_whose_numbers_come_again_below_is_a_list() -> None:
    assert in_list(LIST, "1. A net.", "2. It shrinks.", "3. A border.") == [line for line in LIST.split("\n") if line]


def test_most_of_the_numbers_do() -> None:
    assert len(in_list(LIST, "## Answer 1\nA net.", "## Answer 3\nA border.")) == 3


def test_the_same_list_with_nothing_below_is_what_was_handed_in() -> None:
    assert in_list(LIST) == []
    assert in_list("1. A net.", "2. It shrinks.", "3. A border.", LIST) == []


def test_answers_in_one_cell_are_no_list() -> None:
    assert (
        in_list("1. What is a CNN?\nA net.\n2. What is pooling?\nIt shrinks.\n3. Padding?\nA border.", "1. a", "2. b")
        == []
    )
