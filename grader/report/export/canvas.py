"""A gradebook that was downloaded from Canvas, with one assignment filled in.

Source: https://community.canvaslms.com/t5/Instructor-Guide/How-do-I-import-grades-in-the-Gradebook/ta-p/807
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from grader.errors import OperatorError
from grader.records import Grade
from grader.report import wording
from grader.report.export.exported import Exported, finished, lines
from grader.report.export.match import Person, match
from grader.report.export.sheet import Sheet, number, read_sheet

EXCUSED = "EX"
_NEEDED = {"Student": "names", "ID": "Canvas' numbers of students"}
_IDS = ("ID", "SIS User ID", "SIS Login ID")
_OWN = {"student", "id", "sis user id", "sis login id", "section", "integration id", "root account"}
_TITLE = re.compile(r"(?P<title>.+) \(\d+\)")


def canvas(grades: Sequence[Grade], sheet: bytes, column: str = "", unfinished: bool = False) -> Exported:
    """`canvas.csv`: the downloaded gradebook, to be imported again.

    Students are found by Canvas' number, login or name. Points are scaled where the column has other points possible.
    Excused students stay excused.

    Args:
        grades: Those that count.
        sheet: The downloaded file.
        column: Title of the assignment's column, with or without its number; by default that of the rubric.
        unfinished: Whether points so far may stand for those of whom something waits for a person.

    Raises:
        OperatorError: It is no gradebook of Canvas, or has no such column.
    """
    table = read_sheet(sheet, _NEEDED)
    place = _column(table, column or (grades[0].title if grades else ""), grades[0].assignment if grades else "")
    possible, decimal = _possible(table, place)
    ready, left_out = finished(grades, unfinished)
    found = match(grades, [p for i, row in enumerate(table.rows) if (p := _person(table, i, row))])
    remarks = [f"no hand-in of {person.name}" for person in found.without_hand_in]
    kept = {grade.submission for grade in ready}
    for row, grade in found.grades.items():
        if grade.submission in kept:
            remarks += _fill(table.rows[row], place, grade, possible, decimal)
    if possible is not None and grades and possible != grades[0].max_points:
        remarks.insert(0, f"scaled from {grades[0].max_points:g} points of the rubric to {possible:g} points possible")
    return Exported({"canvas.csv": table.text(["Student"])}, lines(left_out, found.without_row), tuple(remarks))


def _fill(row: list[str], place: int, grade: Grade, possible: float | None, decimal: str) -> list[str]:
    before = row[place].strip()
    if before.upper() == EXCUSED:
        return [f"{grade.submission} is excused in Canvas and stays so"]
    share = possible / grade.max_points if possible is not None and grade.max_points else 1.0
    row[place] = wording.points(grade.points * share).replace(".", decimal)
    changed = before and number(before, decimal) != number(row[place], decimal)
    return [f"{grade.submission} had {before}, and now has {row[place]}"] if changed else []


def _person(table: Sheet, place: int, row: list[str]) -> Person | None:
    """Who a row is about; None for rows that are about nobody, such as the points possible."""
    if not table.cell(row, "ID"):
        return None
    return Person(place, table.cell(row, "Student"), tuple(table.cell(row, name) for name in _IDS))


def _column(table: Sheet, wanted: str, assignment: str) -> int:
    titles = {i: name.strip() for i, name in enumerate(table.header) if name.strip().casefold() not in _OWN}
    for name in filter(None, (wanted, assignment)):
        places = [i for i, title in titles.items() if name.casefold() in {title.casefold(), _plain(title)}]
        if len(places) == 1:
            return places[0]
    known = ", ".join(f"'{title}'" for title in titles.values() if _TITLE.fullmatch(title))
    raise OperatorError(
        f"the sheet has not exactly one column '{wanted}'", f"Give --column; there are: {known or 'none'}"
    )


def _plain(title: str) -> str:
    match_ = _TITLE.fullmatch(title)
    return (match_["title"] if match_ else title).casefold()


def _possible(table: Sheet, place: int) -> tuple[float | None, str]:
    """Points possible of a column, and how it writes decimals."""
    for row in table.rows:
        if table.cell(row, "Student").casefold() == "points possible":
            text = row[place].strip()
            decimal = "," if "," in text and "." not in text else "."
            return number(text, decimal), decimal
    return None, "."
