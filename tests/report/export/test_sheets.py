"""Round trips through sheets as Canvas and Moodle give them: they come back whole, with one assignment filled in."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest

from grader.errors import OperatorError
from grader.report.export import canvas, moodle
from grader.report.export.match import Person, match, name_keys

CANVAS = (
    "\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,Quiz 1 (77),Homework 4 (88),Assignments Current Score\n"
    "    Points Possible,,,,,5,10,(read only)\n"
    '"Lovelace, Ada",101,s1,ada@uni.example,A,3,,60.0\n'
    '"Müller-Öztürk, Bob",102,s2,bob@uni.example,"A, B",,2,\n'
    '"Doe, Cy",103,s3,cy@uni.example,A,4,,80\n'
    '"Away, Zoe",199,s9,zoe@uni.example,A,5,EX,100\n'
    "=cmd|' /C calc'!A0,105,s5,eve@uni.example,A,-1,,\n"
    '"Student, Test",200,,f00,A,,,\n'
)
MOODLE = (
    "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,"
    "Last modified (submission),Last modified (grade),Feedback comments\r\n"
    'Participant 101,Ada Lovelace,ada@uni.example,"Submitted for grading - ",,10.00,Yes,'
    '"Friday, 20 November 2026, 9:00 PM",-,\r\n'
    "Participant 102,Bob Müller-Öztürk,bob@uni.example,Submitted,2.00,10.00,Yes,-,-,Seen in class\r\n"
    "Participant 103,Cy Doe,cy@uni.example,Submitted,,10.00,Yes,-,-,[grader] old words\r\n"
    "Participant 199,Zoe Away,zoe@uni.example,No submission,,10.00,Yes,-,-,\r\n"
    "Participant 105,=cmd|' /C calc'!A0,eve@uni.example,Submitted,,10.00,No,-,-,\r\n"
)


def cells(text: str, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=delimiter, strict=True))


def changes(before: str, after: str) -> dict[tuple[str, str], tuple[str, str]]:
    """The cells that differ, by second column (or first) and header."""
    old, new = cells(before), cells(after)
    assert (len(old), old[0]) == (len(new), new[0])
    return {
        (row[0] if row[0].startswith("Participant") else row[1], title): (a, b)
        for row, other in zip(old, new, strict=True)
        for title, a, b in zip(old[0], row, other, strict=True)
        if a != b
    }


# --- Canvas ----------------------------------------------------------------------------------------------------------


def test_canvas_gets_its_own_sheet_back_with_one_column_filled_in(grades):
    made = canvas(grades, CANVAS.encode())
    text = made.files["canvas.csv"]
    assert text.startswith("\ufeffStudent,")
    assert changes(CANVAS, text) == {
        ("101", "Homework 4 (88)"): ("", "9"),
        ("102", "Homework 4 (88)"): ("2", "6.3"),
        ("105", "Homework 4 (88)"): ("", "7"),
        ("105", "Student"): ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
    }
    assert [line.split(":")[0] for line in made.left_out] == ["cy", "dan"]
    assert made.remarks == (
        "no hand-in of Away, Zoe",
        "no hand-in of Student, Test",
        "bob had 2, and now has 6.3",
    )


def test_a_second_round_changes_nothing_more(grades):
    first = canvas(grades, CANVAS.encode()).files["canvas.csv"]
    assert canvas(grades, first.encode()).files["canvas.csv"] == first


def test_canvas_points_are_scaled_to_the_points_possible(grades):
    made = canvas(grades, CANVAS.replace("5,10,(read", "5,100,(read").encode())
    assert changes(CANVAS, made.files["canvas.csv"])["101", "Homework 4 (88)"] == ("", "90")
    assert made.remarks[0] == "scaled from 10 points of the rubric to 100 points possible"


def test_the_excused_stay_excused(grades):
    zoe = replace(grades[0], submission="zoe", student="Zoe Away", student_id="199")
    made = canvas([*grades, zoe], CANVAS.encode())
    assert ("199", "Homework 4 (88)") not in changes(CANVAS, made.files["canvas.csv"])
    assert "zoe is excused in Canvas and stays so" in made.remarks


def test_canvas_with_semicolons_and_decimal_commas(grades):
    sheet = (
        "Student;ID;SIS User ID;SIS Login ID;Section;Homework 4 (88)\r\nPoints Possible;;;;;10,0\r\nBob;102;;;A;\r\n"
    )
    made = canvas(grades, sheet.encode())
    assert cells(made.files["canvas.csv"], ";")[2][5] == "6,3"
    assert made.files["canvas.csv"].count("\r\n") == 3


@pytest.mark.parametrize("column", ["Homework 4", "homework 4 (88)", "Homework 4 (88)", ""])
def test_the_column_is_known_by_its_title(grades, column):
    assert ("101", "Homework 4 (88)") in changes(CANVAS, canvas(grades, CANVAS.encode(), column).files["canvas.csv"])


def test_a_column_that_is_not_there(grades):
    with pytest.raises(OperatorError) as caught:
        canvas(grades, CANVAS.replace("Homework 4", "Other").encode())
    assert "'Quiz 1 (77)', 'Other (88)'" in caught.value.remedy


# --- Moodle ----------------------------------------------------------------------------------------------------------


def test_moodle_gets_its_own_sheet_back_with_grades_and_comments(grades):
    made = moodle(grades, MOODLE.encode(), unfinished=True)
    changed = changes(MOODLE, made.files["moodle.csv"])
    comments = "Feedback comments"
    assert {place: new for place, (_, new) in changed.items() if place[1] != comments} == {
        ("Participant 101", "Grade"): "9",
        ("Participant 102", "Grade"): "6.3",
        ("Participant 103", "Grade"): "4",
        ("Participant 105", "Full name"): "'=cmd|' /C calc'!A0",
    }
    assert changed["Participant 101", comments][1].startswith(
        "[grader] 9 of 10 points.<br>From your instructor: Good<br>"
    )
    assert "&lt;b&gt;" in changed["Participant 101", comments][1]
    assert changed["Participant 103", comments][0] == "[grader] old words"
    assert ("Participant 102", comments) not in changed
    assert made.left_out == ("dan: could not be graded", "eve: Moodle does not let this grade be changed")
    assert made.remarks == (
        "no hand-in of Zoe Away",
        "bob had 2.00, and now has 6.3",
        "the comment on bob that stands in Moodle stays",
    )


def test_a_second_round_through_moodle_changes_nothing_more(grades):
    first = moodle(grades, MOODLE.encode()).files["moodle.csv"]
    assert moodle(grades, first.encode()).files["moodle.csv"] == first


def test_moodle_points_are_scaled_to_its_maximum(grades):
    made = moodle(grades, MOODLE.replace("10.00", "50.00").encode())
    assert changes(MOODLE, made.files["moodle.csv"])["Participant 101", "Grade"] == ("", "45")
    assert "scaled from 10 points of the rubric to Moodle's 50" in made.remarks


# --- whose row is it -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Ada Lovelace", "Lovelace, Ada"),
        ("lovelaceada", "Lovelace, Ada"),
        ("lovelaceada", "Ada Lovelace"),
        ("muller-ozturkbob", "Müller-Öztürk, Bob"),
        ("Bob MÜLLER-ÖZTÜRK", "Müller Öztürk, Bob"),
    ],
)
def test_names_as_platforms_write_them(first, second):
    assert name_keys(first) & name_keys(second)


def test_nobody_is_matched_by_a_guess(grades):
    ada = replace(grades[0], student_id="")
    twins = [Person(0, "Ada Lovelace", ("1",)), Person(1, "Lovelace, Ada", ("2",))]
    found = match([ada], twins)
    assert found.grades == {}
    assert found.without_row == {"ada": "2 rows of the sheet may be this student"}
    assert found.without_hand_in == tuple(twins)
    again = replace(ada, submission="ada-2")
    both = match([ada, again], twins[:1])
    assert both.grades == {}
    assert len(both.without_row) == 2


def test_a_number_counts_before_a_name(grades):
    ada = replace(grades[0], student="Bob")
    found = match([ada], [Person(0, "Bob", ("7",)), Person(1, "Ada", ("101",))])
    assert list(found.grades) == [1]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\xff\xfeS\x00", "not UTF-8"),
        (b"Name,Points\nAda,3\n", "has no column"),
        (b'Student,ID\n"Ada,1\n', "cannot be read as CSV"),
    ],
)
def test_what_is_no_downloaded_sheet_is_said(grades, content, message):
    with pytest.raises(OperatorError, match=message):
        canvas(grades, content)


def test_rows_that_are_too_short_or_too_long_lose_nothing(grades):
    sheet = CANVAS.replace("A,-1,,\n", "A\n").replace("f00,A,,,\n", "f00,A,,,,more\n")
    text = canvas(grades, sheet.encode()).files["canvas.csv"]
    assert "more" in text
    assert [row[6] for row in cells(text) if row[1] == "105"] == ["7"]
